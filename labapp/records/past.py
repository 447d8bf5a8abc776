"""What an earlier step did to a record, for the verbs that take it back."""

from typing import Any

from sqlalchemy import and_, select

from labapp.access.everyone import EVERYONE
from labapp.access.rules import record_models
from labapp.db import Record, db
from labapp.oplog.models import Operation, Touch
from labapp.records.snapshot import kind_of

Named = tuple[str, int]


def last_step(record: Record, verb: str) -> Operation | None:
    """The last step that did this verb to this record."""
    query = _touching(record.sandbox_id, (kind_of(record), record.serial)).where(
        Operation.kind == kind_of(record),
        Operation.record == record.serial,
        Operation.verb == verb,
        Operation.outcome == "done",
    )
    return db.session.scalars(query.order_by(Operation.id.desc()).limit(1)).one_or_none()


def last_touching(record: Record, verb: str) -> Operation | None:
    """The last step of this verb that changed this record, whichever record it was done to."""
    query = _touching(record.sandbox_id, (kind_of(record), record.serial)).where(
        Operation.verb == verb, Operation.outcome == "done"
    )
    return db.session.scalars(query.order_by(Operation.id.desc()).limit(1)).one_or_none()


def changed_since(step: Operation, things: list[Named]) -> list[Named]:
    """Those of `things` (kind, serial) that a later step changed."""
    return [thing for thing in things if _is_changed(step, thing)]


def _is_changed(step: Operation, thing: Named) -> bool:
    query = _touching(step.sandbox_id, thing).where(Operation.id > step.id, Operation.outcome == "done")
    return any(thing == named(change) for later in db.session.scalars(query) for change in later.changes)


def _touching(sandbox_id: int, thing: Named) -> Any:
    touch = and_(Touch.sandbox_id == Operation.sandbox_id, Touch.step == Operation.id)
    return (
        select(Operation)
        .join(Touch, touch)
        .where(Touch.sandbox_id == sandbox_id, Touch.kind == thing[0], Touch.serial == thing[1])
    )


def named(change: dict[str, Any]) -> Named:
    """(kind, serial) of what a change is about."""
    return change["kind"], change["id"]


def row_of(sandbox_id: int, thing: Named) -> Any:
    """The record of this kind and serial, also from the bin; None where it is gone."""
    model = record_models().get(thing[0])
    if model is None:
        return None
    query = select(model).where(model.sandbox_id == sandbox_id, model.serial == thing[1])
    return db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one_or_none()


def bring_back(work: Any, record: Record) -> None:
    """Restore what went to the bin together with this record, as far as it is there (product.md §5.19)."""
    step = last_step(record, "delete")
    for change in step.changes if step is not None else ():
        row = row_of(record.sandbox_id, named(change)) if change["what"] == "deleted" else None
        if row is not None and row is not record and row.deleted_at is not None:
            work.restore(row)
