"""Putting an account into a seat: one step `membership.approve` in each sandbox it concerns (product.md P1)."""

from dataclasses import replace

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, Refused
from labapp.access.rules import require_granted
from labapp.db import db
from labapp.people import roster
from labapp.people.directory import sandboxes_of
from labapp.people.models import (
    ACTIVE,
    ASSISTANT,
    CLASS,
    INSTRUCTOR,
    LEFT,
    OBSERVER,
    STUDENT,
    Account,
    Course,
    Membership,
    Sandbox,
)
from labapp.records import places
from labapp.records.sweeps import AUTOMATION, Automation
from labapp.records.work import Source, Work
from labapp.values import dataclass

KEY_LETTERS = {INSTRUCTOR: "t", ASSISTANT: "a", STUDENT: "s", OBSERVER: "o"}


@dataclass(frozen=True)
class Seating:
    """Where somebody is to sit. `position_id` may be None for all but students."""

    position_id: int | None
    role: str

    @property
    def positions(self) -> list[int]:
        return [] if self.position_id is None else [self.position_id]


@dataclass(frozen=True)
class Arrival:
    """Who comes in and where to. `more`: they have come in by another sandbox of the course just now."""

    account: Account
    seating: Seating
    class_name: str | None = None
    more: bool = False


def seat_account(
    actor: Actor, source: Source, account_id: int, seating: Seating, class_name: str | None = None
) -> Membership:
    """Put an account where it belongs in the course, in the running transaction.

    In mode class into a free seat of that position, or a new one. Else a student gets the place of one student or in a
    team, and everybody else a membership in every sandbox, of which the one in the actor's is returned.
    """
    arrival = Arrival(db.session.get_one(Account, account_id), seating, class_name)
    course = places.course_of(actor, locked=True)  # two who approve do not take one seat
    if course.mode == CLASS:
        return _seat(actor, source, arrival, None)
    if seating.role == STUDENT:
        return _seat_student(actor, source, arrival, course)
    seats: dict[int, Membership] = {}
    for sandbox in sandboxes_of(course.id):
        there = places.acting_in(actor, sandbox)
        position_id = places.counterpart(seating.position_id, sandbox.id)
        seated = replace(arrival, seating=Seating(position_id, seating.role), more=bool(seats))
        seats[sandbox.id] = _seat(there, source, seated, None)
    return seats[actor.sandbox_id]


def _seat_student(actor: Actor, source: Source, arrival: Arrival, course: Course) -> Membership:
    """Mode team or individual: where one was before, else in a seat that is free, or will be made."""
    before = _former(course.id, arrival.account)
    if before is not None:
        sandbox = db.session.get_one(Sandbox, before.sandbox_id)
        seat, positions = before, list(before.positions)
    else:
        sandbox, free, positions = places.place_for(course, arrival.seating.position_id)
        if free is None:
            there = places.acting_in(actor, sandbox)
            return _seat(there, source, replace(arrival, seating=Seating(positions[0], STUDENT)), None)
        seat = free
    seating = Seating(positions[0] if positions else None, STUDENT)
    return _seat(places.acting_in(actor, sandbox), source, replace(arrival, seating=seating), seat)


def _seat(actor: Actor, source: Source, arrival: Arrival, seat: Membership | None) -> Membership:
    """One step: this seat, else the one they had, else a free one of the position, else a new one."""
    account, seating = arrival.account, arrival.seating
    fresh = False
    with _approval(actor, source, seating) as work:
        require_instructor(actor, "approve")
        course_id = work.sandbox().course_id
        former = _standing(course_id, account, arrival.more, actor.sandbox_id)
        seat = former or seat or _free_seat(actor, seating)
        person = {"name": account.name, "number": account.number, "class_name": arrival.class_name}
        place = {"role": seating.role, "state": ACTIVE, "positions": seating.positions}
        if seat is None:
            fresh = True
            seat = work.create(
                Membership,
                course_id=course_id,
                account_id=account.id,
                key=_fresh_key(actor.sandbox_id, course_id, seating.role),
                **person,
                **place,
            )
        else:
            seat.account_id = account.id
            work.update(seat, **person, **place)
        work.header.record, work.header.label = seat.serial, account.name
        work.restamp = True
        account.last_membership_id = seat.id
        roster.take(course_id, account, seat.id)
    if fresh:
        deal(actor, seat.id)
    return seat


