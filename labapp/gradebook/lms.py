"""Grades in the column forms of Canvas and Moodle: as a new file, or filled into the one that was taken from there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from labapp.gradebook.book import Book, Line
from labapp.grading.numbers import half_up
from labapp.values import dataclass

CANVAS, MOODLE = "canvas", "moodle"
TOTAL, PERCENT = "", "%"
CANVAS_HEADS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "points possible"
ASSIGNMENT = re.compile(r".+\(\d+\)\s*")
READ_ONLY = re.compile(r"\((read only)\)", re.IGNORECASE)
MOODLE_EMAIL = ("email address", "e-mail", "email", "邮箱", "电子邮件", "电子邮件地址", "电子邮箱")
MOODLE_NUMBER = ("id number", "idnumber", "number", "student number", "学号", "id 号", "id号", "编号")
# The columns of a Moodle export that say who somebody is, in the languages it is used in here.
MOODLE_PERSON = frozenset(
    (
        *MOODLE_EMAIL,
        *MOODLE_NUMBER,
        *("first name", "surname", "last name", "username", "institution", "department"),
        *("名", "姓", "名字", "姓氏", "姓名", "用户名", "学校", "院系", "机构", "部门"),
        *("last downloaded from this course", "上次下载时间"),
    )
)


@dataclass(frozen=True)
class Person:
    """A student of ours with all that another system may know them by."""

    line: Line
    number: str
    email: str
    section: str = ""


@dataclass(frozen=True)
class Sheet:
    """The table another system wrote: which form, titles, rows, and how many rows stand above the first person."""

    form: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    above: int

    @property
    def people(self) -> tuple[tuple[str, ...], ...]:
        return self.rows[self.above :]

    @property
    def targets(self) -> list[int]:
        """The columns that can take grades, by place."""
        if self.form == CANVAS:
            return [n for n, head in enumerate(self.heads) if ASSIGNMENT.fullmatch(head)]
        return [n for n, head in enumerate(self.heads) if head and _word(head) not in MOODLE_PERSON]


@dataclass(frozen=True)
class Filled:
    """The sheet with grades in one column. `strangers`: rows that are nobody of ours; `missing`: ours in no row."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    matched: int
    strangers: tuple[str, ...]
    missing: tuple[Person, ...]


class NoSheet(ValueError):
    """The file is not in the form of Canvas or Moodle."""


def sheet_of(rows: Sequence[Sequence[str]]) -> Sheet:
    """The table as another system wrote it. Raises NoSheet."""
    if not rows:
        raise NoSheet
    heads = tuple(rows[0])
    width = len(heads)
    body = tuple(tuple(row[:width]) + ("",) * (width - len(row)) for row in rows[1:])
    words = [_word(head) for head in heads]
    if words[:2] == ["student", "id"] and "sis login id" in words:
        return Sheet(CANVAS, heads, body, _above(body))
    if any(word in MOODLE_EMAIL or word in MOODLE_NUMBER for word in words):
        return Sheet(MOODLE, heads, body, 0)
    raise NoSheet


def _above(rows: Iterable[Sequence[str]]) -> int:
    """Canvas writes the policy of manual posting and the points possible between titles and people."""
    count = 0
    for row in rows:
        if row[0].strip().lower() != POINTS_POSSIBLE and any(cell.strip() for cell in row[:4]):
            break
        count += 1
    return count


def fill(sheet: Sheet, people: Sequence[Person], target: int, what: str, most: Any) -> Filled:
    """Put what is asked for (a task, the total, the percentage) into the column at `target`.

    A row without a match keeps what it has. `most` goes where Canvas says how many points are possible.
    """
    known = _index(people)
    rows: list[tuple[Any, ...]] = []
    taken: set[int] = set()
    strangers = []
    for place, row in enumerate(sheet.rows):
        cells: list[Any] = [_kept(cell) for cell in row]
        if place < sheet.above:
            if row[0].strip().lower() == POINTS_POSSIBLE:
                cells[target] = most
        else:
            person = _find(sheet, row, known)
            if person is None:
                strangers.append(" · ".join(cell for cell in row[:4] if cell.strip()))
            else:
                taken.add(id(person))
                cells[target] = grade(person.line, what)
        rows.append(tuple(cells))
    missing = tuple(person for person in people if id(person) not in taken)
    return Filled(sheet.heads, tuple(rows), len(taken), tuple(strangers), missing)


def _index(people: Iterable[Person]) -> dict[str, Person | None]:
    """Everybody by number and e-mail; None where two share one."""
    known: dict[str, Person | None] = {}
    for person in people:
        for sign in {_word(person.number), _word(person.email)} - {""}:
            known[sign] = None if sign in known else person
    return known


def _find(sheet: Sheet, row: Sequence[str], known: Mapping[str, Person | None]) -> Person | None:
    """Who the row is about: by the columns that name people in this form, the surest first."""
    names = ("sis user id", "sis login id") if sheet.form == CANVAS else (*MOODLE_NUMBER, *MOODLE_EMAIL)
    words = [_word(head) for head in sheet.heads]
    for name in names:
        if name in words and (found := known.get(_word(row[words.index(name)]))) is not None:
            return found
    return None


def grade(line: Line, what: str) -> Decimal | None:
    """The points of a task, the total, or the percentage; None where nothing stands."""
    if what == TOTAL:
        return line.points if line.max else None
    if what == PERCENT:
        return None if line.share is None else half_up(line.share * 100, 2)
    return next((cell.points for cell in line.cells if cell.result.task.key == what), None)


def maximum(book: Book, what: str) -> Any:
    """How many points are possible."""
    if what == PERCENT:
        return 100
    tasks = [task for task in book.rubric.tasks if what in (TOTAL, task.key)]
    return float(sum(task.points for task in tasks))


def canvas(
    book: Book, people: Sequence[Person], columns: Sequence[tuple[str, str]]
) -> tuple[list[str], list[list[Any]]]:
    """A file that Canvas takes: heads and rows. `columns`: what goes out, and its title there."""
    heads = [*CANVAS_HEADS, *(title for _what, title in columns)]
    top = ["    Points Possible", "", "", "", "", *(maximum(book, what) for what, _title in columns)]
    rows = [
        [p.line.member.name, "", p.number, p.email or p.number, p.section, *_grades(p, columns)]
        for p in people
    ]
    return heads, [top, *rows]


def moodle(people: Sequence[Person], columns: Sequence[tuple[str, str]]) -> tuple[list[str], list[list[Any]]]:
    """A file that Moodle takes: heads and rows."""
    heads = ["Email address", "ID number", *(title for _what, title in columns)]
    return heads, [[p.email, p.number, *_grades(p, columns)] for p in people]


def _grades(person: Person, columns: Sequence[tuple[str, str]]) -> list[Any]:
    found = [grade(person.line, what) for what, _title in columns]
    return ["" if points is None else points for points in found]


def _kept(cell: str) -> Any:
    """A cell as it goes back: figures as figures, so that no escape spoils them; a lone dash is nothing."""
    if cell.strip() == "-":
        return ""
    try:
        value = Decimal(cell)
    except InvalidOperation:
        return cell
    return value if value.is_finite() and cell[:1] in "-+" else cell


def _word(text: str) -> str:
    return " ".join(text.split()).casefold()
