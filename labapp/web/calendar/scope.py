"""Whose calendar is shown, and of which days: read from the address (004 §2.10: personal, group, organisation)."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import literal, select, union_all
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.db import db
from labapp.people.directory import Member, Place
from labapp.records.agenda import Agenda, Entry, Stretch
from labapp.records.catalog import catalog
from labapp.records.query import by_link
from labapp.values import dataclass

MINE, TEAM, ORGANISATION = SCOPES = ("mine", "team", "organisation")
DAY, WEEK, MONTH, LIST = VIEWS = ("day", "week", "month", "list")
MOST_DAYS = 62
HANGS = frozenset({"related", "hanging", "parent"})
EACH = 200


@dataclass(frozen=True)
class Scope:
    """Whose entries are asked for. `who` is a member's key, `place` a position's id, `customer` a customer's id."""

    name: str = MINE
    who: str = ""
    place: int = 0
    customer: int = 0
    more: tuple[str, ...] = ()

    def owners(self, actor: Actor) -> frozenset[int] | None:
        """The owners this comes to; None for everybody whose entries the actor reaches."""
        if self.name == MINE:
            return frozenset({actor.id})
        chosen = None if self.name == ORGANISATION else team_of(actor)
        if self.place:
            chosen = within(chosen, actor.directory.people_in(self.place))
        if self.who:
            chosen = within(chosen, frozenset({actor.directory.by_key[self.who].id}))
        return chosen

    def agendas(self) -> list[Agenda]:
        """The sources shown: those always shown, and those the reader added."""
        return [found for found in catalog().agendas if found.always or found.name in self.more]

    def address(self, path: str = "/calendar", **more: Any) -> str:
        """The address of this calendar, with some parts said anew; empty ones are left out."""
        parts: dict[str, Any] = {
            "scope": self.name if self.name != MINE else "",
            "who": self.who,
            "place": self.place or "",
            "customer": self.customer or "",
            "more": list(self.more),
            **more,
        }
        query = urlencode({name: value for name, value in parts.items() if value}, doseq=True)
        return f"{path}?{query}" if query else path


def within(chosen: frozenset[int] | None, people: frozenset[int]) -> frozenset[int]:
    return people if chosen is None else chosen & people


def team_of(actor: Actor) -> frozenset[int]:
    """Who is in the calendar of my team: I, those below me, and the members of my sharing groups."""
    return actor.circle


def scope_of(actor: Actor, args: MultiDict[str, str]) -> Scope:
    """Read the address. What is not understood, or lies outside the team, is left out."""
    customer = number(args.get("customer"))
    name = args.get("scope", ORGANISATION if customer else MINE)
    known = {found.name for found in catalog().agendas}
    return Scope(
        name if name in SCOPES else MINE,
        args.get("who", "") if args.get("who") in actor.directory.by_key else "",
        number(args.get("place")) if number(args.get("place")) in actor.directory.places else 0,
        customer,
        tuple(sorted(set(args.getlist("more")) & known)),
    )


def number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0


def people_offered(actor: Actor) -> list[Member]:
    """The members of the team one may choose from, by key; nobody who has left."""
    members = (actor.directory.members.get(i) for i in team_of(actor))
    working = (m for m in members if m is not None and m.state == "active")
    return sorted(working, key=lambda member: member.key)


def places_offered(actor: Actor) -> list[Place]:
    """The positions with anybody of the team in or below them."""
    team = team_of(actor)
    return [place for place in actor.directory.tree() if actor.directory.people_in(place.id) & team]


def about_customer(actor: Actor, customer_id: int) -> list[tuple[str, int]]:
    """The customer and what belongs to it, as far as one sees them: one statement (001 §5.1-6)."""
    known = catalog()
    parts = []
    for other, field in known.pointing_at(known["customer"]):
        model: Any = other.model
        if model.reach not in HANGS and other.name in actor.reads and other.name != "customer":
            chosen = select(literal(other.name).label("kind"), model.id.label("id"))
            chosen = (
                chosen.where(getattr(model, field.name) == customer_id).order_by(model.id.desc()).limit(EACH)
            )
            parts.append(select(by_link(chosen, model, field.name).subquery()))
    found = db.session.execute(union_all(*parts), execution_options={"seen_by": actor}) if parts else ()
    return [("customer", customer_id), *((kind, record_id) for kind, record_id in found)]


def entries_of(actor: Actor, scope: Scope, start: datetime, end: datetime) -> list[Entry]:
    """All entries of that time, the earliest first."""
    about = about_customer(actor, scope.customer) if scope.customer else None
    stretch = Stretch(actor, start, end, scope.owners(actor), about)
    found = [entry for agenda in scope.agendas() for entry in agenda.entries(stretch)]
    return sorted(found, key=lambda entry: (entry.start, entry.id))


# -- days ------------------------------------------------------------------------------------------


def days_shown(view: str, day: date) -> tuple[date, date]:
    """The first day that a view of this day shows, and the first one after it. Weeks begin on Monday."""
    monday = day - timedelta(days=day.weekday())
    if view == DAY:
        return day, day + timedelta(days=1)
    if view != MONTH:
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def stretch_of(first: date, after: date) -> tuple[datetime, datetime]:
    """The moments between which these days lie; never more than two months."""
    after = min(max(after, first), first + timedelta(days=MOST_DAYS))
    return datetime.combine(first, time()), datetime.combine(after, time())
