"""What an instructor decides about a stage: what it asks for, whom it tells, when it reminds (003 two-4)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func, select
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.modules.opportunities.conditions import conditions
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stage_notices import MEMBER, POSITION
from labapp.modules.opportunities.stages import LOST, open_stages
from labapp.people.models import ASSISTANT, OBSERVER
from labapp.records import parse, query
from labapp.records.codes import Stage
from labapp.records.words import language
from labapp.records.work import Source, Work
from labapp.values import dataclass

MOST_DAYS = 365
OUTCOMES = {"open": _l("In progress"), "won": _l("Won"), "lost": _l("Lost")}


@dataclass(frozen=True)
class Offer:
    """A box to tick. `lacking`: how many open opportunities do not meet a condition."""

    key: str
    label: str
    lacking: int = 0


@dataclass(frozen=True)
class Offers:
    """What can be decided about a stage; `open` is how many open opportunities there are."""

    conditions: list[Offer]
    positions: list[Offer]
    members: list[Offer]
    open: int
    reminds: bool


def offers(actor: Actor, stage: Stage) -> Offers:
    """Everything a stage may ask for and everybody it may tell. Nothing is asked of what is lost."""
    everything = {} if stage.key == LOST else conditions(actor)
    total, lacking = counted(actor)
    found = [Offer(key, str(one.label), lacking[key]) for key, one in everything.items()]
    return Offers(found, positions(actor), members(actor), total, stage.outcome == "open")


def counted(actor: Actor) -> tuple[int, dict[str, int]]:
    """How many open opportunities the actor sees, and how many of them lack each condition: one statement."""
    known = conditions(actor)
    sums = [func.sum(case((one.lacking(), 1), else_=0)) for one in known.values()]
    keys = [stage.key for stage in open_stages(actor)]
    asked = select(func.count(Opportunity.id), *sums).where(Opportunity.stage.in_(keys))
    ((total, *found),) = query.answers(asked, actor)
    return int(total), {key: int(count or 0) for key, count in zip(known, found, strict=True)}


def positions(actor: Actor) -> list[Offer]:
    """The positions in the order of their tree."""
    deep = "　"
    return [
        Offer(f"{POSITION}{place.serial}", deep * (place.path.count("/") - 2) + place.name(language()))
        for place in actor.directory.tree()
    ]


def members(actor: Actor) -> list[Offer]:
    """The active members who work here, by key."""
    found = [m for m in actor.directory.members.values() if m.state == "active"]
    found = [m for m in found if m.role not in {ASSISTANT, OBSERVER}]
    found.sort(key=lambda member: member.key)
    return [Offer(f"{MEMBER}{m.key}", f"{m.name} ({m.key})") for m in found]


def change(actor: Actor, source: Source, row_id: int, form: MultiDict[str, str]) -> None:
    """Decide it: one step `stage.edit`. Raises Invalid, NotFound, Refused."""
    said = {"requires": form.getlist("requires"), "notify": form.getlist("notify")}
    said["notify"] = [key for key in said["notify"] if key]
    with Work(actor, "stage.edit", answers={"table": "stage", **said}, source=source) as work:
        require_granted(actor, "stage", "edit")
        row = work.on(Stage, row_id)
        offered = offers(actor, row)
        values: dict[str, Any] = {
            "requires": _ticked(said["requires"], offered.conditions),
            "notify": _ticked(said["notify"], [*offered.positions, *offered.members]),
        }
        if offered.reminds:
            values["remind_after"] = _days(form.get("remind_after", ""))
        work.update(row, **values)


def _ticked(keys: list[str], offered: list[Offer]) -> list[str]:
    """The keys in the order offered. Raises Invalid for one that is not offered."""
    known = [offer.key for offer in offered]
    if not set(keys) <= set(known):
        raise Invalid(_("Choose one of the values offered."))
    return [key for key in known if key in keys]


def _days(raw: str) -> int | None:
    try:
        found = parse.number(raw)
    except ValueError as error:
        raise Invalid(str(error), {"remind_after": str(error)}) from error
    if found is not None and not 1 <= found <= MOST_DAYS:
        sentence = _("Write a number of days from 1 to %(most)s, or nothing.", most=MOST_DAYS)
        raise Invalid(sentence, {"remind_after": sentence})
    return found
