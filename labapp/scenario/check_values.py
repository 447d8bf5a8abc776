"""Whether the values of a record fit the fields of its kind."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from labapp.db.fields import Field
from labapp.scenario.problems import Place, Problems, listed
from labapp.scenario.shape import RELATIVE_DAY, RELATIVE_MOMENT
from labapp.values import dataclass

BLANKS = frozenset({"mobile", "person", "company", "product", "phone", "amount", "reference", "digits"})
LETTER = re.compile(r"[^\W\d_]")
BLANK = re.compile(r"{(\w*)}")


@dataclass(frozen=True)
class Cell:
    """A value that was given for a field, and where."""

    field: Field
    value: Any
    place: Place

    @property
    def name(self) -> str:
        return self.field.log


class ValueChecker:
    """Notes what is wrong with values. `tables` are the code tables with their keys."""

    def __init__(self, tables: Mapping[str, Collection[str]], problems: Problems) -> None:
        self.tables = tables
        self.problems = problems

    def check(self, cell: Cell) -> None:
        """Note what is wrong with one value; an empty one is always right."""
        check = BY_SHAPE.get(cell.field.shape)
        if cell.value is not None and check is not None:
            check(self, cell)

    def wrong(self, cell: Cell, en: str, zh: str) -> None:
        self.problems.add(cell.place, f"{cell.name}: {en}", f"{cell.name}：{zh}")

    def words(self, cell: Cell) -> None:
        """Text that people read, in both languages."""
        value = cell.value
        if isinstance(value, dict):
            self._both(cell, value)
        elif not isinstance(value, str):
            self.wrong(cell, "must be text", "必须是文本")
        elif LETTER.search(value):
            self.wrong(
                cell, "must be said in both languages: {en: …, zh: …}", "必须同时给出两种语言：{en: …, zh: …}"
            )

    def _both(self, cell: Cell, value: Mapping[str, Any]) -> None:
        for language in ("en", "zh"):
            said = value.get(language)
            if not isinstance(said, str) or not said.strip():
                self.wrong(cell, f"the text in {language!r} is missing", f"缺少 {language!r} 的文本")
            else:
                self.blanks(cell, said)
        for key in sorted(set(value) - {"en", "zh"}):
            self.wrong(cell, f"{key!r} is no language; possible: en, zh", f"{key!r} 不是语言；可选：en, zh")

    def blanks(self, cell: Cell, text: str) -> None:
        """Only blanks that invention can fill."""
        for blank in BLANK.findall(text):
            if blank not in BLANKS:
                known = listed(sorted(BLANKS))
                self.wrong(
                    cell,
                    f"{{{blank}}} cannot be filled in; possible: {known}",
                    f"{{{blank}}} 无法填充；可选：{known}",
                )

    def plain(self, cell: Cell) -> None:
        """Text without a language: an address of the net, a telephone number."""
        if isinstance(cell.value, str):
            self.blanks(cell, cell.value)
        else:
            self.wrong(
                cell,
                "must be text (in quotes where it looks like a number)",
                "必须是文本（形似数字时请加引号）",
            )

    def choice(self, cell: Cell) -> None:
        table = dict(cell.field.choices) or self.tables.get(cell.field.codes or "")
        if table is not None and cell.value not in table:
            known = listed(table)
            self.wrong(cell, f"{cell.value!r} is none of {known}", f"{cell.value!r} 不在可选值之内：{known}")

    def number(self, cell: Cell) -> None:
        if isinstance(cell.value, bool) or not isinstance(cell.value, int | Decimal):
            self.wrong(cell, f"{cell.value!r} is no number", f"{cell.value!r} 不是数字")

    def check_mark(self, cell: Cell) -> None:
        if not isinstance(cell.value, bool):
            self.wrong(cell, "must be true or false", "必须是 true 或 false")

    def day(self, cell: Cell) -> None:
        if not (_matches(RELATIVE_DAY, cell.value) or _reads(date.fromisoformat, cell.value)):
            self.wrong(
                cell,
                f"{cell.value!r} is no day; write +3d or 2026-09-10",
                f"{cell.value!r} 不是日期；请写 +3d 或 2026-09-10",
            )

    def moment(self, cell: Cell) -> None:
        if not (_matches(RELATIVE_MOMENT, cell.value) or _reads(datetime.fromisoformat, cell.value)):
            self.wrong(
                cell,
                f"{cell.value!r} is no time; write +3d 10:00 or 2026-09-10T10:00:00",
                f"{cell.value!r} 不是时间；请写 +3d 10:00 或 2026-09-10T10:00:00",
            )

    def tags(self, cell: Cell) -> None:
        if not isinstance(cell.value, list):
            self.wrong(cell, "must be a list", "必须是列表")
            return
        for value in cell.value:
            self.words(Cell(cell.field, value, cell.place))


BY_SHAPE: dict[str, Callable[[ValueChecker, Cell], None]] = {
    "text": ValueChecker.words,
    "prose": ValueChecker.words,
    "email": ValueChecker.plain,
    "phone": ValueChecker.plain,
    "mobile": ValueChecker.plain,
    "url": ValueChecker.plain,
    "choice": ValueChecker.choice,
    "money": ValueChecker.number,
    "number": ValueChecker.number,
    "percent": ValueChecker.number,
    "check": ValueChecker.check_mark,
    "day": ValueChecker.day,
    "moment": ValueChecker.moment,
    "tags": ValueChecker.tags,
}


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _reads(read: Callable[[str], object], value: Any) -> bool:
    try:
        read(value)
    except (TypeError, ValueError):
        return False
    return True
