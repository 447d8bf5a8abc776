"""The page of a team: who is below me, their workload and results, and what they did with customers (004 §3.3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.errors import Refused
from labapp.db import db
from labapp.modules.activities.models import Activity
from labapp.oplog.models import Operation
from labapp.people.directory import Member
from labapp.people.models import Membership
from labapp.records import cells, query
from labapp.records.cards import TeamFigure
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.links import Links
from labapp.records.views.common import note_attempt
from labapp.records.words import language
from labapp.values import dataclass
from labapp.web.calendar.scope import number

bp = Blueprint("team", __name__)
MOST, FEED, WINDOW = 200, 30, 20_000


@dataclass(frozen=True)
class Line:
    """A member of the team with the figures of the modules: (text, address of the list, asks for attention)."""

    member: Member
    places: str
    figures: list[tuple[str, str, bool]]
    seen: datetime | None


@dataclass(frozen=True)
class Interaction:
    """Something a member of the team did with a customer. `about` is a link, or that it is not visible."""

    at: datetime
    who: str
    label: str
    title: str
    url: str
    about: Any
    result: str


@bp.get("/team")
def page() -> ResponseReturnValue:
    """Members below me with workload, results of the quarter and when they were last here."""
    actor = manager()
    place = number(request.args.get("place"))
    people = people_of(actor, place)
    figures = sorted(catalog().figures, key=lambda figure: (figure.place, figure.name))
    lines = lines_of(actor, people[:MOST], figures)
    return render_template(
        "team.html",
        lines=lines,
        figures=figures,
        totals=totals_of(lines, figures),
        places=places_of(actor),
        place=place,
        more=len(people) > MOST,
        feed=interactions(actor, people, request.args.get("before")),
        crumbs=[(_("My team"), None)],
    )


def manager() -> Actor:
    """The actor, if anybody is below. Raises Refused."""
    actor: Actor = g.actor
    note_attempt("membership", "list")
    if not actor.below and not actor.sees_all:
        raise Refused(_l("Nobody stands below your position, so there is no team to look at."))
    return actor


def people_of(actor: Actor, place: int) -> list[Member]:
    """The active students below me, or all where I see all; at one position and below it if asked."""
    directory = actor.directory
    below = set(directory.members) if actor.sees_all else set(actor.below)
    if place in directory.places:
        below &= directory.people_in(place)
    found = (directory.members[i] for i in below)
    return sorted((m for m in found if m.role == "student" and m.state == "active"), key=lambda m: m.key)


def places_of(actor: Actor) -> list[Any]:
    """The positions one may choose: those with anybody of the team in or below them."""
    team = {member.id for member in people_of(actor, 0)}
    return [place for place in actor.directory.tree() if actor.directory.people_in(place.id) & team]


def lines_of(actor: Actor, people: Sequence[Member], figures: Sequence[TeamFigure]) -> list[Line]:
    """A line a member: one statement a figure, one for when they were last here."""
    owners = frozenset(member.id for member in people)
    found = [figure.values(actor, owners) for figure in figures]
    seen = last_seen(actor, owners)
    return [
        Line(
            member,
            ", ".join(actor.directory.places[i].name(language()) for i in member.positions),
            [shown(figure, values, member.id) for figure, values in zip(figures, found, strict=True)],
            seen.get(member.id),
        )
        for member in people
    ]


def shown(figure: TeamFigure, values: Mapping[int, tuple[Any, str]], member_id: int) -> tuple[str, str, bool]:
    value, url = values.get(member_id, (0, ""))
    text = cells.money(Decimal(value)) if figure.money else f"{value:,}"
    return text, url, figure.late and bool(value)


def totals_of(lines: Sequence[Line], figures: Sequence[TeamFigure]) -> list[str]:
    """The sums under the table, of the lines shown."""
    sums = []
    for place, figure in enumerate(figures):
        values = [Decimal(line.figures[place][0].replace(",", "").replace("￥", "")) for line in lines]
        total = sum(values, Decimal(0))
        sums.append(cells.money(total) if figure.money else f"{int(total):,}")
    return sums


def last_seen(actor: Actor, owners: frozenset[int]) -> dict[int, datetime]:
    """Lab time of the last step of each: the end of an index for each, in one statement."""
    last = (
        select(Operation.lab_at)
        .where(Operation.sandbox_id == Membership.sandbox_id, Operation.member == Membership.key)
        .order_by(Operation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = select(Membership.id, last).where(Membership.id.in_(sorted(owners)))
    found: Sequence[Any] = db.session.execute(chosen).all()
    return {member_id: at for member_id, at in found if at is not None}


# -- what they did with customers ------------------------------------------------------------------


def interactions(
    actor: Actor, people: Sequence[Member], before: str | None
) -> tuple[list[Interaction], int | None]:
    """The activities the team completed, newest first, and the step to go on before (001 §5.1-1).

    Looks at so many steps of the log at a time, however long it is.
    """
    top = number(before) or g.sandbox.last_step + 1
    keys = [member.key for member in people]
    chosen = select(Operation.id, Operation.record, Operation.member, Operation.lab_at).where(
        Operation.sandbox_id == actor.sandbox_id,
        Operation.id < top,
        Operation.id >= top - WINDOW,
        Operation.kind == "activity",
        Operation.verb == "complete",
        Operation.outcome == "done",
        Operation.member.in_(keys),
    )
    steps = db.session.execute(chosen.order_by(Operation.id.desc()).limit(FEED)).all()
    rows = {row.serial: row for row in query.numbered(Activity, actor, [step.record for step in steps])}
    links = Links(actor)
    for row in rows.values():
        links.want(row.related_kind or "", [row.related_id])
    found = [told(step, rows[step.record], actor, links) for step in steps if step.record in rows]
    low = steps[-1].id if len(steps) == FEED else top - WINDOW
    return found, low if low > 1 else None


def told(step: Any, row: Activity, actor: Actor, links: Links) -> Interaction:
    member = actor.directory.by_key.get(step.member)
    label = codes_of(actor.sandbox_id, actor.stamp).label("activity_type", row.activity_type, language())
    about = links.shown(row.related_kind, row.related_id) if row.related_kind else ""
    name = member.name if member else step.member
    return Interaction(
        step.lab_at, name, label, row.subject, f"/activities/{row.id}", about, cells.short(row.result)
    )
