"""How a result of the grader is written: JSON, CSV or XLSX, to a file or to standard output."""

import json
from pathlib import Path
from typing import Any

import click

from labapp.grading import Results, as_json
from labapp.grading.sheets import csv_text, write_xlsx

FORMATS = ("json", "csv", "xlsx")


def write_results(results: Results, form: str, out: str | None) -> None:
    """Write a result in this form to a file, or to standard output where there is none."""
    if form == "json":
        write_json(as_json(results), out)
    elif out is None:
        click.echo(csv_text(results).encode(), nl=False)
    else:
        _into(out, lambda path: _write_table(results, form, path))


def write_json(result: dict[str, Any], out: str | None) -> None:
    """Write a result that is JSON already."""
    text = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        click.echo(text.encode(), nl=False)
    else:
        _into(out, lambda path: path.write_text(text, encoding="utf-8"))


def _write_table(results: Results, form: str, path: Path) -> None:
    if form == "csv":
        path.write_text(csv_text(results), encoding="utf-8-sig", newline="")
    else:
        with path.open("wb") as file:
            write_xlsx(results, file)


def _into(out: str, write: Any) -> None:
    try:
        write(Path(out))
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None
