"""What a scenario brings, worked out for its page: nothing is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.grading import Rubric, read_rubric
from labapp.late import Late
from labapp.people.words import language
from labapp.records.catalog import catalog
from labapp.scenario.generators import Language, generator
from labapp.values import dataclass

if TYPE_CHECKING:
    from labapp.scenario import codes, deal, seats
    from labapp.scenario.deal import Plan, Ref
    from labapp.scenario.read import Scenario
    from labapp.scenario.seats import Seat
    from labapp.scenario.shape import Position
    from labapp.scenario.shape_timeline import Event
else:
    codes, deal, seats = (Late(f"labapp.scenario.{name}") for name in ("codes", "deal", "seats"))

SHOWN_RECORDS, SHOWN_COLUMNS = 5, 6
BLANK = re.compile(r"\{\w+\}")  # filled in for each seat
MODES = {"class": _l("Whole class"), "team": _l("Teams"), "individual": _l("Each alone")}


@dataclass(frozen=True)
class View:
    """The figures of a scenario. `volumes`: (kind in words, invented per seat, given per seat, given once)."""

    scenario: Scenario
    rubric: Rubric
    seats: int
    points: str
    places: tuple[tuple[Position, int], ...]
    volumes: tuple[tuple[str, int, int, int], ...]

    @property
    def per_seat(self) -> int:
        """How many records each seat is dealt."""
        return sum(invented + given for _kind, invented, given, _once in self.volumes)


def view_of(scenario: Scenario) -> View:
    rubric = read_rubric(scenario.rubric.encode(), "rubric.yaml")
    points = sum((task.points for task in rubric.tasks), start=Fraction(0))
    places = tuple(_places(scenario.said.positions, 0))
    return View(
        scenario,
        rubric,
        sum(place.seats for place, _depth in places),
        short(points),
        places,
        tuple(_volumes(scenario)),
    )


def short(points: Fraction) -> str:
    """Points without zeros behind the point."""
    return f"{float(points):.2f}".rstrip("0").rstrip(".")


def _places(place: Position, depth: int) -> Iterator[tuple[Position, int]]:
    yield place, depth
    for child in place.below:
        yield from _places(child, depth + 1)


def clock_of(scenario: Scenario) -> str:
    """How the sandbox clock goes, in words."""
    said = scenario.said
    how = _("Stepped") if said.clock == "stepped" else _("Real time")
    fast = _("%(pace)s times as fast", pace=said.pace) if said.pace != 1 else ""
    return ", ".join(filter(None, (str(how), str(fast))))


def volume_label(name: str) -> str:
    """A name of `volumes` in words."""
    if name == "closed_opportunity":
        return str(_("Closed opportunities"))
    known = catalog().get(name)
    return str(known.plural) if known is not None else name


def _volumes(scenario: Scenario) -> Iterator[tuple[str, int, int, int]]:
    invented = {name: number for name, number in scenario.said.volumes if isinstance(number, int)}
    kinds = dict.fromkeys([*invented, *(given.kind for given in scenario.records)])
    for kind in kinds:
        mine = [given for given in scenario.records if given.kind == kind]
        each = sum(given.per == "seat" for given in mine)
        if invented.get(kind) or mine:
            yield volume_label(kind), invented.get(kind, 0), each, len(mine) - each


@dataclass(frozen=True)
class Happening:
    """A line of the timeline, in words."""

    at: str
    what: str
    whom: str


def events_of(scenario: Scenario) -> list[Happening]:
    """What happens by itself, in order."""
    names = {place.key: place.name.say(language()) for place in scenario.said.positions.walk()}
    events = sorted(scenario.events, key=lambda event: (int(event.at.partition("d")[0]), event.at))
    return [
        Happening(
            event.at,
            _happens(event),
            ", ".join(names.get(key, key) for key in event.only)
            or str(_("Every seat") if event.per == "seat" else _("Everybody, once")),
        )
        for event in events
    ]


def _happens(event: Event) -> str:
    """What an event does; its own words where it tells any."""
    told = event.tell.say(language()) if event.tell else ""
    if event.kind:
        known = catalog().get(event.kind)
        subject = event.values.get(known.title) if known is not None else None
        text = subject.get(language()) if isinstance(subject, dict) else None
        what = str(known.label) if known is not None else event.kind
        said = BLANK.sub("…", text or told)
        return f"{what}: {said}" if said else str(_("%(kind)s arrives", kind=what))
    if event.quiet:
        return told or str(_("A customer goes quiet"))
    if event.quarter_ends:
        return told or str(_("The quarter %(quarter)s ends", quarter=event.quarter_ends))
    return told or str(_("%(key)s changes", key=event.changes))


@dataclass(frozen=True)
class Sample:
    """The first records of one kind that a seat would get. `more`: how many follow."""

    label: str
    shared: bool
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int


def seats_by_position(scenario: Scenario) -> dict[str, Seat]:
    """The first seat of every position that has one."""
    found: dict[str, Seat] = {}
    for seat in seats.seats_of(scenario.said):
        found.setdefault(seat.position, seat)
    return found


def samples(scenario: Scenario, seed: int, word: Language, seat: Seat) -> list[Sample]:
    """What this seat would be dealt with this seed, kind by kind: really dealt, and written nowhere."""
    dealer = deal.Dealer(scenario, generator(), seed, word)
    shared, mine = dealer.shared(), dealer.seat(seat)
    titles = {plan.ref: _title(plan) for plan in (*shared, *mine)}
    return [
        _sample(scenario, kind, [plan for plan in plans if plan.kind == kind], titles)
        for plans in (mine, shared)
        for kind in dict.fromkeys(plan.kind for plan in plans)
    ]


def _title(plan: Plan) -> str:
    known = catalog()[plan.kind]
    return str(plan.values.get(known.title) or plan.ref.key)


def _sample(scenario: Scenario, kind: str, plans: list[Plan], titles: dict[Ref, str]) -> Sample:
    known = catalog()[kind]
    said = {name for plan in plans for name in (*plan.values, *plan.links)}
    fields = {field.log: field for field in known.fields.values() if field.log in said}
    first = [name for name in (known.title, *known.columns) if name.removesuffix("_id") in fields]
    names = list(dict.fromkeys([*(name.removesuffix("_id") for name in first), *fields]))[:SHOWN_COLUMNS]
    labels = {
        (code.table, code.key): code.label.say(language()) for code in codes.codes_with(scenario.said.codes)
    }
    rows = []
    for plan in plans[:SHOWN_RECORDS]:
        cells = []
        for name in names:
            if name in plan.links:
                cells.append(titles.get(plan.links[name], ""))
            else:
                value = plan.values.get(name)
                label = labels.get((fields[name].codes or "", str(value)))
                cells.append(label or shown(_amount(value) if fields[name].shape == "money" else value))
        rows.append(tuple(cells))
    heads = tuple(str(fields[name].label) for name in names)
    return Sample(str(known.plural), plans[0].owner == "", heads, tuple(rows), len(plans) - len(rows))


def _amount(value: Any) -> Any:
    """A sum of money is one, whether it was invented or stands in a file as 48600 or "48600"."""
    try:
        return Decimal(str(value)) if isinstance(value, str | int) and value != "" else value
    except InvalidOperation:  # a text with names in it, which the opening puts in their place
        return value


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("Yes")) if value else str(_("No"))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(format_decimal(value))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
