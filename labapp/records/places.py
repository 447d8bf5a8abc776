"""Where whoever is taken into a course sits: in which of its sandboxes, in which seat (docs/decisions/0019)."""

from collections.abc import Sequence

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor, actor_of, system_actor
from labapp.access.errors import Invalid, Refused
from labapp.db import db
from labapp.people.directory import directory_of, sandboxes_of
from labapp.people.models import ACTIVE, CLASS, OPEN, STUDENT, TEAM, Course, Membership, Position, Sandbox

MOST_AT_ONCE = 10


def course_of(actor: Actor, *, locked: bool = False) -> Course:
    """The course of the actor's sandbox, as it stands."""
    query = select(Course).join(Sandbox).where(Sandbox.id == actor.sandbox_id)
    query = query.with_for_update() if locked else query
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def acting_in(actor: Actor, sandbox: Sandbox) -> Actor:
    """The same person, or the house, in another sandbox of the course. Raises Refused if they are not there."""
    if sandbox.id == actor.sandbox_id:
        return actor
    if actor.member.account_id is None:
        return system_actor(sandbox)
    for member in directory_of(sandbox).members.values():
        if member.account_id == actor.member.account_id and member.state == ACTIVE:
            return actor_of(sandbox, member.id)
    raise Refused(_l("You are not in the sandbox %(name)s.", name=sandbox.name))


def is_in(actor: Actor, account_id: int) -> bool:
    """Whether an account is an active member of the actor's course."""
    boxes = [sandbox.id for sandbox in sandboxes_of(course_of(actor).id)]
    query = select(Membership.id).where(
        Membership.account_id == account_id, Membership.sandbox_id.in_(boxes), Membership.state == ACTIVE
    )
    return db.session.execute(query.limit(1)).first() is not None


def counterpart(position_id: int | None, sandbox_id: int) -> int | None:
    """The position of another sandbox of the same scenario that has the same place in the tree."""
    serial = select(Position.serial).where(Position.id == position_id).scalar_subquery()
    query = select(Position.id).where(Position.sandbox_id == sandbox_id, Position.serial == serial)
    return db.session.scalars(query).first()


def usual_position(actor: Actor) -> int | None:
    """Where students of a sandbox of their own sit, or of a team the first of them; None in mode class."""
    if course_of(actor).mode == CLASS:
        return None
    members = sorted(actor.directory.members.values(), key=lambda member: member.serial)
    seats = (m for m in members if m.role == STUDENT and m.state == ACTIVE and m.positions)
    return next((seat.positions[0] for seat in seats), None)


def next_student(course_id: int) -> int:
    """The number after the last key of a student in any sandbox of the course: keys are unique in it."""
    query = select(Membership.key).where(Membership.course_id == course_id, Membership.key.like("s%"))
    numbers = [int(key[1:]) for key in db.session.scalars(query) if key and key[1:].isdigit()]
    return max(numbers, default=0) + 1


def free_seats(course_id: int) -> list[tuple[Sandbox, Membership]]:
    """The seats for students that nobody has yet, in the order of the sandboxes that are open."""
    boxes = {sandbox.id: sandbox for sandbox in sandboxes_of(course_id) if sandbox.state == OPEN}
    query = select(Membership).where(
        Membership.course_id == course_id,
        Membership.role == STUDENT,
        Membership.state == ACTIVE,
        Membership.account_id.is_(None),
    )
    seats = db.session.scalars(query.execution_options(populate_existing=True))
    order = {sandbox_id: number for number, sandbox_id in enumerate(boxes)}
    found = [(boxes[seat.sandbox_id], seat) for seat in seats if seat.sandbox_id in boxes]
    return sorted(found, key=lambda place: (order[place[0].id], place[1].serial or 0))


def place_for(course: Course, position_id: int | None) -> tuple[Sandbox, Membership | None, list[int]]:
    """Where a further student sits in mode team or individual: sandbox, free seat, positions.

    In a team the seat of the wanted position goes first. Where no seat is free: a new one in a team that is not whole
    (no seat, but the positions for it), else a further sandbox.
    """
    free = free_seats(course.id)
    if not free and (room := _room(course)) is not None:
        sandbox, positions = room
        return sandbox, None, [found] if (found := counterpart(position_id, sandbox.id)) else positions
    if not free:
        open_further(course.id)
        free = free_seats(course.id)
    chosen = next((place for place in free if _is_at(place[1], position_id)), free[0])
    return chosen[0], chosen[1], list(chosen[1].positions)


def _is_at(seat: Membership, position_id: int | None) -> bool:
    return position_id is not None and counterpart(position_id, seat.sandbox_id or 0) in seat.positions


def _room(course: Course) -> tuple[Sandbox, list[int]] | None:
    """A team with fewer members than it may have, and the positions of the last of them."""
    if course.mode != TEAM:
        return None
    for sandbox in sandboxes_of(course.id):
        query = select(Membership).where(
            Membership.sandbox_id == sandbox.id, Membership.role == STUDENT, Membership.state == ACTIVE
        )
        seats = list(db.session.scalars(query.order_by(Membership.serial)))
        if sandbox.state == OPEN and seats and len(seats) < course.team_size:
            return sandbox, list(seats[-1].positions)
    return None


def open_further(course_id: int) -> int:
    """A further sandbox of the course; see `scenario.late`. Returns its id."""
    return int(current_app.extensions["open_further"](course_id))


def make_room(actor: Actor, role: str, count: int = 1) -> None:
    """Open sandboxes beforehand for so many students, in short transactions; what is missing in the end is opened then.

    Raises Invalid where that would take long: it is a job of its own on the page of the course.
    """
    course = course_of(actor)
    if course.mode == CLASS or role != STUDENT or "writing" in db.session.info:
        return
    course_id, size = course.id, course.team_size if course.mode == TEAM else 1
    lacking = count - len(free_seats(course_id)) - _spare(course)
    further = -(-max(lacking, 0) // size)
    if further > MOST_AT_ONCE:
        sentence = _l(
            "There is no place for %(num)s of these people. Open more sandboxes on the page of the course first.",
            num=lacking,
        )
        raise Invalid(sentence)
    for _number in range(further):
        open_further(course_id)


def _spare(course: Course) -> int:
    """Seats that teams may still get."""
    if course.mode != TEAM:
        return 0
    query = select(Membership.sandbox_id).where(
        Membership.course_id == course.id, Membership.role == STUDENT, Membership.state == ACTIVE
    )
    seated = list(db.session.scalars(query))
    boxes: Sequence[Sandbox] = [sandbox for sandbox in sandboxes_of(course.id) if sandbox.state == OPEN]
    return sum(max(course.team_size - seated.count(sandbox.id), 0) for sandbox in boxes)
