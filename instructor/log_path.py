"""A member's path through a customer: all they did on it and on what hangs on it, in time order (product.md L4)."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select

from instructor.common import bp, console_page, me
from instructor.log_question import whole
from labapp.access.actor import Actor
from labapp.db import db
from labapp.oplog.models import Operation, Touch
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.stepwords import StepLine, kind_label, lines
from labapp.values import dataclass

FOUND, MOST = 20, 2_000
PAUSE, LAB_PAUSE = timedelta(minutes=5), timedelta(hours=1)
AT_IT = timedelta(minutes=15)
Things = dict[str, dict[int, int]]  # by kind: serials by id


@dataclass(frozen=True)
class Stretch:
    """Steps that followed one another. `day`: a lab day that begins. `pause`: real and lab time since the last step."""

    day: date | None
    pause: tuple[timedelta, timedelta] | None
    lines: list[StepLine]


@dataclass(frozen=True)
class Summary:
    """A path in figures. `at_it`: the real time between steps that followed one another within a quarter of an hour."""

    steps: int
    looks: int
    first: datetime
    last: datetime
    at_it: timedelta
    kinds: list[tuple[Any, int]]


@bp.get("/log/path")
@console_page("log")
def log_path() -> ResponseReturnValue:
    """Choose a customer, then a member; then the path."""
    actor, asked = me(), request.args.get("customer", "").strip()
    customer = customer_of(actor, asked)
    member = actor.directory.by_key.get(request.args.get("member", ""))
    things = things_of(actor, customer) if customer is not None else {}
    found = steps_of(actor, things, member.key) if member and customer is not None else []
    told = lines(found, actor)
    return render_template(
        "instructor/log_path.html",
        asked=asked,
        customer=customer,
        matching=named(actor, asked) if asked and customer is None else [],
        member=member,
        people=sorted(actor.directory.by_key.values(), key=lambda one: one.key),
        walkers=walkers(actor, things) if customer is not None and member is None else [],
        stretches=stretches_of(told),
        summary=summary_of(told),
        cut=len(found) == MOST,
        crumbs=crumbs(customer, member),
    )


def crumbs(customer: Any, member: Any) -> list[tuple[Any, str | None]]:
    found: list[tuple[Any, str | None]] = [(_("Operation log"), "/instructor/log")]
    found.append((_("Paths through a customer"), "/instructor/log/path"))
    if customer is not None:
        found.append((customer.name, f"/instructor/log/path?customer={customer.serial}"))
    return [*found, *([(member.name, None)] if member is not None and customer is not None else [])]


def customer_of(actor: Actor, asked: str) -> Any:
    """The customer of this number, also from the bin; None for anything else."""
    number = whole(asked)
    if number is None:
        return None
    model: Any = catalog()["customer"].model
    found = query.rows(model, actor, model.serial == number, limit=1)
    return found[0] if found else abort(404)


def named(actor: Actor, asked: str) -> list[Any]:
    """Customers with this in their name."""
    model: Any = catalog()["customer"].model
    return query.rows(
        model, actor, model.name.contains(asked, autoescape=True), order=model.serial, limit=FOUND
    )


# -- what belongs to a customer --------------------------------------------------------------------


def things_of(actor: Actor, customer: Any) -> Things:
    """The customer, what points at it (leads that became it, contacts, tickets), and what hangs on any of these."""
    found: Things = {"customer": {customer.id: customer.serial}}
    for record_type in catalog().values():
        model: Any = record_type.model
        links = [field.name for field in record_type.fields.values() if field.target == "customer"]
        add(
            found,
            record_type.name,
            actor,
            or_(*(getattr(model, name) == customer.id for name in links)) if links else None,
        )
    for record_type in catalog().values():
        add(found, record_type.name, actor, hangs_on(record_type, found))
    return found


def hangs_on(record_type: Any, found: Things) -> ColumnElement[bool] | None:
    """What makes a record of this kind a part of what was found: its parent, or the record it is related to."""
    model = record_type.model
    if "related_id" in record_type.fields:
        return or_(
            *(
                and_(model.related_kind == kind, model.related_id.in_(sorted(own)))
                for kind, own in found.items()
            )
        )
    links = [
        getattr(model, field.name).in_(sorted(found[field.target]))
        for field in record_type.fields.values()
        if field.shape == "link" and field.target in found and field.target != "customer"
    ]
    if record_type.parent is None and model.reach not in {"parent", "between", "hanging"}:
        return None
    return or_(*links) if links else None


def add(found: Things, kind: str, actor: Actor, where: ColumnElement[bool] | None) -> None:
    """Put the records of a kind that match to what was found, from the bin too."""
    if where is None:
        return
    model: Any = catalog()[kind].model
    rows = db.session.execute(
        select(model.id, model.serial).where(where), execution_options={"seen_by": actor}
    )
    own = {row.id: row.serial for row in rows}
    if own:
        found.setdefault(kind, {}).update(own)


# -- the steps -------------------------------------------------------------------------------------


def touching(things: Things) -> ColumnElement[bool]:
    return or_(
        *(and_(Touch.kind == kind, Touch.serial.in_(sorted(own.values()))) for kind, own in things.items())
    )


def steps_of(actor: Actor, things: Things, key: str) -> list[Operation]:
    """The member's steps that touched any of these, oldest first."""
    touched = select(Touch.step).where(Touch.sandbox_id == actor.sandbox_id, touching(things))
    steps = select(Operation).where(
        Operation.sandbox_id == actor.sandbox_id, Operation.member == key, Operation.id.in_(touched)
    )
    return list(db.session.scalars(steps.order_by(Operation.id).limit(MOST)))


