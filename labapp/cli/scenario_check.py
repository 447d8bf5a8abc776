"""`labapp scenario check PATH`: every mistake of a scenario folder, with file and line."""

from pathlib import Path

import click

from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario


@click.command
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(path: Path) -> None:
    """Name every mistake in the scenario folder PATH; exit 1 if there is one."""
    try:
        scenario = read_scenario(path)
    except BadScenario as bad:
        for problem in bad.problems:
            click.echo(str(problem), err=True)
        raise SystemExit(1) from bad
    click.echo(f"{scenario.key}: {scenario.title.en}")
