"""The gradebook: automatic results under the words of people (the fold). A new run never touches a person's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median

from labapp.gradebook.ledger import Fold, Word, entries_of, fold, marks_of
from labapp.gradebook.live import caught_up
from labapp.gradebook.rubrics import rubric_of
from labapp.grading import Member, Rubric, grade_member
from labapp.grading.collector import collector_at_rest
from labapp.grading.grade import MemberResult, TaskResult
from labapp.people.models import Sandbox


@dataclass(frozen=True)
class Cell:
    """What is shown for a task: points in force, the automatic ones, and the word that stands over them.

    `points` None: could not tell, to be marked, or exempt.
    """

    result: TaskResult
    points: Decimal | None
    word: Word | None = None
    exempt: bool = False

    @property
    def state(self) -> str | None:
        return "exempt" if self.exempt else None if self.word else self.result.state


@dataclass(frozen=True)
class Line:
    """A member's line of the gradebook."""

    member: Member
    membership_id: int
    cells: tuple[Cell, ...]
    points: Decimal
    max: Fraction
    passed: bool | None
    fold: Fold


@dataclass(frozen=True)
class Book:
    """The whole gradebook of a sandbox."""

    rubric: Rubric
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Statistics:
    """Of one column: how many count, mean, median, least, most."""

    count: int
    mean: float | None
    median: float | None
    least: float | None
    most: float | None


def book_of(sandbox: Sandbox, members: Mapping[str, int]) -> Book | None:
    """The gradebook as it stands; `members` are membership ids by key. None without a rubric. Raises BadRubric."""
    rubric = rubric_of(sandbox)
    if rubric is None:
        return None
    marks, entries = marks_of(sandbox.id), entries_of(sandbox.id)
    with caught_up(sandbox) as live, collector_at_rest():
        students = [member for member in live.now.header.students if member.member in members]
        lines = []
        for member in students:
            membership_id = members[member.member]
            words = fold(entries, membership_id)
            result = grade_member(live.views(rubric, words.extended), rubric, member, marks)
            lines.append(line_of(rubric, result, membership_id, words))
    return Book(rubric, tuple(lines))


def line_of(rubric: Rubric, result: MemberResult, membership_id: int, words: Fold) -> Line:
    """A member's automatic result under the words in force."""
    cells = tuple(_cell(task, words) for task in result.tasks)
    counted = [cell for cell in cells if cell.points is not None]
    points = sum((cell.points for cell in counted if cell.points is not None), Decimal(0))
    most = sum((cell.result.task.points for cell in counted), Fraction(0))
    undecided = any(cell.points is None and not cell.exempt for cell in cells)
    passed = None
    if rubric.pass_percent is not None and not undecided:
        passed = Fraction(points) >= rubric.pass_percent * most / 100
    return Line(result.member, membership_id, cells, points, most, passed, words)


def _cell(task: TaskResult, words: Fold) -> Cell:
    key = task.task.key
    if key in words.exempt:
        return Cell(task, None, exempt=True)
    word = words.overrides.get(key)
    return Cell(task, word.points if word else task.points, word)


def statistics(values: Sequence[Decimal | None]) -> Statistics:
    """Of the points that are there."""
    found = [float(value) for value in values if value is not None]
    if not found:
        return Statistics(0, None, None, None, None)
    return Statistics(len(found), round(mean(found), 2), round(median(found), 2), min(found), max(found))


def distribution(book: Book, parts: int = 10) -> list[tuple[str, int]]:
    """How many members reached which part of their maximum: (0–9 %, count) and so on."""
    counts = [0] * parts
    for line in book.lines:
        if line.max:
            share = Fraction(line.points) / line.max
            counts[min(parts - 1, int(share * parts))] += 1
    step = 100 // parts
    return [
        (f"{n * step}–{(n + 1) * step - 1 if n < parts - 1 else 100} %", count)
        for n, count in enumerate(counts)
    ]


def table(book: Book) -> tuple[list[str], list[list[object]]]:
    """Heads and rows for a file: member number name, the tasks, points max passed (grading.md §2), words applied."""
    heads = ["member", "number", "name", *(task.key for task in book.rubric.tasks), "points", "max", "passed"]
    rows: list[list[object]] = [
        [
            line.member.member,
            line.member.number,
            line.member.name,
            *("" if cell.points is None else float(cell.points) for cell in line.cells),
            float(line.points),
            float(line.max),
            "" if line.passed is None else str(line.passed).lower(),
        ]
        for line in book.lines
    ]
    return heads, rows
