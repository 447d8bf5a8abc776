"""Records as they were after any step, deleted ones too: from the log alone, by its index (step, kind, serial)."""

import json
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, func, literal_column, or_, select

from labapp.db import db
from labapp.db.quick import Quick
from labapp.oplog.models import LOOKS, Operation, Touch
from labapp.oplog.replay import Fields, changed_by
from labapp.values import dataclass

PAGE, BATCH, MOST = 50, 60, 2_000
LONG, KEPT = 200, 10_000  # versions: of a life that is kept, and of all that are kept
MARK = 64  # versions from one state that is kept to the next
CHANGING = Touch.look == literal_column("0")  # literally, so that the index of these alone is used
Thing = tuple[str, int]
Key = tuple[int, str, int]  # sandbox, kind, serial


@dataclass(frozen=True)
class Version:
    """One step that changed a record, and what it changed about it."""

    step: int
    lab_at: datetime
    member: str | None
    kind: str
    verb: str
    changes: Sequence[Mapping[str, Any]]

    @property
    def moved(self) -> frozenset[str]:
        """The fields that this step set."""
        return frozenset(name for change in self.changes for name in (change["after"] or change["before"]))


@dataclass(frozen=True)
class Stood:
    """A record of a list as it was."""

    serial: int
    fields: Fields


@dataclass(frozen=True)
class Page:
    """Records in the order of their serials. `after`: the serial to go on behind, None at the end."""

    rows: list[Stood]
    after: int | None


def step_at(sandbox_id: int, moment: datetime) -> int:
    """The last step up to this lab time, it included; 0 before the first."""
    query = (
        select(Operation.id)
        .where(Operation.sandbox_id == sandbox_id, Operation.lab_at <= moment)
        .order_by(Operation.lab_at.desc(), Operation.id.desc())
        .limit(1)
    )
    return db.session.scalar(query) or 0


@dataclass(frozen=True)
class Life:
    """Every step that changed one record, oldest first, by what each changed about it.

    A record may have been touched by thousands: who did what is read for those that are shown. `marks` are the states
    after so many times `MARK` versions, as far as they were worked out.
    """

    sandbox_id: int
    steps: Sequence[int]
    changes: Sequence[Sequence[Mapping[str, Any]]]
    marks: dict[int, Fields | None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.steps)

    def count_up_to(self, step: int) -> int:
        """How many of them were done by then, that step included."""
        return bisect_right(self.steps, step)

    def state(self, count: int) -> Fields | None:
        """The record after the first so many steps; None where it is not there."""
        whole = count // MARK
        for mark in range(1, whole + 1):
            if mark not in self.marks:
                self.marks[mark] = self._played(mark - 1, mark * MARK)
        return self._played(whole, count)

    def _played(self, mark: int, count: int) -> Fields | None:
        """From a state that is known, or from nothing, on."""
        known = self.marks[mark] if mark else None
        fields = None if known is None else dict(known)
        for changes in self.changes[mark * MARK : count]:
            for change in changes:
                if fields is None or change["what"] != "changed":
                    fields = changed_by(fields, change)
                else:
                    fields.update(change["after"])
        return fields

    def versions(self, first: int, last: int) -> list[Version]:
        """The steps from the place `first` on, before the place `last`."""
        wanted = self.steps[first:last]
        columns = (Operation.id, Operation.lab_at, Operation.member, Operation.kind, Operation.verb)
        query = select(*columns).where(Operation.sandbox_id == self.sandbox_id, Operation.id.in_(wanted))
        told = {row.id: row for row in db.session.execute(query)} if wanted else {}
        found = zip(wanted, self.changes[first:last], strict=True)
        return [Version(*told[step], changes) for step, changes in found]


# Long lives, which the slider of one page asks for again and again, with the hash of their last step. What was is
# never changed; what came since is read.
_kept: OrderedDict[Key, tuple[Life, str]] = OrderedDict()


def life(sandbox_id: int, kind: str, serial: int) -> Life:
    """What the log has of a record."""
    key = (sandbox_id, kind, serial)
    known, seal = _kept.pop(key, (Life(sandbox_id, (), ()), ""))
    rows = _changes_since(key, known.steps[-1] if known else 0)
    if known and (not rows or rows[0].hash != seal):  # another sandbox has this number now
        known, rows = Life(sandbox_id, (), ()), _changes_since(key, 0)
    found = _longer(known, rows[1:] if known else rows, kind, serial)
    if len(found) >= LONG:
        _kept[key] = (found, next(row.hash for row in rows if row.id == found.steps[-1]))
        while len(_kept) > 1 and sum(len(kept) for kept, _seal in _kept.values()) > KEPT:
            _kept.popitem(last=False)
    return found


