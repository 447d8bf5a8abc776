"""What the semester page shows: the sandboxes of a course, its archives, and the work that is under way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import g
from sqlalchemy import func, or_, select

from labapp import clock, jobs
from labapp.db import db
from labapp.jobs import Job
from labapp.lifecycle.asking import KINDS, RESTORE
from labapp.lifecycle.making import path_of
from labapp.lifecycle.models import Archive
from labapp.people.directory import by_number
from labapp.people.enrol import UNSEEN_STATES
from labapp.people.models import ACTIVE, INSTRUCTOR, SIMULATED, Course, Membership, Sandbox
from labapp.values import dataclass

SHOWN = 200
MIB = 1 << 20
RECENT = timedelta(hours=1)


@dataclass(frozen=True)
class Line:
    """A sandbox: how it stands, and its newest archive that is whole."""

    sandbox: Sandbox
    members: int
    lab_now: datetime
    archive: Archive | None

    @property
    def is_kept(self) -> bool:
        """Whether that archive holds every step there is."""
        return self.archive is not None and self.archive.steps == self.sandbox.last_step


@dataclass(frozen=True)
class Kept:
    """An archive in the list."""

    row: Archive
    title: str
    here: bool

    @property
    def name(self) -> str:
        return Path(self.row.file).name

    @property
    def size(self) -> str:
        return f"{self.row.size / MIB:.1f} MiB"

    @property
    def is_there(self) -> bool:
        return path_of(self.row).is_file()


def lines(course_id: int) -> list[Line]:
    """The sandboxes of a course, also those put aside, in their order; not those still being opened."""
    query = select(Sandbox).where(
        Sandbox.course_id == course_id, Sandbox.state.not_in(("opening", "ready", "restoring"))
    )
    found = sorted(
        db.session.scalars(query), key=lambda row: (row.replaced_at is not None, by_number(row.name))
    )
    ids = [row.id for row in found]
    counted = (
        select(Membership.sandbox_id, func.count())
        .where(Membership.sandbox_id.in_(ids), Membership.state == ACTIVE, Membership.state != SIMULATED)
        .where(Membership.account_id.is_not(None))
        .group_by(Membership.sandbox_id)
    )
    members = {row[0]: row[1] for row in db.session.execute(counted)}
    newest = {row.sandbox_id: row for row in db.session.scalars(_whole(ids))}
    return [Line(row, members.get(row.id, 0), clock.lab_now(row), newest.get(row.id)) for row in found]


def _whole(ids: Sequence[int]) -> Any:
    """Their archives without a fault, oldest first."""
    return select(Archive).where(Archive.sandbox_id.in_(ids), Archive.wrong == "").order_by(Archive.id)


def archives(course_id: int | None) -> list[Kept]:
    """The archives of one's courses, those of this course first, the newest first."""
    query = select(Archive, Course.title).join(Course, Course.id == Archive.course_id).where(is_mine())
    found = db.session.execute(query.order_by(Archive.id.desc()).limit(SHOWN)).all()
    kept = [Kept(row, title, row.course_id == course_id) for row, title in found]
    return sorted(kept, key=lambda one: not one.here)


def is_mine() -> Any:
    """The condition on Course: one teaches it, or made it; for administrators any."""
    if g.account.administrator:
        return Course.id.is_not(None)
    taught = select(Membership.course_id).where(
        Membership.account_id == g.account.id, Membership.role == INSTRUCTOR, Membership.state == ACTIVE
    )
    return or_(Course.owner_account_id == g.account.id, Course.id.in_(taught))


def archive_of_mine(archive_id: int) -> Archive | None:
    """An archive of one's own courses."""
    query = (
        select(Archive)
        .join(Course, Course.id == Archive.course_id)
        .where(Archive.id == archive_id, is_mine())
    )
    return db.session.scalars(query).first()


def under_way(course_id: int) -> list[Job]:
    """The work on this course that is not over."""
    return _going(_of(course_id))


def lately(course_id: int) -> list[tuple[Job, str]]:
    """The last work that is over, newest first: the job, and the address of the course it made."""
    return _over(_of(course_id), course_id)


def restoring() -> list[Job]:
    """The restoring that one asked for and that is not over."""
    return _going(_restores())


def restored() -> list[tuple[Job, str]]:
    """The last restoring that one asked for and that is over, as `lately` gives it."""
    return _over(_restores(), None)


def _of(course_id: int) -> Any:
    """The work on this course, and one's own on what is no course's any more; restoring has a page of its own."""
    mine = or_(Job.course_id == course_id, (Job.course_id.is_(None)) & (Job.account_id == g.account.id))
    return Job.kind.in_(KINDS) & (Job.kind != RESTORE) & mine


def _restores() -> Any:
    return (Job.kind == RESTORE) & (Job.account_id == g.account.id)


def _going(which: Any) -> list[Job]:
    query = select(Job).where(which, Job.state.in_((jobs.QUEUED, jobs.RUNNING)))
    return list(db.session.scalars(query.order_by(Job.id)))


def _over(which: Any, course_id: int | None) -> list[tuple[Job, str]]:
    query = select(Job).where(
        which, Job.state.in_((jobs.DONE, jobs.FAILED)), Job.heartbeat > clock.now() - RECENT
    )
    found = db.session.scalars(query.order_by(Job.id.desc()).limit(3))
    return [(job, _made(job, course_id)) for job in found]


def _made(job: Job, course_id: int | None) -> str:
    """Where the course stands that a job made; '' where it made none, it is gone, or it is the one of this page."""
    made = job.result.get("course_id")
    if "sandbox_id" in job.result:
        made = db.session.scalar(select(Sandbox.course_id).where(Sandbox.id == job.result["sandbox_id"]))
    seen = select(Sandbox.course_id).where(Sandbox.state.not_in(UNSEEN_STATES))
    query = select(Course.id).where(Course.id == made, Course.id.in_(seen), is_mine())
    there = made is not None and db.session.scalar(query)
    return f"/instructor/courses/{made}" if there and made != course_id else ""
