"""What belongs to a record: rows that link to it and rows that hang on it, whoever owns them."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select

from labapp.access.everyone import EVERYONE
from labapp.db import Record, db
from labapp.db.fields import HANGING
from labapp.db.quick import Quick
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.query import by_link
from labapp.records.snapshot import kind_of


def hanging_types() -> list[RecordType]:
    """The types whose rows hang on a record of any kind: notes, attachments, activities."""
    return [t for t in catalog().values() if any(f.shape in HANGING for f in t.fields.values())]


def hanging(record: Record) -> list[Any]:
    """The rows that hang on this record, anyone's, not those in the bin, oldest first."""
    found: list[Any] = []
    named = {"sandbox": record.sandbox_id, "kind": kind_of(record), "id": record.id}
    db.session.flush()
    for other in hanging_types():
        model: Any = other.model
        if _any_hanging(model)(named):  # mostly none does, and this costs a tenth of reading them
            here = model.related_kind == kind_of(record), model.related_id == record.id
            found += _live(model, record, *here)
    return found


@cache
def _any_hanging(model: Any) -> Quick:
    """One row of this kind that hangs on the record `id` of `kind`, if there is any."""
    here = model.related_kind == bindparam("kind"), model.related_id == bindparam("id")
    alive = model.sandbox_id == bindparam("sandbox"), model.deleted_at.is_(None)
    return Quick(select(model.id).where(*here, *alive).limit(1))


def between(record: Record) -> list[Any]:
    """The rows that tie this record to another, anyone's, not those in the bin."""
    if kind_of(record) not in catalog():
        return []
    ties = {
        other.name for other, _field in catalog().pointing_at(catalog()[kind_of(record)]) if other.model.ends
    }
    return [row for kind in sorted(ties) for row in linked(record, kind)]


def linked(record: Record, kind: str) -> list[Any]:
    """The records of `kind` that link to this one, anyone's, not those in the bin; none if unknown."""
    known = catalog()
    found: list[Any] = []
    for other, field in known.pointing_at(known[kind_of(record)]):
        if other.name == kind:
            found += _live(other.model, record, getattr(other.model, field.name) == record.id, by=field.name)
    return found


def dependents(record: Record) -> list[Any]:
    """Everything that links to this record or hangs on it."""
    kinds = dict.fromkeys(other.name for other, _field in catalog().pointing_at(catalog()[kind_of(record)]))
    return [row for kind in kinds for row in linked(record, kind)] + hanging(record)


def built_upon(sandbox_id: int, record_type: RecordType, ids: Sequence[int]) -> set[int]:
    """Which of these records of a sandbox have anything that links to them or hangs on them, whoever owns it.

    A range stands for all from its first to its last, however many those are.
    """
    found: set[int] = set()
    for other, field in catalog().pointing_at(record_type):
        model: Any = other.model
        found |= _targets(model, field.name, ids, model.sandbox_id == sandbox_id)
    for other in hanging_types():
        model = other.model
        here = model.sandbox_id == sandbox_id, model.related_kind == record_type.name
        found |= _targets(model, "related_id", ids, *here)
    return found


def _targets(model: Any, link: str, ids: Sequence[int], *where: Any) -> set[int]:
    column = getattr(model, link)
    these = column.between(ids[0], ids[-1]) if isinstance(ids, range) else column.in_(ids)
    query = select(column).where(these, model.deleted_at.is_(None), *where).distinct()
    return set(db.session.scalars(by_link(query, model, link), execution_options={"seen_by": EVERYONE}))


def take_along(work: Any, *records: Record) -> None:
    """Delete what hangs on these records or ties them to others, in the step that deletes them (product.md §5.19)."""
    for record in records:
        for row in [*between(record), *hanging(record)]:
            if row.deleted_at is None:
                work.delete(row)


def _live(model: Any, record: Record, *where: Any, by: str = "") -> list[Any]:
    query = select(model).where(model.sandbox_id == record.sandbox_id, model.deleted_at.is_(None), *where)
    query = by_link(query, model, by)
    return list(db.session.scalars(query.order_by(model.id), execution_options={"seen_by": EVERYONE}))
