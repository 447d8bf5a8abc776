"""The database's half of `labapp grade`: a sandbox, or a course with all its sandboxes."""

import json
import sys
from datetime import datetime

import click
from sqlalchemy import select

from labapp.db import db
from labapp.gradebook.runs import NoRubric, results_of, run
from labapp.grading import BadRubric, Results
from labapp.grading.times import lab_time
from labapp.people.models import Course, Sandbox


def sandboxes_of(name: str) -> list[Sandbox]:
    """The sandbox of this name, or all of the course of this name. Ends with status 1 where there is none."""
    found = list(db.session.scalars(select(Sandbox).where(Sandbox.name == name)))
    if not found:
        query = select(Sandbox).join(Course, Course.id == Sandbox.course_id).where(Course.name == name)
        found = list(db.session.scalars(query.order_by(Sandbox.name)))
    if not found:
        raise click.ClickException(f"There is no course or sandbox called {name}.")
    return found


def cutoff_in(sandbox: Sandbox, cutoff: str | None) -> datetime | None:
    """The cut-off as lab time of this sandbox. Raises UsageError."""
    if cutoff is None:
        return None
    try:
        return lab_time(cutoff).on(sandbox.starts_at)
    except (ValueError, OverflowError):
        raise click.UsageError(f"--cutoff {cutoff!r}: expected a time such as 2026-09-08T18:00:00.") from None


def json_result(name: str, cutoff: str | None) -> str:
    """The result of the sandboxes as JSON text; stored, unless the same run is stored already."""
    merged: dict[str, object] = {}
    found = sandboxes_of(name)
    for sandbox in found:
        graded = run(sandbox, cutoff_in(sandbox, cutoff))
        if graded.known:
            click.echo(f"{sandbox.name}: this run is stored already; nothing new was written.", err=True)
        rows = graded.result["results"]
        if len(found) > 1 or sandbox.name != name:
            rows = [{"sandbox": sandbox.name, **row} for row in rows]
        merged = {**graded.result, "results": [*merged.get("results", []), *rows]}  # type: ignore[misc]
    return json.dumps(merged, ensure_ascii=False, indent=1) + "\n"


def results(name: str, cutoff: str | None) -> Results:
    """The results of one sandbox, for a table. Ends with status 2 where a course has several."""
    found = sandboxes_of(name)
    if len(found) > 1:
        names = ", ".join(sandbox.name for sandbox in found)
        raise click.UsageError(f"{name} has several sandboxes; name one of them: {names}")
    run(found[0], cutoff_in(found[0], cutoff))
    return results_of(found[0], cutoff_in(found[0], cutoff))


def told(error: BadRubric | NoRubric) -> None:
    """Say what is wrong with the rubric and end with status 1."""
    lines = error.lines() if isinstance(error, BadRubric) else [f"{error}: the course has no rubric."]
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)
