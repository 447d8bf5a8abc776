"""A PostgreSQL server of the suite's own, as a pytest plugin: `postgres_url`, `postgres_database`, `postgres_site`.

The server is started when the first test asks for it, once per xdist worker, in a temporary folder and
on a socket there; it listens on no network address. Tests that use it are marked `postgres`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from flask import Flask

from tools.machine import find_postgres
from tools.postgres import USER as USER
from tools.postgres import new_database, running_server

Site = Callable[[str], AbstractContextManager[Flask]]

# Speed before safety: what these tests prove does not depend on what survives a power cut.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # nothing is written but by a test
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
}

FIXTURES = ("postgres_url", "postgres_server", "postgres_database", "postgres_site")


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for a PostgreSQL fixture carries the mark `postgres`."""
    for item in items:
        if any(name in getattr(item, "fixturenames", ()) for name in FIXTURES):
            item.add_marker(pytest.mark.postgres)


def absent(what: str) -> NoReturn:
    """Skip with a sentence, or fail with it in CI, where nothing may be left out."""
    sentence = f"{what} (`make test` installs it on Debian as root)."
    if os.environ.get("CI"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """Folder of the socket of a running server."""
    programs = find_postgres() if hasattr(os, "geteuid") else None
    if programs is None:
        absent("PostgreSQL is not installed")
    with running_server(programs, SETTINGS) as socket:
        yield socket


@pytest.fixture(scope="session")
def postgres_database(postgres_server: Path) -> Callable[[str], str]:
    """make(name): a new empty database of that name, in place of an earlier one. Returns its URL."""
    return lambda name: new_database(postgres_server, name)


@pytest.fixture(scope="session")
def postgres_site(postgres_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """with postgres_site(name) as app: the application in its context, over a new database of that name, migrated."""
    from labapp.app import create_app  # late: a run without PostgreSQL need not wait for it here
    from labapp.db import db, migrate

    @contextmanager
    def site(name: str) -> Iterator[Flask]:
        settings = {
            "TESTING": True,
            "DATA": tmp_path_factory.mktemp("postgres"),
            "SQLALCHEMY_DATABASE_URI": postgres_database(name),
            "WTF_CSRF_ENABLED": False,
            "RATELIMIT_ENABLED": False,
            "BABEL_DEFAULT_LOCALE": "en",
        }
        app = create_app(settings)
        with app.app_context():
            try:
                migrate.upgrade()
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()

    return site


@pytest.fixture(scope="session")
def postgres_url(postgres_database: Callable[[str], str]) -> str:
    """URL of one empty database of this worker's own, for the whole run."""
    return postgres_database("labapp_test")
