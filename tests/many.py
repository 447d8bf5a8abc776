"""Two application processes over one PostgreSQL, a worker and nginx, as `deploy/` says: for tests of the whole.

Everything listens on this machine only, lies in one folder, and is ended by its own number.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select

from labapp.access.everyone import EVERYONE
from labapp.app import create_app
from labapp.db import begin_write, db, migrate
from labapp.lifecycle.verify import verify
from labapp.modules.leads.models import Lead
from labapp.oplog.models import Operation
from labapp.people.models import Course, Sandbox
from labapp.people.passwords import hash_password
from tests import world
from tests.playing import Forms
from tests.postgres import absent
from tests.world import PASSWORD, Person
from tools.machine import has_nginx

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
PROGRAMS = Path(sys.executable).parent
PATIENCE = 120


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def location(self) -> str:
        found = self.headers.get("location", "")
        return found if found.startswith("/") else urlsplit(found).path


@dataclass
class Client:
    """A student's browser: cookies, and forms as they are served. `port` may change between two requests."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, port: int | None = None) -> Answer:
        return self._ask("GET", path, None, port)

    def post(self, path: str, fields: dict[str, str], port: int | None = None, **headers: str) -> Answer:
        return self._ask("POST", path, fields, port, headers)

    def form(self, path: str, name: str, port: int | None = None) -> dict[str, str]:
        """The fields of the form on this page that asks for `name`."""
        page = self.get(path, port)
        found = [fields for _action, fields in Forms(page.text).found if name in fields]
        assert found, (path, page.status, page.text[:300])
        return found[0]

    def sign_in(self, login: str, port: int | None = None) -> Answer:
        form = self.form("/login", "password", port)
        return self.post("/login", {**form, "login": login, "password": PASSWORD}, port)

    def _ask(
        self, method: str, path: str, fields: Any, port: int | None, more: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=PATIENCE)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookies, "Accept-Language": "en", **(more or {})}
            body = urlencode(fields) if fields is not None else None
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request(method, path, body, headers)
            given = connection.getresponse()
            for line in given.msg.get_all("Set-Cookie") or ():
                for name, cookie in SimpleCookie(line).items():
                    self.cookies[name] = cookie.value
            text = given.read().decode("utf-8", "replace")
            return Answer(given.status, text, {k.lower(): v for k, v in given.getheaders()})
        finally:
            connection.close()


@dataclass
class House:
    """What runs: application processes by port, the worker, nginx at `port`."""

    folder: Path
    url: str
    environment: dict[str, str]
    applications: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    port: int = 0

    def start_application(self, port: int = 0, *before: str, **more: str) -> int:
        """gunicorn on this port (0: a free one), behind the words `before`. It may not answer yet; see `ready`."""
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", port))
            door.listen(1024)
            door.set_inheritable(True)
            port = door.getsockname()[1]
            words = [PROGRAMS / "gunicorn", "-c", DEPLOY / "gunicorn.conf.py", "labapp.cli.wsgi:site()"]
            environment = {**self.environment, "LABAPP_BIND": f"fd://{door.fileno()}", **more}
            self.applications[port] = self._start(
                [*before, *words], f"application-{port}", environment, (door.fileno(),)
            )
        return port

    def start_worker(self, *before: str, **more: str) -> subprocess.Popen[bytes]:
        made = self._start([*before, PROGRAMS / "labapp", "worker"], "worker", {**self.environment, **more})
        self.others.append(made)
        return made

    def _start(self, words: Any, name: str, environment: Any, files: Any = ()) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [str(word) for word in words],
                env=environment,
                stdout=log,
                stderr=log,
                pass_fds=files,
                cwd=ROOT,
                start_new_session=True,
            )

    def ready(self) -> None:
        """Wait until every application answers."""
        for port in self.applications:
            answer = Client(port).get("/healthz")
            assert answer.status == 200, self.said()

    def kill_application(self, port: int) -> None:
        """As if its machine were switched off: the whole group, at once."""
        gone = self.applications.pop(port)
        os.killpg(gone.pid, signal.SIGKILL)
        gone.wait(PATIENCE)

    def start_nginx(self) -> None:
        """nginx with the files of `deploy/`, without TLS, before the applications there are."""
        self.port = free_port()
        write_nginx(self.folder, self.port, list(self.applications))
        run_nginx(self.folder)

    def said(self) -> str:
        """What the processes wrote, for a failing test."""
        return "\n".join(log.read_text("utf-8")[-3000:] for log in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((self.folder / "nginx.pid").read_text("ascii")), signal.SIGTERM)
        running = [*self.applications.values(), *self.others]
        for process in running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for process in running:
            process.wait(PATIENCE)


