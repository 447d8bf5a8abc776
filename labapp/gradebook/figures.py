"""Statistics of a gradebook: of the whole and of each task, and how the points are spread."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median, quantiles

from labapp.gradebook.book import Book, Line
from labapp.grading.numbers import half_up
from labapp.grading.rubric import Task
from labapp.values import dataclass

PARTS = 10


@dataclass(frozen=True)
class Statistics:
    """Of one column: how many count, mean, median, quartiles, least, most. None where nothing counts."""

    count: int
    mean: float | None = None
    median: float | None = None
    lower: float | None = None
    upper: float | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class TaskFigures:
    """Of one task: its points, what part of them the class reached on average, how many have all and how many none."""

    task: Task
    points: Statistics
    share: float | None
    full: int
    nothing: int
    waiting: int


def statistics(values: Sequence[Decimal | None]) -> Statistics:
    """Of the points that are there. Quartiles as spreadsheets do (QUARTILE.INC)."""
    found = sorted(float(value) for value in values if value is not None)
    if not found:
        return Statistics(0)
    lower, _middle, upper = quantiles(found, n=4, method="inclusive") if len(found) > 1 else found * 3
    return Statistics(
        len(found),
        round(mean(found), 2),
        round(median(found), 2),
        round(lower, 2),
        round(upper, 2),
        found[0],
        found[-1],
    )


def of_tasks(book: Book) -> list[TaskFigures]:
    """The figures of each task, in the order of the rubric; words of people applied."""
    return [_of_task(book.lines, place, task) for place, task in enumerate(book.rubric.tasks)]


def _of_task(lines: Iterable[Line], place: int, task: Task) -> TaskFigures:
    cells = [line.cells[place] for line in lines]
    counted = [cell.points for cell in cells if cell.points is not None]
    share = Fraction(sum(counted, Decimal(0))) / len(counted) / task.points if counted else None
    full = half_up(task.points, 2)
    return TaskFigures(
        task,
        statistics(counted),
        None if share is None else round(float(share), 4),
        sum(points >= full for points in counted),
        sum(points == 0 for points in counted),
        sum(cell.points is None and not cell.exempt for cell in cells),
    )


def pass_rate(book: Book) -> tuple[int, int]:
    """How many passed, of how many that is known."""
    known = [line.passed for line in book.lines if line.passed is not None]
    return sum(known), len(known)


def distribution(book: Book, parts: int = PARTS) -> list[tuple[str, int]]:
    """How many members reached which part of their maximum: (0–9 %, count) and so on."""
    counts = [0] * parts
    for line in book.lines:
        if line.share is not None:
            counts[min(parts - 1, int(line.share * parts))] += 1
    step = 100 // parts
    return [
        (f"{n * step}–{(n + 1) * step - 1 if n < parts - 1 else 100} %", count)
        for n, count in enumerate(counts)
    ]
