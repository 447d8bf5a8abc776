"""Where a crowd's database is: a copy of a file, or a server of the benchmark's own, and how to ask it something."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask

from benchmarks.load import own_settings
from benchmarks.run import LEADS_EACH, SEATS, SMALL, Run
from labapp.app import create_app
from labapp.db import db
from tools.machine import find_postgres
from tools.postgres import new_database, running_server

T = TypeVar("T")
# Otherwise as PostgreSQL comes: a commit is on the disk before it is said to be done.
SETTINGS = {"shared_buffers": "512MB", "max_connections": "100"}


@dataclass
class Home:
    """A folder of data, and the address of a database elsewhere ('' for the file in the folder)."""

    folder: Path
    url: str = ""

    @cached_property
    def app(self) -> Flask:
        return create_app(own_settings(self.folder, self.url), extensions=[])

    def ask(self, question: Callable[[], T]) -> T:
        """Ask in an application's context, with nothing left open behind."""
        with self.app.app_context():
            try:
                return question()
            finally:
                db.session.remove()
                db.engine.dispose()


@contextmanager
def sqlite(run: Run, students: int) -> Iterator[Home]:
    """A class of so many students in a file."""
    yield Home(run.classroom(students))


@contextmanager
def postgres(run: Run, students: int) -> Iterator[Home]:
    """A class of so many students on a server of the benchmark's own."""
    leads, departments = max(SMALL, students * LEADS_EACH), -(-students // SEATS)
    with served(run) as socket:
        yield filled(run, socket, leads, departments)


@contextmanager
def served(run: Run) -> Iterator[Path]:
    """A PostgreSQL server; gives the folder of its socket. Raises RuntimeError where there is no PostgreSQL."""
    programs = find_postgres()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed: leave these parts out, or install it")
    with running_server(programs, SETTINGS) as socket:
        yield socket


def filled(run: Run, socket: Path, leads: int, departments: int, name: str = "bench") -> Home:
    """A new database with so many leads."""
    folder = run.folder / "pg"
    folder.mkdir(parents=True, exist_ok=True)
    url = new_database(socket, name)
    words: list[Any] = [str(folder), str(leads), "--url", url, "--departments", str(departments)]
    subprocess.run([sys.executable, "-m", "benchmarks.load", *words], check=True, stdout=sys.stderr)
    return Home(folder, url)
