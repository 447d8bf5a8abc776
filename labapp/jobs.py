"""Long work: a job is a row, written in the transaction that asks for it, with progress and resume point."""

import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import JSON, Index, String, Text, event, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from labapp.clock import now
from labapp.db import Model, begin_write, db

QUEUED, RUNNING, DONE, FAILED = STATES = ("queued", "running", "done", "failed")
TRIES = 3
SILENT = timedelta(minutes=10)
POLL = 2.0  # seconds until a worker looks for jobs that other processes asked for
TICK = 60.0


class Job(Model):
    """A piece of long work. `args`, `resume` and `result` are plain JSON; times are real time in UTC."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(8), default=QUEUED)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(Text, default="")
    resume: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    heartbeat: Mapped[datetime | None]
    sandbox_id: Mapped[int | None]
    course_id: Mapped[int | None]
    account_id: Mapped[int | None]

    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "sandbox_id", "id"),
        Index(None, "course_id", "id"),
    )

    @property
    def is_over(self) -> bool:
        return self.state in {DONE, FAILED}

    @property
    def sentence(self) -> str:
        """How it stands, for a person; what the work itself says goes first."""
        if self.message or self.state != FAILED:
            return self.message
        if self.tries >= TRIES:
            return str(_("It was broken off three times."))
        return str(_("It stopped with an error; the server's log says more."))


@dataclass
class Run:
    """A job while it is done: what the function that does it gets."""

    id: int
    args: dict[str, Any]
    resume: dict[str, Any]
    sandbox_id: int | None = None
    course_id: int | None = None
    account_id: int | None = None
    result: dict[str, Any] = field(default_factory=dict)
    told: "Callable[[int, int], None] | None" = None

    def progress(
        self, done: int, total: int, message: str = "", resume: dict[str, Any] | None = None
    ) -> None:
        """Say how far it is, and where to go on after a kill.

        Inside a writing transaction it is kept with that one's rows, all or nothing; else in one of its own.
        """
        values: dict[str, Any] = {"progress": done, "total": total, "message": message, "heartbeat": now()}
        if resume is not None:
            self.resume = values["resume"] = resume
        if db.session.info.get("writing"):
            _set(self.id, values)
        else:
            begin_write()
            _set(self.id, values)
            db.session.commit()
        if self.told is not None:
            self.told(done, total)


class GaveUp(Exception):
    """A job cannot be done, and its sentence is for the person who asked for it."""


Doing = Callable[[Run], object]
Chore = Callable[[], "str | None"]
_doing: dict[str, Doing] = {}
_chores: dict[str, Chore] = {}
_active: set[int] = set()  # what the threads of this process are doing
_wake = Event()


def task(kind: str) -> Callable[[Doing], Doing]:
    """Register what does jobs of this kind, in an application context and perhaps more than once."""

    def register(function: Doing) -> Doing:
        _doing[kind] = function
        return function

    return register


def chore(name: str) -> Callable[[Chore], Chore]:
    """Register something for every tick. It knows itself whether it is due, and returns a line or None."""

    def register(function: Chore) -> Chore:
        _chores[name] = function
        return function

    return register


def ask(kind: str, args: dict[str, Any], **whose: int | None) -> Job:
    """A new job in the running transaction; a worker takes it once that is committed.

    `whose`: sandbox_id, course_id, account_id. Raises KeyError for a kind that nobody does.
    """
    _doing[kind]
    job = Job(kind=kind, args=args, **whose)
    db.session.add(job)
    db.session.flush()
    db.session.info["asked"] = True
    return job


@event.listens_for(Session, "after_commit")
def _wake_workers(session: Session) -> None:
    if session.info.pop("asked", False):
        _wake.set()


def _set(job_id: int, values: dict[str, Any]) -> None:
    statement = update(Job).where(Job.id == job_id).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def me() -> str:
    """This process, so that others can see whether it still lives."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def take(job_id: int | None = None, told: Callable[[int, int], None] | None = None) -> Run | None:
    """Take the oldest waiting job, or this one if it waits. `told(done, total)` hears of progress here, too."""
    begin_write()
    query = select(Job).where(Job.state == QUEUED).order_by(Job.id).limit(1)
    if job_id is not None:
        query = query.where(Job.id == job_id)
    job = db.session.scalar(query.with_for_update(skip_locked=True))
    if job is None:
        db.session.rollback()
        return None
    run, kind = _begun(job, told), job.kind
    db.session.commit()
    _do(run, kind)
    return run


