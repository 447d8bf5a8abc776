"""Reads the values a rubric is made of, and notes what does not fit.

Every reader takes a node and the reading, and returns the value; where the node does not fit it
notes why, with what would have been possible, and returns None.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from labapp.grading.nodes import Node
from labapp.grading.numbers import fraction
from labapp.grading.problems import Problem, options
from labapp.grading.text import Text
from labapp.grading.times import Duration, LabTime, duration, lab_time
from labapp.grading.vocabulary import Lexicon
from labapp.values import dataclass

Value = TypeVar("Value")
Reader = Callable[[Node, "Reading"], Any]

LANGUAGES = ("en", "zh")
_QUARTER = re.compile(r"([0-9]{4})Q([1-4])")


@dataclass
class Reading:
    """What is known while a rubric is read, and what was found wrong so far.

    ``kind`` is the one of the check being read, ``setting`` the name of the value being read.
    """

    words: Lexicon
    problems: list[Problem] = field(default_factory=list)
    kind: str | None = None
    setting: str = "rubric"

    def wrong(self, line: int, en: str, zh: str) -> None:
        """Note a mistake."""
        self.problems.append(Problem(line, Text(en, zh)))

    def unfit(self, node: Node, en: str, zh: str) -> None:
        """Note that a value is not what is expected."""
        got = shown(node)
        self.wrong(
            node.line,
            f"{self.setting}: {got} does not fit; expected: {en}",
            f"{self.setting}：{got} 不合适；应为：{zh}",
        )


def shown(node: Node) -> str:
    """A value as a message names it."""
    if isinstance(node.value, dict):
        return "a mapping / 映射"
    if isinstance(node.value, list):
        return "a list / 列表"
    if node.value is None or isinstance(node.value, bool):
        return {None: "null", True: "true", False: "false"}[node.value]
    return str(node.value) if not isinstance(node.value, str) else repr(node.value)


def mapping(node: Node, reading: Reading) -> dict[str, Node] | None:
    """The entries of a mapping."""
    if isinstance(node.value, dict):
        return node.value
    reading.unfit(node, "a mapping", "映射")
    return None


def sequence(node: Node, reading: Reading) -> list[Node] | None:
    """The items of a list that is not empty."""
    if isinstance(node.value, list) and node.value:
        return node.value
    reading.unfit(node, "a list that is not empty", "非空列表")
    return None


def known_keys(node: Node, possible: Iterable[str], reading: Reading, required: Iterable[str] = ()) -> None:
    """Note unknown keys of a mapping, and required ones it lacks."""
    possible = list(possible)
    for key in node.value:
        if key not in possible:
            reading.wrong(
                node.line_of(key),
                f"unknown key {key!r}; possible: {options(possible)}",
                f"未知的键 {key!r}；可用：{options(possible)}",
            )
    for key in required:
        if key not in node.value:
            reading.wrong(node.line, f"{key!r} is missing", f"缺少 {key!r}")


def text(node: Node, reading: Reading) -> str | None:
    """Text that is not empty."""
    if isinstance(node.value, str) and node.value.strip():
        return node.value
    reading.unfit(node, "text", "文本")
    return None


def both_languages(node: Node, reading: Reading) -> Text | None:
    """``{en: …, zh: …}``."""
    entries = mapping(node, reading)
    if entries is None:
        return None
    known_keys(node, LANGUAGES, reading, required=LANGUAGES)
    found = [text(entries[language], reading) for language in LANGUAGES if language in entries]
    if len(found) == len(LANGUAGES) and found[0] and found[1]:
        return Text(found[0], found[1])
    return None


def truth(node: Node, reading: Reading) -> bool | None:
    if isinstance(node.value, bool):
        return node.value
    reading.unfit(node, "true or false", "true 或 false")
    return None


def whole(least: int) -> Reader:
    """A whole number from ``least``."""

    def read(node: Node, reading: Reading) -> int | None:
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value >= least:
            return node.value
        reading.unfit(node, f"a whole number from {least}", f"不小于 {least} 的整数")
        return None

    return read


def exact(node: Node, reading: Reading) -> Fraction | None:
    """Any number, exactly as written."""
    found = _exact(node)
    if found is None:
        reading.unfit(node, "a number", "数字")
    return found


def _exact(node: Node) -> Fraction | None:
    if isinstance(node.value, bool) or not isinstance(node.value, int | Decimal):
        return None
    try:
        return fraction(node.value)
    except ValueError:
        return None


def bounded(fits: Callable[[Fraction], bool], en: str, zh: str) -> Reader:
    """A number for which ``fits`` holds."""

    def read(node: Node, reading: Reading) -> Fraction | None:
        found = _exact(node)
        if found is not None and fits(found):
            return found
        reading.unfit(node, en, zh)
        return None

    return read


above_zero = bounded(lambda found: found > 0, "a number above 0", "大于 0 的数字")
percent = bounded(lambda found: 0 <= found <= 100, "a number from 0 to 100", "0 到 100 的数字")
proportion = bounded(lambda found: 0 < found <= 1, "a number above 0 and up to 1", "大于 0 且不超过 1 的数字")


def one_of(*choices: str) -> Reader:
    """One of some words."""

    def read(node: Node, reading: Reading) -> str | None:
        if isinstance(node.value, str) and node.value in choices:
            return node.value
        reading.unfit(node, f"one of {options(choices)}", f"{options(choices)} 之一")
        return None

    return read


def several_of(*choices: str) -> Reader:
    """A list, not empty, of some words."""
    one = one_of(*choices)

    def read(node: Node, reading: Reading) -> tuple[str, ...] | None:
        return each(node, reading, one)

    return read


def each(node: Node, reading: Reading, read: Reader) -> tuple[Any, ...] | None:
    """Every item of a list that is not empty, read alike; None if one does not fit."""
    items = sequence(node, reading)
    if items is None:
        return None
    found = [read(item, reading) for item in items]
    return None if None in found else tuple(found)


def moment(node: Node, reading: Reading) -> LabTime | None:
    """A time on the sandbox clock."""
    found = _parsed(node, lab_time)
    if found is None:
        reading.unfit(
            node,
            'a time such as 2026-09-08T18:00:00 or "+10d 18:00"',
            '时间，如 2026-09-08T18:00:00 或 "+10d 18:00"',
        )
    return found


def span(node: Node, reading: Reading) -> Duration | None:
    """A duration."""
    found = _parsed(node, duration)
    if found is None:
        reading.unfit(node, "a duration such as 30m, 4h or 2d", "时长，如 30m、4h 或 2d")
    return found


def quarter(node: Node, reading: Reading) -> tuple[int, int] | None:
    """Fiscal year and quarter, from ``2026Q4``."""
    found = _QUARTER.fullmatch(node.value) if isinstance(node.value, str) else None
    if found:
        return int(found[1]), int(found[2])
    reading.unfit(node, "a quarter such as 2026Q4", "季度，如 2026Q4")
    return None


def _parsed(node: Node, parse: Callable[[str], Value]) -> Value | None:
    if not isinstance(node.value, str):
        return None
    try:
        return parse(node.value)
    except (ValueError, OverflowError):
        return None
