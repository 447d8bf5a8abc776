"""What the checks of records, events and acts have in common."""

from labapp.scenario.check_values import ValueChecker
from labapp.scenario.problems import Problems
from labapp.scenario.shape import ScenarioFile
from labapp.scenario.words import KnownWords
from labapp.values import dataclass


@dataclass(frozen=True)
class Keyed:
    """What a key stands for: a kind, and whether every seat has its own."""

    kind: str
    per_seat: bool


@dataclass(frozen=True)
class Tools:
    """What every check of records needs."""

    said: ScenarioFile
    words: KnownWords
    values: ValueChecker
    problems: Problems

    def positions(self) -> list[str]:
        return [position.key for position in self.said.positions.walk()]

    def seated(self) -> list[str]:
        return [position.key for position in self.said.positions.walk() if position.seats]
