"""``labapp grade``: points and evidence from a log and a rubric, or for a sandbox of this machine."""

import sys
from datetime import datetime

import click

from labapp.cli.results import FORMATS, write_results
from labapp.grading import (
    BadLog,
    BadRubric,
    Log,
    Results,
    Rubric,
    Vocabulary,
    grade,
    read_log,
    read_rubric,
)
from labapp.grading.collector import collector_at_rest
from labapp.grading.times import lab_time


@click.command("grade")
@click.argument("sandbox", required=False)
@click.option("--log", "log_file", metavar="FILE", help="A log file, graded without any database.")
@click.option("--rubric", "rubric_file", metavar="FILE", help="The rubric to grade the log file by.")
@click.option("--cutoff", metavar="TIME", help='Lab time after which nothing counts, or "+10d 18:00".')
@click.option("--format", "form", type=click.Choice(FORMATS), default="json", show_default=True)
@click.option("--out", metavar="FILE", help="Where to write; needed for xlsx.")
def grade_command(
    sandbox: str | None,
    log_file: str | None,
    rubric_file: str | None,
    cutoff: str | None,
    form: str,
    out: str | None,
) -> None:
    """Grade SANDBOX, or a log file by a rubric file."""
    _usage(sandbox, log_file, rubric_file, form, out)
    if sandbox is not None:
        from labapp.cli.grade_sandbox import grade_sandbox  # late: a log file needs no database

        grade_sandbox(sandbox, cutoff, form, out)
        return
    grade_file(str(log_file), str(rubric_file), cutoff, form, out)


def _usage(
    sandbox: str | None, log_file: str | None, rubric_file: str | None, form: str, out: str | None
) -> None:
    if sandbox is None and not (log_file and rubric_file):
        raise click.UsageError("Name a SANDBOX, or give both --log FILE and --rubric FILE.")
    if sandbox is not None and (log_file or rubric_file):
        raise click.UsageError("A SANDBOX brings its own log and rubric: leave out --log and --rubric.")
    if form == "xlsx" and not out:
        raise click.UsageError("A workbook goes to a file: give --out FILE.")


def grade_file(log_file: str, rubric_file: str, cutoff: str | None, form: str, out: str | None) -> None:
    """Grade a log file by a rubric file and write the result.

    Ends with status 1 and every mistake on standard error where either cannot be read.
    """
    results = graded_file(log_file, rubric_file, cutoff)
    for line in results.could_not_tell():
        click.echo(f"could not tell: {line}", err=True)
    write_results(results, form, out)


def graded_file(log_file: str, rubric_file: str, cutoff: str | None = None) -> Results:
    """The result of a log file by a rubric file."""
    with collector_at_rest():
        try:
            log = read_log(log_file)
        except BadLog as error:
            raise click.ClickException(str(error)) from None
        return grade(log, _rubric(rubric_file, log), cutoff_time(cutoff, log))


def cutoff_time(cutoff: str | None, log: Log) -> datetime | None:
    """The cut-off as a lab time. Raises UsageError where it is none."""
    if cutoff is None:
        return None
    try:
        return lab_time(cutoff).on(log.header.starts_at)
    except (ValueError, OverflowError):
        raise click.UsageError(
            f'--cutoff {cutoff!r}: expected a time such as 2026-09-08T18:00:00 or "+10d 18:00".'
        ) from None


def machine_vocabulary() -> Vocabulary:
    """The kinds, verbs and fields of this machine. Touches no database."""
    from labapp import modules  # late, like the next: a wrong call need not wait half a second
    from labapp.records.catalog import catalog_of, vocabulary

    return Vocabulary.of(vocabulary(catalog_of(modules)))


def _rubric(rubric_file: str, log: Log) -> Rubric:
    try:
        return read_rubric(rubric_file, vocabulary=machine_vocabulary(), log=log)
    except OSError as error:
        raise click.ClickException(f"{rubric_file}: {error.strerror}") from None
    except BadRubric as error:
        for line in error.lines():
            click.echo(line, err=True)
        sys.exit(1)
