"""What the life of the installation adds to every tick."""

from flask import current_app
from flask_babel import ngettext
from sqlalchemy import select

from labapp import jobs
from labapp.access.actor import system_actor
from labapp.db import db
from labapp.lifecycle.backup import CannotBackUp, daily
from labapp.people.models import Sandbox
from labapp.records.catalog import catalog


def register() -> None:
    """Have the daily backup made, and what falls due in the sandboxes done."""
    jobs.chore("backup")(_backup)
    jobs.chore("due")(_due)


def _backup() -> str | None:
    try:
        return daily()
    except CannotBackUp as error:
        return str(error)


def _due() -> str | None:
    names = db.session.scalars(select(Sandbox.name).where(Sandbox.state == "open").order_by(Sandbox.id)).all()
    count = sum(sweep(name) for name in names)
    return (
        ngettext("%(num)s thing that fell due done", "%(num)s things that fell due done", count)
        if count
        else None
    )


def sweep(name: str) -> int:
    """Do what is due in this sandbox by its clock. Returns how many acts. A sweep that fails stops no other."""
    count = 0
    for found in catalog().sweeps:
        db.session.rollback()
        sandbox = db.session.scalars(select(Sandbox).where(Sandbox.name == name)).one()
        try:
            count += found.run(system_actor(sandbox))
        except Exception:
            db.session.rollback()
            current_app.logger.exception("sweep %s failed in sandbox %s", found.name, name)
    return count
