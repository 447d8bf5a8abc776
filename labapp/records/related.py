"""The related lists of a record: what points at it, and what hangs on it.

One statement says which of them have rows, and each that has is read by one more: most are empty on most pages.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, exists, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, below, read
from labapp.access.rules import granted
from labapp.db.fields import Field
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.drawing import cells_of
from labapp.records.listing import Table, header_of, headers_of
from labapp.records.query import by_link
from labapp.records.question import shown_columns
from labapp.records.snapshot import kind_of
from labapp.records.words import said
from labapp.values import dataclass

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
    wanted = list(_wanted(record_type, actor))
    filled = _filled(record, wanted, actor)
    return [
        _list(other, by, record, actor, has_rows, can_add)
        for (other, by), has_rows in zip(wanted, filled, strict=True)
    ]


Wanted = tuple[RecordType, str]  # the type whose rows are listed, and the column that leads to the record


def _wanted(record_type: RecordType, actor: Actor) -> Iterator[Wanted]:
    told = set()
    for other, field in catalog().pointing_at(record_type):
        if other.name in actor.reads and field.on_create and other.model.reach != "between":
            told.add(other.name)
            yield other, field.name
    for other in catalog().values() if record_type.model.reach not in HANGS else ():
        if other.model.reach in HANGS and other.name in actor.reads and other.name not in told:
            yield other, "related_id"


def _filled(record: Any, wanted: list[Wanted], actor: Actor) -> Sequence[bool]:
    """Which of these lists have a row that the actor may see."""
    if not wanted:
        return []
    kind = kind_of(record)

    def build(visible: Visible) -> Any:
        return select(
            *(exists(_rows(select(other.model.id), visible, other, by, kind)) for other, by in wanted)
        )

    key = ("filled", kind, tuple((other.name, by) for other, by in wanted))
    return [bool(has_rows) for has_rows in read(actor, key, build, parent=record.id).one()]


def _list(
    other: RecordType, by: str, record: Any, actor: Actor, has_rows: bool, can_add: bool
) -> RelatedList:
    kind = kind_of(record)
    columns = _columns(other, by)
    rows: Sequence[Any] = []
    if has_rows:
        rows = read(actor, ("related", other.name, by, kind), _select(other, by, kind), parent=record.id)
    table = Table(
        said(other.plural),
        headers_of(
            ("related", other.name, by, actor.stamp),
            lambda: [header_of(shape) for shape in columns],
        ),
        cells_of(other, rows[:SHOWN], columns, actor) if rows else [],
    )
    query = f"related_kind={kind}&related_id={record.id}" if by == "related_id" else f"{by}={record.id}"
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
    kept = _kept.get((other.name, by))
    if kept is None or kept[0] is not other:
        kept = _kept[other.name, by] = other, _find_columns(other, by)
    return kept[1]


_kept: dict[tuple[str, str], tuple[RecordType, list[Field]]] = {}


def _find_columns(other: RecordType, by: str) -> list[Field]:
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
        return _rows(selected, visible, other, by, kind)

    return build


def _rows(selected: Any, visible: Visible, other: RecordType, by: str, kind: str) -> Any:
    """The visible rows of `other` whose column `by` leads to the record `parent`."""
    model: Any = other.model
    if by == "related_id":
        return below(selected, model, kind)
    return by_link(selected.where(getattr(model, by) == bindparam("parent"), visible(model)), model, by)
