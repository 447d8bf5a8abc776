"""What a seat is dealt: every record of a scenario, worked out before anything is written.

Pure: the same scenario, seed and language give the same plan. A plan names other plans by `Ref`; whoever
writes it turns those into links.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from hashlib import sha256
from typing import Any, NamedTuple

from labapp.people.models import Sandbox
from labapp.scenario import past
from labapp.scenario.blanks import filled, told, with_names
from labapp.scenario.generators import Generator, Inventor, Language, Values, generator
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Seat
from labapp.scenario.shape import RELATIVE_DAY, RELATIVE_MOMENT, Volumes
from labapp.scenario.shape_records import Given
from labapp.values import dataclass

SHARED = ""
SOON = timedelta(minutes=5)
MOST_DIGITS = 10_000_000
COMPANY_SHARE = 4  # a simulated colleague has this part of the volumes of a seat


class Ref(NamedTuple):
    """A planned record: of a member, or shared (member is empty), by its key."""

    member: str
    key: str


@dataclass(frozen=True)
class Plan:
    """A record to be made at a lab time. `owner` is a member's key; empty: the instructor's.

    `clean` are the values before the dirt, where there is any.
    """

    ref: Ref
    kind: str
    at: datetime
    values: Values
    links: dict[str, Ref] = field(default_factory=dict)
    owner: str = SHARED
    clean: Values = field(default_factory=dict)

    @property
    def right(self) -> Values:
        """The values as they should be: those before any dirt was done to them."""
        return self.clean or self.values


class Dealer:
    """Deals the records of one scenario with one seed in one language, to one unit of a course ('': all of it)."""

    def __init__(
        self, scenario: Scenario, generator: Generator, seed: int, language: Language, unit: str = ""
    ) -> None:
        said = scenario.said
        self.scenario = scenario
        self.language: Language = language
        self.starts_at = said.starts_at
        self.days = said.history.days
        prices = tuple((product.name.say(language), product.list_price) for product in said.products)
        goods = tuple(price for price in prices if price[1] > 0)
        own = unit_seed(seed, unit)
        self.inventor: Inventor = generator.inventor(own, language, said.starts_at, said.trade, goods)

    @property
    def before(self) -> datetime:
        """When the company was set up: the morning before the history begins."""
        return datetime.combine(self.starts_at.date() - timedelta(days=self.days + 1), time(8))

    def shared(self) -> list[Plan]:
        """What exists once: categories, products, and the records of records.yaml that say so."""
        language = self.language
        found = []
        for category in self.scenario.said.categories:
            links = {"parent": Ref(SHARED, category.parent)} if category.parent else {}
            named: Values = {"name": category.name.say(language)}
            found.append(Plan(Ref(SHARED, category.key), "category", self.before, named, links))
        for product in self.scenario.said.products:
            values: Values = {
                "code": product.code,
                "name": product.name.say(language),
                "unit": product.unit.say(language),
                "list_price": product.list_price,
                "floor_price": product.floor_price,
                "active": True,
                "description": product.description.say(language) if product.description else None,
            }
            links = {"category": Ref(SHARED, product.category)}
            found.append(Plan(Ref(SHARED, product.key), "product", self.before, values, links))
        return found + self._given(SHARED, self.scenario.records)

    def seat(self, seat: Seat) -> list[Plan]:
        """What this seat has at the opening, what is linked to before what links."""
        mine = [
            given
            for given in self.scenario.records
            if given.per == "seat" and (not given.only or seat.position in given.only)
        ]
        return self._given(seat.member, mine) + list(_Invented(self, seat.member).plans())

    def named(self, seat: Seat | None) -> dict[str, Plan]:
        """What records.yaml and timeline.yaml name for this seat (None: once for all), by key."""
        position = seat.position if seat is not None else None
        mine = (given for given in self._all_given if not given.only or position in given.only)
        return {plan.ref.key: plan for plan in self._given(seat.member if seat else SHARED, mine)}

    @cached_property
    def _all_given(self) -> tuple[Given, ...]:
        arrivals = (event.given for event in self.scenario.events)
        return (*self.scenario.records, *(given for given in arrivals if given is not None))

    @cached_property
    def _of_seats(self) -> frozenset[str]:
        return frozenset(given.key for given in self._all_given if given.per == "seat")

    def company(self, seat: Seat) -> list[Plan]:
        """What a simulated colleague has: a little of everything that is invented, nothing of what is a task."""
        return list(_Invented(self, seat.member, COMPANY_SHARE).plans())

    def colleague(self, seat: Seat) -> str:
        """The invented name of a simulated colleague."""
        return str(self.inventor.person("company", seat.member)["name"])

    def _given(self, member: str, records: Iterable[Given]) -> list[Plan]:
        chosen = [given for given in records if (given.per == "once") == (member == SHARED)]
        plans: dict[Ref, Plan] = {}
        for given in _in_order(chosen):
            ref = Ref(member, given.key)
            links = {name: self._target(member, key) for name, key in given.links.items()}
            clean = self._values(given, ref, links, plans)
            values = self._soiled(given, ref, clean)
            plan = Plan(ref, given.kind, self._at(given), values, links, member)
            plans[ref] = replace(plan, clean=clean) if given.dirt else plan
        return list(plans.values())

    def _target(self, member: str, key: str) -> Ref:
        return Ref(member if key in self._of_seats else SHARED, key)

    def _at(self, given: Given) -> datetime:
        moment: datetime = self.said(given.at) if given.at else self.starts_at - timedelta(hours=18)
        return moment

    def _values(self, given: Given, ref: Ref, links: dict[str, Ref], plans: dict[Ref, Plan]) -> Values:
        names = {name: plans[target].values.get("name") for name, target in links.items() if target in plans}
        stated = {name: self.said(with_names(value, names), ref) for name, value in given.values.items()}
        for name, percent in given.vary.items():
            stated[name] = self.inventor.varied(stated[name], percent, ref.member, ref.key, name)
        if not given.invent:
            return stated
        about = [plans[target].right for target in links.values() if target in plans]
        whom = Ref(ref.member, given.like or ref.key)
        industry = stated.get("industry")
        if given.place or (industry and given.kind in ("lead", "customer")):
            return self.placed(given.kind, whom, given.place, industry) | stated
        return self.invented(given.kind, whom, about[0] if about else {}) | stated

    def _soiled(self, given: Given, ref: Ref, clean: Values) -> Values:
        """The values with the dirt on them, and the truth where a text tells it."""
        values = clean
        for dirt in given.dirt:
            values = self.inventor.soiled(dirt, given.kind, values, ref.member, ref.key)
        return {name: told(value, clean) for name, value in values.items()}

    def placed(self, kind: str, ref: Ref, place: str | None, industry: str | None) -> Values:
        """Invented values of a lead or a customer in that city and that industry."""
        inventor = self.inventor
        if kind == "lead":
            return inventor.lead(ref.member, ref.key, place=place, industry=industry)
        return inventor.customer(ref.member, ref.key, place=place, industry=industry)

    def invented(self, kind: str, ref: Ref, about: Values, closed: bool = False) -> Values:
        """Invented values of a record; `about` are those of what it belongs to."""
        inventor, member, key = self.inventor, ref.member, ref.key
        if kind == "lead":
            return inventor.lead(member, key)
        if kind == "customer":
            return inventor.customer(member, key)
        if kind == "contact":
            return inventor.contact(about, member, key)
        if kind == "opportunity":
            return inventor.opportunity(about, member, key, closed)
        return (
            inventor.activity(about, member, key) if kind == "activity" else inventor.note(about, member, key)
        )

    def said(self, value: Any, ref: Ref | None = None) -> Any:
        """What a value of a file means: the text of the language, a day or moment counted from the start."""
        if isinstance(value, dict):
            value = value[self.language]
        if isinstance(value, list):
            return [self.said(one, ref) for one in value]
        if not isinstance(value, str):
            return value
        if RELATIVE_DAY.fullmatch(value):
            return self._day(value)
        if RELATIVE_MOMENT.fullmatch(value):
            day, clock = value.split(" ")
            return datetime.combine(self._day(day), time.fromisoformat(clock))
        return filled(value, self.inventor, ref.member, ref.key) if ref and "{" in value else value

    def _day(self, text: str) -> date:
        return self.starts_at.date() + timedelta(days=int(text[:-1]))


def unit_seed(seed: int, unit: str) -> int:
    """The seed of a unit of a course: the course's own where it is one, else one that follows from both."""
    if not unit:
        return seed
    return int.from_bytes(sha256(f"{seed}/{unit}".encode()).digest()[:7])


