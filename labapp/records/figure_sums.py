"""What a report adds up: numbers by key over the records of a kind, by one statement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any

from sqlalchemy import Integer, Numeric, Table, func, literal_column, select, text, type_coerce
from sqlalchemy.sql.util import find_tables

from labapp.access.rules import record_models
from labapp.db import REPORTING
from labapp.records.figure_text import Line, Numbers
from labapp.values import dataclass

NO_KEY: Any = literal_column("0", Integer)  # all in one line


@dataclass(frozen=True, eq=False)
class Sums:
    """What to add up: `numbers` over the records of `model` that match `where`, by `key`.

    Numbers are counts and sums, how many there are first; those whose places are in `least` are minima. `joined` is a
    table of rows that follow from each record, with the condition that says how. `related` are the kinds that the
    records hang on, where `where` leaves no others. `walked` makes the same sums in the form that asks little of each
    record, where there is one: for few records.
    """

    model: Any
    key: Any
    numbers: Sequence[Any]
    where: Sequence[Any] = ()
    least: frozenset[int] = field(default=frozenset())
    joined: tuple[Any, Any] | None = None
    related: tuple[str, ...] = ()
    walked: "Callable[[], Sums] | None" = None

    def statement(self, *first: Any, where: Iterable[Any] = (), hinted: bool = True) -> Any:
        """The select of `first`, the key and the numbers; `hinted`: by the index of reports, whatever else there is."""
        chosen = select(*first, self.key, *self.numbers).select_from(self.model)
        if self.joined is not None:
            chosen = chosen.join(*self.joined)
        chosen = by_reports(chosen, self.model) if hinted else chosen
        grouped = [column for column in (*first, self.key) if column is not NO_KEY]
        return chosen.where(*self.where, *where).group_by(*grouped)

    @cached_property
    def plain(self) -> Any:
        """All of it."""
        return self.statement()

    @cached_property
    def models(self) -> list[Any] | None:
        """The kinds it reads, its own first; None where it reads what no step of a kind tells of."""
        tables = {table.name for table in tables_of(self.plain)}
        tables -= {self.joined[0].__tablename__} if self.joined is not None else set()
        known = record_models()
        if tables - known.keys():
            return None
        return [self.model, *(known[name] for name in sorted(tables) if known[name] is not self.model)]

    def lines(self, rows: Iterable[Any]) -> list[Line]:
        """(key, numbers) of an answer, by key. Without a key there may be a line of nothing, which is none."""
        return ordered((row[0], list(row[1:])) for row in rows if self.key is not NO_KEY or any(row[1:]))

    def together(self, parts: Iterable[Iterable[Line]]) -> list[Line]:
        """The lines of several parts as one."""
        found: dict[Any, Numbers] = {}
        for lines in parts:
            for key, numbers in lines:
                found[key] = self._both(found[key], numbers) if key in found else numbers
        return ordered(found.items())

    def _both(self, one: Numbers, other: Numbers) -> Numbers:
        return [
            _least(a, b) if place in self.least else a + b
            for place, (a, b) in enumerate(zip(one, other, strict=True))
        ]

    def exchanged(
        self, whole: Sequence[Line], out: Iterable[Line], into: Iterable[Line]
    ) -> list[Line] | None:
        """The whole with some of its lines taken out and others put in; None where numbers cannot be taken out."""
        found = dict(whole)
        for sign, lines in ((-1, out), (1, into)):
            for key, numbers in lines:
                if self.least or any(isinstance(number, float) for number in numbers):
                    return None
                here = found.get(key, [0] * len(numbers))
                found[key] = [a + sign * b for a, b in zip(here, numbers, strict=True)]
        return ordered((key, numbers) for key, numbers in found.items() if numbers[0])


def tables_of(statement: Any) -> list[Table]:
    """Every table that a statement reads, wherever in it."""
    found = find_tables(statement, include_joins=True, include_selects=True, check_columns=True)
    return [table for table in found if isinstance(table, Table)]


def ordered(lines: Iterable[Line]) -> list[Line]:
    """By key, what has none first: databases put groups in orders of their own, or in none."""
    return sorted(lines, key=lambda line: (line[0] is not None, line[0]))


def summed(value: Any) -> Any:
    """SQL: the sum to six decimals, so that sums of parts make the same whole; nought where there is nothing."""
    return type_coerce(func.coalesce(func.sum(value), 0), Numeric(30, 6))


def by_reports(statement: Any, model: Any) -> Any:
    """The select, by the index of reports of this kind if it has one, whatever else the planner fancies."""
    hint = f"INDEXED BY ix_{model.__tablename__}_reports"
    return (
        statement.where(*reporting(model)).with_hint(model, hint, "sqlite") if model.reported else statement
    )


def reporting(model: Any) -> tuple[Any, ...]:
    """The condition that lets a statement go by the index of reports, where the kind has one."""
    return (text(REPORTING.replace("+", f"+{model.__tablename__}.")),) if model.reported else ()


def _least(one: Any, other: Any) -> Any:
    return min((value for value in (one, other) if value is not None), default=None)
