"""What is wrong with a rubric: all of it at once, each with its line."""

from collections.abc import Iterable, Sequence

from labapp.grading.text import Text
from labapp.values import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake: where (``line`` from 1) and what, with what would have been possible."""

    line: int
    text: Text


class BadRubric(ValueError):
    """A rubric nobody is graded by. ``name`` is the file's; ``problems`` are in the order of lines."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(self.lines()))

    def lines(self, language: str = "en") -> list[str]:
        """One line a mistake: ``rubric.yaml:12: …``, in ``en`` or ``zh``."""
        return [f"{self.name}:{problem.line}: {getattr(problem.text, language)}" for problem in self.problems]


def options(words: Iterable[str]) -> str:
    """What was possible, for a message."""
    return ", ".join(words)
