"""The rows of an archive on their way into this database: new numbers, the same serials and names.

A row may name one that comes later in the file: it is put in without, and told of it once all are there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Column, Table, bindparam, func, insert, select, text, update

from labapp.access.everyone import EVERYONE
from labapp.db import connection, db, is_sqlite
from labapp.db.quick import Quick
from labapp.lifecycle.manifest import BadArchive
from labapp.lifecycle.names import portions
from labapp.lifecycle.reading import Opened
from labapp.lifecycle.tables import ACCOUNT, Cell, Part, names_column, row_tables, target_of
from labapp.people.models import Position
from labapp.records.work import writing

AT_ONCE = 500
Rows = list[dict[str, Any]]


class Loader:
    """Puts the tables of one archive into one sandbox and its course.

    `account_id` is who restores it: theirs becomes what must belong to an account and cannot be told whose it was.
    """

    def __init__(self, archive: Opened, sandbox_id: int, course_id: int, account_id: int | None) -> None:
        self.archive = archive
        self.sandbox_id = sandbox_id
        self.course_id = course_id
        self.account_id = account_id
        self.whole: set[str] = set()
        self.numbers: dict[
            str, dict[Any, int]
        ] = {}  # of rows without serials, by what the archive calls them
        self.known: dict[str, dict[Any, int]] = {}
        self.given: dict[str, dict[str, Any]] = {}  # what every row of a table has
        self.stores: dict[str, Quick] = {}
        self.waiting: list[tuple[Part, set[str]]] = []  # columns that name what comes later

    def load(self, part: Part) -> None:
        """The rows of one table. Raises BadArchive for one that names what is not there."""
        late: set[str] = set()
        for rows in portions(self.archive.rows(part), AT_ONCE):
            with writing():
                late |= self._insert(part, rows)
        self.whole.add(part.name)
        if late:
            self.waiting.append((part, late))

    def finish(self) -> None:
        """The links that had to wait for tables behind their own, and the paths of positions."""
        for part, columns in self.waiting:
            cells = [cell for cell in part.cells if cell.column.name in columns]
            for rows in portions(self.archive.rows(part), AT_ONCE):
                with writing():
                    self._link(part, cells, rows)
        with writing():
            self._paths()

    # -- one portion ---------------------------------------------------------------------------------------------------

    def _insert(self, part: Part, rows: Rows) -> set[str]:
        """Put them in; returns the columns in which something named is not there yet."""
        numbers = self._new_numbers(part, len(rows))
        if part.own_id:
            own = self.numbers.setdefault(part.name, {})
            own.update(zip((row["id"] for row in rows), numbers, strict=True))
        self.learn(part, rows)
        late: set[str] = set()
        made = [self._row(part, row, number, late) for row, number in zip(rows, numbers, strict=True)]
        self._store(part, made)
        return late

    def _row(self, part: Part, row: dict[str, Any], number: int, late: set[str]) -> dict[str, Any]:
        fixed = self._fixed(part.table, number)
        made = {**row, **fixed}
        for cell in part.links:
            name = cell.column.name
            if name not in fixed and row.get(name) is not None:
                made[name] = self._found_or_later(part, cell, row, late)
        return made

    def _store(self, part: Part, rows: Rows) -> None:
        """Write them: quickly, where the file has a value for every column that would get one by itself."""
        if any(column.default is not None and column.name not in rows[0] for column in part.table.c):
            connection().execute(insert(part.table), rows)
            return
        if part.name not in self.stores:
            self.stores[part.name] = Quick(insert(part.table), list(rows[0]))
        self.stores[part.name].many(rows)

    def _fixed(self, table: Table, number: int) -> dict[str, Any]:
        """What does not come from the archive."""
        if table.name not in self.given:
            self.given[table.name] = self._given(table)
        found = self.given[table.name]
        return {**found, "id": number} if "id" in found else dict(found)

    def _given(self, table: Table) -> dict[str, Any]:
        """What every row of a table has that does not come from the archive."""
        given: dict[str, Any] = {"sandbox_id": self.sandbox_id, "course_id": self.course_id, "id": 0}
        found = {name: value for name, value in given.items() if name in table.c}
        for column in table.c:
            if target_of(column) == ACCOUNT:
                found[column.name] = None if column.nullable else self.account_id
        return found

    def _found_or_later(self, part: Part, cell: Cell, row: Mapping[str, Any], late: set[str]) -> Any:
        found = self.found(part, cell, row)
        if found is None:
            late.add(cell.column.name)
            return _nothing(cell.column)
        return found

    def found(self, part: Part, cell: Cell, row: Mapping[str, Any]) -> Any:
        """The number, or numbers, of what a row names; None where it is not there yet. Raises BadArchive."""
        table, value = cell.table_in(row), row[cell.column.name]
        known = self.known.get(table, {}) if table in row_tables() else self.numbers.get(table, {})
        numbers = [known.get(one) for one in (value if cell.many else [value])]
        if None not in numbers:
            return numbers if cell.many else numbers[0]
        if table in self.whole or table not in row_tables():
            raise BadArchive(
                _(
                    "%(name)s in it names %(table)s %(row)s, which is not there.",
                    name=part.path,
                    table=table,
                    row=value,
                )
            )
        return None

    def _link(self, part: Part, cells: Iterable[Cell], rows: Rows) -> None:
        self.learn(part, rows)
        key = part.table.c.serial
        for cell in cells:
            named = [row for row in rows if row[cell.column.name]]
            changes = [{"k": row["serial"], "v": self.found(part, cell, row)} for row in named]
            statement = (
                update(part.table)
                .where(part.table.c.sandbox_id == self.sandbox_id, key == bindparam("k"))
                .values({cell.column.name: bindparam("v", type_=cell.column.type)})
            )
            if changes:
                connection().execute(statement, changes)

    # -- numbers -------------------------------------------------------------------------------------------------------

    def _new_numbers(self, part: Part, count: int) -> list[int]:
        """Free numbers for so many rows; the write lock is held, so that nobody else takes them."""
        if "id" not in part.table.c or not part.table.c.id.primary_key:
            return [0] * count
        if is_sqlite():
            last = connection().execute(select(func.max(part.table.c.id))).scalar() or 0
            return list(range(last + 1, last + count + 1))
        drawn = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return list(connection().execute(drawn, {"name": part.name, "count": count}).scalars())

    def learn(self, part: Part, rows: Rows) -> None:
        """Look up the numbers of whatever these rows name."""
        wanted: dict[str, set[Any]] = {}
        for cell in part.links:
            for row in rows:
                value = row.get(cell.column.name)
                named = value if cell.many else (value,)
                wanted.setdefault(cell.table_in(row), set()).update(
                    one for one in named or () if one is not None
                )
        self.known = {}
        for name, names in wanted.items():
            table = db.metadata.tables.get(name)
            if table is not None and name in row_tables():
                self.known[name] = dict(self._numbers_of(table, names))

    def _numbers_of(self, table: Table, names: Iterable[Any]) -> Iterator[tuple[Any, int]]:
        called = names_column(table)
        for some in portions(sorted(names)):
            query = select(called, table.c.id).where(table.c.sandbox_id == self.sandbox_id, called.in_(some))
            for row in db.session.execute(query, execution_options={"seen_by": EVERYONE}):
                yield row[0], row[1]

    def _paths(self) -> None:
        """Paths of positions, from who stands above whom."""
        row: Any = Position.__table__
        query = select(row.c.id, row.c.parent_id).where(row.c.sandbox_id == self.sandbox_id)
        above = {found.id: found.parent_id for found in connection().execute(query)}
        paths = [{"k": number, "v": _path(number, above)} for number in above]
        if paths:
            connection().execute(
                update(row).where(row.c.id == bindparam("k")).values(path=bindparam("v")), paths
            )


def _nothing(column: Column[Any]) -> Any:
    """What stands in a column until it is known."""
    return None if column.nullable else 0


def _path(number: int, above: Mapping[int, int | None]) -> str:
    """'/1/4/9/'. Raises BadArchive where positions stand above each other."""
    chain: list[int] = []
    place: int | None = number
    while place is not None:
        if place in chain:
            raise BadArchive(_("Its positions stand above each other in a circle."))
        chain.append(place)
        place = above.get(place)
    return "/" + "".join(f"{part}/" for part in reversed(chain))
