"""What the house survives: no act lost, none done twice, the log whole, and a person reads a sentence.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import http.client
import resource
import socket
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.oplog.models import Operation
from tests.many import Answer, Client, House, assert_whole, filled_house, leads_named, signed_in
from tests.postgres import SETTINGS
from tools.machine import find_postgres
from tools.postgres import call, new_database, running_server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
NEW = "/leads/new"
DURABLE = {**SETTINGS, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@pytest.fixture(scope="module")
def server(postgres_server: Path) -> Iterator[Path]:
    """The socket of a server of this module's own, which keeps what it confirmed."""
    programs = find_postgres()
    assert programs is not None
    with running_server(programs, DURABLE) as socket:
        yield socket


@pytest.fixture(scope="module")
def everything(server: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with filled_house(tmp_path_factory.mktemp("faults"), new_database(server, "labapp_faults")) as found:
        found[0].start_application()
        found[0].start_application()
        found[0].ready()
        found[0].start_nginx()
        yield found


@pytest.fixture
def two(everything: Any) -> House:
    found: House = everything[0]
    return found


@pytest.fixture
def cast(everything: Any) -> Any:
    return everything[1]


class Load:
    """Students who make leads through nginx until they are stopped, each the next only once the last was confirmed.

    What fails is sent again with the same form, as a person does who reads that it did not work.
    """

    def __init__(self, port: int, people: list[Any]) -> None:
        self.clients = [signed_in(person, port) for person in people]
        self.over = Event()
        self.confirmed: list[str] = []
        self.failures: list[Answer] = []
        self.sent = Event()
        self.threads = ThreadPoolExecutor(len(self.clients))
        self.running: list[Future[None]] = []

    def __enter__(self) -> "Load":
        self.running = [self.threads.submit(self._work, n, c) for n, c in enumerate(self.clients)]
        return self

    def wait_for(self, count: int) -> None:
        """Until so many more were confirmed."""
        goal = len(self.confirmed) + count
        while len(self.confirmed) < goal:
            self._stop_if_broken()
            self.sent.wait(5)
            self.sent.clear()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.threads.shutdown()
        for one in self.running:
            one.result()

    def _stop_if_broken(self) -> None:
        for one in self.running:
            if one.done():
                one.result()

    def _work(self, number: int, client: Client) -> None:
        made = 0
        while not self.over.is_set():
            name = f"load-{id(self)}-{number}-{made}"
            form = self._asked(client)
            if form is None:
                continue
            self._send(client, {**form, "name": name, "company": "Load"})
            self.confirmed.append(name)
            self.sent.set()
            made += 1

    def _asked(self, client: Client) -> dict[str, str] | None:
        try:
            return client.form(NEW, "name")
        except (AssertionError, OSError, http.client.HTTPException):
            self.over.wait(0.2)
            return None

    def _send(self, client: Client, form: dict[str, str]) -> None:
        """Until it is confirmed."""
        for _ in range(200):
            try:
                answer = client.post(NEW, form)
            except (OSError, http.client.HTTPException):
                answer = Answer(0, "", {})
            if answer.status == 302:
                return
            self.failures.append(answer)
            self.over.wait(0.2)
        raise AssertionError(f"never confirmed: {answer.status} {answer.text[:300]}")

    def assert_nothing_lost_or_doubled(self) -> None:
        assert self.confirmed
        assert {name: leads_named(name) for name in self.confirmed} == dict.fromkeys(self.confirmed, 1)
        assert leads_named(f"load-{id(self)}-%") == len(self.confirmed)
        for answer in self.failures:
            assert answer.status in {502, 503, 504}, (answer.status, answer.text[:500])
            assert "data-error-sentence" in answer.text
            assert "Traceback" not in answer.text


def test_an_application_killed_under_load(two: House, cast: Any) -> None:
    with Load(two.port, [cast.ben, cast.cy, cast.ada]) as load:
        load.wait_for(5)
        first = next(iter(two.applications))
        two.kill_application(first)
        load.wait_for(10)
    two.start_application(first)
    two.ready()
    load.assert_nothing_lost_or_doubled()
    assert_whole(cast.ben)


def test_one_form_posted_twice_by_a_retrying_proxy_while_the_first_is_killed(two: House, cast: Any) -> None:
    ben = signed_in(cast.ben, two.port)
    first, second = two.applications
    form = {**ben.form(NEW, "name"), "name": "Killed in between", "company": "Retry"}
    with ThreadPoolExecutor(2) as threads:
        broken = threads.submit(ben.post, NEW, form, first)
        two.kill_application(first)
        again = ben.post(NEW, form, second)
    assert broken.exception() is not None or broken.result().status == 302
    two.start_application(first)
    two.ready()
    assert again.status == 302
    assert leads_named("Killed in between") == 1
    assert_whole(cast.ben)


@pytest.mark.parametrize("way", ["fast", "immediate"])
def test_the_database_restarted_under_load(two: House, cast: Any, server: Path, way: str) -> None:
    programs = find_postgres()
    assert programs is not None
    with Load(two.port, [cast.ben, cast.cy, cast.ada]) as load:
        load.wait_for(5)
        call(programs / "pg_ctl", "-D", server / "data", "-m", way, "-w", "restart", "-l", server / "log")
        load.wait_for(10)
    db.session().invalidate()  # the connection of this test has ended too
    db.engine.dispose()
    load.assert_nothing_lost_or_doubled()
    assert_whole(cast.ben)


def test_a_clock_an_hour_off_on_one_machine(two: House, cast: Any, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(AHEAD, "utf-8")
    right = next(iter(two.applications))
    wrong = two.start_application(0, PYTHONPATH=str(tmp_path))
    try:
        two.ready()
        ben = signed_in(cast.ben, wrong)
        made = []
        for number in range(6):
            port = (wrong, right)[number % 2]
            form = {**ben.form(NEW, "name", port), "name": f"Clock {number}", "company": "Clock"}
            made.append(ben.post(NEW, form, port).status)
        assert made == [302] * 6
        assert leads_named("Clock %") == 6
        assert_whole(cast.ben)
        assert spread_of("Clock %") < 60
    finally:
        two.kill_application(wrong)


AHEAD = """
import datetime
import time

_time, _now = time.time, datetime.datetime


class Ahead(_now):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(_time() + 3600, tz)


time.time = lambda: _time() + 3600
datetime.datetime = Ahead
"""


def spread_of(name: str) -> float:
    """Seconds between the first and the last step that made a lead of this name, in lab time."""
    db.session.remove()
    made = select(Operation.lab_at).where(Operation.label.like(name), Operation.verb == "create")
    found = db.session.scalars(made).all()
    return (max(found) - min(found)).total_seconds()


def test_a_slow_client_keeps_nobody_waiting(two: House, cast: Any) -> None:
    ben, cy = signed_in(cast.ben, two.port), signed_in(cast.cy, two.port)
    form = ben.form(NEW, "name")
    slow = [http.client.HTTPConnection("127.0.0.1", two.port, timeout=60) for _ in range(12)]
    for (
        one
    ) in slow:  # more than both applications have threads: each says a little of its form, and then nothing
        one.putrequest("POST", NEW)
        one.putheader("Cookie", "; ".join(f"{k}={v}" for k, v in ben.cookies.items()))
        one.putheader("Content-Type", "application/x-www-form-urlencoded")
        one.putheader("Content-Length", "5000")
        one.endheaders(b"name=Slow")
    for number in range(3):
        form = {**cy.form(NEW, "name"), "name": f"Quick {number}", "company": "Slow"}
        assert cy.post(NEW, form).status == 302
    for one in slow:
        one.close()
    assert leads_named("Slow") == 0
    assert_whole(cast.cy)


SILENT = 10_000


def test_ten_thousand_connections_that_say_nothing(two: House, cast: Any) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < SILENT + 2_000:
        pytest.skip(f"this machine lets a process open {hard} files, and {SILENT} connections need more")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    silent: list[socket.socket] = []
    try:
        ben = signed_in(cast.ben, two.port)
        for _ in range(SILENT):
            silent.append(socket.create_connection(("127.0.0.1", two.port), timeout=30))
        for number in range(3):
            form = {**ben.form(NEW, "name"), "name": f"Heard {number}", "company": "Silence"}
            assert ben.post(NEW, form).status == 302
        assert signed_in(cast.cy, two.port).get("/leads/").status == 200
        first = silent[0]
        first.settimeout(60)
        assert first.recv(1) == b""  # who says nothing is let go
    finally:
        for one in silent:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert leads_named("Heard %") == 3
    assert_whole(cast.ben)
