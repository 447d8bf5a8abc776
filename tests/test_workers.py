"""Jobs among several workers on PostgreSQL: each is done once, and what a dead one left is taken up by another."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from labapp import jobs
from labapp.db import db
from labapp.db.timing import database_now
from labapp.jobs import DONE, QUEUED, RUNNING, SILENT, Job, Run
from labapp.people.models import Account
from labapp.records.work import writing
from tests.postgres import Site

pytestmark = pytest.mark.postgres
MANY = 40


@pytest.fixture(scope="module")
def app(postgres_site: Site) -> Iterator[Flask]:
    with postgres_site("labapp_workers") as made:
        yield made


@pytest.fixture(autouse=True)
def kinds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the work of these tests is known, and nothing waits."""
    monkeypatch.setattr(jobs, "_doing", {})
    monkeypatch.setattr(jobs, "_chores", {})
    jobs.task("count")(lambda run: None)
    yield
    db.session.remove()
    with writing():
        db.session.execute(Job.__table__.delete())


def asked(count: int = 1) -> list[int]:
    with writing():
        return [jobs.ask("count", {"number": number}).id for number in range(count)]


def at_once(app: Flask, count: int, act: Callable[[], Any]) -> list[Any]:
    """Several threads with a session and a connection of their own begin at one moment."""
    start = Barrier(count)

    def one(_number: int) -> Any:
        with app.app_context():
            start.wait(30)
            found = act()
            db.session.remove()
            return found

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def job(number: int) -> Job:
    db.session.remove()
    return db.session.get_one(Job, number)


def test_many_workers_do_each_job_once(app: Flask) -> None:
    done: list[int] = []
    jobs.task("count")(lambda run: done.append(run.id))
    numbers = asked(MANY)
    counts = at_once(app, 4, jobs.work_off)
    assert sorted(done) == numbers
    assert sum(counts) == MANY
    states = db.session.execute(select(Job.state, Job.tries).distinct()).all()
    assert states == [(DONE, 1)]


def test_what_several_find_dead_is_put_back_once(app: Flask) -> None:
    (number,) = asked()
    with writing():
        old = database_now() - SILENT - timedelta(seconds=5)
        db.session.execute(update(Job).values(state=RUNNING, worker="elsewhere:1", heartbeat=old, tries=1))
    assert sum(at_once(app, 4, jobs.requeue)) == 1
    assert job(number).state == QUEUED


def test_a_row_that_its_worker_is_writing_to_is_left_to_it(app: Flask) -> None:
    (number,) = asked()
    with writing():
        db.session.execute(update(Job).values(state=RUNNING, worker="elsewhere:1", heartbeat=None, tries=1))
    with writing():
        db.session.execute(update(Job).where(Job.id == number).values(progress=1))
        assert at_once(app, 1, jobs.requeue) == [0]
    assert jobs.requeue() == 1


def test_a_worker_that_lost_its_job_writes_nothing_more(app: Flask) -> None:
    told: list[str] = []

    def work(run: Run) -> None:
        if run.tries > 1:
            told.append("second")
            return
        with writing():  # meanwhile it is thought dead, and another worker does the job
            db.session.execute(
                update(Job).where(Job.id == run.id).values(worker="elsewhere:1", heartbeat=None)
            )
        at_once(app, 1, lambda: (jobs.requeue(), jobs.work_off()))
        told.append("first goes on")
        with writing():
            db.session.add(Account(name="Fay"))
            run.progress(1, 1)
        told.append("never")

    jobs.task("count")(work)
    (number,) = asked()
    jobs.work_off()
    assert told == ["second", "first goes on"]
    assert (job(number).state, job(number).tries) == (DONE, 2)
    assert db.session.scalar(select(func.count()).select_from(Account).where(Account.name == "Fay")) == 0


def test_long_silent_work_gives_signs_of_life(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BEAT", 0.05)
    beaten = Event()
    whole = jobs._say

    def say(run: Run, values: dict[str, Any]) -> None:
        whole(run, values)
        if not values:
            beaten.set()

    monkeypatch.setattr(jobs, "_say", say)
    jobs.task("count")(lambda run: beaten.wait(30))
    (number,) = asked()
    jobs.work_off()
    assert beaten.is_set()
    assert job(number).state == DONE


def test_chores_are_done_by_one_worker_at_a_time(app: Flask) -> None:
    begun, over, count = Event(), Event(), []

    def long() -> None:
        count.append(1)
        begun.set()
        over.wait(30)

    jobs.chore("long")(long)

    def second() -> None:
        begun.wait(30)
        with app.app_context():
            jobs.tick()
            db.session.remove()
        over.set()

    with ThreadPoolExecutor(2) as threads:
        other = threads.submit(second)
        jobs.tick()
        other.result()
    assert count == [1]


CHILD = """
import sys
from pathlib import Path
from labapp import jobs
from labapp.app import create_app
from labapp.db import db
from labapp.people.models import Account
from labapp.records.work import writing

def work(run):
    for number in range(run.resume.get("next", 0), 6):
        with writing():
            db.session.add(Account(name=f"made-{number}"))
            run.progress(number + 1, 6, resume={"next": number + 1})
        print(number, flush=True)
        if sys.argv[1] == "wait" and number == 2:
            sys.stdin.read()

app = create_app({"TESTING": True, "DATA": Path(sys.argv[2]), "SQLALCHEMY_DATABASE_URI": sys.argv[3]})
with app.app_context():
    jobs._doing.clear()
    jobs.task("count")(work)
    jobs.requeue()
    jobs.work_off()
"""


def test_a_killed_worker_s_job_goes_on_at_another_and_nothing_is_done_twice(app: Flask) -> None:
    (number,) = asked()
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    words = [sys.executable, "-c", CHILD, "wait", str(app.config["DATA"]), url]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert [first.stdout.readline().strip() for _ in range(3)] == ["0", "1", "2"]
        os.kill(first.pid, signal.SIGKILL)
    assert job(number).state == RUNNING
    words[3] = "go"
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout.split() == ["3", "4", "5"], done.stderr
    assert (job(number).state, job(number).tries) == (DONE, 2)
    made = db.session.scalars(
        select(Account.name).where(Account.name.like("made-%")).order_by(Account.id)
    ).all()
    assert made == [f"made-{one}" for one in range(6)]
