"""Long work: asked for in a transaction, done once, taken up again after a kill."""

from datetime import timedelta
from threading import Event

import pytest
from flask import Flask

from labapp import jobs
from labapp.clock import now
from labapp.db import db
from labapp.jobs import DONE, FAILED, QUEUED, RUNNING, GaveUp, Job, Run
from labapp.people.models import Account
from labapp.records.work import writing

done: list[Run] = []


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the work of these tests is known."""
    monkeypatch.setattr(jobs, "_doing", {})
    monkeypatch.setattr(jobs, "_chores", {})
    done.clear()
    jobs.task("count")(done.append)


def asked(kind: str = "count", **args: int) -> int:
    with writing():
        return jobs.ask(kind, dict(args), sandbox_id=1).id


def job(number: int) -> Job:
    return db.session.get_one(Job, number, populate_existing=True)


def test_job_is_done_with_its_arguments(app: Flask) -> None:
    number = asked(rows=3)
    assert jobs.work_off() == 1
    assert (done[0].args, done[0].sandbox_id) == ({"rows": 3}, 1)
    assert job(number).state == DONE
    assert jobs.work_off() == 0


def test_job_of_a_transaction_that_fails_was_never_asked_for(app: Flask) -> None:
    def transaction() -> None:
        with writing():
            jobs.ask("count", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transaction()
    assert jobs.work_off() == 0


def test_nobody_asks_for_work_that_nobody_does(app: Flask) -> None:
    with pytest.raises(KeyError), writing():
        jobs.ask("unknown", {})


def test_jobs_are_done_in_the_order_they_were_asked_for(app: Flask) -> None:
    numbers = [asked(), asked(), asked()]
    jobs.work_off()
    assert [run.id for run in done] == numbers


def test_progress_goes_with_the_rows_it_tells_of(app: Flask) -> None:
    def work(run: Run) -> None:
        run.progress(1, 2, "half", {"next": 2})
        with writing():
            db.session.add(Account(name="Fay"))
            run.progress(2, 2, "whole", {"next": 3})
            raise GaveUp("half")

    jobs.task("count")(work)
    number = asked()
    jobs.work_off()
    found = job(number)
    assert (found.progress, found.total, found.resume) == (1, 2, {"next": 2})


def test_work_that_cannot_be_done_says_why(app: Flask) -> None:
    def work(run: Run) -> None:
        raise GaveUp("There is no such file.")

    jobs.task("count")(work)
    number = asked()
    jobs.work_off()
    assert (job(number).state, job(number).sentence) == (FAILED, "There is no such file.")


def test_error_ends_the_job_and_undoes_what_was_half_done(app: Flask) -> None:
    def work(run: Run) -> None:
        with writing():
            db.session.add(Account(name="Fay"))
            raise ZeroDivisionError

    jobs.task("count")(work)
    number = asked()
    jobs.work_off()
    assert job(number).state == FAILED
    assert job(number).sentence
    assert not db.session.scalars(db.select(Account).where(Account.name == "Fay")).all()


def left_running(worker: str, silent: timedelta = timedelta(0), tries: int = 1) -> int:
    with writing():
        row = Job(kind="count", state=RUNNING, worker=worker, heartbeat=now() - silent, tries=tries)
        row.resume = {"next": 7}
        db.session.add(row)
        db.session.flush()
        return row.id


HERE = jobs.me().rpartition(":")[0]


def test_job_of_a_killed_process_goes_on_where_it_was(app: Flask) -> None:
    number = left_running(f"{HERE}:4194999")
    assert jobs.requeue() == 1
    jobs.work_off()
    assert done[0].resume == {"next": 7}
    assert (job(number).state, job(number).tries) == (DONE, 2)


def test_job_of_a_living_process_is_left_to_it(app: Flask) -> None:
    number = left_running(f"{HERE}:1")
    left_running("another-machine:1")
    assert jobs.requeue() == 0
    assert job(number).state == RUNNING


def test_job_of_a_silent_machine_is_put_back(app: Flask) -> None:
    number = left_running("another-machine:1", silent=timedelta(minutes=11))
    assert jobs.requeue() == 1
    assert job(number).state == QUEUED


def test_job_that_killed_three_workers_has_failed(app: Flask) -> None:
    number = left_running(f"{HERE}:4194999", tries=3)
    jobs.requeue()
    assert job(number).state == FAILED
    assert job(number).sentence


def test_tick_does_every_chore_though_one_fails(app: Flask) -> None:
    def broken() -> str | None:
        raise ZeroDivisionError

    jobs.chore("a")(broken)
    jobs.chore("b")(lambda: "done")
    first, second = jobs.tick()
    assert first.startswith("a ")
    assert second == "done"


def test_worker_does_first_what_goes_before_all_work(app: Flask) -> None:
    done: list[str] = []
    over = Event()

    def count(_run: jobs.Run) -> None:
        done.append("job")
        over.set()

    jobs.task("count")(count)
    worker = jobs.Worker(app, lambda: done.append("first"))
    asked()
    worker.start()
    try:
        assert over.wait(20)
    finally:
        worker.stop()
        for thread in worker.threads:
            thread.join(20)
    assert done[0] == "first"


def test_worker_does_what_is_asked_for_while_it_runs(app: Flask) -> None:
    over = Event()
    jobs.task("count")(lambda run: over.set())
    worker = jobs.Worker(app)
    worker.start()
    try:
        asked()
        assert over.wait(20)
    finally:
        worker.stop()
        for thread in worker.threads:
            thread.join(20)
