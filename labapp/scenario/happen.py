"""What an event of the timeline does: writes in nobody's name, of origin `timeline` (product.md L2, §5.11)."""

import secrets
from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import or_

from labapp.access.actor import Actor
from labapp.db.fields import fields_of
from labapp.modules.activities.models import Activity
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.forecasts.reading import standings
from labapp.notices.board import Words, tell
from labapp.people.directory import Member
from labapp.people.models import INSTRUCTOR
from labapp.records.catalog import catalog
from labapp.records.cells import money
from labapp.records.custom import PREFIX
from labapp.records.fiscal import Quarter
from labapp.records.setup import Setup
from labapp.records.snapshot import kind_of
from labapp.records.standard import create, edit
from labapp.records.values import typed
from labapp.records.work import Source
from labapp.scenario.deal import Dealer, Plan, by_time
from labapp.scenario.fired import ONCE
from labapp.scenario.found import Finder
from labapp.scenario.read import Scenario
from labapp.scenario.schedule import Happening, holders_of, position_of
from labapp.scenario.seats import Seat
from labapp.values import dataclass

TOPIC = "timeline"
QUIET = {"en": "quiet", "zh": "失联"}
ARRIVED = {
    "ticket": ("A customer has written: “{}”", "客户来信：“{}”"),
    "lead": ("A new lead has come in: “{}”", "收到一条新线索：“{}”"),
}


class Timeline(Setup):
    """A Work of the timeline: it asks for no permission and counts for no member."""

    def __init__(self, house: Actor, what: str, *, event: str, request: str) -> None:
        source = Source("timeline", request)
        super().__init__(house, what, nobody=True, answers={"event": event}, source=source)


@dataclass
class Stage:
    """Where events happen: the house at their lab time, and what the scenario planned for whom."""

    house: Actor
    scenario: Scenario
    dealer: Dealer
    finder: Finder
    plans: dict[str, dict[str, Plan]] = field(default_factory=dict)
    request: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def now(self) -> datetime:
        return self.house.lab_now

    def planned(self, member: str) -> dict[str, Plan]:
        """What the scenario names for a member, and what it names once, by key."""
        if member not in self.plans:
            shared = self.planned(ONCE) if member != ONCE else {}
            who = self.house.directory.by_key.get(member)
            position = position_of(self.scenario, self.house.directory, who) if who else ""
            seat = Seat(member, position) if member != ONCE else None
            own = by_time(self.dealer.named(seat).values())
            self.plans[member] = shared | {plan.ref.key: plan for plan in own}
        return self.plans[member]

    def work(self, what: str, happening: Happening) -> Timeline:
        return Timeline(self.house, what, event=happening.event.key, request=self.request)

    def row(self, key: str, member: str) -> Any:
        """The record that the scenario calls so, for this member; None where it is not there any more."""
        plan = self.planned(member).get(key)
        return self.finder.record(self.house, plan) if plan is not None else None


Outcome = tuple[str | None, int | None]
NOTHING: Outcome = (None, None)


def happen(stage: Stage, happening: Happening) -> Outcome:
    """Do what the event says, inside the running write transaction. Returns (kind, serial) of what it is about.

    Raises NotDone where a rule of the module does not allow it.
    """
    event = happening.event
    ways: tuple[tuple[Any, Callable[[Stage, Happening], Outcome]], ...] = (
        (event.kind, _arrive),
        (event.changes, _change),
        (event.quiet, _fall_quiet),
        (event.quarter_ends, _end_quarter),
    )
    return next((way for said, way in ways if said is not None), _tell_only)(stage, happening)


def _arrive(stage: Stage, happening: Happening) -> Outcome:
    """A record comes in, by the rules of its kind."""
    event = happening.event
    plan = stage.planned(happening.member)[event.key]
    record_type = catalog()[plan.kind]
    with stage.work(f"{plan.kind}.create", happening) as work:
        values = columns_of(record_type.model, plan.values) | _links(stage, happening, plan)
        row = create(work, record_type, {**values, "owner_id": owner_of(stage, happening).id})
        words = _words(stage, happening, record_type.title_of(row))
        _notify(stage, happening, words, f"/{record_type.slug}/{row.id}")
        return plan.kind, row.serial


def columns_of(model: Any, planned: dict[str, Any]) -> dict[str, Any]:
    """Planned values as the columns take them, custom ones as a form sends them."""
    fields = fields_of(model)
    own = {name: typed(fields[name].shape, value) for name, value in planned.items() if name in fields}
    return own | {name: value for name, value in planned.items() if name.startswith(PREFIX)}


