"""Taking people in, placing them and letting them go (product.md P1, P3, P4).

Taking in and placing are steps of the sandbox's log (`membership.approve`, `move`, `edit`, `deactivate`),
one per person. Turning an application down concerns no sandbox: it stands in the administration log alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone, NotFound
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.directory import sandboxes_of
from labapp.people.enrol import end_sessions
from labapp.people.models import (
    ACTIVE,
    CLASS,
    INSTRUCTOR,
    LEFT,
    PENDING,
    REJECTED,
    ROLES,
    SIMULATED,
    STUDENT,
    Account,
    Course,
    Membership,
    Position,
    Sandbox,
)
from labapp.records import places
from labapp.records.seating import Seating, require_instructor, seat_account
from labapp.records.sweeps import AUTOMATION
from labapp.records.work import Source, Work, writing
from labapp.values import dataclass


@dataclass(frozen=True)
class Result:
    """What became of a selection: how many were done, and how many had been decided already."""

    done: int
    passed_over: int = 0


def approve(actor: Actor, source: Source, ids: Sequence[int], position_id: int | None, role: str) -> Result:
    """Give pending applications of the course one position and role (004 §2.11-9); `ids` are membership ids.

    Each person is one transaction and one step: a free seat of that position, else a new one. Raises Refused,
    Invalid, NotFound.
    """
    seating = Seating(position_id, role)
    with attempt(actor, source, "approve", seating):
        check_seating(actor, seating)
        waiting = [number for number in unique(ids) if _pending(actor, number) is not None]
        places.make_room(actor, role, len(waiting))
    source = bulk(source, ids)
    done = [_approve_one(actor, source, membership_id, seating) for membership_id in unique(ids)]
    return Result(sum(done), len(done) - sum(done))


def approve_by_roster(house: Actor, membership_id: int, seating: Seating) -> bool:
    """Seat an applicant whom the roster names, in nobody's name. False if the application is decided already.

    `house` is the sandbox's `system_actor`; the position must be one of the sandbox's.
    """
    places.make_room(house, seating.role)
    return _approve_one(house, AUTOMATION, membership_id, seating)


def admit(actor: Actor, source: Source, account: Account, position_id: int | None, role: str) -> Membership:
    """Take in an account that did not apply: late joiners, people an instructor adds. Raises as `approve`."""
    seating = Seating(position_id, role)
    account_id = account.id
    with attempt(actor, source, "approve", seating):
        check_seating(actor, seating)
        places.make_room(actor, role, 0 if places.is_in(actor, account_id) else 1)
    with writing():
        seat = seat_account(actor, source, account_id, seating)
    return seat


def reject(actor: Actor, source: Source, ids: Sequence[int], reason: str) -> Result:
    """Turn applications down with a reason that the applicant reads. Raises Refused, Invalid."""
    reason = reason.strip()
    with attempt(actor, source, "approve", None):
        if not reason or len(reason) > 1000:
            sentence = _l("Say why, in at most 1,000 characters: the applicant reads it.")
            raise Invalid(sentence, {"reason": sentence})
    with writing():
        waiting = [
            row for membership_id in unique(ids) if (row := _pending(actor, membership_id)) is not None
        ]
        for row in waiting:
            row.state, row.reason = REJECTED, reason
            _act(actor, source, "registration.reject", row, {"reason": reason})
    return Result(len(waiting), len(unique(ids)) - len(waiting))


def move(actor: Actor, source: Source, membership_id: int, position_ids: Sequence[int]) -> Membership:
    """Put a member into these positions; their sessions end. Raises Refused, Invalid, NotFound."""
    with Work(actor, "membership.move", source=source) as work:
        member = _member(work, membership_id)
        for position_id in position_ids:
            check_seating(actor, Seating(position_id, member.role))
        if not position_ids and member.role == STUDENT:
            raise Invalid(no_position(), {"position_id": no_position()})
        _change(work, member, positions=unique(position_ids))
    return member


def change_role(actor: Actor, source: Source, membership_id: int, role: str) -> Membership:
    """Give a member another role; the key stays, the sessions end. Raises Refused, Invalid, NotFound."""

    def change(work: Work, member: Membership) -> None:
        if role not in ROLES:
            raise Invalid(no_role(), {"role": no_role()})
        if role == STUDENT and not member.positions:
            raise Invalid(no_position(), {"position_id": no_position()})
        if role != member.role and STUDENT in (role, member.role):
            _require_class(work)
        _keep_an_instructor(work, member, role, member.state)
        _change(work, member, role=role)

    return _everywhere(actor, source, "edit", membership_id, change, {"role": role})


def deactivate(actor: Actor, source: Source, membership_id: int) -> Membership:
    """End a membership; records keep their owner's name (004 §2.11-8). Raises Refused, Invalid, NotFound."""

    def change(work: Work, member: Membership) -> None:
        _keep_an_instructor(work, member, member.role, LEFT)
        _change(work, member, state=LEFT)

    return _everywhere(actor, source, "deactivate", membership_id, change)


def reactivate(actor: Actor, source: Source, membership_id: int) -> Membership:
    """Take a member back who had left. Raises Refused, NotFound."""

    def change(work: Work, member: Membership) -> None:
        _change(work, member, state=ACTIVE)

    return _everywhere(actor, source, "edit", membership_id, change)


Change = Callable[[Work, Membership], None]


def _everywhere(
    actor: Actor,
    source: Source,
    verb: str,
    membership_id: int,
    change: Change,
    answers: dict[str, Any] | None = None,
) -> Membership:
    """Change a membership, and that of the same person in every other sandbox of the course; all or none."""
    with writing():
        with Work(actor, f"membership.{verb}", answers=answers, source=source) as work:
            member = _member(work, membership_id)
            change(work, member)
        for sandbox, other_id in _elsewhere(member):
            there = places.acting_in(actor, sandbox)
            with Work(there, f"membership.{verb}", answers=answers, source=source) as work:
                change(work, _member(work, other_id))
    return member


