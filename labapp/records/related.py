"""The related lists of a record: what points at it, and what hangs on it. One statement each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, below, read
from labapp.access.rules import granted
from labapp.db.fields import Field
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.listing import Header, Table, cells_of, headers_of
from labapp.records.question import shown_columns
from labapp.records.snapshot import kind_of

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
    """Every list whose records the actor may read, at most ten rows each. The actor was found to reach the record."""
    found = []
    for other, field in catalog().pointing_at(record_type):
        if other.name in actor.reads and field.on_create and other.model.reach != "between":
            query = f"{field.name}={record.id}"
            found.append(_list(other, field.name, record, actor, query, can_add))
    for other in catalog().values():
        told = any(known.record_type.name == other.name for known in found)
        if told or record_type.model.reach in HANGS:
            continue
        if other.model.reach in HANGS and other.name in actor.reads:
            query = f"related_kind={record_type.name}&related_id={record.id}"
            found.append(_list(other, "related_id", record, actor, query, can_add))
    return found


def _list(other: RecordType, by: str, record: Any, actor: Actor, query: str, can_add: bool) -> RelatedList:
    columns = _columns(other, by)
    rows = read(
        actor,
        ("related", other.name, by, kind_of(record)),
        _select(other, by, kind_of(record)),
        parent=record.id,
    ).all()
    table = Table(
        other.plural,
        headers_of(
            ("related", other.name, by, actor.stamp),
            lambda: [Header(str(shape.label), shape.name) for shape in columns],
        ),
        cells_of(other, rows[:SHOWN], columns, actor),
    )
    may = can_add and granted(actor, other.name, "create")
    return RelatedList(
        other,
        table,
        f"/{other.slug}/?{query}",
        f"/{other.slug}/new?{query}" if may else None,
        len(rows) > SHOWN,
    )


def _columns(other: RecordType, by: str) -> list[Field]:
    """What the list shows: its usual columns without the one that leads back here."""
    shapes = shown_columns(other)
    names = [n for n in other.columns if n != by and (other.parent or shapes[n].shape != "link")]
    return [shapes[name] for name in names if other.parent or shapes[name].shape != "related"]


def _select(other: RecordType, by: str, kind: str) -> Builder:
    """The statement of a list under a record of this kind."""

    def build(visible: Visible) -> Any:
        model: Any = other.model
        names = [shape.name for shape in _columns(other, by)]
        names += ["related_kind"] if "related_id" in names else []
        columns = [getattr(model, name) for name in names]
        selected = select(model.id, model.serial, *columns).order_by(model.id.desc()).limit(SHOWN + 1)
        if by == "related_id":
            return below(selected, model, kind)
        return selected.where(getattr(model, by) == bindparam("parent"), visible(model))

    return build
