"""What the timeline of a sandbox has in store, in the words in which the students read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from labapp.access.actor import Actor, system_actor
from labapp.people.models import Sandbox
from labapp.people.words import language
from labapp.records.catalog import catalog
from labapp.scenario.fired import ONCE, happened
from labapp.scenario.happen import Stage
from labapp.scenario.schedule import Happening, schedule, timeline_of
from labapp.scenario.stage import stage_of
from labapp.values import dataclass


@dataclass(frozen=True)
class Store:
    """An event of the timeline as the page shows it. `done` of `total` people it has happened to.

    `whose`: the student in whose words it is told, where each has an event, and a customer, of their own.
    """

    at: datetime
    what: str
    whose: str
    done: int
    total: int


def store(box: Sandbox, actor: Actor) -> Iterator[Store]:
    """What the timeline has in store and what is over, in its order."""
    scenario = timeline_of(box)
    if scenario is None:
        return
    known, stage = happened(box.id), stage_of(system_actor(box))
    events: dict[tuple[int, datetime], list[Happening]] = {}
    for happening in schedule(scenario, box, actor.directory):
        events.setdefault((happening.place, happening.at), []).append(happening)
    for (_place, at), those in sorted(events.items(), key=lambda item: (item[0][1], item[0][0])):
        done = sum(happening.name in known for happening in those)
        sample = those[0]
        yield Store(at, words_of(stage, sample), whose(actor, sample), done, len(those))


def whose(actor: Actor, sample: Happening) -> str:
    member = actor.directory.by_key.get(sample.member) if sample.member != ONCE else None
    return str(member.name or member.key) if member is not None else ""


def words_of(stage: Stage, sample: Happening) -> str:
    """An event in the reader's language; names are those that this student's records have."""
    event = sample.event
    told = event.tell.say(language()) if event.tell is not None else ""
    if event.kind is not None:
        return joined(catalog()[event.kind].label, title_of(stage, sample, event.key))
    if event.quarter_ends is not None:
        return _("The quarter %(quarter)s ends", quarter=event.quarter_ends)
    if event.quiet is not None:
        return joined(_("A customer goes quiet"), title_of(stage, sample, event.quiet), told)
    if event.changes is not None:
        return joined(title_of(stage, sample, event.changes) or _("A record changes"), told)
    return told or _("A record changes")


def joined(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part)


def title_of(stage: Stage, sample: Happening, key: str) -> str:
    """What the record is called that the scenario calls so, as it was dealt to this student."""
    plan = stage.planned(sample.member).get(key)
    return str(plan.values.get(catalog()[plan.kind].title) or "") if plan is not None else ""
