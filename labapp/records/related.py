"""The related lists of a record: what points at it, and what hangs on it. One statement each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.db import db
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.listing import Header, Table, cells_of
from labapp.records.question import shown_columns

SHOWN = 10
HANGS = frozenset({"related", "hanging"})


@dataclass(frozen=True)
class RelatedList:
    """A list under a record. `all_url` shows all of it, `add_url` adds to it (None: may not)."""

    record_type: RecordType
    table: Table
    all_url: str
    add_url: str | None
    more: bool


def related_lists(record: Any, record_type: RecordType, actor: Actor, *, can_add: bool) -> list[RelatedList]:
    """Every list whose records the actor may read, at most ten rows each."""
    found = []
    for other, field in catalog().pointing_at(record_type):
        if other.name in actor.reads and field.on_create:
            where = getattr(other.model, field.name) == record.id
            found.append(_list(other, field.name, where, actor, f"{field.name}={record.id}", can_add))
    for other in catalog().values():
        if other.model.reach in HANGS and other.name in actor.reads and record_type.model.reach not in HANGS:
            model: Any = other.model
            where = (model.related_kind == record_type.name) & (model.related_id == record.id)
            query = f"related_kind={record_type.name}&related_id={record.id}"
            found.append(_list(other, "related_id", where, actor, query, can_add))
    return found


def _list(other: RecordType, hides: str, where: Any, actor: Actor, query: str, can_add: bool) -> RelatedList:
    model: Any = other.model
    shapes = shown_columns(other)
    names = [n for n in other.columns if n != hides and (other.parent or shapes[n].shape != "link")]
    columns = [shapes[name] for name in names if shapes[name].shape != "related"]
    selected = select(model.id, model.serial, *(getattr(model, shape.name) for shape in columns)).where(where)
    selected = selected.order_by(model.id.desc()).limit(SHOWN + 1)
    rows = db.session.execute(selected, execution_options={"seen_by": actor}).all()
    table = Table(
        other.plural,
        [Header(shape.label, shape.name) for shape in columns],
        cells_of(other, rows[:SHOWN], columns, actor),
    )
    may = can_add and granted(actor, other.name, "create")
    return RelatedList(
        other, table, f"/{other.slug}/?{query}", f"/{other.slug}/new?{query}" if may else None, len(rows) > SHOWN
    )
