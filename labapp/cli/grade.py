"""``labapp grade``: points and evidence from a log and a rubric, or for a sandbox of this machine."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from labapp.grading import (
    BadLog,
    BadRubric,
    Log,
    Results,
    Rubric,
    Vocabulary,
    as_json,
    grade,
    read_log,
    read_rubric,
)
from labapp.grading.sheets import csv_text, write_xlsx
from labapp.grading.times import lab_time

FORMATS = ("json", "csv", "xlsx")


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
    try:
        log = read_log(log_file)
    except BadLog as error:
        raise click.ClickException(str(error)) from None
    rubric = _rubric(rubric_file, log)
    results = grade(log, rubric, cutoff_time(cutoff, log))
    for line in results.could_not_tell():
        click.echo(f"could not tell: {line}", err=True)
    write_results(results, form, out)


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


def write_results(results: Results, form: str, out: str | None) -> None:
    """Write a result as JSON, CSV or XLSX to a file, or to standard output where there is none."""
    if out is None:
        text = csv_text(results) if form == "csv" else json_text(results)
        click.echo(text.encode(), nl=False)
        return
    try:
        _write_file(results, form, Path(out))
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None


def _write_file(results: Results, form: str, out: Path) -> None:
    if form == "xlsx":
        with out.open("wb") as file:
            write_xlsx(results, file)
    elif form == "csv":
        out.write_text(csv_text(results), encoding="utf-8-sig", newline="")
    else:
        out.write_text(json_text(results), encoding="utf-8")


def json_text(results: Results) -> str:
    return json.dumps(as_json(results), ensure_ascii=False, indent=1) + "\n"


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