@contextmanager
def house(folder: Path, url: str) -> Iterator[House]:
    """A house over this database, which must be filled; empty at first."""
    if not has_nginx():
        absent("nginx is not installed")
    data = folder / "data"
    data.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LABAPP_")}
    environment = {
        **kept,
        "LABAPP_DATA": str(data),
        "LABAPP_DATABASE_URL": url,
        "LABAPP_PROXY": "1",
        "LABAPP_PROCESSES": "1",
        "LABAPP_THREADS": "4",
        "PYTHONUNBUFFERED": "1",
    }
    made = House(folder, url, environment)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def filled_house(folder: Path, url: str, rubric: str = "") -> Iterator[tuple[House, SimpleNamespace]]:
    """A house over a new class, in whose application context the test stands, and the cast by name."""
    with house(folder, url) as made:
        data = Path(made.environment["LABAPP_DATA"])
        app = create_app(
            {"TESTING": True, "DATA": data, "SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": "another"}
        )
        with app.app_context():
            migrate.create_all()
            cast = world.build(password_hash=hash_password(PASSWORD))
            begin_write()
            db.session.scalars(select(Course)).one().rubric = rubric
            db.session.commit()
            db.session.remove()
            try:
                yield made, SimpleNamespace(**{name.lower(): person for name, person in cast.items()})
            finally:
                db.session.remove()
                db.engine.dispose()


def assert_whole(person: Person) -> None:
    """The log of this person's sandbox is whole, without a gap, and agrees with the tables."""
    db.session.remove()
    sandbox = db.session.get_one(Sandbox, person.sandbox_id, populate_existing=True)
    steps = select(func.count(), func.max(Operation.id)).where(Operation.sandbox_id == sandbox.id)
    assert db.session.execute(steps).one() == (sandbox.last_step, sandbox.last_step)
    moments = select(Operation.lab_at).where(Operation.sandbox_id == sandbox.id).order_by(Operation.id)
    found = db.session.scalars(moments).all()
    assert list(found) == sorted(found)
    assert verify(sandbox) is None


def leads_named(name: str) -> int:
    """How many leads of this name there are, whoever sees them; a name may end in %."""
    db.session.remove()
    query = select(func.count()).where(Lead.name.like(name)).select_from(Lead)
    return db.session.scalar(query, execution_options={"seen_by": EVERYONE}) or 0


def write_nginx(folder: Path, port: int, servers: list[int]) -> None:
    """The configuration of `deploy/nginx`, changed in what its comments say is to be changed, and without TLS."""
    site = (DEPLOY / "nginx" / "labapp.conf").read_text("utf-8")
    head, _redirect, rest = site.partition("server {\n    listen 80;")
    _redirected, _end, secure = rest.partition("\n}\n")
    lines = (head + secure).splitlines()
    found = []
    for line in lines:
        word = line.strip().partition(" ")[0]
        if word == "server" and "127.0.0.1:800" in line:
            if servers:
                rest_of_line = line.split("127.0.0.1:800")[1][1:]
                found += [f"    server 127.0.0.1:{one}{rest_of_line}" for one in servers]
                servers = []
        elif not word.startswith("ssl_"):
            found.append(line)
    text = "\n".join(found)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = text.replace("/var/cache/nginx/labapp", str(folder / "cache"))
    text = text.replace("/etc/nginx/labapp;", f"{DEPLOY / 'nginx'};")
    main = (DEPLOY / "nginx" / "nginx.conf").read_text("utf-8")
    main = main.replace("user www-data;", "user root;" if os.geteuid() == 0 else "")
    main = main.replace("/run/nginx.pid", str(folder / "nginx.pid"))
    main = main.replace("/etc/nginx/conf.d/*.conf", str(folder / "site.conf"))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"    {kind}_temp_path {folder / 'nginx' / kind};\n" for kind in kinds)
    main = main.replace("http {\n", "http {\n" + places)
    (folder / "nginx").mkdir(exist_ok=True)
    (folder / "site.conf").write_text(text, "utf-8")
    (folder / "nginx.conf").write_text(main, "utf-8")


def run_nginx(folder: Path, *more: str) -> None:
    """Start it, or with `-t` have it read its files. Raises RuntimeError with what it said."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin") or "nginx"
    words = [program, "-e", folder / "nginx-error.log", "-p", folder, "-c", folder / "nginx.conf", *more]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise RuntimeError(done.stderr)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def signed_in(person: Person, port: int) -> Client:
    """This person's browser, after signing in there."""
    client = Client(port)
    answer = client.sign_in(person.login)
    assert answer.status == 302, (answer.status, answer.text[:500])
    return client
