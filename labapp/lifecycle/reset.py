"""A sandbox begins anew: the old one is archived and put aside, a fresh one of the same people takes its place."""

from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.jobs import GaveUp, Run
from labapp.lifecycle.asking import Progress, act_of, spoken
from labapp.lifecycle.making import make
from labapp.lifecycle.manifest import CannotArchive
from labapp.lifecycle.removal import remove
from labapp.lifecycle.states import freeze_here, locked
from labapp.oplog.append import Act
from labapp.people.models import ARCHIVED, FROZEN, OPEN, OPENING, PURGING, READY, Sandbox
from labapp.records.work import writing
from labapp.scenario.late import fresh_beside, take_over


def reset_sandbox(run: Run) -> None:
    """Reset the sandbox of this job: frozen, archived, a fresh one made unseen, then both change places at once.

    A run that was killed goes on with what stands already. Until the last moment the old one is where it was.
    """
    assert run.sandbox_id is not None
    with spoken(run):
        old = db.session.get_one(Sandbox, run.sandbox_id)
        try:
            if old.replaced_at is None:
                _replace(run, run.sandbox_id)
        except (Invalid, CannotArchive) as error:
            raise GaveUp(str(error)) from error
        run.result = {"course_id": run.course_id}


def _replace(run: Run, sandbox_id: int) -> None:
    frozen_for_good(sandbox_id, act_of(run))
    progress = Progress(run)
    if "archive_id" not in run.resume:
        progress.stage(_("Writing the archive and reading it back."))
        archived = make(sandbox_id, run.args["file"], act_of(run), progress)
        run.progress(0, 0, resume={"archive_id": archived})
    progress.stage(_("The fresh company gets its records."))
    fresh_id = half_made(sandbox_id) or fresh_beside(sandbox_id)
    with writing():
        old, fresh = locked(sandbox_id), locked(fresh_id)
        freeze_here(sandbox_id, act_of(run, "sandbox.reset"), ARCHIVED)
        take_over(old, fresh)


def frozen_for_good(sandbox_id: int, act: Act) -> None:
    """Nobody writes in it from now on; one that is frozen stays so. Raises Invalid for one that was never open."""
    with writing():
        row = locked(sandbox_id)
        if row.state == OPEN:
            freeze_here(sandbox_id, act)
        elif row.state != FROZEN:
            raise Invalid(_("%(name)s cannot begin anew: it is not open.", name=row.name))


def half_made(sandbox_id: int) -> int | None:
    """The fresh sandbox that an earlier run has finished; what it left half made is taken out."""
    old = db.session.get_one(Sandbox, sandbox_id)
    query = select(Sandbox).where(
        Sandbox.course_id == old.course_id,
        Sandbox.unit == old.unit,
        Sandbox.state.in_((OPENING, READY, PURGING)),
        Sandbox.name.startswith(f"{old.name[:60]}~new", autoescape=True),
    )
    found = [(row.id, row.state) for row in db.session.scalars(query)]
    for number, state in found:
        if state != READY:
            remove(number)
    return next((number for number, state in found if state == READY), None)