def _changes_since(key: Key, step: int) -> Sequence[Any]:
    sandbox_id, kind, serial = key
    return CHANGES({"sandbox": sandbox_id, "kind": kind, "serial": serial, "since": step})


def _longer(known: Life, rows: Sequence[Any], kind: str, serial: int) -> Life:
    """A life with these rows behind it."""
    told = json.loads(f"[{','.join(row.changes for row in rows)}]")
    own = [own_changes(changes, kind, serial) for changes in told]
    steps = [row.id for row, changes in zip(rows, own, strict=True) if changes]
    own = [changes for changes in own if changes]
    return Life(known.sandbox_id, (*known.steps, *steps), (*known.changes, *own), dict(known.marks))


def states(sandbox_id: int, things: Iterable[Thing], step: int) -> dict[Thing, Fields]:
    """These records as they were after a step; those that were not there are left out."""
    wanted: dict[str, set[int]] = {}
    for kind, serial in things:
        wanted.setdefault(kind, set()).add(serial)
    if not wanted:
        return {}
    which = or_(*(and_(Touch.kind == kind, Touch.serial.in_(sorted(own))) for kind, own in wanted.items()))
    return _last_states(db.session.execute(_changing(sandbox_id, which, Touch.step <= step)))


def list_at(sandbox_id: int, kind: str, step: int, owner: str | None = None, after: int = 0) -> Page:
    """Fifty records of a kind that were there after a step, behind the serial `after`; of one owner, if asked.

    At most two thousand are looked at for one page: one of a rare owner may be short and still go on.
    """
    found: list[Stood] = []
    for _portion in range(MOST // BATCH):
        serials = _serials(sandbox_id, kind, step, after)
        if not serials:
            return Page(found, None)
        within = (Touch.kind == kind, Touch.serial.between(serials[0], serials[-1]), Touch.step <= step)
        stood = _last_states(db.session.execute(_changing(sandbox_id, *within)))
        for serial in serials:
            fields = stood.get((kind, serial))
            if fields is None or (owner is not None and fields.get("owner") != owner):
                continue
            if len(found) == PAGE:
                return Page(found, found[-1].serial)
            found.append(Stood(serial, fields))
        after = serials[-1]
    return Page(found, after)


def _serials(sandbox_id: int, kind: str, step: int, after: int) -> list[int]:
    query = (
        select(Touch.serial)
        .where(Touch.sandbox_id == sandbox_id, Touch.kind == kind, Touch.serial > after, CHANGING)
        .group_by(Touch.serial)
        .having(func.min(Touch.step) <= step)
        .order_by(Touch.serial)
        .limit(BATCH)
    )
    return list(db.session.scalars(query))


def _changing(sandbox_id: int, *which: ColumnElement[bool]) -> Select[Any]:
    """The steps that changed these records: each record's together, oldest first."""
    step, touch = Operation, Touch
    same = and_(touch.sandbox_id == step.sandbox_id, touch.step == step.id)
    columns = (step.id, step.lab_at, step.member, step.kind, step.verb, step.changes)
    return (
        select(touch.kind.label("of"), touch.serial.label("serial"), *columns)
        .join_from(touch, step, same)
        .where(touch.sandbox_id == sandbox_id, *which, CHANGING)
        .where(step.outcome == "done", step.verb.not_in(LOOKS))
        .order_by(touch.kind, touch.serial, touch.step)
    )


# All that a record's life needs of the log, which may be thousands of rows: compiled once, decoded in one go.
CHANGES = Quick(
    select(Operation.id, Operation.hash, cast(Operation.changes, Text).label("changes"))
    .join_from(Touch, Operation, and_(Touch.sandbox_id == Operation.sandbox_id, Touch.step == Operation.id))
    .where(
        Touch.sandbox_id == bindparam("sandbox"),
        Touch.kind == bindparam("kind"),
        Touch.serial == bindparam("serial"),
        Touch.step >= bindparam("since"),
        CHANGING,
        Operation.outcome == literal_column("'done'"),
        Operation.verb.not_in([literal_column(f"'{verb}'") for verb in sorted(LOOKS)]),
    )
    .order_by(Touch.step)
)


def _last_states(rows: Iterable[Any]) -> dict[Thing, Fields]:
    found: dict[Thing, Fields] = {}
    for (kind, serial), own in groupby(rows, key=lambda row: (row.of, row.serial)):
        fields: Fields | None = None
        for row in own:
            for change in own_changes(row.changes, kind, serial):
                fields = changed_by(fields, change)
        if fields is not None:
            found[kind, serial] = fields
    return found


def own_changes(changes: Sequence[Mapping[str, Any]], kind: str, serial: int) -> list[Mapping[str, Any]]:
    """What a step changed about one record."""
    return [change for change in changes if change["kind"] == kind and change["id"] == serial]
