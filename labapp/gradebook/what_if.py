"""What another rubric would do to a class, before it is put into force. Pure: two books in, differences out."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from labapp.gradebook.book import Book, Cell, Line
from labapp.gradebook.figures import PARTS, distribution
from labapp.gradebook.ledger import Marks
from labapp.grading import Rubric
from labapp.grading.checks.by_hand import ByHand
from labapp.values import dataclass

UP, DOWN = "up", "down"
GONE, TOO_MANY, MOVED = "gone", "too_many", "moved"


@dataclass(frozen=True)
class TaskMove:
    """A task whose points change. None: no such task, or no points there (a state, an exemption)."""

    key: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class Move:
    """A member whose points or part of the maximum change. `crossed`: the pass line, upwards or downwards."""

    before: Line
    after: Line
    tasks: tuple[TaskMove, ...]

    @property
    def by(self) -> Decimal:
        """By how many points."""
        return self.after.points - self.before.points

    @property
    def crossed(self) -> str | None:
        if None in (self.before.passed, self.after.passed) or self.before.passed == self.after.passed:
            return None
        return UP if self.after.passed else DOWN


@dataclass(frozen=True)
class Disagreement:
    """A person's word that no longer fits: its task is gone, it gives more than the task has, or the grader moved."""

    line: Line
    task: str
    word: Decimal
    why: str
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True)
class LostMark:
    """A mark by hand that the other rubric has no check for, or that is above its scale."""

    member: str
    task: str
    check: int
    mark: Decimal


@dataclass(frozen=True)
class WhatIf:
    """Everything an instructor wants to know before. `spread`: label, members before, members after."""

    before: Book
    after: Book
    moves: tuple[Move, ...]
    disagreements: tuple[Disagreement, ...]
    lost: tuple[LostMark, ...]
    spread: tuple[tuple[str, int, int], ...]

    def crossed(self, way: str) -> list[Move]:
        """Those who cross the pass line this way."""
        return [move for move in self.moves if move.crossed == way]


def what_if(before: Book, after: Book, marks: Marks) -> WhatIf:
    """Compare the books of the same members under two rubrics. `marks` are those by hand in force."""
    pairs = list(zip(before.lines, after.lines, strict=True))
    moves = [move for was, will in pairs if (move := _move(was, will)) is not None]
    moves.sort(key=lambda move: (-abs(move.by), move.after.member.member))
    told = tuple(word for was, will in pairs for word in _disagreements(was, will, after.rubric))
    spread = tuple(
        (label, old, new)
        for (label, old), (_same, new) in zip(
            distribution(before, PARTS), distribution(after, PARTS), strict=True
        )
    )
    return WhatIf(before, after, tuple(moves), told, tuple(_lost(marks, before, after)), spread)


def _move(was: Line, will: Line) -> Move | None:
    """None where nothing that is shown changes."""
    old, new = _points(was), _points(will)
    tasks = tuple(
        TaskMove(key, old.get(key), new.get(key))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key)
    )
    same = (was.points, was.share, was.passed) == (will.points, will.share, will.passed)
    return None if same and not tasks else Move(was, will, tasks)


def _points(line: Line) -> dict[str, Decimal | None]:
    return {cell.result.task.key: cell.points for cell in line.cells}


def _disagreements(was: Line, will: Line, rubric: Rubric) -> Iterator[Disagreement]:
    """The overrides of a member that do not fit what the grader would say now."""
    old, new = _cells(was), _cells(will)
    for key, word in will.fold.overrides.items():
        before = old[key].result.points if key in old else None
        after = new[key].result.points if key in new else None
        why = None
        if key not in new:
            why = GONE if key in old else None  # it was gone before: nothing new
        elif Fraction(word.points) > rubric.task(key).points:
            why = TOO_MANY
        elif before != after and word.points != after:
            why = MOVED
        if why is not None:
            yield Disagreement(will, key, word.points, why, before, after)


def _cells(line: Line) -> dict[str, Cell]:
    return {cell.result.task.key: cell for cell in line.cells}


def _lost(marks: Marks, before: Book, after: Book) -> Iterator[LostMark]:
    """Marks that count now and would not."""
    members = {line.member.member for line in after.lines}
    for (member, task, check), mark in sorted(marks.items()):
        counts = member in members and _fits(before.rubric, task, check, mark)
        if counts and not _fits(after.rubric, task, check, mark):
            yield LostMark(member, task, check, mark)


def _fits(rubric: Rubric, task: str, place: int, mark: Decimal) -> bool:
    """Whether the rubric has a check by hand at this place, and the mark is on its scale."""
    found = next((one for one in rubric.tasks if one.key == task), None)
    if found is None or place >= len(found.lines):
        return False
    check = found.lines[place].check
    return isinstance(check, ByHand) and Fraction(mark) <= check.scale