def _elsewhere(member: Membership) -> list[tuple[Sandbox, int]]:
    """The memberships of staff in the other sandboxes of a course that has several."""
    if member.account_id is None or member.role == STUDENT:
        return []
    boxes = {box.id: box for box in sandboxes_of(member.course_id) if box.id != member.sandbox_id}
    query = select(Membership.sandbox_id, Membership.id).where(
        Membership.account_id == member.account_id, Membership.sandbox_id.in_(boxes)
    )
    return [(boxes[box_id], row_id) for box_id, row_id in db.session.execute(query) if box_id is not None]


def _require_class(work: Work) -> None:
    """Where each student has a sandbox, whoever works and whoever teaches are not the same seat. Raises Invalid."""
    if places.course_of(work.actor).mode != CLASS:
        raise Invalid(
            _l(
                "In this course students have sandboxes of their own. Deactivate and take in with the new role."
            )
        )


# -- what must hold --------------------------------------------------------------------------------


class attempt:
    """Check before anything is written; what fails is one refused or invalid step."""

    def __init__(self, actor: Actor, source: Source, verb: str, seating: Seating | None) -> None:
        self.actor, self.source, self.verb = actor, source, verb
        self.answers = {"role": seating.role} if seating else {}

    def __enter__(self) -> None:
        try:
            require_instructor(self.actor, self.verb)
        except NotDone as error:
            self._log(error)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, NotDone):
            self._log(error)

    def _log(self, error: NotDone) -> None:
        with Work(self.actor, f"membership.{self.verb}", answers=self.answers, source=self.source):
            raise error


def check_seating(actor: Actor, seating: Seating) -> None:
    """A known role, and a position of this sandbox; a place of one student or in a team has its own. Raises Invalid."""
    if seating.role not in ROLES:
        raise Invalid(no_role(), {"role": no_role()})
    if seating.position_id is None and (seating.role != STUDENT or places.course_of(actor).mode != CLASS):
        return
    query = select(Position.id).where(
        Position.id == seating.position_id, Position.sandbox_id == actor.sandbox_id
    )
    if seating.position_id is None or db.session.execute(query).first() is None:
        raise Invalid(no_position(), {"position_id": no_position()})


def no_role() -> Any:
    return _l("Choose a role.")


def no_position() -> Any:
    return _l("Choose a position of this sandbox.")


def _keep_an_instructor(work: Work, member: Membership, role: str, state: str) -> None:
    """A sandbox without an instructor could not be worked on any more."""
    if member.role != INSTRUCTOR or member.state != ACTIVE or (role == INSTRUCTOR and state == ACTIVE):
        return
    query = select(Membership.id).where(
        Membership.sandbox_id == work.actor.sandbox_id,
        Membership.role == INSTRUCTOR,
        Membership.state == ACTIVE,
        Membership.account_id.is_not(None),
        Membership.id != member.id,
    )
    if db.session.execute(query.limit(1)).first() is None:
        raise Invalid(_l("This is the only instructor of the sandbox. Make another one first."))


# -- doing it --------------------------------------------------------------------------------------


def _approve_one(actor: Actor, source: Source, membership_id: int, seating: Seating) -> bool:
    """Seat one applicant. False if the application is gone or decided already."""
    with writing():
        applicant = _pending(actor, membership_id)
        if applicant is None or applicant.account_id is None:
            return False
        account_id, class_name = applicant.account_id, applicant.class_name
        _act(actor, source, "registration.approve", applicant, {"role": seating.role})
        db.session.delete(applicant)
        db.session.flush()
        seat_account(actor, source, account_id, seating, class_name)
    return True


def _pending(actor: Actor, membership_id: int) -> Membership | None:
    """An application for the actor's course that still waits, locked."""
    query = select(Membership).where(
        Membership.id == membership_id,
        Membership.course_id == _course_id(actor),
        Membership.state == PENDING,
        Membership.sandbox_id.is_(None),
    )
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()


def _course_id(actor: Actor) -> int:
    return db.session.execute(select(Sandbox.course_id).where(Sandbox.id == actor.sandbox_id)).scalar_one()


def _member(work: Work, membership_id: int) -> Membership:
    """A member of this sandbox, for an instructor to change. Raises Refused, NotFound."""
    require_instructor(work.actor, work.header.verb)
    member = work.on(Membership, membership_id)
    if member.key is None:
        raise NotFound(_l("There is no such member in this sandbox."))
    if member.state == SIMULATED:
        raise Invalid(_l("%(name)s is simulated: nobody signs in as them.", name=member.name))
    return member


def _change(work: Work, member: Membership, **values: Any) -> None:
    """Change a membership; what its account may do has changed, so its sessions end."""
    if work.update(member, **values) and member.account_id is not None:
        end_sessions(db.session.get_one(Account, member.account_id))


def _act(actor: Actor, source: Source, action: str, row: Membership, details: dict[str, Any]) -> None:
    course = db.session.get_one(Course, row.course_id).name
    by = actor.member.number or actor.key or None
    details = {"number": row.number, **details}
    append_act(Act(action, by, course, row.name or "", details, source.address))


def unique(ids: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(ids))


def bulk(source: Source, ids: Sequence[int]) -> Source:
    """Many at once from a page are a bulk act: one request, a step for each (grading.md §1)."""
    return replace(source, origin="bulk") if source.origin == "screen" and len(ids) > 1 else source
