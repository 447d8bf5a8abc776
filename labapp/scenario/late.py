"""Seats and sandboxes that come after the opening: late joiners, a team or student that begins anew."""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.people.directory import sandboxes_of
from labapp.people.models import (
    ACTIVE,
    CLASS,
    LEFT,
    OPENING,
    PURGING,
    READY,
    STUDENT,
    TEAM,
    Account,
    Course,
    Membership,
    Position,
    Sandbox,
)
from labapp.records.catalog import catalog
from labapp.records.places import next_student
from labapp.records.work import writing
from labapp.scenario.deal import Dealer, by_time, dealer_of
from labapp.scenario.library import scenario_of
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Seat, Unit, company_of, individual, team, team_places
from labapp.scenario.unit import Given, Told, begin_unit, open_unit, set_aside, show, staff_of
from labapp.scenario.write import Writer

NUMBER = re.compile(r"\d+$")


def deal_seat(actor: Actor, membership_id: int) -> None:
    """Make the records of a seat that was added later, from the sandbox's own seed.

    For `app.extensions["deal_seat"]`; joins the running write transaction. Nothing happens for others than
    students, or where the scenario is not installed any more.
    """
    sandbox = db.session.get_one(Sandbox, actor.sandbox_id, populate_existing=True)
    member = db.session.get_one(Membership, membership_id, populate_existing=True)
    scenario = scenario_of(db.session.get_one(Course, sandbox.course_id))
    if scenario is None or member.role != STUDENT or member.key is None:
        return
    dealer = dealer_of(sandbox, scenario)
    writer = Writer(sandbox, dealer.before, secrets.token_hex(8), {member.key: member.id})
    with writing():
        writer.made = dict(shared_records(sandbox, dealer))
        writer.records(by_time(dealer.seat(Seat(member.key, position_key(scenario, member)))))
        if writer.steps:
            writer.keep()


def position_key(scenario: Scenario, member: Membership) -> str:
    """The scenario's key of the member's first position: positions are numbered in the order of its tree."""
    keys = [position.key for position in scenario.said.positions.walk()]
    position = db.session.get(Position, member.positions[0]) if member.positions else None
    return keys[position.serial - 1] if position is not None and position.serial <= len(keys) else ""


def shared_records(sandbox: Sandbox, dealer: Dealer) -> Iterator[tuple[Any, tuple[str, int]]]:
    """The records that exist once, found again by when they were made and what they were called."""
    for plan in dealer.shared():
        record_type = catalog()[plan.kind]
        model: Any = record_type.model
        query = select(model.id).where(model.sandbox_id == sandbox.id, model.created_at == plan.at)
        for name in ("code", record_type.title):
            if name in plan.values:
                query = query.where(getattr(model, name) == plan.values[name])
        found = db.session.execute(query, execution_options={"seen_by": EVERYONE}).first()
        if found is not None:
            yield plan.ref, (plan.kind, found.id)


# -- sandboxes that come later ---------------------------------------------------------------------


def open_further(course_id: int, note: Callable[[int], None] = lambda sandbox_id: None) -> int:
    """A further sandbox of a course in mode team or individual, dealt from the course's seed; its id.

    For `app.extensions["open_further"]`. Inside a write transaction it is part of that, outside it takes several;
    `note` is told its id in the one that begins it. Raises Invalid where the scenario of the course is not there any
    more.
    """
    with writing():
        query = select(Course).where(Course.id == course_id).with_for_update()
        course = db.session.scalars(query.execution_options(populate_existing=True)).one()
        scenario = _scenario(course)
        unit = next_unit(course, scenario)
        sandbox = begin_unit(course, scenario, unit, sandboxes_of(course_id)[0].seed)
        sandbox_id = sandbox.id
        note(sandbox_id)
    open_unit(scenario, unit, sandbox, Given(staff_of(course_id)))
    with writing():
        show([db.session.get_one(Sandbox, sandbox_id, populate_existing=True)])
    return sandbox_id


