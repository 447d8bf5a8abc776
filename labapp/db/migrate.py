"""Bringing a database to the present schema, under a lock and after a backup."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect

from labapp.db import db
from labapp.db.triggers import renew

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
VERSION_TABLE = "alembic_version"
LOCK = 0x6C6162617070  # the number of the advisory lock on PostgreSQL


class BrokenReferences(RuntimeError):
    """A migration left rows that point at nothing; everything was undone."""


def head() -> str:
    """The newest revision. Files are called `0001_what.py` after their revision, so nothing is imported."""
    return max(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py"))


def current(connection: Connection) -> str | None:
    """The revision of a database; None where no table has been made."""
    if VERSION_TABLE not in inspect(connection).get_table_names():
        return None
    found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608 (a name from this file)
    return str(found) if found else None


def needs_upgrade() -> bool:
    """Does the database of the running application lack a revision? Needs an application context."""
    with db.engine.connect() as connection:
        return current(connection) != head()


def is_empty() -> bool:
    """Has the database of the running application no table yet?"""
    with db.engine.connect() as connection:
        return current(connection) is None


def upgrade(
    before: Callable[[str], object] = lambda revision: None,
    after: Callable[[Connection, str], object] = lambda connection, revision: None,
) -> bool:
    """Bring the database to the newest revision; an empty one is made whole.

    Only one process does it, others wait and find it done. `before(revision)` is called first where there is
    something to lose: it makes the backup; `after(connection, revision)` last, in the same transaction. Returns
    whether anything was done. Raises BrokenReferences.
    """
    if not needs_upgrade():
        return False
    with _alone() as connection:
        found = current(connection)
        if found == head():
            return False
        if found:
            before(found)
        _run(connection)
        if found:
            after(connection, found)
        _check_references(connection)
    return True


@contextmanager
def making(before: Callable[[Connection], object]) -> Iterator[Connection]:
    """The schema, made in the database of the running application, in a transaction that goes on.

    Whoever fills it ends with all of it or with nothing. `before` looks at the connection first. Raises what that
    raises, and BrokenReferences.
    """
    with _alone() as connection:
        before(connection)
        _run(connection)
        yield connection
        _check_references(connection)


def create_all(connection: Connection | None = None) -> None:
    """The whole schema straight from the models, marked as the newest revision.

    For tests, which need many databases fast; a test holds it to what the migrations make.
    """
    if connection is None:
        with db.engine.begin() as connection:
            return create_all(connection)
    db.metadata.create_all(connection)
    renew(connection)
    connection.exec_driver_sql(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO {VERSION_TABLE} VALUES ('{head()}')")  # noqa: S608 (a name from this file)
    return None


def analyze() -> None:
    """Have PostgreSQL count anew after much was loaded: until then it joins as if the tables were empty."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


@contextmanager
def _alone() -> Iterator[Connection]:
    """A transaction that no other process migrates beside.

    SQLite: foreign keys are off, because a rebuilt table is dropped and the drop would cascade to its
    children; the pragma works only outside a transaction.
    """
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.connect().execution_options(labapp_write=True) as connection:
        if sqlite:
            _pragma(connection, "foreign_keys=OFF")
            _pragma(connection, "busy_timeout=600000")
        try:
            with connection.begin():
                if not sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
                yield connection
        finally:
            if sqlite:
                _pragma(connection, "foreign_keys=ON")
                _pragma(connection, "busy_timeout=10000")


def _pragma(connection: Connection, setting: str) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA {setting}")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
    if broken:
        raise BrokenReferences(", ".join(f"{row[0]} {row[1]} -> {row[2]}" for row in broken))


def config(connection: Connection) -> "Config":
    """Alembic's configuration for this connection, without a file."""
    from alembic.config import Config

    settings = Config(attributes={"connection": connection})
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def _run(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")
