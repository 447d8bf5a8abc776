"""What was edited during a term, for the course of the next one: the rubric in force and the question bank.

A course is opened from its scenario as that was written; what the instructor made of it meanwhile comes along here.
"""

import secrets

from labapp.db import db
from labapp.modules.exams.kinds import SHOWN
from labapp.modules.exams.models import CourseExam
from labapp.modules.exams.shape import Exam
from labapp.people.directory import sandboxes_of
from labapp.people.models import Course, Sandbox
from labapp.scenario.exams import change_exam
from labapp.scenario.write import Writer


def bring_edited(old_id: int, new_id: int) -> list[str]:
    """Rubric and question bank as they are in force, for another course; inside the running write transaction.

    Returns what differed; said again, nothing differs any more.
    """
    old, new = (db.session.get_one(Course, number, populate_existing=True) for number in (old_id, new_id))
    came = []
    if old.rubric.strip() and old.rubric != new.rubric:
        new.rubric = old.rubric
        came.append("rubric.yaml")
    if _bring_exam(old_id, new_id):
        came.append("exam.yaml")
    db.session.flush()
    return came


def _bring_exam(old_id: int, new_id: int) -> bool:
    row = db.session.get(CourseExam, old_id, populate_existing=True)
    here = db.session.get(CourseExam, new_id, populate_existing=True)
    if row is None or (here is not None and here.text == row.text):
        return False
    if here is not None:
        change_exam(here, row.text, Exam.model_validate(row.content))
    else:
        db.session.add(CourseExam(course_id=new_id, text=row.text, content=row.content))
    for sandbox in sandboxes_of(new_id):
        _show(sandbox.id)
    return True


def _show(sandbox_id: int) -> None:
    """The menu of a sandbox has the page from now on: a step of set-up where it has it not yet."""
    sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
    if sandbox.settings.get(SHOWN):
        return
    writer = Writer(sandbox, sandbox.last_lab_at, secrets.token_hex(8))
    with writer.step("setting.change") as work:
        work.change_setting(SHOWN, True)
    writer.keep(restamp=True)