def _approval(actor: Actor, source: Source, seating: Seating) -> Work:
    """The work of taking somebody in: an instructor's, or nobody's where the roster does it."""
    if source.origin != AUTOMATION.origin:
        return Work(actor, "membership.approve", answers={"role": seating.role}, source=source)
    work = Automation(actor, "membership.approve")
    work.header.answers = {"role": seating.role}
    return work


def _former(course_id: int, account: Account) -> Membership | None:
    """The seat of a student who left a course of teams or single students, in a sandbox that still stands.

    Of several the one in which they were last, else the newest.
    """
    boxes = [sandbox.id for sandbox in sandboxes_of(course_id)]
    query = select(Membership).where(
        Membership.account_id == account.id,
        Membership.sandbox_id.in_(boxes),
        Membership.role == STUDENT,
        Membership.state == LEFT,
    )
    seats = db.session.scalars(query.order_by(Membership.id).execution_options(populate_existing=True)).all()
    return max(seats, key=lambda seat: (seat.id == account.last_membership_id, seat.id), default=None)


def _standing(course_id: int, account: Account, more: bool, sandbox_id: int) -> Membership | None:
    """The membership that the account has in the sandbox already: one who left comes back to the old seat.

    An application is dropped. Raises Invalid if they are in the course, unless `more` says that this is the rest of it.
    """
    boxes = [sandbox.id for sandbox in sandboxes_of(course_id)]
    query = select(Membership).where(
        Membership.course_id == course_id,
        Membership.account_id == account.id,
        or_(Membership.sandbox_id.is_(None), Membership.sandbox_id.in_(boxes)),
    )
    found = None
    for row in db.session.scalars(query.execution_options(populate_existing=True)).all():
        if row.state == ACTIVE and not more:
            raise Invalid(_l("%(name)s is in this course already.", name=row.name))
        if row.key is None:
            db.session.delete(row)
            db.session.flush()
        elif row.sandbox_id == sandbox_id:
            found = row
    return found


def _fresh_key(sandbox_id: int, course_id: int, role: str) -> str:
    """A key for a new seat: those of students are unique in the course."""
    return f"s{places.next_student(course_id):03d}" if role == STUDENT else next_key(sandbox_id, role)


def _free_seat(actor: Actor, seating: Seating) -> Membership | None:
    """The first seat of that position and role that has no account yet."""
    query = (
        select(Membership)
        .where(
            Membership.sandbox_id == actor.sandbox_id,
            Membership.account_id.is_(None),
            Membership.state == ACTIVE,
            Membership.role == seating.role,
        )
        .order_by(Membership.serial)
        .execution_options(populate_existing=True)
    )
    wanted = seating.positions
    return next((seat for seat in db.session.scalars(query) if list(seat.positions) == wanted), None)


def next_key(sandbox_id: int, role: str) -> str:
    """The next key of this role: s001, s002 … (t instructors, a assistants, o observers)."""
    letter = KEY_LETTERS[role]
    query = select(Membership.key).where(
        Membership.sandbox_id == sandbox_id, Membership.key.like(f"{letter}%")
    )
    numbers = [int(key[1:]) for key in db.session.scalars(query) if key and key[1:].isdigit()]
    return f"{letter}{max(numbers, default=0) + 1:03d}"


def deal(actor: Actor, membership_id: int) -> None:
    """Let the scenario make the records of a new seat, where it can (`app.extensions["deal_seat"]`)."""
    dealer = current_app.extensions.get("deal_seat")
    if dealer is not None:
        dealer(actor, membership_id)


def require_instructor(actor: Actor, verb: str) -> None:
    """Raises Refused for all but instructors, and while the sandbox is frozen."""
    if not actor.is_instructor:
        raise Refused(_l("Only instructors take people in, place them and let them go."))
    require_granted(actor, "membership", verb)
