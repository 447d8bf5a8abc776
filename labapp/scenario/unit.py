"""One sandbox of a course, from nothing to whole: structure, people, records, one set-up step a row.

What is written here stands in nobody's name, at lab times before the start. Until somebody shows it, the sandbox is
seen by nobody: `opening` while it is made, `ready` once it is whole.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from sqlalchemy import select

from labapp import clock
from labapp.db import db
from labapp.grading.collector import collector_at_rest
from labapp.people.directory import sandboxes_of
from labapp.people.models import (
    ACTIVE,
    INSTRUCTOR,
    SIMULATED,
    STUDENT,
    Account,
    Course,
    Membership,
    Position,
    Sandbox,
    new_stamp,
)
from labapp.records.work import writing
from labapp.scenario.codes import codes_with
from labapp.scenario.deal import Dealer, Plan, by_time, dealer_of
from labapp.scenario.exams import shown
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Unit
from labapp.scenario.settings import settings_of
from labapp.scenario.write import Writer
from labapp.values import dataclass

AT_ONCE = 300
FIRST_INSTRUCTOR = "t001"
TOP = 1  # the serial of the instructor's position
Told = Callable[[int], None]
People = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Staff:
    """Somebody who is in every sandbox of a course: columns of the membership, and positions by serial."""

    columns: Mapping[str, Any]
    places: tuple[int, ...]


@dataclass(frozen=True)
class Given:
    """What a sandbox begins with besides its scenario: who teaches; who sits already, as columns by key.

    `plans` are its records, where they are dealt already.
    """

    staff: Sequence[Staff]
    who: People = field(default_factory=dict)
    plans: Sequence[Plan] | None = None


def first_staff(account_id: int | None) -> list[Staff]:
    """Whoever opens a course instructs in it; nobody yet where no account is named."""
    account = db.session.get(Account, account_id) if account_id is not None else None
    person = {"account_id": account.id, "name": account.name, "number": account.number} if account else {}
    return [Staff({"key": FIRST_INSTRUCTOR, "role": INSTRUCTOR, **person}, (TOP,))]


def staff_of(course_id: int) -> list[Staff]:
    """Who teaches, assists and observes in a course, as in the first of its sandboxes."""
    known = sandboxes_of(course_id)[0]
    serials = {
        row.id: row.serial for row in db.session.scalars(select(Position).filter_by(sandbox_id=known.id))
    }
    query = select(Membership).where(
        Membership.sandbox_id == known.id, Membership.role != STUDENT, Membership.state == ACTIVE
    )
    return [
        Staff(staff_columns(row), tuple(serials[place] for place in row.positions if place in serials))
        for row in db.session.scalars(query.order_by(Membership.serial))
    ]


def staff_columns(row: Membership) -> dict[str, Any]:
    """What a membership of staff is in every sandbox of the course."""
    names = ("key", "role", "state", "account_id", "name", "number", "class_name")
    return {name: getattr(row, name) for name in names}


def open_unit(
    scenario: Scenario, unit: Unit, sandbox: Sandbox, given: Given, told: Told = lambda count: None
) -> None:
    """Fill a sandbox that `begin_unit` made: `opening` until it is `ready`. `told(count)` hears of records made.

    In a running write transaction all is part of it; outside it takes several, short enough for others to write
    between.
    """
    sandbox_id = sandbox.id
    with writing():
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        dealer = dealer_of(sandbox, scenario)
        writer = Writer(sandbox, dealer.before, secrets.token_hex(8))
        places = _structure(writer, scenario)
    with writing():
        _people(writer, dealer, _everybody(dealer, unit, given, places), unit)
    plans = plans_of(dealer, unit) if given.plans is None else given.plans
    for start in range(0, len(plans), AT_ONCE):
        some = plans[start : start + AT_ONCE]
        with collector_at_rest(), writing():
            writer.records(some)
            writer.keep()
            told(len(some))
    with writing():
        db.session.get_one(Sandbox, sandbox_id, populate_existing=True).state = "ready"


def begin_unit(course: Course, scenario: Scenario, unit: Unit, seed: int, name: str = "") -> Sandbox:
    """The empty sandbox of a unit, in the running write transaction; called after course and unit, or `name`."""
    said, settings = scenario.said, settings_of(scenario.said) | shown(scenario)
    sandbox = Sandbox(
        course_id=course.id,
        name=name or sandbox_name(course.name, unit.name),
        unit=unit.name,
        scenario=course.scenario,
        seed=seed,
        language=course.language,
        state="opening",
        starts_at=said.starts_at,
        clock_mode=said.clock,
        clock_base=said.starts_at,
        clock_set_at=clock.now(),
        clock_pace=said.pace,
        settings=settings,
        first_settings=settings,
        last_lab_at=said.starts_at,
    )
    sandbox.last_lab_at = dealer_of(sandbox, scenario).before
    db.session.add(sandbox)
    db.session.flush()
    return sandbox


def sandbox_name(course: str, unit: str) -> str:
    """`autumn-a` in mode class, else `autumn-a/s001`."""
    return f"{course}/{unit}" if unit else course


def show(sandboxes: Sequence[Sandbox]) -> None:
    """From now on they are open and their clocks run; in the running write transaction."""
    for sandbox in sandboxes:
        sandbox.state, sandbox.stamp, sandbox.clock_set_at = "open", new_stamp(), clock.now()


def set_aside(half: Sandbox) -> None:
    """Give the name of a sandbox free whose opening was broken off; in the running write transaction."""
    half.name, half.unit, half.state = f"{half.name[:60]}~{half.id}", "", "purging"
    db.session.flush()


def plans_of(dealer: Dealer, unit: Unit) -> list[Plan]:
    """Every record that a unit begins with, in the order of making."""
    with collector_at_rest():
        dealt = [plan for seat in unit.seats for plan in dealer.seat(seat)]
        colleagues = [plan for seat in unit.company for plan in dealer.company(seat)]
        return by_time([*dealer.shared(), *dealt, *colleagues])


def _structure(writer: Writer, scenario: Scenario) -> dict[str, int]:
    """Positions, code tables and custom fields. Returns position ids by the scenario's keys."""
    places = writer.positions(scenario.said.positions)
    writer.codes(codes_with(scenario.said.codes), places)
    writer.fields(scenario.said.fields)
    writer.keep(restamp=True)
    return places


def _everybody(dealer: Dealer, unit: Unit, given: Given, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """The columns of all memberships: who teaches, the seats, the simulated company."""
    ids = list(places.values())
    people = [
        {**one.columns, "positions": [ids[serial - 1] for serial in one.places if serial <= len(ids)]}
        for one in given.staff
    ]
    for seat in unit.seats:
        place = [places[seat.position]]
        people.append(
            {"key": seat.member, "role": STUDENT, "positions": place, **given.who.get(seat.member, {})}
        )
    for seat in unit.company:
        columns = {"state": SIMULATED, "name": dealer.colleague(seat), "positions": [places[seat.position]]}
        people.append({"key": seat.member, "role": STUDENT, **columns})
    return people


def _people(writer: Writer, dealer: Dealer, people: Sequence[dict[str, Any]], unit: Unit) -> None:
    """The memberships and the groups of the scenario."""
    writer.owners[""] = writer.members(people)[0].id
    seated = {seat.member: seat.position for seat in (*unit.seats, *unit.company)}
    writer.groups(
        (
            group.name.say(dealer.language),
            [writer.owners[key] for key, position in seated.items() if position in group.positions],
        )
        for group in dealer.scenario.said.groups
    )
    writer.keep(restamp=True)
