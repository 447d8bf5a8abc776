"""Long work: a job is a row, written in the transaction that asks for it, with progress and resume point.

Who takes a job holds it as long as it gives signs of life: the database's clock counts them, so that machines whose
clocks disagree do not take work from one another. Every word of a worker about its job says whose try it is; one that
was silent too long and lost its job finds no row for it, stops, and what it was writing is undone.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import JSON, CursorResult, Index, String, Text, event, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from labapp.clock import now
from labapp.db import Model, begin_write, db, is_sqlite
from labapp.db.process import lives, me
from labapp.db.timing import database_now
from labapp.values import dataclass

QUEUED, RUNNING, DONE, FAILED = STATES = ("queued", "running", "done", "failed")
TRIES = 3
SILENT = timedelta(minutes=3)  # so long a worker that gives no sign of life keeps its job
BEAT = 30.0  # seconds between two signs of life
CHORES = 0x6C6162636872  # the number of the advisory lock of chores on PostgreSQL
POLL = 2.0  # seconds until a worker looks for jobs that other processes asked for
TICK = 60.0
FIRST = 2.0  # seconds until the worker beside a server begins: the first page goes before


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
    tries: int = 0  # which try this is

    def progress(
        self, done: int, total: int, message: str = "", resume: dict[str, Any] | None = None
    ) -> None:
        """Say how far it is, and where to go on after a kill.

        Inside a writing transaction it is kept with that one's rows, all or nothing; else in one of its own. Raises
        LostJob where another worker has it by now.
        """
        values: dict[str, Any] = {"progress": done, "total": total, "message": message}
        if resume is not None:
            self.resume = values["resume"] = resume
        if "writing" in db.session.info:
            _say(self, values)
        else:
            begin_write()
            _say(self, values)
            db.session.commit()
        if self.told is not None:
            self.told(done, total)


class GaveUp(Exception):
    """A job cannot be done, and its sentence is for the person who asked for it."""


class LostJob(Exception):
    """This worker was thought dead, and another has the job: whatever it was writing must not be kept."""


Doing = Callable[[Run], object]
Chore = Callable[[], "str | None"]
_doing: dict[str, Doing] = {}
_chores: dict[str, Chore] = {}
_active: set[int] = set()  # what the threads of this process are doing
_wake = Event()
wake = _wake.set  # have the worker of this process look at once
asked: list[Callable[[], object]] = [wake]  # called once there is a new job: its worker may be elsewhere


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
        for tell in asked:
            tell()


def _say(run: Run, values: dict[str, Any]) -> None:
    """Write something about a job that is this worker's, with a sign of life. Raises LostJob where it is not."""
    mine = (Job.id == run.id, Job.state == RUNNING, Job.worker == me(), Job.tries == run.tries)
    statement = update(Job).where(*mine).values(**values, heartbeat=database_now())
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise LostJob(run.id)


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
    job.state, job.worker, job.heartbeat, job.tries = RUNNING, me(), database_now(), job.tries + 1
    whose = job.sandbox_id, job.course_id, job.account_id
    return Run(job.id, dict(job.args), dict(job.resume), *whose, told=told, tries=job.tries)


def _do(run: Run, kind: str) -> None:
    """Do it and write down how it ended."""
    ended: dict[str, Any] = {"state": DONE}
    _active.add(run.id)
    try:
        with _beating(run):
            _doing[kind](run)
    except GaveUp as error:
        ended = {"state": FAILED, "message": str(error)}
    except LostJob:
        current_app.logger.warning("job %s (%s) was taken by another worker", run.id, kind)
    except Exception:
        current_app.logger.exception("job %s (%s) failed", run.id, kind)
        ended = {"state": FAILED, "message": ""}
    _end(run, {**ended, "result": run.result})
    _active.discard(run.id)


def _end(run: Run, values: dict[str, Any]) -> None:
    """Write down how a job ended, if it is still this worker's."""
    try:
        db.session.rollback()
        begin_write()
        _say(run, values)
        db.session.commit()
    except LostJob:
        db.session.rollback()
    finally:
        db.session.remove()


@contextmanager
def _beating(run: Run) -> Iterator[None]:
    """A thread beside the work gives signs of life, however long the work says nothing."""
    over = Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    beat = Thread(target=_beat, args=(app, run, over), name=f"beat-{run.id}", daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()


def _beat(app: Flask, run: Run, over: Event) -> None:
    while not over.wait(BEAT):
        with app.app_context():
            try:
                begin_write()
                _say(run, {})
                db.session.commit()
            except LostJob:
                return
            except DBAPIError:
                app.logger.warning("no sign of life of job %s could be written", run.id)
            finally:
                db.session.remove()


def work_off() -> int:
    """Do all waiting jobs here and now; returns how many."""
    count = 0
    while take() is not None:
        count += 1
    return count


def requeue() -> int:
    """Put back the jobs whose worker is gone; one that died three times has failed. Returns how many.

    A row that a worker is just writing to is nobody's to put back.
    """
    begin_write()
    count, at = 0, database_now()
    running = select(Job).where(Job.state == RUNNING).order_by(Job.id).with_for_update(skip_locked=True)
    for job in db.session.scalars(running):
        if not _is_gone(job, at):
            continue
        count += 1
        job.state = QUEUED if job.tries < TRIES else FAILED
        if job.state == FAILED:
            job.message = ""
    db.session.commit()
    _wake.set()
    return count


def _is_gone(job: Job, at: datetime) -> bool:
    """Its process has ended (on this machine), or it has given no sign of life for long."""
    if job.worker == me():
        return job.id not in _active
    host, _, number = job.worker.rpartition(":")
    if host == me().rpartition(":")[0] and number.isdigit() and not lives(int(number)):
        return True
    return job.heartbeat is None or at - job.heartbeat > SILENT


def tick() -> list[str]:
    """What is to be done now and then: jobs put back, then every chore. One that fails stops no other."""
    lines = []
    count = requeue()
    if count:
        lines.append(ngettext("%(num)s unfinished job put back", "%(num)s unfinished jobs put back", count))
    with _chores_alone() as alone:
        for name, function in sorted(_chores.items()) if alone else ():
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


@contextmanager
def _chores_alone() -> Iterator[bool]:
    """Whether no other worker does chores just now; none begins until the end. SQLite has workers of one machine."""
    if is_sqlite():
        yield True
        return
    with db.engine.begin() as held:
        yield bool(held.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({CHORES})").scalar())


class Worker:
    """Threads beside the server: one does jobs, one ticks once a minute. `first` is done before either."""

    def __init__(self, app: Flask, first: Callable[[], object] = lambda: None) -> None:
        self.app, self.first = app, first
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
        _wake.wait(FIRST)
        self._safely(self.first)
        while not self.ended.is_set():
            _wake.clear()
            self._safely(work_off)
            _wake.wait(POLL)

    def _ticks(self) -> None:
        self.ended.wait(FIRST)
        self._safely(self.first)
        while not self.ended.is_set():
            self._safely(tick)
            self.ended.wait(TICK)

    def _safely(self, function: Callable[[], object]) -> None:
        with self.app.app_context():
            try:
                function()
            except Exception:
                self.app.logger.exception("the worker stumbled")
