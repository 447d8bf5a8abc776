"""Taking the rows and files of one sandbox out, in portions short enough for others to write between.

Only in the state `purging` do the triggers of the log let its rows go. Begun again after a kill it goes on.
"""

import shutil
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Table, delete, func, literal_column, select, update

from labapp.db import connection, db, is_sqlite
from labapp.lifecycle.tables import SANDBOX, belonging, sandbox_tables
from labapp.modules.attachments.storage import folder_of
from labapp.people.models import Sandbox
from labapp.records.work import writing

AT_ONCE = 2000
KEPT = frozenset({"job", "archive"})  # they tell of the sandbox when it is gone
Told = Callable[[int, int], object]


def remove(sandbox_id: int, told: Told = lambda done, total: None) -> None:
    """Take out everything of a sandbox, and the sandbox. It is unseen from the first moment on."""
    with writing():
        _set_state(sandbox_id)
    tables = [table for table in reversed(sandbox_tables()) if table.name not in KEPT]
    total = sum(_count(table, sandbox_id) for table in tables)
    done = 0
    for table in tables:
        done = _empty(table, sandbox_id, done, total, told)
    shutil.rmtree(folder_of(sandbox_id), ignore_errors=True)
    with writing():
        for name in KEPT:
            kept = db.metadata.tables[name]
            connection().execute(update(kept).where(kept.c.sandbox_id == sandbox_id).values(sandbox_id=None))
        row: Any = Sandbox.__table__
        connection().execute(delete(row).where(row.c.id == sandbox_id))
    db.session.expire_all()


def _set_state(sandbox_id: int) -> None:
    row: Any = Sandbox.__table__
    connection().execute(update(row).where(row.c.id == sandbox_id).values(state="purging"))


def _count(table: Table, sandbox_id: int) -> int:
    query = select(func.count()).select_from(table).where(belonging(table, SANDBOX, sandbox_id))
    return int(connection().execute(query).scalar_one())


def _empty(table: Table, sandbox_id: int, done: int, total: int, told: Told) -> int:
    """Take out the rows of one table. Those that name each other are parted first."""
    mine = belonging(table, SANDBOX, sandbox_id)
    place: Any = literal_column("rowid" if is_sqlite() else "ctid")
    for column in table.c:
        if any(key.column.table is table for key in column.foreign_keys) and column.nullable:
            _until_none(partial(_part, table, place, mine, column))
    some = select(place).select_from(table).where(mine).limit(AT_ONCE)
    gone = AT_ONCE
    while gone:
        with writing():
            gone = connection().execute(delete(table).where(place.in_(some))).rowcount
        done += gone
        told(min(done, total), total)
    return done


def _until_none(portion: Callable[[], int]) -> None:
    while portion():
        pass


def _part(table: Table, place: object, mine: object, column: object) -> int:
    """Have some rows name no other of the table."""
    some = select(place).select_from(table).where(mine, column.is_not(None)).limit(AT_ONCE)  # type: ignore[attr-defined, call-overload]
    with writing():
        parted = update(table).where(place.in_(some)).values({column.name: None})  # type: ignore[attr-defined]
        return int(connection().execute(parted).rowcount)
