"""Reads what a rubric names: kinds, acts, fields, and predicates on them."""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from labapp.grading.nodes import Node
from labapp.grading.predicates import COMPARISONS, OPERATIONS, Condition, Predicate, Where
from labapp.grading.problems import options
from labapp.grading.reading import Reading, each, known_keys, mapping, shown, text, truth, whole
from labapp.grading.times import LabTime, lab_time


class Act(NamedTuple):
    """``kind.verb``; either may be ``*`` where the check allows it."""

    kind: str
    verb: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.verb}"


def kind(node: Node, reading: Reading) -> str | None:
    """A kind of record."""
    name = text(node, reading)
    return name if name and _known_kind(name, node, reading) else None


def act(node: Node, reading: Reading) -> Act | None:
    """``kind.verb``."""
    return _act(node, reading, wild=False)


def any_act(node: Node, reading: Reading) -> Act | None:
    """``kind.verb``, ``kind.*`` or ``*.verb``."""
    return _act(node, reading, wild=True)


def acts(node: Node, reading: Reading) -> tuple[Act, ...] | None:
    """A list of ``kind.verb``."""
    return each(node, reading, act)


def _act(node: Node, reading: Reading, *, wild: bool) -> Act | None:
    parts = node.value.split(".") if isinstance(node.value, str) else []
    stars = parts.count("*")
    if len(parts) != 2 or not all(parts) or stars > wild:
        forms = "kind.verb, kind.* or *.verb" if wild else "kind.verb"
        reading.unfit(node, forms, forms.replace(" or ", " 或 "))
        return None
    found = Act(*parts)
    return found if _known_act(found, node, reading) else None


def _known_act(found: Act, node: Node, reading: Reading) -> bool:
    if found.kind != "*" and not _known_kind(found.kind, node, reading):
        return False
    if found.verb == "*" or reading.words.has_verb(found.kind, found.verb):
        return True
    possible = options(reading.words.verbs(found.kind))
    reading.wrong(
        node.line,
        f"{found.kind} has no verb {found.verb!r}; possible: {possible}",
        f"{found.kind} 没有操作 {found.verb!r}；可用：{possible}",
    )
    return False


def _known_kind(name: str, node: Node, reading: Reading) -> bool:
    if reading.words.has_kind(name):
        return True
    possible = options(reading.words.kinds())
    reading.wrong(
        node.line,
        f"unknown kind {name!r}; possible: {possible}",
        f"未知的记录类型 {name!r}；可用：{possible}",
    )
    return False


def field_name(node: Node, reading: Reading) -> str | None:
    """A field of the check's kind."""
    name = text(node, reading)
    return name if name and _known_field(name, node.line, reading) else None


def field_names(node: Node, reading: Reading) -> tuple[str, ...] | None:
    """Fields of the check's kind, each once."""
    names = each(node, reading, field_name)
    if names is None:
        return None
    for item in node.value:
        if next(other for other in node.value if other.value == item.value) is not item:
            reading.wrong(item.line, f"{item.value!r} is repeated", f"{item.value!r} 重复")
    return names


def _known_field(name: str, line: int, reading: Reading) -> bool:
    kind_ = reading.kind
    if kind_ is None or not reading.words.has_kind(kind_) or reading.words.has_field(kind_, name):
        return True
    possible = options(reading.words.fields(kind_))
    reading.wrong(
        line,
        f"{kind_} has no field {name!r}; possible: {possible}",
        f"{kind_} 没有字段 {name!r}；可用：{possible}",
    )
    return False


def where_answers(node: Node, reading: Reading) -> Where | None:
    """Predicates on the answers of a step; which answers there are is not checked."""
    entries = mapping(node, reading)
    return None if entries is None else _where(entries, reading)


def where_fields(node: Node, reading: Reading) -> Where | None:
    """Predicates on the fields of the check's kind."""
    entries = mapping(node, reading)
    if entries is None:
        return None
    for name in entries:
        _known_field(name, node.line_of(name), reading)
    return _where(entries, reading)


def _where(entries: dict[str, Node], reading: Reading) -> Where | None:
    found = []
    for name, node in entries.items():
        reading.setting = name
        found.append((name, predicate(node, reading)))
    fields = tuple((name, conditions) for name, conditions in found if conditions is not None)
    return Where(fields) if len(fields) == len(found) else None


def predicate(node: Node, reading: Reading) -> Predicate | None:
    """What is asked of one value: a plain value, or a mapping of operations."""
    if not isinstance(node.value, dict):
        plain = scalar(node, reading)
        return None if plain is None else (Condition("is", plain.value),)
    known_keys(node, OPERATIONS, reading)
    if not node.value:
        reading.unfit(node, f"one of {options(OPERATIONS)}", f"{options(OPERATIONS)} 之一")
        return None
    found = [_condition(name, entry, reading) for name, entry in node.value.items() if name in OPERATIONS]
    complete = tuple(condition for condition in found if condition is not None)
    return complete if len(complete) == len(node.value) else None


def _condition(name: str, node: Node, reading: Reading) -> Condition | None:
    before = len(reading.problems)
    operand = _OPERANDS[name](node, reading)
    return Condition(name, operand) if len(reading.problems) == before else None


class Scalar(NamedTuple):
    """A plain value; wrapped, for it may be null."""

    value: Any


def scalar(node: Node, reading: Reading) -> Scalar | None:
    """Null, true, false, a number (exact) or text."""
    value = node.value
    if isinstance(value, list | dict):
        reading.unfit(node, "a plain value; a list is written {in: […]}", "单个值；列表请写成 {in: […]}")
        return None
    return Scalar(Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _scalar_value(node: Node, reading: Reading) -> Any:
    found = scalar(node, reading)
    return found.value if found else None


def _choices(node: Node, reading: Reading) -> tuple[Any, ...]:
    if not isinstance(node.value, list):
        reading.unfit(node, "a list", "列表")
        return ()
    return tuple(_scalar_value(item, reading) for item in node.value)


def _bound(node: Node) -> Decimal | LabTime | None:
    value = node.value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    try:
        return lab_time(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _number_or_time(node: Node, reading: Reading) -> Decimal | LabTime | None:
    found = _bound(node)
    if found is None:
        reading.unfit(
            node,
            'a number, or a time such as 2026-09-08T18:00:00 or "+10d 18:00"',
            '数字，或时间，如 2026-09-08T18:00:00 或 "+10d 18:00"',
        )
    return found


def _pattern(node: Node, reading: Reading) -> str | None:
    if not isinstance(node.value, str):
        reading.unfit(node, "a regular expression", "正则表达式")
        return None
    try:
        re.compile(node.value)
    except (re.error, RecursionError, OverflowError) as error:
        got = shown(node)
        reading.wrong(
            node.line, f"{got} is no regular expression: {error}", f"{got} 不是有效的正则表达式：{error}"
        )
    return node.value


def _length(node: Node, reading: Reading) -> tuple[tuple[str, int], ...]:
    entries = mapping(node, reading)
    if entries is None:
        return ()
    known_keys(node, COMPARISONS, reading)
    if not entries:
        reading.unfit(node, f"one of {options(COMPARISONS)}", f"{options(COMPARISONS)} 之一")
    read = whole(0)
    return tuple((name, read(entry, reading)) for name, entry in entries.items() if name in COMPARISONS)


_OPERANDS = {
    "not": _scalar_value,
    "in": _choices,
    "matches": _pattern,
    "filled": truth,
    "length": _length,
    **dict.fromkeys(COMPARISONS, _number_or_time),
}
