"""The ledger: words of people about grades are rows that are added and never changed; what is shown is their fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.gradebook.models import (
    EXEMPTION,
    EXTENSION,
    HOLD,
    MARK,
    OVERRIDE,
    RELEASE,
    WITHDRAWN,
    LedgerEntry,
)
from labapp.oplog.append import Act, append_act
from labapp.people.models import Membership

Marks = dict[tuple[str, str, int], Decimal]


@dataclass(frozen=True)
class Word:
    """An override in force: the points, why, who, when (UTC)."""

    points: Decimal
    reason: str
    account: str
    at: datetime


@dataclass(frozen=True)
class Fold:
    """What the ledger says of one member now."""

    overrides: Mapping[str, Word] = field(default_factory=dict)
    exempt: frozenset[str] = frozenset()
    extended: datetime | None = None
    released: datetime | None = None


def add(entry: LedgerEntry, act: Act) -> None:
    """Add a row, and say so in the administration log, in one transaction."""
    begin_write()
    db.session.add(entry)
    db.session.flush()
    append_act(act)
    db.session.commit()


def entries_of(sandbox_id: int, membership_id: int | None = None) -> Sequence[LedgerEntry]:
    """The rows of a sandbox (or of one member, those for everybody included), oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.sandbox_id == sandbox_id).order_by(LedgerEntry.id)
    if membership_id is not None:
        query = query.where(
            (LedgerEntry.membership_id == membership_id) | LedgerEntry.membership_id.is_(None)
        )
    return db.session.scalars(query).all()


def fold(entries: Sequence[LedgerEntry], membership_id: int) -> Fold:
    """The words in force for a member: the last one of each kind and task wins.

    `withdrawn` takes back override and exemption of its task; without a task, the extension.
    """
    found = Fold()
    for entry in entries:
        if entry.membership_id in (None, membership_id):
            found = _folded(found, entry)
    return found


def _folded(found: Fold, entry: LedgerEntry) -> Fold:
    """One word more."""
    task = entry.task
    if entry.kind == OVERRIDE and entry.points is not None:
        word = Word(entry.points, entry.reason, entry.account, entry.at)
        return replace(found, overrides={**found.overrides, task: word}, exempt=found.exempt - {task})
    if entry.kind == EXEMPTION:
        return replace(found, exempt=found.exempt | {task})
    if entry.kind == EXTENSION or (entry.kind == WITHDRAWN and not task):
        return replace(found, extended=entry.until)
    if entry.kind == WITHDRAWN:
        kept = {key: word for key, word in found.overrides.items() if key != task}
        return replace(found, overrides=kept, exempt=found.exempt - {task})
    if entry.kind in (RELEASE, HOLD):
        return replace(found, released=entry.at if entry.kind == RELEASE else None)
    return found


def marks_of(sandbox_id: int) -> Marks:
    """The `by_hand` marks in force, by member key, task and place of the check."""
    query = (
        select(Membership.key, LedgerEntry.task, LedgerEntry.check, LedgerEntry.points)
        .join(Membership, Membership.id == LedgerEntry.membership_id)
        .where(LedgerEntry.sandbox_id == sandbox_id, LedgerEntry.kind == MARK)
        .order_by(LedgerEntry.id)
    )
    rows = db.session.execute(query)
    return {(row[0], row[1], row[2] or 0): row[3] for row in rows if row[0] and row[3] is not None}
