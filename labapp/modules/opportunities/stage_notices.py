"""Whom a stage tells: those named for it when a sale enters it, its owner when nobody follows up (003 two-4)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, exists, func, literal, select

from labapp.access.actor import Actor, actor_of
from labapp.db import db
from labapp.modules.activities.models import Activity
from labapp.modules.notes.models import Note
from labapp.modules.opportunities.models import Opportunity
from labapp.notices.board import Words, tell
from labapp.notices.models import Notice
from labapp.people.directory import Directory
from labapp.people.models import Sandbox
from labapp.records import query
from labapp.records.codes import Value, codes_of
from labapp.records.sweeps import Automation, Sweep, enough

POSITION, MEMBER = "position:", "member:"
ENTERED, REMINDER = "stage", "stage_reminder"
AT_ONCE = 200


def told_by(stage: Value, directory: Directory) -> list[int]:
    """The active members that a stage tells, by membership id."""
    return sorted(
        {
            member_id
            for named in stage.notify
            for member_id in _meant(named, directory)
            if directory.members[member_id].state == "active"
        }
    )


def _meant(named: str, directory: Directory) -> Iterator[int]:
    """Whom an entry of `notify` means: the holders of a position, or a member. Nobody where it is gone."""
    if named.startswith(MEMBER):
        member = directory.by_key.get(named.removeprefix(MEMBER))
        yield from (member.id,) if member else ()
        return
    for place in directory.places.values():
        if named == f"{POSITION}{place.serial}":
            yield from directory.holders(place.id)


def tell_entered(work: Any, opportunity: Opportunity) -> None:
    """Tell those whom the stage names, but not the one who acts; the sale by name only to those who may see it."""
    actor: Actor = work.actor
    stage = codes_of(actor.sandbox_id, actor.stamp).get("stage", opportunity.stage)
    if stage is None or not stage.notify or not work.asks:
        return
    sandbox = db.session.get_one(Sandbox, actor.sandbox_id)
    for member_id in told_by(stage, actor.directory):
        if member_id != actor.id:
            seen = sees(actor_of(sandbox, member_id), opportunity.id)
            words = entered_words(stage, opportunity, actor) if seen else hidden_words(stage)
            url = f"/opportunities/{opportunity.id}" if seen else ""
            tell(actor.sandbox_id, [member_id], ENTERED, words, work.now, url)


def sees(reader: Actor, opportunity_id: int) -> bool:
    """Whether this member may open the opportunity."""
    return "opportunity" in reader.reads and query.one(Opportunity, reader, opportunity_id) is not None


def entered_words(stage: Value, opportunity: Opportunity, actor: Actor) -> Words:
    name = opportunity.name
    return Words(
        f"“{name}” has reached the stage “{stage.name_en}” ({actor.name}).",
        f"“{name}”已进入阶段“{stage.name_zh}”（{actor.name}）。",
    )


def hidden_words(stage: Value) -> Words:
    return Words(
        f"An opportunity has reached the stage “{stage.name_en}”. It is not visible to you.",
        f"有一个销售机会已进入阶段“{stage.name_zh}”。你无权查看该机会。",
    )


# -- reminders ---------------------------------------------------------------------------------------------


def remind(house: Actor) -> int:
    """Remind the owners of open opportunities that nobody followed up for as long as their stage says."""
    stages = codes_of(house.sandbox_id, house.stamp).values("stage")
    count = 0
    for stage in stages:
        if stage.remind_after and stage.outcome == "open" and not (count and enough()):
            count += _remind(house, stage)
    return count


def _remind(house: Actor, stage: Value) -> int:
    count = 0
    for row in query.answers(neglected(house, stage), house):
        with Automation(house, "opportunity.remind") as work:
            work.header.record, work.header.label = row.serial, row.name
            words = reminder_words(stage, row.name)
            tell(house.sandbox_id, [row.owner_id], REMINDER, words, work.now, f"/opportunities/{row.id}")
        count += 1
        if enough():
            break
    return count


def neglected(house: Actor, stage: Value) -> Any:
    """The opportunities of a stage without change, note or activity for so long, whose owners do not know of it yet.

    Once a stay: a reminder since the opportunity entered the stage is enough.
    """
    o: Any = Opportunity
    since = house.lab_now - timedelta(days=stage.remind_after or 0)
    return (
        select(o.id, o.serial, o.name, o.owner_id)
        .where(o.stage == stage.key, o.stage_since <= since, o.updated_at <= since, ~_known())
        .where(*(~_touched(model, since) for model in (Activity, Note)))
        .order_by(o.id)
        .limit(AT_ONCE)
    )


def _known() -> Any:
    """Whether the owner was reminded since the opportunity entered its stage."""
    entered = Notice.at >= Opportunity.stage_since
    return exists().where(
        Notice.membership_id == Opportunity.owner_id,
        Notice.url == _address(),
        Notice.topic == REMINDER,
        entered,
    )


def next_reminder(house: Actor) -> datetime | None:
    """When the next owner is reminded, if nothing happens until then."""
    stages = codes_of(house.sandbox_id, house.stamp).values("stage")
    found = (_next(house, stage) for stage in stages if stage.remind_after and stage.outcome == "open")
    return min((moment for moment in found if moment is not None), default=None)


def _next(house: Actor, stage: Value) -> datetime | None:
    o: Any = Opportunity
    period = timedelta(days=stage.remind_after or 0)
    touches = (_last_touch(model) for model in (Activity, Note))
    asked = select(o.stage_since, o.updated_at, *touches).where(o.stage == stage.key, ~_known())
    found = (max(moment for moment in row if moment is not None) for row in query.answers(asked, house))
    return min((at + period for at in found if at + period > house.lab_now), default=None)


def _last_touch(model: Any) -> Any:
    """When something of this kind on the opportunity was last made or changed."""
    on_it = model.related_kind == "opportunity", model.related_id == Opportunity.id
    return (
        select(func.max(model.updated_at))
        .where(*on_it, model.deleted_at.is_(None))
        .correlate(Opportunity)
        .scalar_subquery()
    )


def _address() -> Any:
    return literal("/opportunities/") + cast(Opportunity.id, String)


def _touched(model: Any, since: Any) -> Any:
    """Whether something of this kind on the opportunity was made or changed since then."""
    on_it = model.related_kind == "opportunity", model.related_id == Opportunity.id
    return exists().where(*on_it, model.deleted_at.is_(None), model.updated_at > since)


def reminder_words(stage: Value, name: str) -> Words:
    days = stage.remind_after
    return Words(
        f"Nobody has followed up “{name}” for {days} days (stage “{stage.name_en}”).",
        f"“{name}”已超过 {days} 天未跟进（阶段“{stage.name_zh}”）。",
    )


SWEEPS = (Sweep("opportunity.remind", remind, next_reminder),)
