"""Tickets on the first page and on the page of a team: what I have to do, and how much each has."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, bindparam, case, func, select

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.modules.tickets.models import OPEN, Ticket
from labapp.records.cards import HomeCard, TeamFigure
from labapp.records.figure_sums import by_reports

SHOWN = 6
STILL_OPEN = "".join(f"&status={status}" for status in OPEN)


def mine(actor: Actor) -> Mapping[str, Any] | None:
    """The open tickets assigned to me, those due first on top: one statement. None for who has none."""
    if "ticket" not in actor.writes:
        return None
    found = read(actor, "my tickets", _mine, me=actor.id)
    if not found:
        return None
    rows = [(row, row.due_at is not None and row.due_at <= actor.lab_now) for row in found[:SHOWN]]
    return {"rows": rows, "all_url": f"/tickets/?assignee={actor.key}{STILL_OPEN}"}


def _mine(visible: Visible) -> Any:
    columns = Ticket.id, Ticket.number, Ticket.subject, Ticket.kind, Ticket.due_at
    chosen = select(*columns).where(Ticket.assignee_id == bindparam("me", type_=Integer), visible(Ticket))
    chosen = chosen.where(Ticket.status.in_(OPEN))
    return chosen.order_by(Ticket.due_at, Ticket.id).limit(SHOWN + 1)


def open_ones(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many open tickets each has to handle."""
    return {who: (count, list_of(actor, who)) for who, count, _overdue in counted(actor, owners)}


def overdue_ones(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many of them are overdue."""
    found = counted(actor, owners)
    return {who: (overdue, f"{list_of(actor, who)}&overdue=1") for who, _count, overdue in found if overdue}


def list_of(actor: Actor, assignee: int) -> str:
    return f"/tickets/?assignee={actor.directory.members[assignee].key}{STILL_OPEN}"


def counted(actor: Actor, owners: frozenset[int]) -> list[Any]:
    """(assignee, open, overdue) of those who have any: asked once for both columns."""
    name = f"open tickets {sorted(owners)}"
    found: list[Any] | None = actor.memo.get(name)
    if found is None:
        found = actor.memo[name] = read(actor, ("team", "tickets"), _open, owners=sorted(owners))
    return found


def _open(visible: Visible) -> Any:
    whose = Ticket.assignee_id.in_(bindparam("owners", expanding=True)), Ticket.status.in_(OPEN)
    overdue = func.count(case((Ticket.overdue.is_(True), 1)))
    chosen = (
        select(Ticket.assignee_id, func.count(), overdue).select_from(Ticket).where(*whose, visible(Ticket))
    )
    return by_reports(chosen.group_by(Ticket.assignee_id), Ticket)


HOME_CARDS = (HomeCard("tickets", "ticket/_card.html", mine, 15),)
TEAM_FIGURES = (
    TeamFigure("tickets", _l("Open tickets"), open_ones, place=30),
    TeamFigure("overdue_tickets", _l("Overdue tickets"), overdue_ones, late=True, place=31),
)
