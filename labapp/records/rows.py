"""New rows written by Core: numbers given, the rows of a kind by one statement, with all that goes along.

The one place where many rows are written together; imports, bulk acts and set-up come here.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import class_mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict

from labapp.db import Record, Row, connection, db
from labapp.db.quick import Quick
from labapp.oplog.append import next_number
from labapp.records import after
from labapp.records.snapshot import kind_of


def new_row(model: Any, values: Mapping[str, Any]) -> Any:
    """A row that is to be written here: as its constructor makes it, in a tenth of the time."""
    row = class_mapper(model).class_manager.new_instance()
    instance_dict(row).update(values)
    return row


def give_numbers(rows: Sequence[Row]) -> None:
    """Serials, and the numbers that such records carry, in the order of the rows; all of one kind and sandbox."""
    if not rows:
        return
    sandbox_id = rows[0].sandbox_id
    first = next_number(sandbox_id, kind_of(type(rows[0])), len(rows))
    for offset, row in enumerate(rows):
        row.serial = first + offset
    _running_numbers([row for row in rows if isinstance(row, Record)])


def _running_numbers(rows: Sequence[Record]) -> None:
    months: dict[str, list[Any]] = {}
    for row in rows:
        prefix = row.number_prefix()
        if prefix is None:
            return
        months.setdefault(f"{prefix}{row.created_at:%Y%m}", []).append(row)
    for month, together in months.items():
        first = next_number(rows[0].sandbox_id, month, len(together))
        for offset, row in enumerate(together):
            row.number = f"{month}{first + offset:03d}"


def insert_rows(rows: Sequence[Row], later: after.Later | None = None) -> None:
    """Write new rows that have their numbers, all of one kind and sandbox; each knows its id afterwards.

    What they are found by is written with them, or kept for `later`.
    """
    if not rows:
        return
    table: Any = type(rows[0]).__table__
    columns = frozenset(_columns(type(rows[0])))
    values = [*map(instance_dict, rows)]
    for held in values:  # of new rows all that was said is held
        held.update(dict.fromkeys(columns.difference(held)))
    _storing(type(rows[0])).many(values)
    serials = [held["serial"] for held in values]
    query = select(table.c.serial, table.c.id).where(
        table.c.sandbox_id == rows[0].sandbox_id, table.c.serial.between(min(serials), max(serials))
    )
    ids = {row.serial: row.id for row in connection().execute(query)}
    for held in values:
        held["id"] = ids[held["serial"]]
    after.index_all([row for row in rows if isinstance(row, Record)], later)


def insert_row(row: Row) -> None:
    """Write one new row that has its number. It is the session's afterwards, as the ORM's flush would leave it."""
    held, model = instance_dict(row), type(row)
    for name, made in _defaults(model):
        if held.get(name) is None:
            held[name] = made({}) if callable(made) else made
    if any(held.get(name) is None for name in _made_by_database(model)):
        db.session.add(row)
        db.session.flush()
        return
    for name in _columns(model):
        held.setdefault(name, None)
    row.id = _inserting(model)(held).one().id
    make_transient_to_detached(row)
    db.session.add(row)


@cache
def _inserting(model: Any) -> Quick:
    table = model.__table__
    return Quick(insert(table).returning(table.c.id), _columns(model))


@cache
def _made_by_database(model: Any) -> tuple[str, ...]:
    return tuple(c.key for c in model.__table__.columns if c.server_default is not None)


@cache
def _storing(model: Any) -> Quick:
    return Quick(insert(model.__table__), _columns(model))


@cache
def _columns(model: Any) -> tuple[str, ...]:
    return tuple(column.key for column in model.__table__.columns if column.key != "id")


def defaults(model: Any) -> Mapping[str, Any]:
    """What the columns of a new row hold where nothing is said."""
    return {name: made({}) if callable(made) else made for name, made in _defaults(model)}


@cache
def _defaults(model: Any) -> tuple[tuple[str, Any], ...]:
    found = ((c.key, c.default) for c in model.__table__.columns if c.default is not None)
    return tuple((name, default.arg) for name, default in found)
