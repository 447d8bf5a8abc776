"""What is said differently to SQLite and to PostgreSQL. Only the dialect in use is read: PostgreSQL's takes a fortieth
of the time of a start.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

from sqlalchemy import Connection, Index, MetaData, TextClause

WHERE = "where"
T = TypeVar("T")


def insert(table: Any) -> Any:
    """An insert that can say what becomes of a conflict (`on_conflict_do_update`), for the database in use."""
    from labapp.db import is_sqlite

    if is_sqlite():
        from sqlalchemy.dialects.sqlite import insert as made
    else:
        from sqlalchemy.dialects.postgresql import insert as made  # type: ignore[assignment]  # one word for both
    return made(table)


def made_once(make: Callable[[], T]) -> Callable[[], T]:
    """Remembers what is made, such as a statement, for each kind of database that is in use in this process."""
    from labapp.db import is_sqlite

    @cache
    def remembered(_on_sqlite: bool) -> T:
        return make()

    return wraps(make)(lambda: remembered(is_sqlite()))


def partial(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """An index of some rows only. `complete` says it to PostgreSQL."""
    return Index(name, *columns, unique=unique, sqlite_where=where, info={WHERE: where})


def complete(metadata: MetaData) -> None:
    """Say to PostgreSQL which rows the partial indexes are of, before they are made or compared."""
    for table in metadata.tables.values():
        for index in table.indexes:
            if WHERE in index.info:
                index.dialect_options["postgresql"]["where"] = index.info[WHERE]


def before_making(metadata: MetaData, connection: Connection, **_: Any) -> None:
    """Listens for `before_create`."""
    if connection.dialect.name == "postgresql":
        complete(metadata)
