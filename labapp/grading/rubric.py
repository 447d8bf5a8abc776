"""A rubric: the tasks of a course, and the checks that say how far each is done."""

from fractions import Fraction
from functools import cached_property

from labapp.grading.checks.base import Check
from labapp.grading.needs import Needs, together
from labapp.grading.text import Text
from labapp.grading.times import LabTime
from labapp.values import dataclass


@dataclass(frozen=True)
class Line:
    """One check of a task: its name in the rubric, its settings, its weight, and where it stands."""

    name: str
    check: Check
    weight: Fraction
    line: int


@dataclass(frozen=True)
class Task:
    """Something to do. ``after`` is the key of the task to do first; ``hidden`` ones are only counted."""

    key: str
    title: Text
    points: Fraction
    lines: tuple[Line, ...]
    after: str | None = None
    hidden: bool = False
    hint: Text | None = None
    line: int = 1


@dataclass(frozen=True)
class Late:
    """What lateness costs, in per cent: so much a day begun, at most so much."""

    per_day: Fraction
    most: Fraction


@dataclass(frozen=True)
class Rubric:
    """A rubric as read. ``digest`` is the SHA-256 of its bytes, in lower-case hex; ``name`` its file."""

    name: str
    digest: str
    title: Text
    tasks: tuple[Task, ...]
    pass_percent: Fraction | None = None
    due: LabTime | None = None
    late: Late | None = None
    self_checks_per_hour: int | None = None

    @cached_property
    def needs(self) -> Needs:
        """What it asks of the log about one member."""
        return together([line.check.needs() for task in self.tasks for line in task.lines])

    def task(self, key: str) -> Task:
        """The task with this key. Raises KeyError."""
        for task in self.tasks:
            if task.key == key:
                return task
        raise KeyError(key)
