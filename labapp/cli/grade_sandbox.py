"""`labapp grade NAME`: a sandbox of this machine, or a course with all its sandboxes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from flask_babel import gettext as _

from labapp.cli.names import one_sandbox, sandboxes_called
from labapp.cli.results import write_json, write_results
from labapp.cli.shell import Failed, application
from labapp.gradebook.runs import Graded, NoRubric, results_of, run
from labapp.grading import BadRubric
from labapp.grading.times import lab_time
from labapp.people.models import Sandbox


def grade_sandbox(name: str, cutoff: str | None, form: str, out: str | None) -> None:
    """Grade, keep the run, and write the result as JSON, CSV or XLSX. Raises Failed, UsageError."""
    with application():
        try:
            if form == "json":
                write_json(merged(name, cutoff), out)
                return
            sandbox = one_sandbox(name)
            graded(sandbox, cutoff)
            write_results(results_of(sandbox, cutoff_in(sandbox, cutoff)), form, out)
        except NoRubric:
            raise Failed(_("%(name)s: the course has no rubric.", name=name)) from None
        except BadRubric as error:
            raise Failed("\n".join(error.lines())) from None


def merged(name: str, cutoff: str | None) -> dict[str, Any]:
    """The result of a sandbox; of a course, each member's part names its `sandbox`."""
    whole: dict[str, Any] = {}
    for sandbox in sandboxes_called(name):
        found = graded(sandbox, cutoff).result
        rows = found["results"]
        if sandbox.name != name:
            rows = [{"sandbox": sandbox.name, **row} for row in rows]
        whole = {**found, "results": [*whole.get("results", []), *rows]}
    return whole


def graded(sandbox: Sandbox, cutoff: str | None) -> Graded:
    """Run and store; say on standard error what could not be told, and whether the run was known."""
    name = sandbox.name
    done = run(sandbox, cutoff_in(sandbox, cutoff))
    for line in could_not_tell(done.result):
        click.echo(f"could not tell: {line}", err=True)
    if done.known:
        click.echo(_("%(name)s: this run is stored already; nothing new was written.", name=name), err=True)
    return done


def could_not_tell(result: dict[str, Any]) -> Iterator[str]:
    """A line for each check of a result that could not tell."""
    for row in result["results"]:
        for task in row["tasks"]:
            for check in task["checks"] if task.get("state") == "could_not_tell" else ():
                if check["share"] is None:
                    yield f"{row['member']}: {task['key']}: {check['check']}: {check['reason']['en']}"


def cutoff_in(sandbox: Sandbox, cutoff: str | None) -> datetime | None:
    """The cut-off as lab time of this sandbox. Raises UsageError."""
    if cutoff is None:
        return None
    try:
        return lab_time(cutoff).on(sandbox.starts_at)
    except (ValueError, OverflowError):
        raise click.UsageError(
            f'--cutoff {cutoff!r}: expected a time such as 2026-09-08T18:00:00 or "+10d 18:00".'
        ) from None