def _links(stage: Stage, happening: Happening, plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, target in plan.links.items():
        row = stage.row(target.key, happening.member)
        if row is not None:
            found[f"{name}_id"] = row.id
            if name == "related":
                found["related_kind"] = kind_of(type(row))
    return found


def owner_of(stage: Stage, happening: Happening) -> Member:
    """Whose it is: the member's; what happens once, the first's in the position `owner`, else the instructor's."""
    directory = stage.house.directory
    if happening.member != ONCE:
        return directory.by_key[happening.member]
    wanted = happening.event.owner
    holders = holders_of(stage.scenario, directory, (wanted,)) if wanted else []
    instructors = (m for m in directory.members.values() if m.role == INSTRUCTOR)
    return holders[0] if holders else min(instructors, key=lambda member: member.serial)


def _change(stage: Stage, happening: Happening) -> Outcome:
    """A record gets other values: a competitor cuts the price."""
    event = happening.event
    row = stage.row(event.changes or "", happening.member)
    if row is None:
        return NOTHING
    kind = kind_of(type(row))
    record_type = catalog()[kind]
    said = {name: stage.dealer.said(value) for name, value in event.values.items()}
    with stage.work(f"{kind}.edit", happening) as work:
        record = work.on(record_type.model, row.id)
        edit(work, record_type, record, columns_of(record_type.model, said))
        _notify(stage, happening, _said(happening), f"/{record_type.slug}/{row.id}")
        return kind, row.serial


def _fall_quiet(stage: Stage, happening: Happening) -> Outcome:
    """What is planned with the customer is cancelled, no next step is left, and it carries a tag that says so."""
    row = stage.row(happening.event.quiet or "", happening.member)
    if row is None:
        return NOTHING
    for activity_id in _planned_with(stage, happening, row.id):
        with stage.work("activity.cancel", happening) as work:
            work.update(work.on(Activity, activity_id), status="cancelled")
    tag = QUIET[stage.dealer.language]
    with stage.work("customer.edit", happening) as work:
        customer = work.on(Customer, row.id)
        tags = list(dict.fromkeys([*(customer.tags or []), tag]))
        work.update(customer, next_follow_up_at=None, tags=tags)
        _notify(stage, happening, _said(happening), f"/customers/{row.id}")
    return "customer", row.serial


def _planned_with(stage: Stage, happening: Happening, customer_id: int) -> list[int]:
    """The open activities with a customer or one of its contacts."""
    reader = stage.work("customer.edit", happening)
    contacts = [contact.id for contact in reader.rows(Contact, Contact.customer_id == customer_id)]
    a: Any = Activity
    with_customer = (a.related_kind == "customer") & (a.related_id == customer_id)
    with_contact = (a.related_kind == "contact") & a.related_id.in_(contacts)
    about = or_(with_customer, with_contact, a.contact_id.in_(contacts))
    return [row.id for row in reader.rows(Activity, a.status == "open", about)]


def _end_quarter(stage: Stage, happening: Happening) -> Outcome:
    """Everybody hears how the quarter went: what was forecast, and what was sold."""
    year, number = (int(part) for part in (happening.event.quarter_ends or "").split("Q"))
    quarter = Quarter(year, number)
    people = _audience(stage, happening)
    found = standings(stage.house, quarter, [member.id for member in people])
    url = f"/forecasts/?year={quarter.year}&quarter={quarter.quarter}"
    with stage.work("timeline.quarter_end", happening) as work:
        for member in people:
            words = quarter_words(quarter, found[member.id].figures)
            tell(stage.house.sandbox_id, [member.id], TOPIC, words, stage.now, url)
        work.header.label = f"{year} Q{number}"
    return NOTHING


def quarter_words(quarter: Quarter, figures: Any) -> Words:
    """How a quarter went for somebody, in both languages."""
    sold, name = money(figures.completed), f"{quarter.year} Q{quarter.quarter}"
    if figures.expected is None:
        return Words(
            f"{name} is over. You sold {sold}; you had submitted no forecast.",
            f"{name} 已结束。你的成交额为 {sold}，未提交销售预期。",
        )
    expected = money(figures.expected)
    return Words(
        f"{name} is over. You had forecast {expected} and sold {sold}.",
        f"{name} 已结束。你的预期为 {expected}，实际成交 {sold}。",
    )


def _tell_only(stage: Stage, happening: Happening) -> Outcome:
    words = _said(happening)
    with stage.work("timeline.tell", happening) as work:
        _notify(stage, happening, words, "")
        if words is not None:
            work.header.label = words.zh if stage.dealer.language == "zh" else words.en
    return NOTHING


def _words(stage: Stage, happening: Happening, title: str) -> Words | None:
    """What is told of a record that arrived."""
    said = _said(happening)
    usual = ARRIVED.get(happening.event.kind or "") if happening.member != ONCE else None
    if said is not None or usual is None:
        return said
    return Words(usual[0].format(title), usual[1].format(title))


def _said(happening: Happening) -> Words | None:
    told = happening.event.tell
    return Words(told.en, told.zh) if told is not None else None


def _notify(stage: Stage, happening: Happening, words: Words | None, url: str) -> None:
    people = [member.id for member in _audience(stage, happening)] if words is not None else []
    if words is not None:
        tell(stage.house.sandbox_id, people, TOPIC, words, stage.now, url)


def _audience(stage: Stage, happening: Happening) -> list[Member]:
    """Who hears of it: the member; of what happens once, everybody in the positions named."""
    directory = stage.house.directory
    if happening.member != ONCE:
        return [directory.by_key[happening.member]]
    return holders_of(stage.scenario, directory, happening.event.only)
