"""Opening a sandbox from a scenario: everything it begins with, one set-up step a row (product.md L1).

What is written here stands in nobody's name, at lab times before the start. Until it is whole the sandbox has
the state `opening` and is seen by nobody.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.models import (
    INSTRUCTOR,
    STUDENT,
    Account,
    Course,
    Membership,
    Position,
    Sandbox,
    new_stamp,
)
from labapp.records.catalog import catalog
from labapp.records.work import writing
from labapp.scenario.codes import codes_with
from labapp.scenario.deal import Dealer, Plan, by_time
from labapp.scenario.generators import Language, generator
from labapp.scenario.kept import keep_texts
from labapp.scenario.library import scenario_of
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Seat, seats_of
from labapp.scenario.settings import settings_of
from labapp.scenario.write import Writer

AT_ONCE = 150
JOIN_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
FIRST_INSTRUCTOR = "t001"
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Opening:
    """What is asked for. `students` None: as many as the scenario plans; `language` None: its own."""

    name: str
    seed: int = 1
    students: int | None = None
    mode: str = "class"
    language: Language | None = None
    instructor_account_id: int | None = None
    title: str | None = None
    term: str = ""


def open_sandbox(scenario: Scenario, opening: Opening, told: Told = lambda done, total: None) -> Sandbox:
    """Open a course with its sandbox. `told(done, total)` hears of progress.

    Raises Invalid if the name is taken, the mode is not offered, or no generator is installed. Must be called
    outside a write transaction; it takes several, so that others can write meanwhile.
    """
    _check(scenario, opening)
    language = opening.language or scenario.said.language
    dealer = Dealer(scenario, generator(), opening.seed, language)
    with writing():
        writer = Writer(_rows(scenario, opening, dealer, language), dealer.before, secrets.token_hex(8))
        sandbox_id = writer.sandbox.id
    with writing():
        places = _structure(writer, scenario)
    with writing():
        seats = _people(writer, scenario, opening, places)
    plans = by_time([*dealer.shared(), *(plan for seat in seats for plan in dealer.seat(seat))])
    _records(writer, plans, told)
    with writing():
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        sandbox.state, sandbox.stamp, sandbox.clock_set_at = "open", new_stamp(), clock.now()
    return sandbox


def _check(scenario: Scenario, opening: Opening) -> None:
    """Raises Invalid for what cannot be opened."""
    if opening.mode != "class" or opening.mode not in scenario.said.modes:
        raise Invalid(_l("This scenario can be opened for a whole class only (mode class)."))
    if opening.students is not None and not 0 <= opening.students <= 2000:
        raise Invalid(_l("The number of students must lie between 0 and 2,000."))
    if not opening.name.strip() or len(opening.name) > 80 or "/" in opening.name:
        raise Invalid(_l("A course needs a name of at most 80 characters without a slash."))
    taken = (
        select(Sandbox.id)
        .where(Sandbox.name == opening.name)
        .union(select(Course.id).where(Course.name == opening.name))
    )
    if db.session.execute(taken).first() is not None:
        raise Invalid(_l("There is a course or sandbox called %(name)s already.", name=opening.name))


def _rows(scenario: Scenario, opening: Opening, dealer: Dealer, language: Language) -> Sandbox:
    """The course and its sandbox, still opening."""
    course = Course(
        name=opening.name,
        title=opening.title or scenario.title.say(language),
        scenario=scenario.key,
        term=opening.term,
        mode=opening.mode,
        join_code=_join_code(),
        language=language,
        rubric=scenario.rubric,
        scenario_sha256=keep_texts(scenario.key, scenario.texts),
        owner_account_id=opening.instructor_account_id,
    )
    db.session.add(course)
    db.session.flush()
    settings = settings_of(scenario.said)
    said = scenario.said
    sandbox = Sandbox(
        course_id=course.id,
        name=opening.name,
        scenario=scenario.key,
        seed=opening.seed,
        language=language,
        state="opening",
        starts_at=said.starts_at,
        clock_mode=said.clock,
        clock_base=said.starts_at,
        clock_set_at=clock.now(),
        clock_pace=said.pace,
        settings=settings,
        first_settings=settings,
        last_lab_at=dealer.before,
    )
    db.session.add(sandbox)
    db.session.flush()
    append_act(
        Act("course.open", None, course.name, course.title, {"scenario": said.key, "seed": opening.seed})
    )
    return sandbox


def _join_code() -> str:
    """Six letters and digits that nobody mistakes for others, free."""
    while True:
        code = "".join(secrets.choice(JOIN_LETTERS) for _ in range(6))
        if db.session.execute(select(Course.id).where(Course.join_code == code)).first() is None:
            return code


def _structure(writer: Writer, scenario: Scenario) -> dict[str, int]:
    """Positions, code tables and custom fields. Returns position ids by the scenario's keys."""
    places = writer.positions(scenario.said.positions)
    writer.codes(codes_with(scenario.said.codes), places)
    writer.fields(scenario.said.fields)
    writer.keep(restamp=True)
    return places


def _people(writer: Writer, scenario: Scenario, opening: Opening, places: dict[str, int]) -> tuple[Seat, ...]:
    """The instructor, the seats and the groups."""
    said, language = scenario.said, writer.sandbox.language
    account = _account(opening.instructor_account_id)
    person = {"account_id": account.id, "name": account.name, "number": account.number} if account else {}
    instructor = writer.member(FIRST_INSTRUCTOR, INSTRUCTOR, positions=[places[said.positions.key]], **person)
    writer.owners[""] = instructor.id
    seats = seats_of(said, opening.students)
    for seat in seats:
        writer.member(seat.member, STUDENT, positions=[places[seat.position]])
    for group in said.groups:
        members = [writer.owners[seat.member] for seat in seats if seat.position in group.positions]
        writer.group(group.name.say(language), members)
    writer.keep(restamp=True)
    return seats


def _account(account_id: int | None) -> Account | None:
    return db.session.get(Account, account_id) if account_id is not None else None


def _records(writer: Writer, plans: Sequence[Plan], told: Told) -> None:
    """All records, in the order of lab time, in transactions short enough for others to write between."""
    total = len(plans)
    for start in range(0, total, AT_ONCE):
        with writing():
            writer.records(plans[start : start + AT_ONCE])
            writer.keep()
        told(min(start + AT_ONCE, total), total)


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
    dealer = Dealer(scenario, generator(), sandbox.seed, _language(sandbox))
    writer = Writer(sandbox, dealer.before, secrets.token_hex(8), {member.key: member.id})
    with writing():
        writer.made = dict(_shared_records(sandbox, dealer))
        writer.records(by_time(dealer.seat(Seat(member.key, _position_key(scenario, member)))))
        if writer.steps:
            writer.keep()


def _language(sandbox: Sandbox) -> Language:
    return "zh" if sandbox.language == "zh" else "en"


def _position_key(scenario: Scenario, member: Membership) -> str:
    """The scenario's key of the member's first position: positions are numbered in the order of its tree."""
    keys = [position.key for position in scenario.said.positions.walk()]
    position = db.session.get(Position, member.positions[0]) if member.positions else None
    return keys[position.serial - 1] if position is not None and position.serial <= len(keys) else ""


def _shared_records(sandbox: Sandbox, dealer: Dealer) -> Iterator[tuple[Any, tuple[str, int]]]:
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
