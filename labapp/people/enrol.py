"""Registration: questions about accounts, courses and applications, and the rows an application adds.

Nothing here belongs to a sandbox yet; taking somebody in is a step of the log (`records.enrolment`).
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from labapp import clock
from labapp.db import db
from labapp.people.models import (
    ACTIVE,
    LEFT,
    PENDING,
    REJECTED,
    STUDENT,
    Account,
    Course,
    Membership,
    Sandbox,
)
from labapp.people.passwords import hash_password
from labapp.values import dataclass

OPEN_STATES = ("open", "frozen")
UNSEEN_STATES = ("opening", "ready", "restoring", "purging")


@dataclass(frozen=True)
class Standing:
    """Where an account stands in one course."""

    membership_id: int
    course: str
    title: str
    role: str
    state: str
    reason: str | None
    applied_at: datetime
    sandbox_id: int | None


def tidy_login(text: str) -> str:
    """A number or e-mail as it is kept: half-width, without spaces around; e-mail in small letters."""
    found = unicodedata.normalize("NFKC", text).strip()
    return found.lower() if "@" in found else found


def account_by_login(login: str) -> Account | None:
    """The account with this number or e-mail."""
    tidy = tidy_login(login)
    if not tidy or "\x00" in tidy:
        return None
    query = select(Account).where(or_(Account.number == tidy, Account.email == tidy.lower()))
    return db.session.scalars(query.order_by(Account.id).limit(1)).first()


def is_known(number: str | None, email: str | None, *, apart_from: int | None = None) -> bool:
    """Whether another account has this number or e-mail."""
    same = []
    if number:
        same.append(Account.number == number)
    if email:
        same.append(Account.email == email)
    if not same:
        return False
    query = select(Account.id).where(or_(*same), Account.id != (apart_from or 0)).limit(1)
    return db.session.execute(query).first() is not None


@dataclass(frozen=True)
class Person:
    """Who somebody says they are."""

    name: str
    number: str | None = None
    email: str | None = None


def create_account(
    person: Person, password: str | None = None, *, administrator: bool = False, instructor: bool = False
) -> Account:
    """A new account in the running transaction. Without a password it waits for a one-time address.

    The number and e-mail must be free (`is_known`). `password` is hashed here, which takes some 30 ms: give a
    ready hash to `Account` where the write lock is held.
    """
    account = Account(
        name=person.name,
        number=person.number,
        email=person.email,
        password_hash=hash_password(password) if password else None,
        administrator=administrator,
        instructor=instructor,
        epoch=0,
    )
    db.session.add(account)
    db.session.flush()
    return account


def end_sessions(account: Account) -> None:
    """Whoever is signed in to this account is signed out with their next request."""
    account.epoch += 1


def open_courses() -> Sequence[Course]:
    """The courses that everybody may choose from when registering."""
    query = select(Course).where(Course.listed, Course.closed_at.is_(None)).order_by(Course.title, Course.id)
    return db.session.scalars(query).all()


def course_to_join(join_code: str | None, name: str | None = None) -> Course | None:
    """The open course of this join code, or the listed one of this name; None if there is none."""
    open_one = select(Course).where(Course.closed_at.is_(None))
    if join_code:
        code = unicodedata.normalize("NFKC", join_code).strip().upper()
        return db.session.scalars(open_one.where(func.upper(Course.join_code) == code)).first()
    return db.session.scalars(open_one.where(Course.listed, Course.name == (name or ""))).first()


def apply_for(account: Account, course: Course, class_name: str | None) -> Membership | None:
    """A membership that awaits approval, a rejected one anew; None if one waits or stands already."""
    query = select(Membership).where(Membership.account_id == account.id, Membership.course_id == course.id)
    known = db.session.scalars(query).first()
    if known is None:
        known = Membership(
            course_id=course.id,
            account_id=account.id,
            number=account.number,
            name=account.name,
            class_name=class_name,
            role=STUDENT,
            state=PENDING,
            positions=[],
        )
        db.session.add(known)
        db.session.flush()
        return known
    if known.state != REJECTED or known.sandbox_id is not None:
        return None
    known.state, known.reason, known.applied_at = PENDING, None, clock.now()
    known.class_name = class_name or known.class_name
    db.session.flush()
    return known


def standings(account_id: int) -> list[Standing]:
    """Every course this account is in or asked for, the newest last; one that has several sandboxes once."""
    query = (
        select(Membership, Course)
        .join(Course, Course.id == Membership.course_id)
        .where(Membership.account_id == account_id)
        .order_by(Membership.id)
    )
    found: dict[int, Standing] = {}
    for m, c in db.session.execute(query):
        if c.id not in found or found[c.id].state != ACTIVE:
            found[c.id] = Standing(
                m.id, c.name, c.title, m.role, m.state, m.reason, m.applied_at, m.sandbox_id
            )
    return list(found.values())


def may_enter(account: Account, found: Sequence[Standing]) -> bool:
    """Whether a right password is enough: not while every application waits or was turned down (004 §2.1)."""
    if account.administrator or account.instructor or not found:
        return True
    return any(standing.state in {ACTIVE, LEFT} for standing in found)


@dataclass(frozen=True)
class Entrance:
    """A sandbox that an account may enter. `past`: a reset has replaced it by a fresh one."""

    membership_id: int
    course_id: int
    course: str  # its name, which no other course has
    title: str
    sandbox_id: int
    sandbox: str
    unit: str
    past: bool


def entrances(account_id: int) -> list[Entrance]:
    """Every sandbox this account may enter, in the order in which they were opened."""
    query = (
        select(
            Membership.id,
            Course.id.label("course_id"),
            Course.name.label("course"),
            Course.title,
            Sandbox.id.label("sandbox_id"),
            Sandbox.name,
            Sandbox.unit,
            Sandbox.replaced_at,
        )
        .join(Sandbox, Sandbox.id == Membership.sandbox_id)
        .join(Course, Course.id == Sandbox.course_id)
        .where(Membership.account_id == account_id, can_be_entered())
        .order_by(Sandbox.id)
    )
    return [Entrance(*row[:7], row.replaced_at is not None) for row in db.session.execute(query)]


def names_in(sandbox_ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the students who sit in each of these sandboxes, in the order of their keys."""
    query = select(Membership.sandbox_id, Membership.name).where(
        Membership.sandbox_id.in_(sandbox_ids),
        Membership.role == STUDENT,
        Membership.state == ACTIVE,
        Membership.account_id.is_not(None),
    )
    found: dict[int, list[str]] = {}
    for sandbox_id, name in db.session.execute(query.order_by(Membership.key)):
        found.setdefault(sandbox_id or 0, []).append(name or "")
    return found


def enterable(account_id: int) -> list[tuple[int, str, str]]:
    """(membership id, title of the course, name of the sandbox) of every sandbox this account may enter."""
    query = (
        select(Membership.id, Course.title, Sandbox.name)
        .join(Sandbox, Sandbox.id == Membership.sandbox_id)
        .join(Course, Course.id == Sandbox.course_id)
        .where(Membership.account_id == account_id, can_be_entered())
        .order_by(Membership.id)
    )
    return [(row.id, row.title, row.name) for row in db.session.execute(query)]


def can_be_entered() -> ColumnElement[bool]:
    """The condition on Membership and Sandbox: active, and open; for instructors also what is archived."""
    return (Membership.state == ACTIVE) & (
        Sandbox.state.in_(OPEN_STATES)
        | ((Membership.role == "instructor") & Sandbox.state.not_in(UNSEEN_STATES))
    )
