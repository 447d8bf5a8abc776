"""What the pages of tickets show besides the ordinary: the views of the queue, the promise, the way so far."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, bindparam, select
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.modules.tickets.models import (
    ASSIGNED,
    CLOSED,
    COMPLAINT,
    HANDLED,
    IN_PROGRESS,
    NEW,
    OPEN,
    RESOLVED,
    WAITING,
    Ticket,
)
from labapp.modules.tickets.promises import Standing, standing_of
from labapp.records import query
from labapp.records.agenda import MOST, Agenda, Entry, Stretch
from labapp.records.codes import codes_of
from labapp.records.question import NONE, Question, question_of
from labapp.records.views.common import me
from labapp.records.words import language
from labapp.values import dataclass

BLUEPRINT = Blueprint("tickets", __name__, template_folder="templates")
STEPS = ((NEW,), (ASSIGNED,), (IN_PROGRESS, WAITING), (RESOLVED,), (CLOSED,))
HOUR = 60


@dataclass(frozen=True)
class Step:
    """A station on the way of a ticket. `at` is when it came there, if that is known."""

    label: str
    state: str
    at: datetime | None


def queue_views(actor: Actor) -> tuple[tuple[Any, tuple[tuple[str, str], ...]], ...]:
    """(name, filters) of the ready-made views of the queue."""
    still_open = tuple(("status", status) for status in OPEN)
    return (
        (_l("All"), ()),
        (_l("Still open"), still_open),
        (_l("My tickets"), (("assignee", actor.key), *still_open)),
        (_l("Unassigned"), (("assignee", NONE), *still_open)),
        (_l("Overdue"), (("overdue", "1"), *still_open)),
        (_l("Complaints"), (("kind", COMPLAINT), *still_open)),
    )


@BLUEPRINT.app_template_global("ticket_tabs")
def ticket_tabs(question: Question) -> list[tuple[Any, str, bool]]:
    """(name, address, whether it is the one shown) of the views of the queue."""
    actor = me()
    found = []
    for label, pairs in queue_views(actor):
        view = question_of(question.record_type, actor, MultiDict(pairs))
        found.append((label, view.address(), sorted(view.pairs) == sorted(question.pairs) and not question.q))
    return found


@BLUEPRINT.app_template_global("ticket_standing")
def ticket_standing(ticket: Any) -> Standing:
    """How the ticket stands against its promise, at the lab time of the reader."""
    return standing_of(ticket, me())


@BLUEPRINT.app_template_global("working_time")
def working_time(minutes: int | None) -> str:
    """Working time in words: 3 h 20 min."""
    if minutes is None:
        return ""
    hours, rest = divmod(abs(minutes), HOUR)
    if not hours:
        return _("%(minutes)s min", minutes=rest)
    return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


@BLUEPRINT.app_template_global("ticket_steps")
def ticket_steps(ticket: Any) -> list[Step]:
    """The stations from new to closed, and where the ticket is."""
    actor = me()
    book = codes_of(actor.sandbox_id, actor.stamp)
    times = {
        NEW: ticket.submitted_at,
        IN_PROGRESS: ticket.first_response_at,
        RESOLVED: ticket.resolved_at,
        CLOSED: ticket.closed_at,
    }
    here = next(number for number, states in enumerate(STEPS) if ticket.status in states)
    found = []
    for number, states in enumerate(STEPS):
        key = ticket.status if number == here else states[0]
        state = "done" if number < here or ticket.status == CLOSED else "now" if number == here else "next"
        label = book.label("ticket_status", key, language())
        found.append(Step(label, state, times.get(states[0]) if number <= here else None))
    return found


def planned(stretch: Stretch) -> list[Entry]:
    """The service that is planned within a stretch of time (004 §2.3, §2.10)."""
    times = {"start": stretch.start, "until": stretch.end}
    if stretch.about is None:
        by_owner = stretch.owners is not None
        owners = {"owners": sorted(stretch.owners or ())} if by_owner else {}
        found = read(stretch.actor, ("agenda", "tickets", by_owner), _asked(by_owner), **times, **owners)
        return [_entry(row) for row in found]
    customers = [row_id for kind, row_id in stretch.about if kind == "customer"]
    tickets = [row_id for kind, row_id in stretch.about if kind == "ticket"]
    chosen = _planned(times).where(Ticket.customer_id.in_(customers) | Ticket.id.in_(tickets))
    chosen = chosen if stretch.owners is None else chosen.where(_whose(sorted(stretch.owners)))
    return [_entry(row) for row in query.answers(chosen, stretch.actor)]


def _asked(by_owner: bool) -> Builder:
    """The statement for all, or only for what the people among `owners` see to."""

    def build(visible: Visible) -> Any:
        times = {name: bindparam(name, type_=DateTime) for name in ("start", "until")}
        chosen = _planned(times).where(visible(Ticket))
        return chosen.where(_whose(bindparam("owners", expanding=True))) if by_owner else chosen

    return build


def _planned(times: Mapping[str, Any]) -> Any:
    columns = (
        *(Ticket.id, Ticket.serial, Ticket.number, Ticket.subject, Ticket.planned_at, Ticket.status),
        *(Ticket.owner_id, Ticket.assignee_id, Ticket.customer_id),
    )
    when = Ticket.planned_at >= times["start"], Ticket.planned_at < times["until"]
    return select(*columns).where(*when).order_by(Ticket.planned_at, Ticket.id).limit(MOST)


def _whose(people: Any) -> Any:
    """Assigned to these, or owned by them and nobody's yet."""
    return Ticket.assignee_id.in_(people) | (Ticket.assignee_id.is_(None) & Ticket.owner_id.in_(people))


def _entry(row: Any) -> Entry:
    return Entry(
        kind="ticket",
        id=row.id,
        title=f"{row.number} {row.subject}",
        url=f"/tickets/{row.id}",
        start=row.planned_at,
        end=None,
        tone="info",
        label=_("Service appointment"),
        owner_id=row.assignee_id or row.owner_id,
        is_over=row.status in HANDLED,
        serial=row.serial,
        about=("customer", row.customer_id) if row.customer_id else None,
    )


AGENDAS = (Agenda("service", _l("Service appointments"), planned, always=True),)
