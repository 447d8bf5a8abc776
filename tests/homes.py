"""Where the database of the tests lives: a SQLite file, or a PostgreSQL server of the suite's own.

`pytest --database=postgresql` (or LABAPP_TEST_DATABASE=postgresql) runs whatever has a database over PostgreSQL. Either
way a test finds the template as it was made: in a copy of the file, or in tables put back as they were.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from labapp.db import db
from labapp.db.triggers import KEPT_TABLES
from tests.postgres import USER

DATABASES = ("sqlite", "postgresql")
HAVE_ONE = frozenset(("app", "app_once", "empty_url"))
ABOUT_SQLITE = "is about SQLite itself"
SCHEMA = frozenset(("pg_class", "pg_attribute", "pg_trigger", "pg_proc", "pg_constraint"))
VACUUM_EACH = 50
TEMPLATE = "template"
# What is generated is not put back: it comes by itself.
COLUMNS = (
    "SELECT quote_ident(column_name) FROM information_schema.columns "
    "WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position"
)


def chosen(config: pytest.Config) -> str:
    """The database of this run: `sqlite` or `postgresql`."""
    return str(config.getoption("--database"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=DATABASES,
        default=os.environ.get("LABAPP_TEST_DATABASE") or DATABASES[0],
        help="over which database the tests run (default: LABAPP_TEST_DATABASE, else sqlite)",
    )


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whatever has a database over the chosen home carries the mark `database`; what is SQLite's own is left out."""
    elsewhere = chosen(config) != "sqlite"
    for item in items:
        if HAVE_ONE.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)
        if elsewhere and item.get_closest_marker("sqlite"):
            item.add_marker(pytest.mark.skip(reason=ABOUT_SQLITE))


class Home(Protocol):
    """Where the application of this process has its database."""

    url: str

    def keep(self, name: str = TEMPLATE) -> None:
        """Keep what is in the database now as the template. Called once, without a connection left open.

        Under another name: what several tests begin with and is dear to make, where files are copied.
        """

    def renew(self, name: str = TEMPLATE) -> None:
        """Put the template in place of what is there."""

    def has(self, name: str) -> bool:
        """Whether something is kept under this name."""


