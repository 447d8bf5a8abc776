"""Asking for long work on a sandbox: one job at a time, however many people press the button."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp import clock, jobs
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.jobs import Job, Run
from labapp.lifecycle.states import locked
from labapp.oplog.append import Act
from labapp.people.models import Sandbox
from labapp.records.work import writing
from labapp.values import dataclass

ARCHIVE, CHECK, RESTORE = "sandbox.archive", "archive.check", "sandbox.restore"
ROLLOVER, RESET, PURGE = "course.rollover", "sandbox.reset", "sandbox.purge"
KINDS = (ARCHIVE, CHECK, RESTORE, ROLLOVER, RESET, PURGE)
EVERY = 0.3  # seconds between two words about progress
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Asker:
    """Who asks: the account, its name for the administration log, the address, the language to answer in."""

    account_id: int | None = None
    name: str | None = None
    address: str = ""
    locale: str = "en"

    @property
    def args(self) -> dict[str, Any]:
        return {"by": self.name, "address": self.address, "locale": self.locale}


def ask(kind: str, sandbox: Sandbox, args: dict[str, Any], asker: Asker) -> Job:
    """The job that does this to a sandbox: a new one, or the one that is asked for already and not over.

    Raises Invalid while other work on the sandbox is not over.
    """
    with writing():
        locked(sandbox.id)
        running = [job for job in unfinished(sandbox.course_id) if meets(job, kind, sandbox.id)]
        same = next((job for job in running if job.kind == kind and is_same(job, sandbox.id, args)), None)
        if same is None and running:
            raise Invalid(
                _l("Other work on %(name)s is not over yet. Try again when it is.", name=sandbox.name)
            )
        job = same or jobs.ask(
            kind,
            {**args, **asker.args},
            sandbox_id=sandbox.id,
            course_id=sandbox.course_id,
            account_id=asker.account_id,
        )
        job_id = job.id
    return db.session.get_one(Job, job_id, populate_existing=True)


def ask_alone(kind: str, args: dict[str, Any], asker: Asker) -> Job:
    """The same for work that belongs to no course yet: the restoring of a file."""
    with writing():
        query = (
            select(Job).where(Job.kind == kind, Job.state.in_((jobs.QUEUED, jobs.RUNNING))).order_by(Job.id)
        )
        same = next((job for job in db.session.scalars(query) if job.args.get("file") == args["file"]), None)
        job = same or jobs.ask(kind, {**args, **asker.args}, account_id=asker.account_id)
        job_id = job.id
    return db.session.get_one(Job, job_id, populate_existing=True)


def meets(job: Job, kind: str, sandbox_id: int) -> bool:
    """Whether a job touches what this work would touch: the sandbox, or the course as a whole."""
    return job.kind != CHECK and (ROLLOVER in {job.kind, kind} or job.sandbox_id == sandbox_id)


def is_same(job: Job, sandbox_id: int, args: dict[str, Any]) -> bool:
    """Whether a job is what is asked for; what it calls a file of its own choice does not matter."""
    wanted = {name: value for name, value in args.items() if name != "file" or Path(str(value)).is_absolute()}
    return job.sandbox_id == sandbox_id and all(job.args.get(name) == value for name, value in wanted.items())


def unfinished(course_id: int) -> list[Job]:
    """The long work on a course and its sandboxes that is not over, oldest first."""
    query = select(Job).where(
        Job.course_id == course_id, Job.kind.in_(KINDS), Job.state.in_((jobs.QUEUED, jobs.RUNNING))
    )
    return list(db.session.scalars(query.order_by(Job.id)))


def act_of(run: Run, action: str = "") -> Act:
    """Who asked, for the administration log."""
    return Act(action, run.args.get("by"), address=run.args.get("address") or "")


@contextmanager
def spoken(run: Run) -> Iterator[None]:
    """Sentences in the language of whoever asked."""
    with force_locale("en" if run.args.get("locale") == "en" else "zh_Hans_CN"):
        yield


@dataclass
class Progress:
    """Tells a job how far it is, beside whatever the work is reading; not more often than somebody looks."""

    run: Run
    message: str = ""
    before: int = 0
    total: int = 0
    last: float = field(default=0.0)

    def stage(self, message: str, resume: dict[str, Any] | None = None) -> None:
        """The next part of the work begins."""
        self.message = message
        self._write(0, 0, resume)

    def __call__(self, done: int, total: int) -> None:
        moment = clock.monotonic()
        if moment - self.last >= EVERY or done == total:
            self.last = moment
            self._write(done, total)

    def _write(self, done: int, total: int, resume: dict[str, Any] | None = None) -> None:
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # what the proxy stands for
        if "writing" in db.session.info:
            self.run.progress(done, total, self.message, resume)
            return
        with app.app_context():  # a session of its own
            self.run.progress(done, total, self.message, resume)
