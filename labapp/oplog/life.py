"""A record's life: every step that changed it, from the log alone, read on from the last snapshot that is before it."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Text, and_, bindparam, cast, func, insert, literal_column, select

from labapp.db import db
from labapp.db.quick import Quick
from labapp.oplog.models import LOOKS, Operation, Snapshot, Touch
from labapp.oplog.replay import Fields, changed_by
from labapp.values import dataclass

EVERY = 64  # versions from one snapshot to the next
LAST = 2**31 - 1  # no step has a larger number
CHANGING = Touch.look == literal_column("0")  # literally, so that the index of these alone is used
Thing = tuple[str, int]
_this = (
    Snapshot.sandbox_id == bindparam("sandbox"),
    Snapshot.kind == bindparam("kind"),
    Snapshot.serial == bindparam("serial"),
)
SNAPSHOTS = Quick(select(Snapshot.count, Snapshot.step).where(*_this).order_by(Snapshot.count))
FIELDS = Quick(select(Snapshot.fields).where(*_this, Snapshot.count == bindparam("count")))
STORE = Quick(insert(Snapshot), ["sandbox_id", "kind", "serial", "count", "step", "fields"])
_steps = (
    select(
        Operation.id,
        Operation.lab_at,
        Operation.member,
        Operation.kind,
        Operation.verb,
        cast(Operation.changes, Text).label("changes"),
    )
    .join_from(Touch, Operation, and_(Touch.sandbox_id == Operation.sandbox_id, Touch.step == Operation.id))
    .where(
        Touch.sandbox_id == bindparam("sandbox"),
        Touch.kind == bindparam("kind"),
        Touch.serial == bindparam("serial"),
        Touch.step > bindparam("since"),
        Touch.step <= bindparam("until"),
        CHANGING,
        Operation.outcome == literal_column("'done'"),
        Operation.verb.not_in([literal_column(f"'{verb}'") for verb in sorted(LOOKS)]),
    )
    .order_by(Touch.step)
)
STEPS, FIRST = Quick(_steps), Quick(_steps.limit(1))


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


class Life:
    """Every step that changed one record, oldest first; `len` is how many. A part is read when it is asked for.

    The parts lie between the snapshots that are kept: so a record that thousands of steps changed costs no more than
    one that a few hundred did.
    """

    def __init__(self, sandbox_id: int, kind: str, serial: int) -> None:
        self.kind, self.serial = kind, serial
        self._key = {"sandbox": sandbox_id, "kind": kind, "serial": serial}
        kept = SNAPSHOTS(self._key)
        self.counts = [0, *(row.count for row in kept)]  # of versions before each part
        self._ends = [0, *(row.step for row in kept)]
        self._parts: dict[int, list[Version]] = {}
        self._length = self.counts[-1] + len(self._part(len(kept)))

    def __len__(self) -> int:
        return self._length

    @property
    def first(self) -> Version:
        """The step that made it."""
        if 0 in self._parts:
            return self._parts[0][0]
        return self._versions(FIRST({**self._key, "since": 0, "until": LAST}))[0]

    @property
    def last(self) -> Version:
        return self.versions(len(self) - 1, len(self))[0]

    def count_up_to(self, step: int) -> int:
        """How many of them were done by then, that step included."""
        part = bisect_right(self._ends, step) - 1 if step > 0 else 0
        return self.counts[part] + bisect_right([version.step for version in self._part(part)], step)

    def state(self, count: int) -> Fields | None:
        """The record after the first so many steps; None where it is not there."""
        part = bisect_right(self.counts, count) - 1
        start = self.counts[part]
        known = FIELDS({**self._key, "count": start}).one().fields if part else None
        return played(known, self._part(part)[: count - start] if count > start else ())

    def versions(self, first: int, last: int) -> list[Version]:
        """The steps from the place `first` on, before the place `last`."""
        start, end = bisect_right(self.counts, first) - 1, bisect_right(self.counts, max(last - 1, first)) - 1
        found = [version for part in range(start, end + 1) for version in self._part(part)]
        return found[first - self.counts[start] : max(last, first) - self.counts[start]]

    def _part(self, number: int) -> list[Version]:
        """The steps after a snapshot, that of the next one included."""
        if number not in self._parts:
            until = self._ends[number + 1] if number + 1 < len(self._ends) else LAST
            within = {"since": self._ends[number], "until": until}
            self._parts[number] = self._versions(STEPS({**self._key, **within}))
        return self._parts[number]

    def _versions(self, rows: Sequence[Any]) -> list[Version]:
        told = json.loads(f"[{','.join(row.changes for row in rows)}]")
        own = [own_changes(changes, self.kind, self.serial) for changes in told]
        return [
            Version(row.id, row.lab_at, row.member, row.kind, row.verb, changes)
            for row, changes in zip(rows, own, strict=True)
            if changes
        ]

    def missing(self) -> Iterator[dict[str, Any]]:
        """The snapshots that are due and not kept yet, as rows."""
        start = self.counts[-1]
        due = range(start, len(self) + 1, EVERY)
        fields = self.state(start)
        for before, count in pairwise(due):
            versions = self.versions(before, count)
            fields = played(fields, versions)
            row = {"sandbox_id": self._key["sandbox"], "kind": self.kind, "serial": self.serial}
            yield {**row, "count": count, "step": versions[-1].step, "fields": fields}


def played(fields: Fields | None, versions: Iterable[Version]) -> Fields | None:
    """A record on from a state that is known."""
    for version in versions:
        for change in version.changes:
            fields = changed_by(fields, change)
    return fields


def own_changes(changes: Sequence[Mapping[str, Any]], kind: str, serial: int) -> list[Mapping[str, Any]]:
    """What a step changed about one record."""
    return [change for change in changes if change["kind"] == kind and change["id"] == serial]


def is_due(version: int) -> bool:
    """Whether a record of this version is to be kept as it is, once the step stands."""
    return version % EVERY == 0


def keep(sandbox_id: int, things: Iterable[Thing]) -> None:
    """Keep the snapshots of these records that are due and missing, inside the running write transaction."""
    for kind, serial in things:
        STORE.many(list(Life(sandbox_id, kind, serial).missing()))


def long_lives(sandbox_id: int) -> list[Thing]:
    """The records that so many steps named that they may have a snapshot."""
    query = (
        select(Touch.kind, Touch.serial)
        .where(Touch.sandbox_id == sandbox_id, CHANGING)
        .group_by(Touch.kind, Touch.serial)
        .having(func.count() >= EVERY)
    )
    return [(row.kind, row.serial) for row in db.session.execute(query)]