class File:
    """A SQLite file in a folder, and its template beside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.sqlite"
        self.url = f"sqlite:///{self.path}"

    def _kept(self, name: str) -> Path:
        return self.path.with_name(f"{name}.sqlite")

    def keep(self, name: str = TEMPLATE) -> None:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        db.engine.dispose()
        shutil.copy(self.path, self._kept(name))

    def has(self, name: str) -> bool:
        return self._kept(name).exists()

    def renew(self, name: str = TEMPLATE) -> None:
        db.engine.dispose()
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copy(self._kept(name), self.path)


class Server:
    """A database of the server on this socket, and its template beside it.

    Copying a database of 800 files takes half a second of processor time, so that is done only where a test changed the
    schema, or left a connection that holds locks. Else what stands in the tables that were written is put back. No
    transaction number is given to who only reads, and every row says which transaction wrote it.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.url = f"postgresql+psycopg://{USER}@/labapp_unit?host={socket}"
        self.server = self._connect("postgres")
        self.server.execute("CREATE DATABASE labapp_unit")
        self.inside: Any = None
        self.mark, self.renewed = 0, 0
        self.rows: dict[str, int] = {}
        self.columns: dict[str, str] = {}
        self.last: dict[str, tuple[int, bool]] = {}

    def has(self, name: str) -> bool:
        return name == TEMPLATE

    def keep(self, name: str = TEMPLATE) -> None:
        if not self.has(name):
            return
        db.engine.dispose()
        with self._connect("labapp_unit") as once:
            once.execute("CREATE SCHEMA kept")
            for table in self._names(once, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                self.rows[table] = self._number(once, f"SELECT count(*) FROM {table}")
                once.execute(f"CREATE TABLE kept.{table} AS TABLE {table}")
                self.columns[table] = ", ".join(self._names(once, COLUMNS, (table,)))
            for name in self._names(
                once, "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
            ):
                self.last[name] = once.execute(f"SELECT last_value, is_called FROM {name}").fetchone()
        self.server.execute("CREATE DATABASE labapp_kept TEMPLATE labapp_unit STRATEGY FILE_COPY")
        self.inside = self._connect("labapp_unit")
        self.mark = self._next()

    def renew(self, name: str = TEMPLATE) -> None:
        from psycopg.errors import LockNotAvailable

        if self._next() == self.mark:
            return
        written = self._names(self.inside, self._question(), (self.mark,) * (len(self.rows) + len(SCHEMA)))
        try:
            if SCHEMA.intersection(written):
                self._copy()
            else:
                self._put_back(set(written))
        except LockNotAvailable:
            self._copy()
        self.mark = self._next()

    def close(self) -> None:
        self.server.close()
        if self.inside is not None:
            self.inside.close()

    def _question(self) -> str:
        """Which tables have other rows than they had, and has the schema changed?"""
        new = "EXISTS (SELECT FROM {0} WHERE xmin::text::bigint >= %s)"
        parts = [f"SELECT '{name}' WHERE {new.format(name)}" for name in sorted(SCHEMA)]
        for name, rows in self.rows.items():
            parts.append(
                f"SELECT '{name}' WHERE {new.format(name)} OR (SELECT count(*) FROM {name}) <> {rows}"
            )
        return " UNION ALL ".join(parts)

    def _put_back(self, written: set[str]) -> None:
        """The log lets itself be emptied where a sandbox is being purged; other tables of its kind do not."""
        said = self.inside.execute
        stubborn = sorted(written.intersection(KEPT_TABLES))
        with self.inside.transaction():
            said("SET LOCAL lock_timeout = '2s'")
            said("SET LOCAL session_replication_role = replica")  # a link may point at nothing for a moment
            said("UPDATE sandbox SET state = 'purging'")
            for table in stubborn:
                said(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table in (*sorted(written - {"sandbox"}), "sandbox"):
                said(f"DELETE FROM {table}")
                said(
                    f"INSERT INTO {table} ({self.columns[table]}) SELECT {self.columns[table]} FROM kept.{table}"
                )
            for table in stubborn:
                said(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuses_change")
                said(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuses_truncate")
            moved = " UNION ALL ".join(
                f"SELECT '{name}' FROM {name} WHERE (last_value, is_called) <> ({last}, {called})"
                for name, (last, called) in self.last.items()
            )
            for name in self._names(self.inside, moved):
                last, called = self.last[name]
                said(f"SELECT setval('{name}', {last}, {called})")
        self.renewed += 1
        if self.renewed % VACUUM_EACH == 0:
            said("VACUUM")

    def _copy(self) -> None:
        db.engine.dispose()
        self.inside.close()
        self.server.execute("DROP DATABASE IF EXISTS labapp_unit WITH (FORCE)")
        self.server.execute("CREATE DATABASE labapp_unit TEMPLATE labapp_kept STRATEGY FILE_COPY")
        self.inside = self._connect("labapp_unit")

    def _connect(self, name: str) -> Any:
        import psycopg

        return psycopg.connect(host=str(self.socket), user=USER, dbname=name, autocommit=True)

    def _names(self, connection: Any, question: str, values: tuple[object, ...] = ()) -> list[str]:
        return [row[0] for row in connection.execute(question, values or None)]

    def _number(self, connection: Any, question: str) -> int:
        return int(connection.execute(question).fetchone()[0])

    def _next(self) -> int:
        """The number that the next transaction that writes will have."""
        return self._number(self.server, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")


@pytest.fixture(scope="session")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The home of this run."""
    if chosen(request.config) == "sqlite":
        yield File(tmp_path_factory.mktemp("labapp"))
        return
    made = Server(request.getfixturevalue("postgres_server"))
    yield made
    made.close()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database in the home of this run."""
    if chosen(request.config) == "sqlite":
        return f"sqlite:///{tmp_path / 'labapp.sqlite'}"
    made: str = request.getfixturevalue("postgres_database")("labapp_empty")
    return made
