"""Tickets: from intake to satisfaction, and who meets them.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.tickets.models import Ticket
from tests import world
from tests.lives import last_step, steps_since


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


def test_intake_numbers_a_ticket_and_puts_complaints_first(cast, browse):
    ben = browse(cast.ben)
    feedback = the_ticket(taken_in(ben, kind="feedback", subject="Likes it"))
    complaint = the_ticket(taken_in(ben))
    service = the_ticket(taken_in(ben, kind="service", priority="urgent"))
    assert [t.number for t in (feedback, complaint, service)] == ["FK202609001", "TS202609001", "FW202609001"]
    assert [t.priority for t in (feedback, complaint, service)] == ["normal", "high", "urgent"]
    rows = ben.get("/tickets/?format=json").json["rows"]
    assert [row["kind"] for row in rows] == ["complaint", "service", "feedback"]


def test_the_whole_way_of_a_complaint(cast, browse):
    ben, cy = browse(cast.ben), browse(cast.cy)
    ticket_id = taken_in(ben)
    here = f"/tickets/{ticket_id}"
    assert cy.get(here).status_code == 404
    assert ben.post(f"{here}/assign", {"assignee_id": cast.cy.membership_id}).status_code == 302
    assert cy.get(here).status_code == 200
    before = last_step(cast.cy)
    for verb, answers in (
        ("start", {}),
        ("wait", {"reason": "A photo"}),
        ("resume", {}),
        ("resolve", {"resolution": "New chairs sent"}),
        ("close", {"satisfaction": "5"}),
    ):
        assert cy.post(f"{here}/{verb}", answers).status_code == 302, verb
    ticket = the_ticket(ticket_id)
    assert (ticket.status, ticket.satisfaction, ticket.resolution) == ("closed", 5, "New chairs sent")
    assert ticket.first_response_at and ticket.resolved_at and ticket.closed_at
    assert [s.verb for s in steps_since(cast.cy, before)][:5] == ["start", "wait", "resume", "resolve", "close"]
    assert ben.get(here).status_code == 200
    assert ben.post(f"{here}/reopen", {"reason": "Broken again"}).status_code == 302
    assert the_ticket(ticket_id).status == "assigned"
