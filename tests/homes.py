"""Where the database of the tests lives: a SQLite file, or a PostgreSQL server of the suite's own.

`pytest --database=postgresql` (or LABAPP_TEST_DATABASE=postgresql) runs whatever has a database over PostgreSQL. Either
way a test finds the template as it was made: a copy of the file, or a copy of the database, which is made only if the
test before wrote anything.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from labapp.db import db
from tests.postgres import USER

DATABASES = ("sqlite", "postgresql")
HAVE_ONE = frozenset(("app", "app_once", "empty_url"))
ABOUT_SQLITE = "is about SQLite itself"


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

    def keep(self) -> None:
        """Keep what is in the database now as the template. Called once, without a connection left open."""

    def renew(self) -> None:
        """Put the template in place of what is there."""


class File:
    """A SQLite file in a folder, and its template beside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.sqlite"
        self.kept = folder / "template.sqlite"
        self.url = f"sqlite:///{self.path}"

    def keep(self) -> None:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
        db.engine.dispose()
        shutil.copy(self.path, self.kept)

    def renew(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copy(self.kept, self.path)


class Server:
    """A database of the server on this socket, and its template beside it.

    Copying the files takes a third of the time of copying through the log, and less than emptying and filling tables.
    No transaction number is given to who only reads: where none was, the copy of the test before is as good as new.
    """

    def __init__(self, socket: Path) -> None:
        import psycopg

        self.url = f"postgresql+psycopg://{USER}@/labapp_unit?host={socket}"
        self.server: Any = psycopg.connect(host=str(socket), user=USER, dbname="postgres", autocommit=True)
        self.server.execute("CREATE DATABASE labapp_unit")
        self.next = -1

    def keep(self) -> None:
        db.engine.dispose()
        self.server.execute("ALTER DATABASE labapp_unit RENAME TO labapp_kept")

    def renew(self) -> None:
        if self._next() == self.next:
            return
        self.server.execute("DROP DATABASE IF EXISTS labapp_unit WITH (FORCE)")
        self.server.execute("CREATE DATABASE labapp_unit TEMPLATE labapp_kept STRATEGY FILE_COPY")
        self.next = self._next()

    def _next(self) -> int:
        found = self.server.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
        return int(found[0])


@pytest.fixture(scope="session")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The home of this run."""
    if chosen(request.config) == "sqlite":
        yield File(tmp_path_factory.mktemp("labapp"))
        return
    made = Server(request.getfixturevalue("postgres_server"))
    yield made
    made.server.close()


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database in the home of this run."""
    if chosen(request.config) == "sqlite":
        return f"sqlite:///{tmp_path / 'labapp.sqlite'}"
    made: str = request.getfixturevalue("postgres_database")("labapp_empty")
    return made
