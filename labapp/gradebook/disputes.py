"""Disputes: a student points at own steps, another member of staff decides (product.md L5). Rows of the ledger."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from labapp.db import db
from labapp.gradebook import models
from labapp.gradebook.models import DECISION, DISPUTE, WITHDRAWN, LedgerEntry
from labapp.people.models import ACTIVE, ASSISTANT, INSTRUCTOR, Membership
from labapp.values import dataclass

OPEN, DECIDED, TAKEN_BACK = "open", "decided", "taken_back"
GIVEN = frozenset((models.OVERRIDE, models.EXEMPTION, DECISION))


@dataclass(frozen=True)
class Dispute:
    """One dispute: the row that opened it, and the one that ended it, if any. `check` None: the task as a whole."""

    entry: LedgerEntry
    end: LedgerEntry | None = None

    @property
    def id(self) -> int:
        return self.entry.id

    @property
    def task(self) -> str:
        return self.entry.task

    @property
    def check(self) -> int | None:
        return self.entry.check

    @property
    def steps(self) -> list[int]:
        """The steps of the log that the student points at."""
        return list((self.entry.details or {}).get("steps", ()))

    @property
    def state(self) -> str:
        if self.end is None:
            return OPEN
        return DECIDED if self.end.kind == DECISION else TAKEN_BACK

    @property
    def alone(self) -> bool:
        """Whether it was decided by the first reader, because there was nobody else."""
        return bool(self.end is not None and (self.end.details or {}).get("alone"))


def disputes_in(entries: Iterable[LedgerEntry]) -> list[Dispute]:
    """The disputes among these rows, oldest first."""
    found: dict[int, Dispute] = {}
    for entry in entries:
        if entry.kind == DISPUTE:
            found[entry.id] = Dispute(entry)
        elif entry.kind in (DECISION, WITHDRAWN) and entry.about_id in found:
            found[entry.about_id] = Dispute(found[entry.about_id].entry, entry)
    return list(found.values())


def open_one(entries: Iterable[LedgerEntry], task: str, check: int | None) -> Dispute | None:
    """The open dispute of this check, if there is one: a check is not disputed twice at once."""
    ours = (d for d in disputes_in(entries) if (d.task, d.check, d.state) == (task, check, OPEN))
    return next(ours, None)


def first_reader(entries: Iterable[LedgerEntry], dispute: Dispute) -> LedgerEntry | None:
    """The row by whose writer the disputed mark was given: the last word on it before the dispute, else the release.

    None where nobody's word stands behind it.
    """
    given = released = None
    for entry in entries:
        if entry.id >= dispute.id:
            break
        if entry.kind == models.RELEASE:
            released = entry
        elif entry.task == dispute.task:
            given = _given(entry, given, dispute)
    return given or released


def _given(entry: LedgerEntry, before: LedgerEntry | None, dispute: Dispute) -> LedgerEntry | None:
    """Whose word stands on the task after this row."""
    if entry.kind == models.MARK:
        return entry if dispute.check in (None, entry.check) else before
    if entry.kind in GIVEN and (entry.kind != DECISION or entry.points is not None):
        return entry
    if entry.kind == WITHDRAWN and entry.about_id is None:
        return None
    return before


def is_by(entry: LedgerEntry | None, account_id: int, account: str) -> bool:
    """Whether this account wrote the row. Old rows know the name only."""
    if entry is None:
        return False
    return entry.account_id == account_id if entry.account_id is not None else entry.account == account


@dataclass(frozen=True)
class Reader:
    """One who grades in a course: account, name, and the membership in some sandbox of it."""

    account_id: int
    name: str
    membership_id: int
    sandbox_id: int


def staff_of(course_id: int) -> Sequence[Reader]:
    """Instructors and assistants of a course, one membership each per sandbox."""
    query = (
        select(Membership.account_id, Membership.name, Membership.id, Membership.sandbox_id)
        .where(
            Membership.course_id == course_id,
            Membership.role.in_((INSTRUCTOR, ASSISTANT)),
            Membership.state == ACTIVE,
            Membership.account_id.is_not(None),
            Membership.sandbox_id.is_not(None),
        )
        .order_by(Membership.id)
    )
    return [Reader(row[0] or 0, row[1] or "", row[2], row[3] or 0) for row in db.session.execute(query)]


def others(staff: Sequence[Reader], reader: LedgerEntry | None, account_id: int, account: str) -> list[str]:
    """Who may decide where this account may not: names of the others who grade. Empty: it may, or nobody else can."""
    if not is_by(reader, account_id, account):
        return []
    return sorted({person.name for person in staff if person.account_id != account_id})
