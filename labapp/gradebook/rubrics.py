"""The rubric in force, read once per version, and its versions, which are kept as they come into force."""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Connection, bindparam, event, insert, inspect, select
from sqlalchemy.orm import Mapper

from labapp import clock
from labapp.db import begin_write, db
from labapp.db.quick import Quick
from labapp.gradebook.models import RubricVersion
from labapp.grading import Rubric, read_rubric
from labapp.oplog.append import Act, append_act
from labapp.people.models import Course, Sandbox

_course: Any = Course.__table__
TEXT = Quick(select(_course.c.rubric).where(_course.c.id == bindparam("course")))
changed: list[Callable[[], None]] = []  # called when a rubric comes into force


@lru_cache(maxsize=64)
def parsed(content: str) -> Rubric | None:
    """The rubric of a text; None for an empty one. Raises BadRubric."""
    return read_rubric(content.encode(), name="rubric.yaml") if content.strip() else None


def rubric_text(sandbox: Sandbox) -> str:
    """The rubric of the sandbox's course, as text; '' where there is none."""
    return str(TEXT({"course": sandbox.course_id}).one().rubric)


def rubric_of(sandbox: Sandbox) -> Rubric | None:
    """The rubric of the sandbox's course; None where there is none. Raises BadRubric."""
    return parsed(rubric_text(sandbox))


def versions_of(course_id: int) -> Sequence[RubricVersion]:
    """The rubrics a course has had, newest first."""
    query = select(RubricVersion).where(RubricVersion.course_id == course_id)
    return db.session.scalars(query.order_by(RubricVersion.id.desc())).all()


def version_of(course_id: int, number: int) -> RubricVersion | None:
    """One version of a course's rubric."""
    found = db.session.get(RubricVersion, number) if number < 2**53 else None
    return found if found is not None and found.course_id == course_id else None


def put_in_force(course_id: int, text: str, act: Act) -> bool:
    """From now on the course is graded by this text, which must have been checked. False: it is already."""
    begin_write()
    course = db.session.get_one(Course, course_id, populate_existing=True)
    if course.rubric == text:
        db.session.rollback()
        return False
    course.rubric = text
    append_act(act)
    db.session.commit()
    return True


@event.listens_for(Course, "after_insert")
@event.listens_for(Course, "after_update")
def keep_version(_mapper: Mapper[Any], connection: Connection, course: Course) -> None:
    """Whoever sets the rubric of a course: what comes into force is kept as a version."""
    if not course.rubric or not inspect(course).attrs.rubric.history.has_changes():
        return
    account = g.get("account") if has_request_context() else None
    connection.execute(
        insert(RubricVersion).values(
            course_id=course.id,
            sha256=hashlib.sha256(course.rubric.encode()).hexdigest(),
            content=course.rubric,
            at=clock.now(),
            account=(account.email or account.number or account.name) if account is not None else None,
        )
    )
    for tell in changed:
        tell()
