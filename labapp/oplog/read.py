"""Questions to the log for pages: newest first, paged by the step's number."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select
from sqlalchemy.orm import defer

from labapp.db import db
from labapp.oplog.chain import FIELDS
from labapp.oplog.models import BY_HAND, DONE, AdminEntry, Operation, Touch
from labapp.oplog.moments import first_from, step_at
from labapp.people.models import Course
from labapp.values import dataclass

PAGE, A_DAY = 50, 200


@dataclass(frozen=True)
class Question:
    """Which steps of a sandbox. None asks nothing; `members` are keys, None among them means nobody's steps.

    `record` is a serial and needs `kind`: every step that touched the record, whatever its own kind.
    `since` and `until` are lab days, both included.
    """

    sandbox_id: int
    members: Collection[str | None] | None = None
    kind: str | None = None
    verb: str | None = None
    record: int | None = None
    outcome: str | None = None
    origin: str | None = None
    request: str | None = None
    since: date | None = None
    until: date | None = None


def steps(
    question: Question, before: int | None = None, limit: int = PAGE
) -> tuple[list[Operation], int | None]:
    """A page of steps, newest first, and the number to ask `before` for the next page (None: no more)."""
    query = select(Operation).where(*_conditions(question, before=before)).order_by(Operation.id.desc())
    found = list(db.session.scalars(query.limit(limit + 1)))
    more = found[limit - 1].id if len(found) > limit else None
    return found[:limit], more


def oldest_first(question: Question, most: int) -> Iterator[Any]:
    """The steps of a question as rows with the columns of `Operation`, oldest first, read in portions."""
    columns = [getattr(Operation, name) for name in FIELDS]
    query = select(*columns).where(*_conditions(question)).order_by(Operation.id).limit(most)
    with db.session.execute(query.execution_options(yield_per=500)) as rows:
        yield from rows


def one_step(sandbox_id: int, number: int) -> Operation | None:
    return db.session.get(Operation, (sandbox_id, number))


def own_steps(sandbox_id: int, member: str, numbers: Collection[int]) -> list[Operation]:
    """Those of these steps that the member did, in order, without their changes."""
    query = select(Operation).where(
        Operation.sandbox_id == sandbox_id, Operation.member == member, Operation.id.in_(sorted(numbers))
    )
    return (
        list(db.session.scalars(query.order_by(Operation.id).options(defer(Operation.changes))))
        if numbers
        else []
    )


def day_of(
    sandbox_id: int, member: str, day: date, begin: int = 0, limit: int = A_DAY
) -> tuple[list[Operation], int | None]:
    """A page of a member's lab day, oldest first, and the number to `begin` the next page at (None: no more)."""
    question = Question(sandbox_id, [member], since=day, until=day)
    query = select(Operation).where(*_conditions(question, begin)).order_by(Operation.id)
    found = list(db.session.scalars(query.limit(limit + 1)))
    return found[:limit], found[limit].id if len(found) > limit else None


def first_of_hour(sandbox_id: int, member: str, moment: datetime) -> int | None:
    """The number of a member's first step from this lab time on."""
    query = select(func.min(Operation.id)).where(
        *_of_member(sandbox_id, member), Operation.id >= first_from(sandbox_id, moment)
    )
    return db.session.scalar(query)


def last_day(sandbox_id: int, member: str, before: date | None = None) -> date | None:
    """The last lab day, before this one if it is given, on which a member did anything."""
    query = select(Operation.lab_at).where(*_of_member(sandbox_id, member)).order_by(Operation.id.desc())
    if before is not None:
        query = query.where(Operation.id <= step_at(sandbox_id, _end(before - timedelta(days=1))))
    moment = db.session.scalar(query.limit(1))
    return moment.date() if moment else None


def next_day(sandbox_id: int, member: str, after: date) -> date | None:
    """The first lab day after this one on which a member did anything."""
    query = select(Operation.lab_at).where(
        *_of_member(sandbox_id, member),
        Operation.id >= first_from(sandbox_id, _begin(after + timedelta(days=1))),
    )
    moment = db.session.scalar(query.order_by(Operation.id).limit(1))
    return moment.date() if moment else None


def of_course(course: Course) -> ColumnElement[bool]:
    """The entries that are about this very course, not about one that had its name before.

    Older versions kept the name alone: of theirs those count that are younger than the course. A restored course is as
    old as what it was restored from, and has no such entries.
    """
    if course.origin:
        return AdminEntry.course_id == course.id
    named = and_(
        AdminEntry.course_id.is_(None), AdminEntry.course == course.name, AdminEntry.at >= course.created_at
    )
    return or_(AdminEntry.course_id == course.id, named)


def acts(before: int | None = None, limit: int = PAGE, course: Course | None = None) -> list[AdminEntry]:
    """Entries of the administration log, newest first."""
    query = select(AdminEntry).order_by(AdminEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AdminEntry.id < before)
    if course is not None:
        query = query.where(of_course(course))
    return list(db.session.scalars(query))


def _conditions(question: Question, begin: int = 0, before: int | None = None) -> list[ColumnElement[bool]]:
    conditions = [Operation.sandbox_id == question.sandbox_id]
    if question.record is not None:
        touched = select(Touch.step).where(
            *_is_touch(question.sandbox_id, question.kind or "", question.record)
        )
        conditions.append(Operation.id.in_(touched))
    elif question.kind:
        conditions.append(Operation.kind == question.kind)
    for column, value, usual in (
        (Operation.verb, question.verb, None),
        (Operation.outcome, question.outcome, DONE),
        (Operation.origin, question.origin, BY_HAND),
        (Operation.request, question.request, None),
    ):
        if value:
            conditions.append(column == value)
        # Said as the partial indexes of what is rare say it.
        if value and usual and value != usual:
            conditions.append(column != literal_column(f"'{usual}'"))
    return [*conditions, *_who(question), *_numbers(question, begin, before)]


def _is_touch(sandbox_id: int, kind: str, serial: int) -> tuple[ColumnElement[bool], ...]:
    return (Touch.sandbox_id == sandbox_id, Touch.kind == kind, Touch.serial == serial)


def _who(question: Question) -> list[ColumnElement[bool]]:
    if question.members is None:
        return []
    named = [key for key in question.members if key is not None]
    condition = Operation.member.in_(named)
    return [condition | Operation.member.is_(None) if None in question.members else condition]


def _numbers(question: Question, begin: int, before: int | None) -> list[ColumnElement[bool]]:
    """From one number up to another, each said once: of two bounds SQLite's planner takes the wrong one."""
    low, high = begin, None if before is None else before - 1
    if question.since is not None:
        first = db.session.scalar(select(first_from(question.sandbox_id, _begin(question.since))))
        if first is None:
            return [false()]
        low = max(low, first)
    if question.until is not None:
        last = step_at(question.sandbox_id, _end(question.until))
        high = last if high is None else min(high, last)
    return [*([Operation.id >= low] if low else []), *([Operation.id <= high] if high is not None else [])]


def _of_member(sandbox_id: int, member: str) -> tuple[ColumnElement[bool], ...]:
    return (Operation.sandbox_id == sandbox_id, Operation.member == member)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _end(day: date) -> datetime:
    return datetime.combine(day, time.max)
