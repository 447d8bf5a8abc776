"""A database that nobody writes to while it is read as a whole: whoever serves it must have been stopped."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import Connection, NullPool, StaticPool, create_engine, text
from sqlalchemy.engine import URL

from labapp.db import db

OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


class InUse(Exception):
    """Another process has the database open. Says in a sentence what to do."""


@contextmanager
def standing_still() -> Iterator[Connection]:
    """A connection for reading the application's database, which nobody else writes to meanwhile.

    SQLite: alone with the file. PostgreSQL: every table locked against writing, in one snapshot. Raises InUse.
    """
    url = db.engine.url
    db.session.remove()
    db.engine.dispose()
    with _sqlite(url) if url.get_backend_name() == "sqlite" else _postgres(url) as connection:
        yield connection


@contextmanager
def _sqlite(url: URL) -> Iterator[Connection]:
    """A connection that is alone from its first look on: another's, even an idle one's, lets none be so."""
    driver = sqlite3.connect(str(Path(str(url.database)).absolute()), timeout=1, check_same_thread=False)
    with closing(driver):
        driver.isolation_level = None
        try:
            driver.execute("PRAGMA locking_mode=EXCLUSIVE")
            driver.execute("BEGIN EXCLUSIVE")
            driver.execute("SELECT count(*) FROM sqlite_master").fetchone()
            driver.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise InUse(_in_use()) from error
        engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


@contextmanager
def _postgres(url: URL) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            if connection.execute(OTHERS).scalar_one():
                raise InUse(_in_use())
            connection.rollback()
            quote = engine.dialect.identifier_preparer.quote
            names = ", ".join(quote(name) for name in db.metadata.tables)
            connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
            yield connection
    finally:
        engine.dispose()


def _in_use() -> str:
    return _("The database is in use. Stop the server and its workers first, then move.")
