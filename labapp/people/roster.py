"""Who is expected in a course: the entries of its roster, and how one who registers is told to be one of them.

Number and name have to be the same but for width, case and spaces; the e-mail too where the roster has one. An entry
is taken once and by one account (docs/decisions/0016-roster.md).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select

from labapp import clock
from labapp.db import db
from labapp.people.models import PENDING, Account, Membership, RosterEntry
from labapp.values import dataclass

DOTS = "·•・‧"
AT_ONCE = 500


def number_key(text: str | None) -> str:
    """A number without what people write differently: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", text or "").casefold().split())[:120]


def name_key(text: str | None) -> str:
    """The same for a name; the dots between the parts of a foreign one do not count either."""
    return number_key((text or "").translate({ord(dot): None for dot in DOTS}))


@dataclass(frozen=True)
class Applicant:
    """Somebody as they registered."""

    number: str | None
    name: str
    email: str | None

    @classmethod
    def of(cls, account: Account) -> "Applicant":
        return cls(account.number, account.name, account.email)


def is_free(entry: RosterEntry) -> bool:
    """Whether nobody has taken the entry's place yet."""
    return entry.membership_id is None


def fits(entry: RosterEntry, person: Applicant) -> bool:
    """Whether this person is the one the entry means."""
    same = entry.number_key == number_key(person.number) and entry.name_key == name_key(person.name)
    return same and (not entry.email or entry.email == person.email)


def entry_of(course_id: int, number: str | None) -> RosterEntry | None:
    """The entry with this number, locked in the running write transaction."""
    query = select(RosterEntry).where(
        RosterEntry.course_id == course_id, RosterEntry.number_key == number_key(number)
    )
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()


def take(course_id: int, account: Account, membership_id: int) -> None:
    """Whoever gets a seat and stands on the roster has taken the entry from now on, in the running transaction."""
    entry = entry_of(course_id, account.number) if account.number else None
    if entry is not None and is_free(entry):
        entry.membership_id, entry.taken_at = membership_id, clock.now()


def has_any(course_id: int) -> bool:
    """Whether the course has a roster."""
    query = select(RosterEntry.id).where(RosterEntry.course_id == course_id).limit(1)
    return db.session.execute(query).first() is not None


def near(course_id: int, people: Iterable[Applicant]) -> list[RosterEntry]:
    """The entries that share number or name with one of these people."""
    wanted = list(people)
    numbers = sorted({number_key(person.number) for person in wanted if person.number})
    names = sorted({name_key(person.name) for person in wanted})
    found: dict[int, RosterEntry] = {}
    for column, keys in ((RosterEntry.number_key, numbers), (RosterEntry.name_key, names)):
        for start in range(0, len(keys), AT_ONCE):
            query = select(RosterEntry).where(
                RosterEntry.course_id == course_id, column.in_(keys[start : start + AT_ONCE])
            )
            found |= {entry.id: entry for entry in db.session.scalars(query)}
    return list(found.values())


def waiting(course_id: int) -> Sequence[Any]:
    """(Membership, Account) of everybody who waits for this course, in the order they came."""
    query = (
        select(Membership, Account)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.course_id == course_id, Membership.state == PENDING, Membership.sandbox_id.is_(None)
        )
    )
    return db.session.execute(query.order_by(Membership.applied_at, Membership.id)).all()


def expected(course_id: int) -> list[tuple[int, RosterEntry]]:
    """(membership id, entry) of everybody who waits and stands on the roster, with a place that is free."""
    found = []
    people = waiting(course_id)
    by_number = {e.number_key: e for e in near(course_id, [Applicant.of(account) for _m, account in people])}
    for membership, account in people:
        entry = by_number.get(number_key(account.number))
        if entry is not None and is_free(entry) and fits(entry, Applicant.of(account)):
            found.append((membership.id, entry))
    return found


def search(course_id: int, words: str = "", class_name: str = "", state: str = "") -> Any:
    """A select of entries by words in number, name or e-mail, by class and by state (registered, missing)."""
    query = select(RosterEntry).where(RosterEntry.course_id == course_id)
    if class_name:
        query = query.where(RosterEntry.class_name == class_name)
    if state in {"registered", "missing"}:
        there = RosterEntry.membership_id.is_not(None)
        query = query.where(there if state == "registered" else ~there)
    if words:
        key = name_key(words)
        escaped = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        like = f"%{escaped}%"
        columns = (RosterEntry.number_key, RosterEntry.name_key, RosterEntry.email)
        query = query.where(or_(*(column.like(like, escape="\\") for column in columns)))
    return query.order_by(RosterEntry.class_name, RosterEntry.number_key)
