"""Processes that serve: the application by its own command or by gunicorn behind nginx, and the floors by the same
server set the same way."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from labapp.cli.run import SENT_AT_ONCE

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
PYTHON = [sys.executable]
LABAPP = [*PYTHON, "-c", "from labapp.cli import main; main()"]
GUNICORN = Path(__file__).parent.parent / "deploy" / "gunicorn.conf.py"


@dataclass(frozen=True)
class Served:
    """A process that answers on loopback, and others `beside` it. What one says on standard error goes to a file."""

    port: int
    pid: int
    said: Path
    beside: tuple["Served", ...] = ()

    @property
    def resident(self) -> float:
        """The memory it holds, in MiB (VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def complaints(self, word: str) -> int:
        """How many lines of what they said hold this word."""
        own = sum(word in line for line in self.said.read_text("utf-8", "replace").splitlines())
        return own + sum(one.complaints(word) for one in self.beside)


def serve(app: Any) -> None:
    """Serve a WSGI application with waitress and a door as `labapp run` has them; the address is printed."""
    from waitress.server import create_server

    from labapp.admission import Admission

    server = create_server(
        Admission(app, 1),
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
def application(folder: Path, url: str = "", processes: int | None = 1) -> Iterator[Served]:
    """`labapp run` over this folder, and over the database at this address if there is one.

    One process, as the floors have one; `processes` None: as many as the command finds best.
    """
    words = [] if processes is None else ["--processes", str(processes)]
    with _process([*LABAPP, "run", "--port", "0", *words], _environment(folder, url)) as served:
        yield served


@contextmanager
def floors(folder: Path, url: str = "") -> Iterator[Served]:
    """The floors over the database of this folder, or at this address."""
    with module("benchmarks.floors", str(folder), url) as served:
        yield served


@contextmanager
def module(name: str, *words: str) -> Iterator[Served]:
    """A module that calls `serve`."""
    with _process([*PYTHON, "-m", name, *words], dict(os.environ)) as served:
        yield served


@contextmanager
def many(folder: Path, url: str, processes: int) -> Iterator[Served]:
    """gunicorn as `deploy/` has it, so many of one process each, `labapp worker` beside them, nginx before them.

    Where there is no nginx it is one gunicorn with so many processes. The port is that of nginx, or of gunicorn; the
    process is the first gunicorn's.
    """
    environment = _environment(folder, url) | {"LABAPP_PROXY": "1", "LABAPP_BIND": "127.0.0.1:0"}
    gunicorn = [*PYTHON, "-m", "gunicorn", "-c", str(GUNICORN), "labapp.cli.wsgi:site()"]
    count = processes if find_nginx() else 1
    environment["LABAPP_PROCESSES"] = str(processes // count)
    with ExitStack() as stack:
        started = [
            stack.enter_context(_process(gunicorn, environment, at="stderr")) for _number in range(count)
        ]
        stack.enter_context(_started([*LABAPP, "worker"], environment))
        served, *others = started
        if find_nginx():
            port = stack.enter_context(nginx([one.port for one in started]))
            served = Served(port, served.pid, served.said, tuple(others))
        yield served


def find_nginx() -> str | None:
    """Where nginx is, if it is."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")


@contextmanager
def nginx(behind: Sequence[int]) -> Iterator[int]:
    """nginx before the servers at these ports; gives its own."""
    program = find_nginx()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="labapp-nginx-") as name, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.close()
        conf = Path(name) / "nginx.conf"
        conf.write_text(_nginx_conf(Path(name), port, behind), encoding="utf-8")
        command = [program, "-p", name, "-e", f"{name}/error.log", "-c", str(conf)]
        with _started(command, dict(os.environ)) as process:
            while not _answers(port):
                if _ended(process):
                    raise RuntimeError("nginx ended before it listened")
            yield port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _ended(process: subprocess.Popen[Any]) -> bool:
    """Has it ended? Gives it a moment."""
    try:
        process.wait(0.05)
    except subprocess.TimeoutExpired:
        return False
    return True


def _nginx_conf(folder: Path, port: int, behind: Sequence[int]) -> str:
    servers = " ".join(f"server 127.0.0.1:{number};" for number in behind)
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"    {place}_temp_path {folder}/{place};" for place in places)
    return f"""daemon off;
worker_processes 1;
pid {folder}/pid;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_timeout 75s;
    keepalive_requests 100000;
{temporary}
    upstream application {{ least_conn; {servers} keepalive 64; keepalive_timeout 15s; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            client_max_body_size 21m;
        }}
    }}
}}
"""


def _environment(folder: Path, url: str) -> dict[str, str]:
    environment = {**os.environ, "LABAPP_DATA": str(folder)}
    environment.pop("LABAPP_DATABASE_URL", None)
    return environment | ({"LABAPP_DATABASE_URL": url} if url else {})


@contextmanager
def _process(command: list[str], environment: dict[str, str], at: str = "stdout") -> Iterator[Served]:
    """A process that says on standard output, or on standard error, where it listens."""
    environment = {**environment, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a start finds the code compiled, as after the set-up
    with tempfile.TemporaryDirectory(prefix="labapp-said-") as name:
        said = Path(name) / "said.log"
        with said.open("wb") as errors:
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
            )
            try:
                assert process.stdout is not None
                port = _port(process.stdout) if at == "stdout" else _port(_lines(said, process))
                yield Served(port, process.pid, said)
            finally:
                process.terminate()
                process.wait(60)


def _lines(said: Path, process: subprocess.Popen[str]) -> Iterator[str]:
    """What a process writes to a file, line by line, until it ends."""
    with said.open(encoding="utf-8", errors="replace") as file:
        while not _ended(process):
            yield from file


@contextmanager
def _started(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[Any]]:
    """A process that says nothing of interest."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _port(lines: Iterator[str] | IO[str]) -> int:
    """The port in the first line that has an address. Raises RuntimeError where the process ends without one."""
    for line in lines:
        found = ADDRESS.search(line)
        if found:
            return int(found[1])
    raise RuntimeError("the server ended before it said where it listens")
