"""Processes that serve: the application by its own command, the floors by the same server set the same way."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import Flask

from labapp.cli.run import SENT_AT_ONCE

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Served:
    """A process that answers on loopback."""

    port: int
    pid: int

    @property
    def resident(self) -> float:
        """The memory it holds, in MiB (VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def serve(app: Flask) -> None:
    """Serve with waitress as `labapp run` sets it; the address is printed."""
    from waitress.server import create_server

    server = create_server(
        app,
        listen="127.0.0.1:0",
        threads=8,
        connection_limit=2000,
        asyncore_use_poll=True,
        send_bytes=SENT_AT_ONCE,
        channel_timeout=20,
        cleanup_interval=5,
        ident=None,
    )
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


@contextmanager
def application(folder: Path) -> Iterator[Served]:
    """`labapp run` over this folder."""
    environment = {**os.environ, "LABAPP_DATA": str(folder)}
    environment.pop("LABAPP_DATABASE_URL", None)
    labapp = [sys.executable, "-c", "from labapp.cli import main; main()"]
    with _process([*labapp, "run", "--port", "0"], environment) as served:
        yield served


@contextmanager
def floors(folder: Path) -> Iterator[Served]:
    """The floors over the database of this folder."""
    with _process([sys.executable, "-m", "benchmarks.floors", str(folder)], dict(os.environ)) as served:
        yield served


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[Served]:
    environment = {**environment, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a start finds the code compiled, as after the set-up
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield Served(_port(process.stdout), process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _port(lines: IO[str]) -> int:
    """The port in the first line that has an address. Raises RuntimeError where the process ends without one."""
    for line in lines:
        found = ADDRESS.search(line)
        if found:
            return int(found[1])
    raise RuntimeError("the server ended before it said where it listens")