def settle(sandbox_id: int | None) -> int:
    """Of a sandbox whose opening was broken off: 1 if it was whole, and now stands; else it is put aside."""
    with writing():
        found = db.session.get(Sandbox, sandbox_id or 0, populate_existing=True)
        if found is None or found.state == PURGING:
            return 0
        if found.state == OPENING:
            set_aside(found)
            return 0
        if found.state == READY:
            show([found])
        return 1


def next_unit(course: Course, scenario: Scenario) -> Unit:
    """The unit after the last one that was ever begun in this course."""
    names = db.session.scalars(select(Sandbox.unit).where(Sandbox.course_id == course.id))
    number = max((int(found[0]) for name in names if (found := NUMBER.findall(name))), default=0) + 1
    if course.mode != TEAM:
        return individual(scenario, number)
    return team(scenario, number, next_student(course.id), course.team_size, course.team_size)


def fresh_beside(sandbox_id: int, told: Told = lambda count: None) -> int:
    """A fresh sandbox of the same unit, with the same people in the same seats, seen by nobody; its id.

    The first half of a reset of a team or student; `take_over` is the other. Raises Invalid as `open_further`.
    """
    with writing():
        old = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        course = db.session.get_one(Course, old.course_id)
        scenario = _scenario(course)
        people = _students(old)
        unit = _same_unit(course, scenario, old, people)
        fresh = begin_unit(
            course, scenario, unit, old.seed, name=f"{old.name[:60]}~new{secrets.token_hex(4)}"
        )
        fresh_id = fresh.id
        staff = staff_of(course.id)
    who = {str(row.key): _person(row) for row in people if row.account_id is not None}
    open_unit(scenario, unit, fresh, Given(staff, who), told)
    return fresh_id


def take_over(old: Sandbox, fresh: Sandbox) -> None:
    """The fresh sandbox takes the name of the old one, which is put aside; in the running write transaction.

    Who was in the old one last is in the fresh one from now on. What becomes of the old one's state says the caller.
    """
    name, old.name = old.name, f"{old.name[:60]}~{old.id}"
    old.replaced_at = clock.now()
    db.session.flush()
    fresh.name = name
    show([fresh])
    db.session.flush()
    new_seats = {
        row.account_id: row.id
        for row in db.session.scalars(select(Membership).filter_by(sandbox_id=fresh.id))
    }
    last = select(Account).join(Membership, Membership.id == Account.last_membership_id)
    for account in db.session.scalars(last.where(Membership.sandbox_id == old.id)):
        account.last_membership_id = new_seats.get(account.id, account.last_membership_id)


def _scenario(course: Course) -> Scenario:
    found = scenario_of(course)
    if found is None:
        raise Invalid(
            _l("The scenario of this course is not here any more; no sandbox can be opened from it.")
        )
    return found


def _students(sandbox: Sandbox) -> list[Membership]:
    """The seats of a sandbox, taken or free, in their order."""
    query = select(Membership).where(
        Membership.sandbox_id == sandbox.id, Membership.role == STUDENT, Membership.state.in_((ACTIVE, LEFT))
    )
    return list(db.session.scalars(query.order_by(Membership.serial)))


def _same_unit(course: Course, scenario: Scenario, old: Sandbox, people: Sequence[Membership]) -> Unit:
    """The unit as it is peopled now."""
    seats = tuple(Seat(str(row.key), position_key(scenario, row)) for row in people)
    held = [scenario.student_position]
    if course.mode == TEAM:
        held = team_places(scenario.said, course.team_size)
    places = {position.key for position in scenario.said.positions.walk()}
    seats = tuple(seat if seat.position in places else Seat(seat.member, held[0]) for seat in seats)
    company = () if course.mode == CLASS else company_of(scenario.said, held)
    return Unit(old.unit, seats, company)


def _person(row: Membership) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("account_id", "name", "number", "class_name", "state")}