def walkers(actor: Actor, things: Things) -> list[tuple[Any, int, datetime, datetime]]:
    """(member, steps, first and last lab time) of everybody who did anything here, most steps first."""
    touched = select(Touch.step).where(Touch.sandbox_id == actor.sandbox_id, touching(things)).distinct()
    counted = (
        select(Operation.member, func.count(), func.min(Operation.lab_at), func.max(Operation.lab_at))
        .where(
            Operation.sandbox_id == actor.sandbox_id, Operation.member.is_not(None), Operation.id.in_(touched)
        )
        .group_by(Operation.member)
        .order_by(func.count().desc(), Operation.member)
    )
    known = actor.directory.by_key
    rows = db.session.execute(counted)
    return [(known[key], steps, first, last) for key, steps, first, last in rows if key in known]


def stretches_of(told: list[StepLine]) -> list[Stretch]:
    """The steps, cut where a lab day begins and where there was a pause."""
    found: list[Stretch] = []
    for number, line in enumerate(told):
        before = told[number - 1] if number else line
        pause = (line.at - before.at, line.lab_at - before.lab_at)
        long = pause[0] >= PAUSE or pause[1] >= LAB_PAUSE
        day = line.lab_at.date() if not number or before.lab_at.date() != line.lab_at.date() else None
        if day is not None or long:
            found.append(Stretch(day, pause if long else None, []))
        found[-1].lines.append(line)
    return found


def summary_of(told: list[StepLine]) -> Summary | None:
    """The path in figures; None for an empty one."""
    if not told:
        return None
    pauses = [after.at - before.at for before, after in pairwise(told)]
    counts: dict[str, int] = {}
    for line in told:
        kind = line.what.partition(".")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return Summary(
        len(told),
        sum(line.is_look for line in told),
        told[0].lab_at,
        told[-1].lab_at,
        sum((pause for pause in pauses if pause <= AT_IT), timedelta()),
        [(kind_label(kind), count) for kind, count in sorted(counts.items(), key=lambda one: -one[1])],
    )


@bp.app_template_filter("span")
def span_words(span: timedelta) -> str:
    """A length of time in words, in its two largest units: 3 d 4 h, 5 min 10 s."""
    seconds = int(span.total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return _("%(days)s d %(hours)s h", days=days, hours=hours)
    if hours:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    if minutes:
        return _("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=seconds % 60)
    return _("%(seconds)s s", seconds=seconds)
