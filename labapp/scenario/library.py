"""The scenarios that are there: shipped, put into the instance folder by hand, or copied by an instructor."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from flask import has_app_context

import scenarios as shipped
from labapp.config import data_folder
from labapp.people.models import Account, Course
from labapp.scenario import kept
from labapp.scenario.files import Files, FolderFiles
from labapp.scenario.problems import BadScenario

if TYPE_CHECKING:  # read when a scenario is: it takes a tenth of the time of a start
    from labapp.scenario.read import Scenario


def scenarios() -> Mapping[str, Files]:
    """The files of every scenario by its key; inside an application also the copies kept in its database.

    One in LABAPP_DATA/scenarios goes before a shipped one of that name. A folder is one that has a scenario.yaml;
    whether it can be opened says `read_scenario`.
    """
    found: dict[str, Files] = dict(installed())
    if has_app_context():
        found = {**kept.copies(), **found}
    return dict(sorted(found.items()))


def installed() -> Mapping[str, Files]:
    """The folders: those that ship with the program, and those in the instance folder."""
    return _folders(Path(str(files(shipped)))) | _folders(data_folder() / "scenarios")


def scenarios_for(account: Account) -> Mapping[str, Files]:
    """Those that an instructor may look at and open: the installed, one's own, and what others share."""
    own = {copy.key for copy in kept.copies_for(account)}
    known = installed()
    return {key: found for key, found in scenarios().items() if key in known or key in own}


def scenario_folder(key: str) -> Files:
    """The files of that scenario. Raises KeyError if there is none."""
    return scenarios()[key]


def scenario_of(course: Course) -> "Scenario | None":
    """The scenario of a course as it was at its opening; None for a course whose scenario is not there any more.

    A course that was opened before texts were kept has the scenario of that key as it is now. Raises BadScenario if
    that one has mistakes.
    """
    if course.scenario_sha256:
        return kept.kept_scenario(course.scenario_sha256)
    source = installed().get(course.scenario)
    found = looked_at(source) if source is not None else None
    if isinstance(found, BadScenario):
        raise found
    return found


def looked_at(source: Files) -> "Scenario | BadScenario":
    """What a scenario says, or all that is wrong with it; read once for as long as nothing in it changes."""
    return _looked_at(source, source.stamp)


@lru_cache(maxsize=64)
def _looked_at(source: Files, _stamp: str) -> "Scenario | BadScenario":
    from labapp.scenario.read import read_scenario

    try:
        return read_scenario(source)
    except BadScenario as bad:
        return bad


def _folders(place: Path) -> dict[str, Files]:
    if not place.is_dir():
        return {}
    return {path.name: FolderFiles(path) for path in place.iterdir() if (path / "scenario.yaml").is_file()}
