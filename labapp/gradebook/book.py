"""The gradebook: automatic results under the words of people (the fold). A new run never touches a person's word."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from labapp.gradebook import state
from labapp.gradebook.ledger import Fold, Marks, Word, entries_of, folds, marks_of
from labapp.gradebook.live import caught_up
from labapp.gradebook.rubrics import rubric_of
from labapp.grading import Header, Member, Rubric, Views, grade_member
from labapp.grading.collector import collector_at_rest
from labapp.grading.grade import MemberResult, TaskResult
from labapp.people.models import Sandbox
from labapp.values import dataclass

FEW = 2


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
    """A member's line of the gradebook. `sandbox_id`: where the member works; 0 where nobody asks."""

    member: Member
    membership_id: int
    cells: tuple[Cell, ...]
    points: Decimal
    max: Fraction
    passed: bool | None
    fold: Fold
    sandbox_id: int = 0

    @property
    def share(self) -> Fraction | None:
        """What part of the maximum was reached; None where nothing counts yet."""
        return Fraction(self.points) / self.max if self.max else None


@dataclass(frozen=True)
class Book:
    """The whole gradebook: of a course, or of one sandbox."""

    rubric: Rubric
    lines: tuple[Line, ...]


def book_of(sandbox: Sandbox, members: Mapping[str, int]) -> Book | None:
    """The gradebook as it stands; `members` are membership ids by key. None without a rubric. Raises BadRubric."""
    rubric = rubric_of(sandbox)
    return Book(rubric, tuple(lines_of(sandbox, rubric, members))) if rubric is not None else None


def book_of_course(rubric: Rubric, members: Sequence[tuple[Sandbox, Mapping[str, int]]]) -> Book:
    """The gradebook of a course, whose students work in these sandboxes."""
    lines = (line for sandbox, own in members if own for line in lines_of(sandbox, rubric, own))
    return Book(rubric, tuple(lines))


def lines_of(sandbox: Sandbox, rubric: Rubric, members: Mapping[str, int]) -> list[Line]:
    """The lines of these members of a sandbox under any rubric: grader and words of people. Stores nothing.

    A few are judged from what the database keeps of the log, a class from the whole of it.
    """
    judge = _Judge(sandbox, rubric, members, marks_of(sandbox.id), folds(entries_of(sandbox.id)))
    if len(members) <= FEW:
        try:
            return judge.lines(
                state.header_of(sandbox), lambda key, due: state.views(sandbox, key, rubric, due)
            )
        except state.NotYet:
            pass  # so much has not been put away that reading it is as quick
    with caught_up(sandbox) as live, collector_at_rest():
        return judge.lines(live.now.header, lambda _key, due: live.views(rubric, due))


@dataclass(frozen=True)
class _Judge:
    """What judging some members of a sandbox needs."""

    sandbox: Sandbox
    rubric: Rubric
    members: Mapping[str, int]
    marks: Marks
    words_of: Callable[[int], Fold]

    def lines(self, header: Header, views: Callable[[str, datetime | None], Views]) -> list[Line]:
        """Their lines in the order of the log; `views` gives the log as one of them needs it, by key and `due`."""
        return [self._line(member, views) for member in header.students if member.member in self.members]

    def _line(self, member: Member, views: Callable[[str, datetime | None], Views]) -> Line:
        membership_id = self.members[member.member]
        words = self.words_of(membership_id)
        result = grade_member(views(member.member, words.extended), self.rubric, member, self.marks)
        return line_of(self.rubric, result, membership_id, words, self.sandbox.id)


def line_of(
    rubric: Rubric, result: MemberResult, membership_id: int, words: Fold, sandbox_id: int = 0
) -> Line:
    """A member's automatic result under the words in force."""
    cells = tuple(_cell(task, words) for task in result.tasks)
    counted = [cell for cell in cells if cell.points is not None]
    points = sum((cell.points for cell in counted if cell.points is not None), Decimal(0))
    most = sum((cell.result.task.points for cell in counted), Fraction(0))
    undecided = any(cell.points is None and not cell.exempt for cell in cells)
    passed = None
    if rubric.pass_percent is not None and not undecided:
        passed = Fraction(points) >= rubric.pass_percent * most / 100
    return Line(result.member, membership_id, cells, points, most, passed, words, sandbox_id)


def _cell(task: TaskResult, words: Fold) -> Cell:
    key = task.task.key
    if key in words.exempt:
        return Cell(task, None, words.exempt[key], exempt=True)
    override = words.overrides.get(key)
    return Cell(task, override.points if override else task.points, override)


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
