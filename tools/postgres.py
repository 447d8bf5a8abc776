"""A PostgreSQL server of one's own: in a temporary folder, on a socket there, on no network address.

The tests and the benchmarks start it; no server that is already there is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"
COMMON = {"listen_addresses": "", "max_connections": "60", "shared_buffers": "128MB", "timezone": "UTC"}


def as_postgres(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root: there it is started as the user of Debian's package."""
    if os.geteuid() == 0:
        return ["runuser", "-u", USER, "--", *command]
    return command


def call(*command: str | Path) -> None:
    """Run one of its programs. Raises RuntimeError with what it said."""
    done = subprocess.run(
        as_postgres([str(part) for part in command]), capture_output=True, text=True, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def running_server(programs: Path, settings: Mapping[str, str]) -> Iterator[Path]:
    """A started server with these settings over the common ones; gives the folder of its socket.

    `programs` is the folder of initdb and pg_ctl. Everything is removed afterwards.
    """
    folder = Path(tempfile.mkdtemp(prefix="labapp-pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER)
        call(
            programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        options = " ".join(f"-c {name}={value!r}" for name, value in {**COMMON, **settings}.items())
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


def new_database(socket: Path, name: str) -> str:
    """A new empty database of that name, in place of an earlier one. Returns its URL."""
    import psycopg

    with psycopg.connect(host=str(socket), user=USER, dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://{USER}@/{name}?host={socket}"
