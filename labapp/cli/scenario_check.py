"""`labapp scenario check PATH…`: every mistake of scenario folders or zips, with file and line."""

import sys
from pathlib import Path

import click

from labapp.cli.shell import locale
from labapp.scenario.files import Files, FolderFiles, kept_files
from labapp.scenario.problems import BadScenario, Place, Problem, Problems
from labapp.scenario.read import read_scenario
from labapp.scenario.zipped import MOST_BYTES, unzipped


@click.command
@click.argument(
    "paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)
def check(paths: tuple[Path, ...]) -> None:
    """Name every mistake in the scenarios at PATH, each a folder or a zip; exit 1 if there is one."""
    fine = True
    for path in paths:
        try:
            scenario = read_scenario(_files(path))
        except BadScenario as bad:
            fine = False
            for problem in bad.problems:
                click.echo(_line(path if len(paths) > 1 else None, problem), err=True)
        else:
            click.echo(f"{scenario.key}: {scenario.title.say('zh' if _chinese() else 'en')}")
    if not fine:
        sys.exit(1)


def _files(path: Path) -> Files:
    """Raises BadScenario for a zip that is none, or that has in it what no scenario has."""
    if path.is_dir():
        return FolderFiles(path)
    if path.suffix.lower() != ".zip":
        raise click.UsageError(f"{path} is neither a folder nor a zip.")
    problems = Problems()
    if path.stat().st_size > MOST_BYTES:
        problems.add(Place(path.name, 1), "larger than 8 MiB", "文件超过 8 MiB")
        problems.stop_if_any()
    return kept_files("", unzipped(path.read_bytes(), path.name))


def _line(path: Path | None, problem: Problem) -> str:
    name = problem.file if path is None else str(path / problem.file)
    return f"{name}:{problem.line}: {problem.text.zh if _chinese() else problem.text.en}"


def _chinese() -> bool:
    return locale().startswith("zh")
