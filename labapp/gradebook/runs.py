"""Running the grader over a sandbox of this machine. The same run again stores nothing new (grading.md §2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.gradebook.ledger import Marks, marks_of
from labapp.gradebook.live import catch_up, live
from labapp.gradebook.models import GradeRun
from labapp.gradebook.rubrics import parsed, rubric_text
from labapp.grading import Log, Results, Run, as_json, grade, run_of
from labapp.people.models import Sandbox


class NoRubric(ValueError):
    """The course of this sandbox has no rubric."""


@dataclass(frozen=True)
class Graded:
    """A run: its result as JSON (grading.md §2), and whether it was stored already."""

    result: dict[str, Any]
    known: bool


def log_of_sandbox(sandbox: Sandbox) -> Log:
    """The whole log as it stands, from the kept replay."""
    found = live(sandbox)
    with found.lock:
        catch_up(found, sandbox.id, sandbox.last_step)
        return Log(found.replay.header, list(found.steps))


def results_of(sandbox: Sandbox, cutoff: datetime | None = None, marks: Marks | None = None) -> Results:
    """Grade the sandbox as it stands; stores nothing. Raises NoRubric, BadRubric."""
    rubric = parsed(rubric_text(sandbox))
    if rubric is None:
        raise NoRubric(sandbox.name)
    return grade(log_of_sandbox(sandbox), rubric, cutoff, marks_of(sandbox.id) if marks is None else marks)


def run(sandbox: Sandbox, cutoff: datetime | None = None) -> Graded:
    """Grade and keep the result; a run that is known already is read instead. Raises NoRubric, BadRubric."""
    marks = marks_of(sandbox.id)
    rubric = parsed(rubric_text(sandbox))
    if rubric is None:
        raise NoRubric(sandbox.name)
    identity = run_of(rubric.digest, cutoff, sandbox.last_step, marks)
    query = select(GradeRun).where(
        GradeRun.sandbox_id == sandbox.id,
        GradeRun.rubric_sha256 == identity.rubric,
        GradeRun.cutoff == (identity.cutoff or ""),
        GradeRun.last_step == sandbox.last_step,
        GradeRun.marks_sha256 == identity.marks,
    )
    found = db.session.scalars(query).one_or_none()
    if found is not None:
        return Graded(found.result, known=True)
    result = as_json(grade(log_of_sandbox(sandbox), rubric, cutoff, marks))
    _store(sandbox.id, identity, result)
    return Graded(result, known=False)


def _store(sandbox_id: int, identity: Run, result: dict[str, Any]) -> None:
    begin_write()
    db.session.add(
        GradeRun(
            sandbox_id=sandbox_id,
            rubric_sha256=identity.rubric,
            cutoff=identity.cutoff or "",
            last_step=identity.last_step or 0,
            marks_sha256=identity.marks,
            result=result,
        )
    )
    db.session.commit()
