"""Predicates: what a rubric may ask of a value (grading.md 2, Predicates)."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from labapp.grading.numbers import number
from labapp.grading.times import LabTime, field_time
from labapp.values import dataclass

Meets = Callable[[Any], bool]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@dataclass(frozen=True)
class Asker:
    """Whom a predicate is read for: ``me`` in it is this member, ``+1d 09:00`` counts from the start."""

    me: str
    starts_at: datetime


@dataclass(frozen=True)
class Condition:
    """One thing asked of a value: ``operation`` is ``is`` for a plain value, else the rubric's word."""

    operation: str
    operand: Any

    def bind(self, asker: Asker) -> Meets:
        return _BINDERS[self.operation](self, asker)

    @property
    def names_me(self) -> bool:
        return self.operand == "me" or (self.operation == "in" and "me" in self.operand)


Predicate = tuple[Condition, ...]


@dataclass(frozen=True)
class Where:
    """A predicate for each of some fields; all must hold."""

    fields: tuple[tuple[str, Predicate], ...] = ()

    def bind(self, asker: Asker) -> Callable[[Mapping[str, Any]], bool]:
        """A test of the fields of a record, or of the answers of a step."""
        tests = [(name, condition.bind(asker)) for name, predicate in self.fields for condition in predicate]

        def meets(fields: Mapping[str, Any]) -> bool:
            return all(test(fields.get(name)) for name, test in tests)

        return meets

    @property
    def names_me(self) -> bool:
        return any(condition.names_me for _, predicate in self.fields for condition in predicate)


def meets_all(predicate: Predicate, asker: Asker) -> Meets:
    """A test of one value by all conditions of a predicate."""
    tests = [condition.bind(asker) for condition in predicate]
    return lambda value: all(test(value) for test in tests)


def is_filled(value: Any) -> bool:
    """Null, text of spaces and an empty list are not filled; 0 and false are."""
    if isinstance(value, str):
        return value != "" and not value.isspace()
    return value is not None and value != []


def equals(wanted: Any, value: Any) -> bool:
    """Whether the field has the plain value; a list field, whether it has such a member."""
    if isinstance(value, list):
        return any(equals(wanted, one) for one in value)
    if wanted is None or value is None:
        return wanted is value
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    if isinstance(wanted, Decimal):
        return number(value) == wanted
    return bool(wanted == value)


def _plain(condition: Condition, asker: Asker) -> Meets:
    wanted = _known(condition.operand, asker)
    if isinstance(wanted, str):
        return lambda value: value == wanted or (isinstance(value, list) and wanted in value)
    return lambda value: equals(wanted, value)


def _not(condition: Condition, asker: Asker) -> Meets:
    wanted = _known(condition.operand, asker)
    return lambda value: not equals(wanted, value)


def _in(condition: Condition, asker: Asker) -> Meets:
    choices = [_known(choice, asker) for choice in condition.operand]
    return lambda value: any(equals(wanted, value) for wanted in choices)


def _compare(condition: Condition, asker: Asker) -> Meets:
    holds = COMPARISONS[condition.operation]
    if isinstance(condition.operand, LabTime):
        return _comparing(holds, condition.operand.on(asker.starts_at), field_time)
    return _comparing(holds, condition.operand, number)


def _comparing(holds: Callable[[Any, Any], bool], bound: Any, read: Callable[[Any], Any]) -> Meets:
    def meets(value: Any) -> bool:
        exact = read(value)
        return exact is not None and holds(exact, bound)

    return meets


def _matches(condition: Condition, _asker: Asker) -> Meets:
    search = re.compile(condition.operand).search
    return lambda value: isinstance(value, str) and search(value) is not None


def _filled(condition: Condition, _asker: Asker) -> Meets:
    wanted: bool = condition.operand
    return lambda value: is_filled(value) is wanted


def _length(condition: Condition, _asker: Asker) -> Meets:
    bounds = [(COMPARISONS[name], bound) for name, bound in condition.operand]

    def meets(value: Any) -> bool:
        return isinstance(value, str | list) and all(holds(len(value), bound) for holds, bound in bounds)

    return meets


def _known(wanted: Any, asker: Asker) -> Any:
    return asker.me if wanted == "me" else wanted


_BINDERS: dict[str, Callable[[Condition, Asker], Meets]] = {
    "is": _plain,
    "not": _not,
    "in": _in,
    "matches": _matches,
    "filled": _filled,
    "length": _length,
    **dict.fromkeys(COMPARISONS, _compare),
}

OPERATIONS = tuple(name for name in _BINDERS if name != "is")
