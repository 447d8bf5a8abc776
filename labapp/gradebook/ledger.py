"""The ledger: words of people about grades are rows that are added and never changed; what is shown is their fold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.gradebook import models
from labapp.gradebook.models import MARK, LedgerEntry
from labapp.oplog.append import Act, append_act
from labapp.people.models import Membership
from labapp.values import dataclass

Marks = dict[tuple[str, str, int], Decimal]


@dataclass(frozen=True)
class Word:
    """A person's word in force that stands over the grader: why, who, when (UTC)."""

    reason: str
    account: str
    at: datetime


@dataclass(frozen=True)
class Override(Word):
    """Points set by a person."""

    points: Decimal


@dataclass(frozen=True)
class Fold:
    """What the ledger says of one member now.

    `released` is since when (UTC) the member sees the grades, `disputes_until` (lab time) how long they may be
    disputed. `comments` are the remarks in force by task.
    """

    overrides: Mapping[str, Override] = field(default_factory=dict)
    exempt: Mapping[str, Word] = field(default_factory=dict)
    extended: datetime | None = None
    released: datetime | None = None
    disputes_until: datetime | None = None
    comments: Mapping[str, tuple[LedgerEntry, ...]] = field(default_factory=dict)


W = TypeVar("W", bound=Word)


def add(entries: Sequence[LedgerEntry], act: Act, ready: Callable[[], None] | None = None) -> None:
    """Add rows, and say so in the administration log, in one transaction.

    `ready` is called under the write lock; whatever it raises leaves everything as it was.
    """
    begin_write()
    try:
        if ready is not None:
            ready()
        db.session.add_all(entries)
        db.session.flush()
        append_act(act)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def entries_of(sandbox_id: int, membership_id: int | None = None) -> Sequence[LedgerEntry]:
    """The rows of a sandbox (or of one member, those for everybody included), oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.sandbox_id == sandbox_id).order_by(LedgerEntry.id)
    if membership_id is not None:
        query = query.where(
            (LedgerEntry.membership_id == membership_id) | LedgerEntry.membership_id.is_(None)
        )
    return db.session.scalars(query).all()


def fold(entries: Sequence[LedgerEntry], membership_id: int, before: Fold | None = None) -> Fold:
    """The words in force for a member: the last one of each kind and task wins. `before` is folded already.

    `withdrawn` takes back override and exemption of its task; without a task, the extension; with `about_id`, the
    comment or dispute of that number alone.
    """
    found = before or Fold()
    for entry in entries:
        if entry.membership_id in (None, membership_id):
            found = _FOLDS.get(entry.kind, _nothing)(found, entry)
    return found


def folds(entries: Sequence[LedgerEntry]) -> Callable[[int], Fold]:
    """The fold of any member of a sandbox, from all its rows walked once."""
    own: dict[int | None, list[LedgerEntry]] = {}
    for entry in entries:
        own.setdefault(entry.membership_id, []).append(entry)
    for_all = own.pop(None, [])

    def of(membership_id: int) -> Fold:
        mine = own.get(membership_id, [])
        both = sorted([*mine, *for_all], key=lambda entry: entry.id) if mine and for_all else mine or for_all
        return fold(both, membership_id)

    return of


def _nothing(found: Fold, _entry: LedgerEntry) -> Fold:
    """Marks enter the run itself; a dispute changes no grade."""
    return found


def _points(found: Fold, entry: LedgerEntry) -> Fold:
    """An override, or a decision that gives other points."""
    if entry.points is None:
        return found
    overrides = {**found.overrides, entry.task: Override(*_said(entry), entry.points)}
    return replace(found, overrides=overrides, exempt=_without(entry.task, found.exempt))


def _exemption(found: Fold, entry: LedgerEntry) -> Fold:
    return replace(found, exempt={**found.exempt, entry.task: Word(*_said(entry))})


def _said(entry: LedgerEntry) -> tuple[str, str, datetime]:
    return entry.reason, entry.account, entry.at


def _without(task: str, words: Mapping[str, W]) -> Mapping[str, W]:
    return {key: word for key, word in words.items() if key != task}


def _extension(found: Fold, entry: LedgerEntry) -> Fold:
    return replace(found, extended=entry.until)


def _comment(found: Fold, entry: LedgerEntry) -> Fold:
    said = (*found.comments.get(entry.task, ()), entry)
    return replace(found, comments={**found.comments, entry.task: said})


def _release(found: Fold, entry: LedgerEntry) -> Fold:
    return replace(found, released=entry.at, disputes_until=entry.until)


def _hold(found: Fold, _entry: LedgerEntry) -> Fold:
    return replace(found, released=None, disputes_until=None)


def _withdrawn(found: Fold, entry: LedgerEntry) -> Fold:
    if entry.about_id is not None:
        left = tuple(said for said in found.comments.get(entry.task, ()) if said.id != entry.about_id)
        return replace(found, comments={**found.comments, entry.task: left})
    if not entry.task:
        return replace(found, extended=None)
    kept = _without(entry.task, found.overrides)
    return replace(found, overrides=kept, exempt=_without(entry.task, found.exempt))


_FOLDS: Mapping[str, Callable[[Fold, LedgerEntry], Fold]] = {
    models.OVERRIDE: _points,
    models.DECISION: _points,
    models.EXEMPTION: _exemption,
    models.EXTENSION: _extension,
    models.COMMENT: _comment,
    models.RELEASE: _release,
    models.HOLD: _hold,
    models.WITHDRAWN: _withdrawn,
}


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
