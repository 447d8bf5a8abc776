"""What the form that opens a course knows of scenarios; the opening itself is a job (`labapp.scenario.task`)."""

from typing import TYPE_CHECKING

from labapp.people.models import Account
from labapp.scenario.library import looked_at, scenarios_for
from labapp.scenario.problems import BadScenario
from labapp.scenario.task import FURTHER, KIND, as_asked, free_name, is_taken

if TYPE_CHECKING:  # read when a scenario is: it takes a tenth of the time of a start
    from labapp.scenario.read import Scenario

__all__ = ["FURTHER", "KIND", "as_asked", "free_name", "is_taken", "known_scenarios"]


def known_scenarios(account: Account) -> "dict[str, Scenario | BadScenario]":
    """Every scenario an instructor may open, by key: what it says, or all that is wrong with it."""
    return {key: looked_at(files) for key, files in scenarios_for(account).items()}
