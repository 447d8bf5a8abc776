"""The scenarios that are there: those that ship with the program, and those in the instance folder."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import scenarios as shipped
from labapp.config import data_folder


def scenarios() -> Mapping[str, Path]:
    """Scenario folders by name; one in LABAPP_DATA/scenarios goes before a shipped one of that name.

    A folder is one that has a scenario.yaml; whether it can be opened says `read_scenario`.
    """
    found = _folders(Path(str(files(shipped)))) | _folders(data_folder() / "scenarios")
    return dict(sorted(found.items()))


def scenario_folder(key: str) -> Path:
    """The folder of that scenario. Raises KeyError if there is none."""
    return scenarios()[key]


def _folders(place: Path) -> dict[str, Path]:
    if not place.is_dir():
        return {}
    return {path.name: path for path in place.iterdir() if (path / "scenario.yaml").is_file()}
