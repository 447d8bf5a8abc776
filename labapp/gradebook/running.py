"""Grading a course whose log is long: a job, sandbox by sandbox, that goes on after a kill."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from labapp import jobs
from labapp.db import begin_write, db
from labapp.gradebook.runs import NoRubric, run
from labapp.grading import BadRubric
from labapp.jobs import GaveUp, Job, Run
from labapp.people.directory import sandboxes_of
from labapp.people.models import Sandbox

KIND = "grade.run"
LONG = 20_000  # steps that are graded while somebody waits


def is_long(sandboxes: Sequence[Sandbox]) -> bool:
    """Whether grading these takes longer than a page should."""
    return sum(sandbox.last_step for sandbox in sandboxes) > LONG


def going(course_id: int) -> Job | None:
    """The grading of a course that has not ended, if there is one."""
    query = select(Job).where(
        Job.kind == KIND, Job.course_id == course_id, Job.state.in_((jobs.QUEUED, jobs.RUNNING))
    )
    return db.session.scalars(query.order_by(Job.id.desc())).first()


def ask(course_id: int, cutoff: datetime | None, account_id: int | None) -> None:
    """Have a course graded, unless that is asked for already."""
    begin_write()
    args = {"cutoff": cutoff.isoformat() if cutoff else None}
    waiting = going(course_id)
    if waiting is not None and waiting.args == args and waiting.state == jobs.QUEUED:
        db.session.rollback()
        return
    jobs.ask(KIND, args, course_id=course_id, account_id=account_id)
    db.session.commit()


@jobs.task(KIND)
def grade_course(work: Run) -> None:
    """Run the grader over every sandbox; one that is graded already by this rubric stores nothing new."""
    cutoff = datetime.fromisoformat(work.args["cutoff"]) if work.args.get("cutoff") else None
    names = [sandbox.name for sandbox in sandboxes_of(work.course_id or 0)]
    for done, name in enumerate(names):
        work.progress(done, len(names))
        try:
            run(db.session.scalars(select(Sandbox).where(Sandbox.name == name)).one(), cutoff)
        except (BadRubric, NoRubric) as error:
            raise GaveUp(_("The rubric of this course cannot be read: %(why)s", why=str(error))) from error
    work.progress(len(names), len(names))
