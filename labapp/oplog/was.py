"""Records as they were after any step, deleted ones too: from the log alone, by its index (step, kind, serial)."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from labapp.db import db
from labapp.oplog.life import CHANGING, Thing, own_changes
from labapp.oplog.models import LOOKS, Counter, Operation, Touch
from labapp.oplog.replay import Fields, changed_by
from labapp.values import dataclass

PAGE, BATCH, MOST = 50, 60, 2_000


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


def kinds_met(sandbox_id: int) -> set[str]:
    """The kinds of which the sandbox ever had a record: those it has given a serial of."""
    return set(db.session.scalars(select(Counter.name).where(Counter.sandbox_id == sandbox_id)))


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
