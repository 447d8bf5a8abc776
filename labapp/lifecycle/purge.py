"""Purging a sandbox: everything of it goes, but not before an archive of it was read back, or was not wanted."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from labapp import clock
from labapp.db import connection, db
from labapp.jobs import GaveUp, Run
from labapp.lifecycle.asking import Progress, act_of, spoken
from labapp.lifecycle.making import fault, make, name_of_file
from labapp.lifecycle.manifest import CannotArchive
from labapp.lifecycle.models import Archive
from labapp.lifecycle.removal import remove
from labapp.lifecycle.states import LONGEST, STANDS, locked
from labapp.oplog.append import Act, append_act
from labapp.people.models import OPEN, PURGING, Course, Membership, Sandbox, new_stamp
from labapp.records.work import writing


def purge_sandbox(run: Run) -> None:
    """Purge the sandbox of this job. A run that was killed goes on: first the archive, then row by row."""
    with spoken(run):
        sandbox = db.session.get(Sandbox, run.args["sandbox_id"])
        if sandbox is not None and sandbox.name == run.args["name"]:
            if sandbox.state != PURGING:
                _keep(run, sandbox.id)
            progress = Progress(run, _("Taking everything out."))
            remove(run.args["sandbox_id"], progress)
        _tidy_course(run.args["course_id"])
        run.result = {"course_id": run.args["course_id"]}


def _keep(run: Run, sandbox_id: int) -> None:
    """Nobody writes any more; an archive is there and whole, or was not wanted; then it is unseen."""
    with writing():
        row = locked(sandbox_id)
        if row.state == OPEN:
            row.clock_base, row.clock_set_at = clock.lab_now(row), STANDS
            row.state, row.stamp = "frozen", new_stamp()
    kept = None if run.args.get("without_archive") else _archive(run, sandbox_id)
    with writing():
        row = locked(sandbox_id)
        course = db.session.get_one(Course, row.course_id)
        archive = {"archive": kept.file, "sha256": kept.sha256} if kept else {"archive": None}
        details = {"steps": row.last_step, **archive}
        row.state, row.stamp = PURGING, new_stamp()
        by = act_of(run)
        append_act(Act("sandbox.purge", by.account, course.name, row.name, details, by.address))


def _archive(run: Run, sandbox_id: int) -> Archive:
    """An archive that holds all there is and is whole: one that was made before, else a new one."""
    sandbox = db.session.get_one(Sandbox, sandbox_id)
    progress = Progress(run)
    progress.stage(_("Looking whether there is a whole archive."))
    query = select(Archive).where(Archive.sandbox_id == sandbox_id, Archive.steps == sandbox.last_step)
    for found in db.session.scalars(query.order_by(Archive.id.desc())).all():
        if not fault(found, progress):
            return found
    progress.stage(_("Writing the archive and reading it back."))
    try:
        number = make(sandbox_id, name_of_file(sandbox), act_of(run), progress)
    except CannotArchive as error:
        raise GaveUp(_("Nothing was purged. %(why)s", why=error)) from error
    return db.session.get_one(Archive, number)


def _tidy_course(course_id: int) -> None:
    """A course without any sandbox gives its name free; its rubrics stay for good (they are never taken out)."""
    with writing():
        course = db.session.get(Course, course_id, populate_existing=True)
        others = db.session.execute(select(Sandbox.id).where(Sandbox.course_id == course_id)).first()
        if course is None or others is not None or course.name.endswith(f"~{course_id}"):
            return
        waiting: Any = Membership.__table__
        connection().execute(
            waiting.delete().where(waiting.c.course_id == course_id, waiting.c.sandbox_id.is_(None))
        )
        end = f"~{course_id}"
        row: Any = Course.__table__
        closed = {"name": course.name[: LONGEST - len(end)] + end, "listed": False, "closed_at": clock.now()}
        connection().execute(update(row).where(row.c.id == course_id).values(**closed))
