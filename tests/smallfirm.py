"""A scenario with a company of seven, for tests that open many sandboxes of it."""

import shutil
from pathlib import Path

from labapp.scenario.read import Scenario, read_scenario


def small_firm(folder: Path) -> Scenario:
    """sales-basics as `small-firm`: a manager and two representatives in Sales 1, one of each in the others."""
    place = folder / "small-firm"
    shutil.copytree(Path(__file__).parents[1] / "scenarios" / "sales-basics", place)
    file = place / "scenario.yaml"
    text = file.read_text("utf-8").replace("key: sales-basics", "key: small-firm")
    file.write_text(text.replace("seats: 7", "seats: 2", 1).replace("seats: 7", "seats: 1"), "utf-8")
    return read_scenario(place)