def dealer_of(sandbox: Sandbox, scenario: Scenario) -> Dealer:
    """Who deals the records of a sandbox that stands or is being opened."""
    language: Language = "zh" if sandbox.language == "zh" else "en"
    return Dealer(scenario, generator(), sandbox.seed, language, sandbox.unit)


class _Invented:
    """The records that are invented for one member by the volumes of the scenario."""

    def __init__(self, dealer: Dealer, member: str, share: int = 1) -> None:
        self.dealer = dealer
        self.member = member
        said = dealer.scenario.said.volumes.model_dump()
        self.volumes = Volumes(**{what: -(-number // share) for what, number in said.items()})

    def plans(self) -> Iterator[Plan]:
        """Leads, customers with contacts and opportunities, then what was done and written about them."""
        leads = self._many("lead", self.volumes.lead, [], (1, 10))
        customers = self._many("customer", self.volumes.customer, [], (7, self.dealer.days))
        contacts = self._many("contact", self.volumes.contact, customers, (4, 9))
        deals = self._many("opportunity", self.volumes.opportunity, customers)
        closed = self._many("closed_opportunity", self.volumes.closed_opportunity, customers)
        done = self._many("activity", self.volumes.activity, [*contacts, *leads], (1, 6))
        yield from _told_of([*leads, *customers], done)
        yield from (*contacts, *deals, *closed, *done)
        yield from self._many("note", self.volumes.note, [*customers, *deals, *leads], (1, 6))

    def _many(
        self, what: str, count: int, about: list[Plan], days: tuple[int, int] | None = None
    ) -> list[Plan]:
        """So many, about those in turn, made so many days ago; a deal as long ago as its stage says."""
        if what not in ("lead", "customer") and not about:
            return []
        return [
            self._one(what, number, about[number % len(about)] if about else None, days)
            for number in range(count)
        ]

    def _one(self, what: str, number: int, about: Plan | None, days: tuple[int, int] | None) -> Plan:
        kind = what.removeprefix("closed_")
        ref = Ref(self.member, f"{what} {number + 1}")
        closed = what != kind
        values = self.dealer.invented(kind, ref, about.values if about else {}, closed)
        at = self._made_at(ref, about, days or past.age_of(str(values["stage"])))
        if kind == "opportunity":
            values = past.with_stages(values, at, self.dealer.starts_at, partial(self._chance, ref))
        elif kind == "activity" and about is not None:
            values = past.not_before(values, about.at)
            at = min(at, past.when_done(values) or at)
        return Plan(ref, kind, at, values, _links(kind, about), self.member)

    def _chance(self, ref: Ref, turn: int) -> float:
        return int(self.dealer.inventor.digits(*ref_key(ref), turn)) / MOST_DIGITS

    def _made_at(self, ref: Ref, about: Plan | None, days: tuple[int, int]) -> datetime:
        fewest, most = sorted((min(days[0], self.dealer.days), min(days[1], self.dealer.days)))
        at = self.dealer.inventor.made_at(fewest, most, ref.member, ref.key)
        return max(at, about.at + SOON) if about else at


def ref_key(ref: Ref) -> tuple[str, str]:
    return ref.member, ref.key


def _told_of(records: list[Plan], activities: list[Plan]) -> Iterator[Plan]:
    """Leads and customers, with the last time that something was done with them."""
    last: dict[Ref, datetime] = {}
    for activity in activities:
        done, whom = past.when_done(activity.values), activity.links["related"]
        if done is not None:
            last[whom] = max(done, last.get(whom, done))
    for record in records:
        done = last.get(record.ref)
        yield record if done is None else replace(record, values=past.heard_of(record.values, done))


def _links(kind: str, about: Plan | None) -> dict[str, Ref]:
    if about is None:
        return {}
    if kind in ("contact", "opportunity"):
        return {"customer": about.ref}
    if kind == "activity" and about.kind == "contact":
        return {"related": about.links["customer"], "contact": about.ref}
    return {"related": about.ref}


def _in_order(records: list[Given]) -> list[Given]:
    """What is linked to before what links; otherwise as written."""
    waiting = {given.key: given for given in records}
    ready: list[Given] = []
    while waiting:
        free = [key for key, given in waiting.items() if waiting.keys().isdisjoint(given.links.values())]
        ready += [waiting.pop(key) for key in free]
    return ready


def by_time(plans: Iterable[Plan]) -> list[Plan]:
    """Plans in the order of making: by time, none before what it links to, which is given first."""
    made: dict[Ref, datetime] = {}
    moved = []
    for plan in plans:
        at = max([plan.at, *(made[target] for target in plan.links.values() if target in made)])
        made[plan.ref] = at
        moved.append(plan if at == plan.at else replace(plan, at=at))
    return sorted(moved, key=lambda plan: plan.at)
