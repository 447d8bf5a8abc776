"""A PostgreSQL server of the suite's own, as a pytest plugin: `postgres_url` and `postgres_database`.

The server is started when the first test asks for it, once per xdist worker, in a temporary folder and
on a socket there; it listens on no network address. Tests that use it are marked `postgres`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from tools.machine import find_postgres

USER = "postgres"

# Speed before safety: what these tests prove does not depend on what survives a power cut.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}

FIXTURES = ("postgres_url", "postgres_server", "postgres_database")


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


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: there it is started as the user of Debian's package."""
    if os.geteuid() == 0:
        return ["runuser", "-u", USER, "--", *command]
    return command


def call(*command: str | Path) -> None:
    done = subprocess.run(
        as_postgres([str(part) for part in command]), capture_output=True, text=True, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def running_server(programs: Path) -> Iterator[Path]:
    """A started server; gives the folder of its socket, and removes everything afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="labapp-pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        call(
            programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        options = " ".join(f"-c {name}={value!r}" for name, value in SETTINGS.items())
        with_socket = f"{options} -c unix_socket_directories={str(folder)!r}"
        call(
            programs / "pg_ctl",
            "-D",
            data,
            "-o",
            with_socket,
            "-l",
            folder / "log",
            "-w",
            "-t",
            "60",
            "start",
        )
        try:
            yield folder
        finally:
            call(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """Folder of the socket of a running server."""
    programs = find_postgres() if hasattr(os, "geteuid") else None
    if programs is None:
        absent("PostgreSQL is not installed")
    with running_server(programs) as socket:
        yield socket


@pytest.fixture(scope="session")
def postgres_database(postgres_server: Path) -> Callable[[str], str]:
    """make(name): a new empty database of that name, in place of an earlier one. Returns its URL."""
    import psycopg

    def make(name: str) -> str:
        with psycopg.connect(
            host=str(postgres_server), user=USER, dbname="postgres", autocommit=True
        ) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://{USER}@/{name}?host={postgres_server}"

    return make


@pytest.fixture(scope="session")
def postgres_url(postgres_database: Callable[[str], str]) -> str:
    """URL of one empty database of this worker's own, for the whole run."""
    return postgres_database("labapp_test")
