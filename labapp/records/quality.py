"""How good the data of a kind is: how complete its fields are, and what in them is not valid (003 two-1, two-3)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.rules import EDIT, reachable
from labapp.db.fields import Field
from labapp.records import custom, parse, query, standards
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.question import NONE
from labapp.values import dataclass

LOOKED_AT = 20_000  # the newest of the visible records
SHOWN = 100
CHECKED = frozenset({"email", "mobile", "phone"})
COUNTED_NOT = frozenset({"check", "tags", "data", "related", "related_kind", "auto"})


@dataclass(frozen=True)
class Filled:
    """How many of the records looked at have a field. `url`: the list of those that lack it."""

    field: Field
    filled: int
    total: int
    url: str

    @property
    def missing(self) -> int:
        return self.total - self.filled

    @property
    def share(self) -> int:
        """Percent, rounded down: only what is whole is 100."""
        return self.filled * 100 // self.total if self.total else 100


@dataclass(frozen=True)
class Completeness:
    """The fields of a kind, and the share of all that could be filled."""

    fields: list[Filled]
    total: int

    @property
    def share(self) -> int:
        could = self.total * len(self.fields)
        return sum(field.filled for field in self.fields) * 100 // could if could else 100


@dataclass(frozen=True)
class Issue:
    """A value to be mended: whose it is, in which field, what is wrong with it. `mendable`: by this reader, here."""

    record_id: int
    title: str
    field: Field
    value: str
    sentence: str
    mendable: bool


def kinds(actor: Actor) -> list[RecordType]:
    """The kinds whose quality is looked at: those that stand by themselves and that the actor reads."""
    return [t for t in catalog().values() if looked_at(t) and t.name in actor.reads]


def looked_at(record_type: RecordType) -> bool:
    return record_type.parent is None and record_type.model.reach not in {"hanging", "parent"}


def counted_fields(record_type: RecordType, actor: Actor) -> list[Field]:
    """The fields a person fills in, custom ones too."""
    shapes = custom.fields_in(actor, record_type).values()
    return [s for s in shapes if s.shape not in COUNTED_NOT and (s.on_create or s.on_edit)]


def completeness(record_type: RecordType, actor: Actor) -> Completeness:
    """How complete the visible records are, the newest 20,000 of them."""
    model: Any = record_type.model
    shapes = counted_fields(record_type, actor)
    columns = [custom.column(model, shape).label(shape.name) for shape in shapes]
    newest = select(model.id, *columns).order_by(model.id.desc()).limit(LOOKED_AT).subquery()
    counts = select(func.count(newest.c.id), *(func.count(newest.c[shape.name]) for shape in shapes))
    total, *filled = query.answers(counts, actor)[0]
    found = [
        Filled(shape, count, total, f"/{record_type.slug}/?{shape.name.removesuffix('_id')}={NONE}")
        for shape, count in zip(shapes, filled, strict=True)
    ]
    return Completeness(sorted(found, key=lambda one: one.share), total)


def issues(record_type: RecordType, actor: Actor) -> Iterator[Issue]:
    """What is not valid in the newest 20,000 visible records."""
    shapes = [s for s in record_type.fields.values() if s.shape in CHECKED or _is_name(record_type, s)]
    if not shapes:
        return
    model: Any = record_type.model
    columns = [getattr(model, shape.name) for shape in shapes]
    title = getattr(model, record_type.title)
    rows = query.answers(select(model.id, title, *columns).order_by(model.id.desc()).limit(LOOKED_AT), actor)
    for row_id, name, *values in rows:
        for shape, value in zip(shapes, values, strict=True):
            sentence = wrong(record_type, shape, value)
            if sentence:
                yield Issue(row_id, str(name or f"#{row_id}"), shape, str(value), sentence, mendable=False)


def lacking(record_type: RecordType, actor: Actor, shape: Field) -> list[Issue]:
    """The newest records that lack a field, to be filled in on the spot."""
    model: Any = record_type.model
    title = getattr(model, record_type.title)
    empty = select(model.id, title).where(getattr(model, shape.name).is_(None))
    rows = query.answers(empty.order_by(model.id.desc()).limit(SHOWN), actor)
    return [Issue(row_id, str(name or f"#{row_id}"), shape, "", "", mendable=False) for row_id, name in rows]


def mendable(record_type: RecordType, actor: Actor, found: list[Issue]) -> list[Issue]:
    """The same, saying of each whether this reader may change it."""
    if record_type.name not in actor.writes or actor.frozen:
        return found
    model: Any = record_type.model
    ids = [issue.record_id for issue in found]
    may = select(model.id).where(model.id.in_(ids), reachable(actor, model, EDIT))
    allowed = {row[0] for row in query.answers(may, actor)}
    return [
        Issue(i.record_id, i.title, i.field, i.value, i.sentence, i.record_id in allowed and i.field.on_edit)
        for i in found
    ]


def wrong(record_type: RecordType, shape: Field, value: Any) -> str:
    """What is wrong with a value; nothing where it is as the data standard wants it."""
    if not value:
        return ""
    if shape.shape in CHECKED:
        try:
            parse.PARSERS[shape.shape](str(value))
        except ValueError as error:
            return str(error)
        return ""
    return "".join(sentence for _name, sentence in standards.remarks(record_type.name, {shape.name: value}))


def _is_name(record_type: RecordType, shape: Field) -> bool:
    return (record_type.name, shape.name) in standards.NAMES_OF_COMPANIES


def can_be_mended(record_type: RecordType, name: str) -> Field | None:
    """The field, if it is one that is mended on the spot."""
    shape = record_type.fields.get(name)
    if shape is None or not shape.on_edit:
        return None
    return shape if shape.shape in CHECKED or _is_name(record_type, shape) else None
