"""Running the grader over a sandbox of this machine. The same run again stores nothing new (grading.md §2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.gradebook.ledger import Marks, marks_of
from labapp.gradebook.live import log_of_sandbox
from labapp.gradebook.models import GradeRun
from labapp.gradebook.rubrics import rubric_of
from labapp.grading import Results, Rubric, Run, as_json, grade, run_of
from labapp.people.models import Sandbox
from labapp.values import dataclass


class NoRubric(ValueError):
    """The course of this sandbox has no rubric."""


@dataclass(frozen=True)
class Graded:
    """A run: its result as JSON (grading.md §2), and whether it was stored already."""

    result: dict[str, Any]
    known: bool


def results_of(sandbox: Sandbox, cutoff: datetime | None = None, marks: Marks | None = None) -> Results:
    """Grade the sandbox as it stands; stores nothing. Raises NoRubric, BadRubric."""
    marks = marks_of(sandbox.id) if marks is None else marks
    return grade(log_of_sandbox(sandbox, sandbox.last_step), _rubric(sandbox), cutoff, marks)


def run(sandbox: Sandbox, cutoff: datetime | None = None) -> Graded:
    """Grade and keep the result; a run that is known already is read instead. Raises NoRubric, BadRubric.

    Must be called outside a write transaction.
    """
    sandbox_id, marks = sandbox.id, marks_of(sandbox.id)
    identity = run_of(_rubric(sandbox).digest, cutoff, sandbox.last_step, marks)
    known = stored(sandbox_id, identity)
    if known is not None:
        return Graded(known.result, known=True)
    result = as_json(results_of(sandbox, cutoff, marks))
    begin_write()
    known = stored(sandbox_id, identity)
    if known is None:
        db.session.add(GradeRun(**_identity(sandbox_id, identity), result=result))
    db.session.commit()
    return Graded(result, known=known is not None)


def stored(sandbox_id: int, identity: Run) -> GradeRun | None:
    """The run that is stored under this identity."""
    return db.session.scalars(select(GradeRun).filter_by(**_identity(sandbox_id, identity))).one_or_none()


def runs_of(sandbox_id: int, limit: int = 20) -> Sequence[GradeRun]:
    """The last runs, newest first."""
    query = select(GradeRun).where(GradeRun.sandbox_id == sandbox_id).order_by(GradeRun.id.desc())
    return db.session.scalars(query.limit(limit)).all()


def _identity(sandbox_id: int, identity: Run) -> dict[str, Any]:
    return {
        "sandbox_id": sandbox_id,
        "rubric_sha256": identity.rubric,
        "cutoff": identity.cutoff or "",
        "last_step": identity.last_step or 0,
        "marks_sha256": identity.marks,
    }


def _rubric(sandbox: Sandbox) -> Rubric:
    rubric = rubric_of(sandbox)
    if rubric is None:
        raise NoRubric(sandbox.name)
    return rubric
