"""The next term: a fresh course from the same scenario with a new seed, with or without its people.

The old course is frozen and archived first and stays as it is. Until the new one is whole nobody sees it. The comments
kept for marking come along; so do rubric and question bank as they were edited, unless that is not wanted.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from labapp import clock
from labapp.access.errors import Invalid
from labapp.db import db, migrate
from labapp.gradebook import bank
from labapp.jobs import GaveUp, Run
from labapp.lifecycle.asking import Progress, act_of, spoken
from labapp.lifecycle.edited import bring_edited
from labapp.lifecycle.making import make, name_of_file
from labapp.lifecycle.manifest import CannotArchive
from labapp.lifecycle.states import freeze_here, locked, name_taken
from labapp.oplog.append import Act, append_act
from labapp.people.directory import sandboxes_of
from labapp.people.models import (
    ACTIVE,
    FROZEN,
    INSTRUCTOR,
    LEFT,
    OPEN,
    STUDENT,
    Course,
    Membership,
    Position,
    Sandbox,
)
from labapp.records.work import writing
from labapp.scenario.generators import Language
from labapp.scenario.library import scenario_of
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import Scenario
from labapp.scenario.write import Writer

ASKED = {
    "with_members": False,
    "as_edited": True,
}  # what may be asked for, and whether it is where nobody says


def roll_over(run: Run) -> None:
    """Roll the course of this job over. A run that was killed goes on with what stands already."""
    assert run.course_id is not None
    with spoken(run):
        try:
            scenario = scenario_for(run.course_id)
            _check_name(run)
            _close(run, run.course_id)
            _archive(run, run.course_id)
            new_id = _open(run, run.course_id, scenario)
            if run.args.get("with_members"):
                _bring(run.course_id, new_id, run)
            with writing():
                bank.copy(run.course_id, new_id)
                if run.args.get("as_edited", True):
                    bring_edited(run.course_id, new_id)
        except (Invalid, CannotArchive) as error:
            raise GaveUp(str(error)) from error
        migrate.analyze()
        run.result = {"course_id": new_id}


def scenario_for(course_id: int) -> Scenario:
    """The scenario of a course as it was at its opening. Raises Invalid where it is not there any more."""
    found = scenario_of(db.session.get_one(Course, course_id))
    if found is None:
        raise Invalid(
            _("The scenario of this course is not here any more; no sandbox can be opened from it.")
        )
    return found


def _check_name(run: Run) -> None:
    """Before anything is touched. Raises Invalid."""
    name = run.args["to"]
    if "new" not in run.resume and name_taken(name):
        raise Invalid(_("There is a course or sandbox called %(name)s already.", name=name))


def _close(run: Run, course_id: int) -> None:
    """The old course: nobody writes any more, nobody new comes in."""
    with writing():
        for sandbox in sandboxes_of(course_id):
            if locked(sandbox.id).state == OPEN:
                freeze_here(sandbox.id, act_of(run))
        course = db.session.get_one(Course, course_id, populate_existing=True)
        course.closed_at = course.closed_at or clock.now()


def _archive(run: Run, course_id: int) -> None:
    """Archive every sandbox of the old course that this job has not archived yet."""
    waiting = [row.id for row in sandboxes_of(course_id) if row.state == FROZEN]
    for sandbox_id in waiting:
        done = list(run.resume.get("archived", []))
        if sandbox_id in done:
            continue
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        progress = Progress(run, _("Archiving %(name)s.", name=sandbox.name))
        make(sandbox_id, name_of_file(sandbox), act_of(run), progress)
        run.progress(0, 0, resume={**run.resume, "archived": [*done, sandbox_id]})


def _open(run: Run, course_id: int, scenario: Scenario) -> int:
    """The new course, opened as the old one was; its number."""
    old = db.session.get_one(Course, course_id, populate_existing=True)
    asked = run.args
    opening = Opening(
        name=asked["to"],
        seed=asked["seed"],
        students=seats_of_course(course_id),
        mode=old.mode,
        language=_language(old),
        instructor_account_id=run.account_id or old.owner_account_id,
        title=asked.get("title") or old.title,
        term=asked.get("term") or "",
        team_size=old.team_size,
    )
    progress = Progress(run, _("The new course gets its records."))

    def note(new_id: int) -> None:
        run.progress(0, 0, progress.message, resume={**run.resume, "new": new_id})
        details = {"from": old.name, "seed": opening.seed}
        details |= {name: bool(asked.get(name, usual)) for name, usual in ASKED.items()}
        by = act_of(run)
        append_act(Act("course.rollover", by.account, opening.name, opening.title or "", details, by.address))

    return open_course(scenario, opening, progress, begun=run.resume.get("new"), note=note).id


def _language(course: Course) -> Language:
    return "zh" if course.language == "zh" else "en"


def seats_of_course(course_id: int) -> int:
    """How many seats for students its sandboxes have, taken or free."""
    ids = [sandbox.id for sandbox in sandboxes_of(course_id)]
    query = select(func.count()).where(
        Membership.sandbox_id.in_(ids), Membership.role == STUDENT, Membership.state.in_((ACTIVE, LEFT))
    )
    return int(db.session.execute(query).scalar_one())


# -- its people ------------------------------------------------------------------------------------------------------


def _bring(old_id: int, new_id: int, run: Run) -> None:
    """The same accounts in the same positions; whoever is in already stays. One sandbox, one transaction."""
    old = [_places(sandbox.id) for sandbox in sandboxes_of(old_id)]
    students = [person for places in old for person in _people(places) if person.role == STUDENT]
    staff = [person for person in _people(old[0]) if person.role != STUDENT] if old else []
    names = {place: serial for places in old for place, serial in places.serials.items()}
    for sandbox in sandboxes_of(new_id):
        with writing():
            _Seating(sandbox.id, new_id, names).seat(students, staff)


class _Places:
    """A sandbox, and the serials of its positions."""

    def __init__(self, sandbox_id: int) -> None:
        self.sandbox_id = sandbox_id
        query = select(Position.id, Position.serial).where(Position.sandbox_id == sandbox_id)
        self.serials = {row.id: row.serial for row in db.session.execute(query)}


def _places(sandbox_id: int) -> _Places:
    return _Places(sandbox_id)


def _people(places: _Places) -> Sequence[Membership]:
    """Who is in a sandbox with an account, in the order of the keys."""
    query = select(Membership).where(
        Membership.sandbox_id == places.sandbox_id,
        Membership.state == ACTIVE,
        Membership.account_id.is_not(None),
    )
    return db.session.scalars(query.order_by(Membership.serial)).all()


class _Seating:
    """Fills one new sandbox. `names` are the serials of the old positions."""

    def __init__(self, sandbox_id: int, course_id: int, names: dict[int, int]) -> None:
        sandbox = db.session.get_one(Sandbox, sandbox_id, populate_existing=True)
        self.writer = Writer(sandbox, sandbox.starts_at, secrets.token_hex(8))
        self.names = names
        self.here = {serial: place for place, serial in _Places(sandbox_id).serials.items()}
        query = select(Membership.account_id).where(
            Membership.course_id == course_id, Membership.role == STUDENT
        )
        self.known = set(db.session.scalars(query))
        self.rows = list(db.session.scalars(select(Membership).filter_by(sandbox_id=sandbox_id)))

    def seat(self, students: Sequence[Membership], staff: Sequence[Membership]) -> None:
        free = {
            row.key: row
            for row in self.rows
            if row.role == STUDENT and row.account_id is None and row.state == ACTIVE
        }
        for person in students:
            if free and person.account_id not in self.known:
                self._take(self._seat_for(person, free), person)
        here = {row.account_id for row in self.rows}
        for person in staff:
            if person.account_id not in here:
                self._join(person)
        if self.writer.steps:
            self.writer.keep(restamp=True)

    def _seat_for(self, person: Membership, free: dict[Any, Membership]) -> Membership:
        """The own seat if it is free and in the same position, else one of that position, else any."""
        places = self._positions(person)
        same = [key for key, row in free.items() if list(row.positions) == places]
        key = person.key if person.key in same else next(iter(same), next(iter(free)))
        return free.pop(key)

    def _positions(self, person: Membership) -> list[int]:
        """The new positions for the old ones, as far as the scenario has them."""
        serials = (self.names.get(place) for place in person.positions)
        return [self.here[serial] for serial in serials if serial in self.here]

    def _take(self, seat: Membership, person: Membership) -> None:
        places = self._positions(person) or list(seat.positions)
        with self.writer.step("membership.approve") as work:
            seat.account_id = person.account_id
            work.update(
                seat, name=person.name, number=person.number, class_name=person.class_name, positions=places
            )
            work.header.record, work.header.label = seat.serial, person.name or ""
        self.known.add(person.account_id)

    def _join(self, person: Membership) -> None:
        """Staff: another membership, under a key that is free."""
        taken = {row.key for row in self.rows}
        letter = "t" if person.role == INSTRUCTOR else (person.key or "x")[0]
        free = next(key for number in range(1, 1000) if (key := f"{letter}{number:03d}") not in taken)
        columns = {"account_id": person.account_id, "name": person.name, "number": person.number}
        row = self.writer.member(free, person.role, positions=self._positions(person), **columns)
        self.rows.append(row)
