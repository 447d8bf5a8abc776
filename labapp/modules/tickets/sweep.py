"""Tickets whose promised time ran out: escalated once, in nobody's name (003 二-4)."""

from datetime import datetime

from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.modules.tickets.models import ASSIGNED, IN_PROGRESS, NEW, Ticket
from labapp.modules.tickets.passing import fell_due
from labapp.records import query
from labapp.records.sweeps import Automation, Sweep, enough

RUNNING = (NEW, ASSIGNED, IN_PROGRESS)  # the clock of one that waits for the customer stands still
MOST = 500


def late_tickets(house: Actor) -> list[int]:
    """Open ones past their due time that were not yet escalated by themselves, the oldest promise first."""
    found = (
        select(Ticket.id)
        .where(
            Ticket.sandbox_id == house.sandbox_id,
            Ticket.due_at <= house.lab_now,
            Ticket.overdue.is_(False),
            Ticket.status.in_(RUNNING),
        )
        .order_by(Ticket.due_at, Ticket.id)
        .limit(MOST)
    )
    return [row[0] for row in query.answers(found, house)]


def escalate_late(house: Actor) -> int:
    """A step `ticket.escalate` of origin automation for each. Again at the same moment: nothing."""
    done = 0
    for ticket_id in late_tickets(house):
        with Automation(house, "ticket.escalate") as work:
            ticket = work.on(Ticket, ticket_id)
            if not ticket.overdue and ticket.status in RUNNING:
                fell_due(work, ticket)
                done += 1
        if done and enough():
            break
    return done


def next_late(house: Actor) -> datetime | None:
    """When the next promise runs out."""
    running = Ticket.overdue.is_(False), Ticket.status.in_(RUNNING)
    found = select(func.min(Ticket.due_at)).where(
        Ticket.sandbox_id == house.sandbox_id, Ticket.due_at > house.lab_now, *running
    )
    moment: datetime | None = query.answers(found, house)[0][0]
    return moment


SWEEPS = (Sweep("overdue tickets", escalate_late, next_late),)
