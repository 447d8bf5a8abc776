"""What is wrong with a scenario: all of it at once, each with its file and line."""

from collections.abc import Iterable

from labapp.grading.text import Text
from labapp.values import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """Where something is said: the file's name inside the folder, and the line from 1."""

    file: str
    line: int


@dataclass(frozen=True)
class Problem:
    """One mistake: where, and what, in both languages."""

    file: str
    line: int
    text: Text

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.text.en

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class BadScenario(ValueError):
    """A scenario nobody can open a sandbox from. `problems` are in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Problems:
    """Mistakes as they are found. Adding one never stops the reading."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._said: set[tuple[str, int, str]] = set()

    def add(self, place: Place, en: str, zh: str) -> None:
        """Note one mistake, in both languages; once what a line has several times."""
        if (place.file, place.line, en) not in self._said:
            self._said.add((place.file, place.line, en))
            self.found.append(Problem(place.file, place.line, Text(en, zh)))

    def stop_if_any(self) -> None:
        """Raises BadScenario if anything was noted."""
        if self.found:
            raise BadScenario(self.found)


def listed(words: Iterable[str]) -> str:
    """What would have been possible, for a message."""
    return ", ".join(words) or "–"
