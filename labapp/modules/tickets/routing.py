"""Who gets a new ticket: by hand, in turn, or the least busy of the team (003 二-4 工单流转规则)."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from labapp.access.actor import Actor, system_actor
from labapp.access.errors import Invalid
from labapp.modules.tickets import desk
from labapp.modules.tickets.models import OPEN, Ticket
from labapp.notices.board import Words, tell
from labapp.people.directory import Member
from labapp.records import query


def chosen(work: Any, kind: str) -> Member | None:
    """The member a new ticket of this kind goes to; None where it is assigned by hand or the team is empty."""
    mode, team = desk.mode_of(work.actor, kind), desk.team_of(work.actor, kind)
    if mode == desk.BY_HAND or not team:
        return None
    return (
        in_turn(house_of(work), kind, team) if mode == desk.ROUND_ROBIN else least_busy(house_of(work), team)
    )


def house_of(work: Any) -> Actor:
    """The house itself, which sees all tickets: whose turn it is does not depend on what the house may see."""
    return system_actor(work.sandbox())


def in_turn(house: Actor, kind: str, team: list[Member]) -> Member:
    """The one behind the member who got the last ticket of this kind."""
    ids = [member.id for member in team]
    last = (
        select(Ticket.assignee_id)
        .where(Ticket.sandbox_id == house.sandbox_id, Ticket.kind == kind, Ticket.assignee_id.in_(ids))
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    found = [row[0] for row in query.answers(last, house)]
    return team[(ids.index(found[0]) + 1) % len(team)] if found else team[0]


def least_busy(house: Actor, team: list[Member]) -> Member:
    """The one with the fewest open tickets; of several the first by key."""
    ids = [member.id for member in team]
    counts = (
        select(Ticket.assignee_id, func.count())
        .where(Ticket.sandbox_id == house.sandbox_id, Ticket.assignee_id.in_(ids), Ticket.status.in_(OPEN))
        .group_by(Ticket.assignee_id)
    )
    busy = {row[0]: row[1] for row in query.answers(counts, house)}
    return min(team, key=lambda member: (busy.get(member.id, 0), member.key))


def worker(actor: Actor, member_id: Any) -> Member:
    """The member with this id who can work on a ticket. Raises Invalid."""
    member = actor.directory.members.get(member_id or 0)
    if member is None or not desk.is_worker(member):
        sentence = _("Choose a member of this sandbox who works here.")
        raise Invalid(sentence, {"assignee_id": sentence})
    return member


def tell_assignee(work: Any, ticket: Ticket, member: Member) -> None:
    """The new assignee hears of it by the bell, unless it is their own doing."""
    if member.id == work.actor.id:
        return
    words = Words(
        f"Ticket {ticket.number} “{ticket.subject}” is assigned to you.",
        f"工单 {ticket.number}“{ticket.subject}”已分配给你。",
    )
    tell(work.actor.sandbox_id, [member.id], "ticket", words, work.now, f"/tickets/{ticket.id}")
