"""What was promised and how it was kept, in working time (003 二-4, product.md P9)."""

from datetime import datetime, timedelta
from typing import Any

from labapp.access.actor import Actor
from labapp.modules.tickets import desk
from labapp.modules.tickets.models import Ticket, is_open
from labapp.values import dataclass


def deadlines(
    actor: Actor, priority: str | None, submitted: datetime, waited: int
) -> dict[str, datetime | None]:
    """`respond_by` and `due_at`: the hours promised for the priority, and the minutes that did not count."""
    hours = desk.hours_of(actor)
    try:
        return {
            "respond_by": hours.after(submitted, timedelta(hours=desk.promise(actor, "response", priority))),
            "due_at": hours.after(
                submitted, timedelta(hours=desk.promise(actor, "resolution", priority), minutes=waited)
            ),
        }
    except ValueError:  # the company never works: nothing can be promised
        return {"respond_by": None, "due_at": None}


def worked(actor: Actor, start: datetime | None, end: datetime) -> int:
    """Whole working minutes between two moments; 0 where the first is missing or later."""
    if start is None or end <= start:
        return 0
    return int(desk.hours_of(actor).elapsed(start, end).total_seconds()) // 60


def put_off(work: Any, ticket: Ticket, since: datetime | None) -> dict[str, Any]:
    """The columns of a ticket whose clock stood still from `since` until now: due later by that working time."""
    minutes = worked(work.actor, since, work.now)
    waited = (ticket.waited_minutes or 0) + minutes
    begun = ticket.submitted_at or ticket.created_at
    due_at = deadlines(work.actor, ticket.priority, begun, waited)["due_at"]
    return {"waited_minutes": waited, "due_at": due_at}


def responded(work: Any, ticket: Ticket) -> dict[str, Any]:
    """The columns that say when it was first handled; none if it was before."""
    if ticket.first_response_at is not None:
        return {}
    minutes = worked(work.actor, ticket.submitted_at or ticket.created_at, work.now)
    return {"first_response_at": work.now, "response_minutes": minutes}


@dataclass(frozen=True)
class Standing:
    """How a ticket stands against its promise. Minutes are working time, negative when it is late."""

    due_at: datetime | None
    left: int | None
    late: bool
    paused: bool
    response_late: bool


def standing_of(ticket: Any, actor: Actor) -> Standing:
    """As things are at the lab time of the reader."""
    now = ticket.waiting_since or actor.lab_now
    waits_for_answer = ticket.first_response_at is None and is_open(ticket)
    response_late = bool(waits_for_answer and ticket.respond_by and ticket.respond_by < actor.lab_now)
    if ticket.due_at is None or not is_open(ticket):
        return Standing(ticket.due_at, None, bool(ticket.overdue), False, response_late)
    late = ticket.due_at <= now
    minutes = worked(actor, ticket.due_at, now) if late else worked(actor, now, ticket.due_at)
    return Standing(
        ticket.due_at, -minutes if late else minutes, late, ticket.waiting_since is not None, response_late
    )
