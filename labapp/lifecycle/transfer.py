"""Every row of one database into another, of whichever kind, and the proof that they are the same.

Rows are read as what the models say they are (moments, decimals, truths), so that it does not matter how either of the
two keeps them. JSON goes over as its text: its numbers, its order and the difference between null and nothing stay.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    cast,
    func,
    insert,
    inspect,
    select,
    tuple_,
    type_coerce,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import AddConstraint, DropConstraint

from labapp.db import db
from labapp.db.migrate import VERSION_TABLE
from labapp.db.triggers import is_made_here
from labapp.lifecycle.tables import is_json
from labapp.values import dataclass

AT_ONCE, TOLD_EACH = 500, 50_000
WHOLE = 1 << 256
Say = Callable[[str, int], None]  # the table, and how many of its rows have been copied


class CannotMove(Exception):
    """Says in a sentence why nothing was moved. The target is as empty as it was."""


@dataclass
class Total:
    """The rows of a table: how many, and a sum of their SHA-256 that does not depend on their order."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        found = sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).digest()
        self.digest = (self.digest + int.from_bytes(found, "big")) % WHOLE

    @property
    def short(self) -> str:
        """Enough of the sum to compare by eye."""
        return f"{self.digest:064x}"[:16]


@dataclass
class Moved:
    """What was moved: the sum of each table, and the tables of the source that are not the program's."""

    totals: dict[str, Total] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)


def tables() -> list[Table]:
    """Every table of the program, those that are pointed at before those that point."""
    return list(db.metadata.sorted_tables)


def require_empty(target: Connection) -> None:
    """Raises CannotMove where the target has any table."""
    found = sorted(inspect(target).get_table_names())
    if found:
        raise CannotMove(
            _(
                "The target is not empty: it has %(count)s tables, %(name)s among them. Name a new database.",
                count=len(found),
                name=found[0],
            )
        )


def move(source: Connection, target: Connection, say: Say = lambda table, rows: None) -> Moved:
    """Copy every table into the empty tables of the target and compare. Both are transactions of the caller's.

    Raises CannotMove; the caller then rolls the target back.
    """
    moved = Moved(foreign=_foreign(source))
    for table in tables():
        total = moved.totals[table.name] = _copy(table, source, target, say)
        _set_sequence(table, target)
        if total != total_of(table, target):
            raise CannotMove(_difference(table, source, target))
    return moved


def _foreign(source: Connection) -> list[str]:
    known = {table.name for table in tables()} | {VERSION_TABLE}
    names = inspect(source).get_table_names()
    return sorted(name for name in names if name not in known and not is_made_here(name))


def _copy(table: Table, source: Connection, target: Connection, say: Say) -> Total:
    """Copy one table. Its links to itself are checked when all rows are there."""
    total = Total()
    say(table.name, 0)
    own = [key for key in table.foreign_key_constraints if key.referred_table is table]
    loose: list[ForeignKeyConstraint] = own if target.dialect.name != "sqlite" else []
    try:
        for key in loose:
            target.execute(DropConstraint(key))
        for rows in _chunks(table, source):
            for row in rows:
                total.add(row)
            _put(table, rows, target)
            if total.rows % TOLD_EACH < AT_ONCE:
                say(table.name, total.rows)
        for key in loose:
            target.execute(AddConstraint(key))
    except (SQLAlchemyError, _driver_error(target), ValueError) as error:
        why = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise CannotMove(_("Table %(table)s was not copied: %(why)s", table=table.name, why=why)) from error
    return total


def _driver_error(connection: Connection) -> type[Exception]:
    found: type[Exception] = connection.dialect.loaded_dbapi.Error
    return found


def _read(column: Column[Any], dialect: str) -> Any:
    """The column as it is read: by its type, JSON as text."""
    if not is_json(column):
        return column
    return type_coerce(column, Text) if dialect == "sqlite" else cast(column, Text)


def _reading(table: Table, connection: Connection) -> Any:
    return select(*(_read(column, connection.dialect.name).label(column.name) for column in table.c))


def _chunks(table: Table, connection: Connection) -> Iterator[Sequence[Any]]:
    """The rows of a table, some hundred at a time; the whole is never in memory."""
    query = _reading(table, connection).order_by(*table.primary_key)
    options = {"stream_results": True, "yield_per": AT_ONCE}
    with connection.execute(query, execution_options=options) as result:
        yield from result.partitions()


def _put(table: Table, rows: Sequence[Any], target: Connection) -> None:
    if target.dialect.name == "sqlite":
        values = {c.name: type_coerce(_bind(c), Text) if is_json(c) else _bind(c) for c in table.c}
        target.execute(insert(table).values(values), [_named(row) for row in rows])
        return
    quote = target.dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.c)
    driver: Any = target.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as into,
    ):
        for row in rows:
            into.write_row(row)


def _bind(column: Column[Any]) -> Any:
    from sqlalchemy import bindparam

    return bindparam(f"v_{column.name}", type_=Text() if is_json(column) else column.type)


def _named(row: Any) -> dict[str, Any]:
    return {f"v_{name}": value for name, value in row._mapping.items()}


def _set_sequence(table: Table, target: Connection) -> None:
    """The next row gets a number of its own. SQLite counts on from the last row by itself."""
    column = table.autoincrement_column
    if column is None or not isinstance(column.type, Integer) or target.dialect.name == "sqlite":
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    last = select(func.max(column)).scalar_subquery()
    target.execute(select(func.setval(sequence, last)).where(last.is_not(None), sequence.is_not(None)))


def total_of(table: Table, connection: Connection) -> Total:
    """Read a table again, and sum it up."""
    total = Total()
    for rows in _chunks(table, connection):
        for row in rows:
            total.add(row)
    return total


def _difference(table: Table, source: Connection, target: Connection) -> str:
    """The sentence about the first row that is not as it was."""
    for rows in _chunks(table, source):
        there = _same(table, rows, target)
        for row in rows:
            key = _key(table, row)
            other = there.get(key)
            if other is None:
                return _("Table %(table)s: row %(key)s is missing in the target.", table=table.name, key=key)
            for column, was, is_now in zip(table.c, row, other, strict=True):
                if repr(was) != repr(is_now):
                    return _(
                        "Table %(table)s, row %(key)s: %(column)s was %(was)s and is %(now)s in the target.",
                        table=table.name,
                        key=key,
                        column=column.name,
                        was=repr(was)[:80],
                        now=repr(is_now)[:80],
                    )
    return _("Table %(table)s has rows in the target that the source does not have.", table=table.name)


def _key(table: Table, row: Any) -> str:
    return "/".join(str(row._mapping[column.name]) for column in table.primary_key)


def _same(table: Table, rows: Sequence[Any], target: Connection) -> dict[str, Any]:
    """The rows of the target with the keys of these, by key."""
    keys = [tuple(row._mapping[column.name] for column in table.primary_key) for row in rows]
    query = _reading(table, target).where(tuple_(*table.primary_key).in_(keys))
    return {_key(table, row): row for row in target.execute(query)}
