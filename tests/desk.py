"""What tests of the service desk share: intake, the clock, settings."""

from datetime import datetime

from sqlalchemy import select

from labapp import clock
from labapp.access.everyone import EVERYONE
from labapp.db import begin_write, db
from labapp.modules.tickets.models import Ticket
from labapp.people.models import Sandbox
from labapp.records.organisation import change_settings
from labapp.records.work import Source


def the_ticket(ticket_id):
    db.session.remove()
    query = select(Ticket).where(Ticket.id == ticket_id)
    return db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one()


def taken_in(browser, **answers):
    """A ticket through the intake form; its id."""
    said = {"kind": "complaint", "subject": "Two chairs are broken", "channel": "phone", **answers}
    answer = browser.post("/tickets/new", said)
    assert answer.status_code == 302, answer.get_data(as_text=True)[-3000:]
    return int(answer.location.rsplit("/", 1)[1])


def clock_at(cast, moment):
    """Put the sandbox clock to this moment of lab time, and let it run on from there."""
    begin_write()
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    sandbox.clock_base, sandbox.clock_set_at = datetime.fromisoformat(moment), clock.now()
    db.session.commit()


def configure(cast, **values):
    """Settings by path, with __ for the dot."""
    paths = {name.replace("__", "."): value for name, value in values.items()}
    change_settings(cast.ines.actor, Source(), paths)
    db.session.remove()