def do_now(kind: str, args: dict[str, Any], told: Callable[[int, int], None], **whose: int | None) -> Job:
    """Do a job at once and here, no worker takes it; if this process is killed, it is put back like any other."""
    begin_write()
    job = ask(kind, args, **whose)
    run = _begun(job, told)
    db.session.commit()
    _do(run, kind)
    return db.session.get_one(Job, run.id, populate_existing=True)


def see_through(job_id: int, told: Callable[[Job], object]) -> Job:
    """Have a job done, by this process unless another has taken it. `told` hears how it stands while one waits."""
    while True:
        take(job_id)
        db.session.rollback()
        job = db.session.get_one(Job, job_id, populate_existing=True)
        told(job)
        if job.is_over:
            return job
        requeue()
        _wake.clear()
        _wake.wait(POLL / 4)


def _begun(job: Job, told: Callable[[int, int], None] | None) -> Run:
    job.state, job.worker, job.heartbeat, job.tries = RUNNING, me(), now(), job.tries + 1
    return Run(
        job.id, dict(job.args), dict(job.resume), job.sandbox_id, job.course_id, job.account_id, told=told
    )


def _do(run: Run, kind: str) -> None:
    """Do it and write down how it ended."""
    ended: dict[str, Any] = {"state": DONE}
    _active.add(run.id)
    try:
        _doing[kind](run)
    except GaveUp as error:
        ended = {"state": FAILED, "message": str(error)}
    except Exception:
        current_app.logger.exception("job %s (%s) failed", run.id, kind)
        ended = {"state": FAILED, "message": ""}
    db.session.rollback()
    begin_write()
    _set(run.id, {**ended, "result": run.result, "heartbeat": now()})
    db.session.commit()
    db.session.remove()
    _active.discard(run.id)


def work_off() -> int:
    """Do all waiting jobs here and now; returns how many."""
    count = 0
    while take() is not None:
        count += 1
    return count


def requeue() -> int:
    """Put back the jobs whose worker is gone; one that died three times has failed. Returns how many."""
    begin_write()
    count = 0
    for job in db.session.scalars(select(Job).where(Job.state == RUNNING)):
        if not _is_gone(job):
            continue
        count += 1
        job.state = QUEUED if job.tries < TRIES else FAILED
        if job.state == FAILED:
            job.message = ""
    db.session.commit()
    _wake.set()
    return count


def _is_gone(job: Job) -> bool:
    """Its process has ended (on this machine), or it has said nothing for long."""
    if job.worker == me():
        return job.id not in _active
    host, _, number = job.worker.rpartition(":")
    if host == me().rpartition(":")[0] and number.isdigit() and not _lives(int(number)):
        return True
    return job.heartbeat is None or now() - job.heartbeat > SILENT


def _lives(number: int) -> bool:
    if os.name == "nt":
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def tick() -> list[str]:
    """What is to be done now and then: jobs put back, then every chore. One that fails stops no other."""
    lines = []
    count = requeue()
    if count:
        lines.append(ngettext("%(num)s unfinished job put back", "%(num)s unfinished jobs put back", count))
    for name, function in sorted(_chores.items()):
        try:
            line = function()
        except Exception:
            current_app.logger.exception("chore %s failed", name)
            line = _("%(name)s failed; the server's log says more.", name=name)
        finally:
            db.session.remove()
        if line:
            lines.append(line)
    return lines


class Worker:
    """Threads beside the server: one does jobs, one ticks once a minute."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.ended = Event()
        self.threads: Iterable[Thread] = [
            Thread(target=self._jobs, name="jobs", daemon=True),
            Thread(target=self._ticks, name="ticks", daemon=True),
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Let the running job end its step; it is taken up again at the next start."""
        self.ended.set()
        _wake.set()

    def _jobs(self) -> None:
        while not self.ended.is_set():
            _wake.clear()
            self._safely(work_off)
            _wake.wait(POLL)

    def _ticks(self) -> None:
        while not self.ended.is_set():
            self._safely(tick)
            self.ended.wait(TICK)

    def _safely(self, function: Callable[[], object]) -> None:
        with self.app.app_context():
            try:
                function()
            except Exception:
                self.app.logger.exception("the worker stumbled")
