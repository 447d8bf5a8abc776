"""`labapp run` with two processes over one file of SQLite: both serve, and neither outlives the other by mistake."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import jobs
from labapp.cli import siblings
from labapp.cli.siblings import PROGRAM, Siblings, fitting
from tests.many import Client, House, assert_whole, filled_house, leads_named, signed_in

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="two processes are two forks")
LATE = 30.0  # seconds
WRITERS, EACH = 8, 6


def until(true: Callable[[], Any], what: str) -> Any:
    for _ in range(int(LATE / 0.02)):
        if found := true():
            return found
        Event().wait(0.02)
    raise AssertionError(what)


def children(number: int) -> list[int]:
    paths = Path(f"/proc/{number}/task").glob("*/children")  # of each of its threads
    return [int(word) for path in paths for word in path.read_text("ascii").split()]


def lives(number: int) -> bool:
    status = Path(f"/proc/{number}/stat")
    return status.exists() and status.read_text("ascii").rpartition(")")[2].split()[0] != "Z"


class Served:
    """`labapp run` with two processes."""

    def __init__(self, house: House) -> None:
        self.log = house.folder / "run.log"
        self.log.write_text("")
        words = ["-c", "from labapp.cli import main; main()", "run", "--port", "0", "--processes", "2"]
        self.process: subprocess.Popen[bytes] = house._start(
            (sys.executable, *words), "run", house.environment
        )
        self.first = self.process.pid
        self.port = int(until(self._address, "it says its address")[1])
        (self.second,) = until(lambda: children(self.first), "there is a second process")

    def _address(self) -> Any:
        return re.search(r"http://127\.0\.0\.1:(\d+)/\n", self.log.read_text("utf-8"))

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LATE)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def stop(self) -> None:
        for number in (self.first, self.second):
            if lives(number):
                os.kill(number, signal.SIGKILL)
        self.process.wait(LATE)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, SimpleNamespace]]:
    folder = tmp_path_factory.mktemp("siblings")
    url = f"sqlite:///{folder / 'data' / 'labapp.sqlite'}"
    with filled_house(folder, url) as (house, cast):
        del house.environment["LABAPP_PROXY"]
        yield house, cast


@pytest.fixture
def served(filled: tuple[House, SimpleNamespace]) -> Iterator[Served]:
    made = Served(filled[0])
    try:
        yield made
    finally:
        made.stop()


def assert_both_serve(served: Served) -> None:
    for number in (served.first, served.second):
        os.kill(number, signal.SIGSTOP)
        try:
            assert served.answers()
        finally:
            os.kill(number, signal.SIGCONT)


def test_both_serve_and_a_killed_second_gets_a_successor(served: Served) -> None:
    assert_both_serve(served)
    killed = served.second
    os.kill(killed, signal.SIGKILL)
    until(lambda: f"process {killed}" in served.log.read_text("utf-8"), "the log says so")
    assert served.answers()
    (served.second,) = until(lambda: children(served.first), "another begins")
    assert served.second != killed
    os.kill(served.first, signal.SIGSTOP)  # so that only the successor can answer
    try:
        assert served.answers()
    finally:
        os.kill(served.first, signal.SIGCONT)
    assert served.log.read_text("utf-8").count("The site is at") == 1
    os.kill(served.first, signal.SIGTERM)
    assert served.process.wait(LATE) == 0
    until(lambda: not lives(served.second), "the successor has ended, too")


def test_who_writes_in_either_is_never_told_that_the_database_is_locked(
    served: Served, filled: tuple[House, SimpleNamespace]
) -> None:
    cast = filled[1]
    people = [cast.ben, cast.cy, cast.ada, cast.dee] * (WRITERS // 4)

    def work(place: int) -> list[int]:
        client: Client = signed_in(people[place], served.port)
        form = client.form("/leads/new", "company")
        statuses = []
        for number in range(EACH):
            typed = {"name": f"W{place}", "company": f"Turn {place} {number}", "mobile": ""}
            fields = {**form, **typed, "email": f"w{place}x{number}@firm.test"}
            statuses.append(client.post("/leads/new", fields).status)
        return statuses

    with ThreadPoolExecutor(WRITERS) as pool:
        found = [status for statuses in pool.map(work, range(WRITERS)) for status in statuses]
    assert set(found) == {302}
    assert leads_named("W%") == WRITERS * EACH
    assert "database is locked" not in served.log.read_text("utf-8")
    assert_whole(cast.ben)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -9)])
def test_the_second_ends_with_the_first(served: Served, how: signal.Signals, code: int) -> None:
    assert served.answers()
    os.kill(served.first, how)
    assert served.process.wait(LATE) == code
    until(lambda: not lives(served.second), "the second has ended")


# -- the line between them -----------------------------------------------------------------------------------------


def test_the_second_tells_the_first_of_work_and_ends_when_it_is_gone(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken, ended = Event(), Event()
    monkeypatch.setattr(jobs, "wake", woken.set)
    monkeypatch.setattr(jobs, "asked", [])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(os, "kill", lambda number, how: ended.set())
    monkeypatch.setattr(os, "waitpid", lambda number, how: (number, 0))
    here, there = socket.socketpair()
    first, second = Siblings(app, 0, here), Siblings.second(app, there, there)
    first.lines = {12345: here}
    first.listen()
    second.listen()
    for tell in jobs.asked:
        tell()
    assert woken.wait(LATE)
    assert not ended.is_set()
    first.stop()
    assert ended.wait(LATE)
    for line in (here, there):
        line.close()


def test_a_process_with_threads_makes_no_other(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "active_count", lambda: 2)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("it was forked"))
    here, there = socket.socketpair()
    with here, there:
        assert Siblings(app, 1, here).lines == {}


def test_who_ends_at_once_again_and_again_is_made_anew_ever_later(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(os, "waitpid", lambda number, how: (number, 0))
    here, there = socket.socketpair()
    first, lines = Siblings(app, 0, here), [here, there]

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) == 8

    def another(ended: int) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        theirs.close()
        lines.append(ours)
        return ended + 1, ours

    monkeypatch.setattr(first.over, "wait", pause)
    monkeypatch.setattr(first, "_another", another)
    there.close()
    first._keep(1, here)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    for line in lines:
        line.close()


def test_a_successor_ends_where_the_database_is_of_another_version(tmp_path: Path) -> None:
    """The program may have been renewed meanwhile: it is not for the database that is served."""
    environment = {**os.environ, "LABAPP_DATA": str(tmp_path)}
    words = [sys.executable, "-c", PROGRAM, "init"]
    subprocess.run(words, env=environment, check=True, capture_output=True)
    with sqlite3.connect(tmp_path / "labapp.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    here, there = socket.socketpair()
    with here, there:
        lent = [str(line.fileno()) for line in (here, there)]
        words = [sys.executable, "-c", PROGRAM, "beside", *lent]
        ended = subprocess.run(
            words, env=environment, capture_output=True, check=False, pass_fds=[int(one) for one in lent]
        )
    assert ended.returncode == 1
    assert b"older version" in ended.stderr


def test_as_many_serve_as_there_are_cores_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings.sys, "platform", "linux")
    for cores, processes in ((1, 1), (2, 2), (16, 2)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)))
        assert fitting() == processes
    monkeypatch.setattr(siblings.sys, "platform", "win32")
    assert fitting() == 1
