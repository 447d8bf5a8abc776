"""Opening a course from a scenario: its sandboxes one after the other, shown together (product.md L1)."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.directory import sandboxes_of
from labapp.people.models import CLASS, Course, Sandbox
from labapp.records.work import writing
from labapp.scenario.deal import Plan, dealer_of
from labapp.scenario.exams import give_exam
from labapp.scenario.generators import Language, generator
from labapp.scenario.kept import keep_texts
from labapp.scenario.read import Scenario
from labapp.scenario.seats import Unit, units_of
from labapp.scenario.unit import (
    Given,
    begin_unit,
    first_staff,
    open_unit,
    plans_of,
    sandbox_name,
    set_aside,
    show,
)
from labapp.values import dataclass

JOIN_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
MOST_STUDENTS, MOST_SANDBOXES, LONGEST_NAME = 2000, 500, 80
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Opening:
    """What is asked for. `students` None: as many as the scenario plans; `language`, `team_size` None: its own."""

    name: str
    seed: int = 1
    students: int | None = None
    mode: str = CLASS
    language: Language | None = None
    instructor_account_id: int | None = None
    title: str | None = None
    term: str = ""
    team_size: int | None = None
    listed: bool = True


def open_sandbox(scenario: Scenario, opening: Opening, told: Told = lambda done, total: None) -> Sandbox:
    """Open a course and give its first sandbox: in mode class the only one. Raises as `open_course`."""
    return sandboxes_of(open_course(scenario, opening, told).id)[0]


def open_course(
    scenario: Scenario,
    opening: Opening,
    told: Told = lambda done, total: None,
    *,
    begun: int | None = None,
    note: Callable[[int], None] = lambda course_id: None,
) -> Course:
    """Open a course with all its sandboxes. `told(done, total)` hears of progress.

    `note` is told the id of the course in the transaction that makes it; `begun` is that id when an opening that was
    killed is taken up: sandboxes that were whole stay, one that was half made is put aside and made anew. Raises
    Invalid if the name is taken, the mode is not offered, or no generator is installed. Must be called outside a write
    transaction; it takes several, so that others can write meanwhile.
    """
    generator()
    units = _units(scenario, opening)
    if begun is None:
        with writing():
            _check_name(opening.name)
            course = _course(scenario, opening)
            course_id = course.id
            note(course_id)
    else:
        course_id = begun
    dealt = _dealt(scenario, opening, units[0])
    progress = _Progress(told, _sizes(len(dealt), units))
    staff = first_staff(opening.instructor_account_id)
    for unit in units:
        sandbox = _place_for(course_id, scenario, unit, opening.seed)
        if sandbox is not None:
            given = Given(staff, plans=dealt if unit is units[0] else None)
            open_unit(scenario, unit, sandbox, given, progress.more)
        progress.next()
    with writing():
        show([*db.session.scalars(select(Sandbox).filter_by(course_id=course_id, state="ready"))])
    return db.session.get_one(Course, course_id, populate_existing=True)


class _Progress:
    """How many records of all are made; sandboxes that were whole already count at once."""

    def __init__(self, told: Told, sizes: Sequence[int]) -> None:
        self.told, self.sizes = told, list(sizes)
        self.total, self.done, self.begun = sum(sizes), 0, 0

    def more(self, count: int) -> None:
        self.begun += count
        self.told(self.done + self.begun, self.total)

    def next(self) -> None:
        self.done, self.begun = self.done + self.sizes.pop(0), 0


def _units(scenario: Scenario, opening: Opening) -> tuple[Unit, ...]:
    """Raises Invalid for what cannot be opened."""
    if opening.mode not in scenario.said.modes:
        raise Invalid(_l("This scenario is not offered in this mode."))
    if opening.students is not None and not 0 <= opening.students <= MOST_STUDENTS:
        raise Invalid(_l("The number of students must lie between 0 and 2,000."))
    size = opening.team_size or scenario.said.team_size
    if not 2 <= size <= 20:
        raise Invalid(_l("A team has 2 to 20 members."))
    units = units_of(scenario, opening.mode, opening.students, size)
    if not units:
        raise Invalid(_l("In this mode a course begins with at least one student."))
    if len(units) > MOST_SANDBOXES:
        raise Invalid(_l("A course has at most %(most)s sandboxes.", most=MOST_SANDBOXES))
    longest = max(len(sandbox_name(opening.name, unit.name)) for unit in units)
    if not opening.name.strip() or longest > LONGEST_NAME or "/" in opening.name:
        raise Invalid(
            _l("A course needs a name without a slash; with the name of a sandbox at most 80 characters.")
        )
    return units


def _check_name(name: str) -> None:
    """Raises Invalid if a course or sandbox is called so."""
    taken = select(Sandbox.id).where(Sandbox.name == name).union(select(Course.id).where(Course.name == name))
    if db.session.execute(taken).first() is not None:
        raise Invalid(_l("There is a course or sandbox called %(name)s already.", name=name))


def _course(scenario: Scenario, opening: Opening) -> Course:
    language = opening.language or scenario.said.language
    course = Course(
        name=opening.name,
        title=opening.title or scenario.title.say(language),
        scenario=scenario.key,
        term=opening.term,
        mode=opening.mode,
        team_size=opening.team_size or scenario.said.team_size,
        join_code=_join_code(),
        listed=opening.listed,
        language=language,
        rubric=scenario.rubric,
        scenario_sha256=keep_texts(scenario.key, scenario.texts),
        owner_account_id=opening.instructor_account_id,
    )
    db.session.add(course)
    db.session.flush()
    give_exam(course, scenario)
    said: dict[str, Any] = {"scenario": scenario.key, "seed": opening.seed, "mode": opening.mode}
    append_act(Act("course.open", None, course.name, course.title, said))
    return course


def _join_code() -> str:
    """Six letters and digits that nobody mistakes for others, free."""
    while True:
        code = "".join(secrets.choice(JOIN_LETTERS) for _ in range(6))
        if db.session.execute(select(Course.id).where(Course.join_code == code)).first() is None:
            return code


def _place_for(course_id: int, scenario: Scenario, unit: Unit, seed: int) -> Sandbox | None:
    """The empty sandbox of a unit; None if it is whole already. One that was half made is put aside."""
    with writing():
        course = db.session.get_one(Course, course_id)
        query = select(Sandbox).filter_by(course_id=course_id, name=sandbox_name(course.name, unit.name))
        half = db.session.scalars(query.execution_options(populate_existing=True)).first()
        if half is not None and half.state != "opening":
            return None
        if half is not None:
            set_aside(half)
        return begin_unit(course, scenario, unit, seed)


def _dealt(scenario: Scenario, opening: Opening, unit: Unit) -> list[Plan]:
    """The records of a unit that is to be opened."""
    language = opening.language or scenario.said.language
    like = Sandbox(seed=opening.seed, language=language, unit=unit.name)
    return plans_of(dealer_of(like, scenario), unit)


def _sizes(first: int, units: Sequence[Unit]) -> list[int]:
    """About how many records each unit begins with: as many as the first, by its seats."""
    return [first * (len(unit.seats) or 1) // (len(units[0].seats) or 1) for unit in units]
