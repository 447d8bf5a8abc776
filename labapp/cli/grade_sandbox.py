"""`labapp grade NAME`: a sandbox of this machine, or a course."""

from pathlib import Path

import click

from labapp.cli.shell import application


def grade_sandbox(name: str, cutoff: str | None, form: str, out: str | None) -> None:
    """Grade, keep the run, and write the result as JSON, CSV or XLSX."""
    from labapp.cli.grade import write_results
    from labapp.gradebook import cli
    from labapp.gradebook.runs import NoRubric
    from labapp.grading import BadRubric

    with application():
        try:
            if form != "json":
                write_results(cli.results(name, cutoff), form, out)
                return
            text = cli.json_result(name, cutoff)
        except (BadRubric, NoRubric) as error:
            cli.told(error)
            return
        if out is None:
            click.get_binary_stream("stdout").write(text.encode())
        else:
            Path(out).write_text(text, encoding="utf-8")
