"""From numbers of rows to what the rows are called in an archive, and back; looked up a chunk at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.tables import Cell, Part, names_column, row_tables

MOST = 20_000  # remembered of each table
ASKED = 500
T = TypeVar("T")


class Names:
    """What the rows of a sandbox are called, by table and number."""

    def __init__(self) -> None:
        self.known: dict[str, dict[int, Any]] = {}

    def learn(self, part: Part, rows: Iterable[Mapping[Any, Any]]) -> None:
        """Look up whatever these rows point at."""
        wanted: dict[str, set[int]] = {}
        for cell in part.cells:
            if cell.target or cell.kinds:
                for row in rows:
                    for number in numbers_in(cell, row):
                        wanted.setdefault(cell.table_in(row), set()).add(number)
        for table, numbers in wanted.items():
            self._learn(table, numbers)

    def _learn(self, name: str, numbers: set[int]) -> None:
        table = db.metadata.tables.get(name)
        if table is None or name not in row_tables():
            return
        known = self.known.setdefault(name, {})
        if len(known) > MOST:
            known.clear()
        for some in portions(sorted(numbers - known.keys())):
            query = select(table.c.id, names_column(table)).where(table.c.id.in_(some))
            known.update(
                (row[0], row[1]) for row in db.session.execute(query, execution_options={"seen_by": EVERYONE})
            )

    def of(self, table: str, number: int) -> Any:
        """What that row is called; what has no serial keeps its number."""
        if table not in row_tables():
            return number
        return self.known.get(table, {}).get(number)


def numbers_in(cell: Cell, row: Mapping[Any, Any]) -> Sequence[int]:
    value = row[cell.column.name]
    if value is None:
        return ()
    return value if cell.many else (value,)


def portions(found: Iterable[T], size: int = ASKED) -> Iterator[list[T]]:
    """So many at a time; by default as many as any database takes in one question."""
    left = iter(found)
    while some := list(islice(left, size)):
        yield some
