"""The demo class, served by the command that people use."""

import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Chromium in a container, without a word to anybody outside this machine.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

START_SECONDS = 120


@dataclass(frozen=True)
class Site:
    """A running server: its address (no slash at the end), what it printed at the start, its data folder."""

    url: str
    printed: str
    data: Path

    @property
    def password(self) -> str:
        """The password of everybody in the demo class, as printed."""
        found = re.search(r"[a-z]+-demo-\d{4}", self.printed)
        assert found, self.printed
        return found.group()


@contextmanager
def serving(data: Path) -> Iterator[Site]:
    """Serve the demo class out of that folder, and stop at the end.

    Raises RuntimeError with what the server printed if it ends before it serves.
    """
    command = [str(Path(sys.executable).parent / "labapp"), "run", "--demo", "--port", str(free_port())]
    environment = {**os.environ, "LABAPP_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    with (
        (data / "server.log").open("w") as log,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, cwd=data
        ) as server,
    ):
        try:
            url, printed = _wait_until_served(server)
            yield Site(url, printed, data)
        finally:
            server.terminate()
            server.communicate(timeout=START_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_served(server: subprocess.Popen[str]) -> tuple[str, str]:
    """Read what the server prints until it names its address and answers there: (address, lines so far)."""
    assert server.stdout is not None
    printed = ""
    for line in server.stdout:
        printed += line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found and _answers(found.group()):
            return found.group(), printed
    raise RuntimeError(f"The server ended ({server.wait()}) before it served:\n{printed}")


def _answers(address: str) -> bool:
    """Does /healthz say yes? The server has bound its port before it prints, so one question is enough."""
    with urllib.request.urlopen(f"{address}/healthz", timeout=START_SECONDS) as response:
        good: bool = response.status == 200
        return good
