"""What the life of the installation adds to every tick."""

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import select

from labapp import jobs
from labapp.clock import now
from labapp.db import db
from labapp.lifecycle import tasks
from labapp.lifecycle.backup import CannotBackUp, daily
from labapp.lifecycle.clockwork import catch_up
from labapp.lifecycle.removal import remove
from labapp.people.counts import prune_attempts, prune_counts
from labapp.people.models import Sandbox
from labapp.records.once import prune_keys
from labapp.records.work import writing
from labapp.scenario.task import leftovers


def register() -> None:
    """Have the daily backup made, what falls due in the sandboxes done, and the work on whole sandboxes known."""
    tasks.register()
    jobs.chore("backup")(_backup)
    jobs.chore("due")(_due)
    jobs.chore("forgetting")(_forget)
    jobs.chore("leftovers")(_leftovers)


def _backup() -> str | None:
    try:
        return daily()
    except CannotBackUp as error:
        return str(error)


def _forget() -> None:
    """Let go of what was kept for a while: counts of calls, keys of forms, tries to sign in."""
    with writing():
        prune_counts()
        prune_keys()
        if now().minute == 0:
            prune_attempts()


def _leftovers() -> str | None:
    """Take out what openings that were broken off have left."""
    found = leftovers()
    for sandbox_id in found:
        remove(sandbox_id)
    return (
        ngettext("%(num)s unfinished sandbox taken out", "%(num)s unfinished sandboxes taken out", len(found))
        if found
        else None
    )


def _due() -> str | None:
    names = db.session.scalars(select(Sandbox.name).where(Sandbox.state == "open").order_by(Sandbox.id)).all()
    count = sum(sweep(name) for name in names)
    return (
        ngettext("%(num)s thing that fell due done", "%(num)s things that fell due done", count)
        if count
        else None
    )


def sweep(name: str) -> int:
    """Do what is due in this sandbox, and take its clock on where it is on its way. Returns how many acts."""
    sandbox_id = db.session.scalars(select(Sandbox.id).where(Sandbox.name == name)).one()
    try:
        return catch_up(sandbox_id)
    except Exception:
        db.session.rollback()
        current_app.logger.exception("what fell due in sandbox %s could not be done", name)
        return 0
