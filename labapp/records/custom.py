"""Custom fields: fields of one sandbox's own on its customers, leads, opportunities and tickets (product.md P11).

They are rows, not columns: their values stand in `Record.extra` by key, as the log carries them (grading.md §1). Of
whoever asks, `fields_in` tells the fields of a kind, the custom ones last; forms, pages, lists, filters and files draw
them like any other. What a sandbox has is kept per stamp, so that no page asks for it.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db import Reference, db
from labapp.db import fields as f
from labapp.db.fields import Field
from labapp.records.describe import RecordType
from labapp.records.values import plain, typed
from labapp.records.words import language
from labapp.values import dataclass

KINDS = ("lead", "customer", "opportunity", "ticket")
SHAPES = {"text": "text", "number": "number", "date": "day", "choice": "choice", "check": "check"}
ENDS = ("_from", "_to", "_min", "_max", "_id")  # what filters put behind a name: no key ends so
PREFIX, KEPT = "extra_", 64
Shapes = Mapping[str, Field]


class CustomField(Reference):
    """A field of one sandbox's own. `record_kind`, `key` and `shape` never change; a retired one is only read.

    `choices` are {"key", "en", "zh"} in their order.
    """

    __tablename__ = "custom_field"

    record_kind: Mapped[str] = f.text(_l("Kind of record"), required=True)
    key: Mapped[str] = f.text(_l("Key"), required=True)
    name_en: Mapped[str] = f.text(_l("Name (English)"), required=True)
    name_zh: Mapped[str] = f.text(_l("Name (Chinese)"), required=True)
    shape: Mapped[str] = f.text(_l("Shape"), required=True)
    choices: Mapped[list[dict[str, str]]] = f.data(_l("Choices"), default=list)
    required: Mapped[bool] = f.check(_l("Required"))
    help_en: Mapped[str | None] = f.text(_l("Hint (English)"))
    help_zh: Mapped[str | None] = f.text(_l("Hint (Chinese)"))
    sort: Mapped[int] = f.number(_l("Order"), default=0, required=True)
    retired: Mapped[bool] = f.check(_l("Retired"))

    __table_args__ = (
        Index(None, "sandbox_id", "serial", unique=True),
        Index(None, "sandbox_id", "record_kind", "key", unique=True),
    )


@dataclass(frozen=True)
class Label:
    """A text in both languages that says itself in the reader's. No Markup: whoever named the field is no author."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.zh if language() == "zh" else self.en


# -- what there is -----------------------------------------------------------------------------------------

_kept: OrderedDict[tuple[int, str], dict[str, dict[str, Field]]] = OrderedDict()


def fields_in(actor: Actor, record_type: RecordType) -> Shapes:
    """Every field of this kind in the actor's sandbox by column name, the custom ones last, as `extra_KEY`.

    A retired one is neither on_create nor on_edit. Where there are no custom ones it is `record_type.fields` itself.
    """
    own = custom_in(actor, record_type.name)
    return {**record_type.fields, **own} if own else record_type.fields


def custom_in(actor: Actor, kind: str) -> Shapes:
    """The custom fields of this kind, retired ones too."""
    return custom_of(actor.sandbox_id, actor.stamp).get(kind, {})


def custom_of(sandbox_id: int, stamp: str) -> Mapping[str, Shapes]:
    """The custom fields of a sandbox by kind and column name. Kept per stamp, like its code tables."""
    key = (sandbox_id, stamp)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = _read(sandbox_id)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def _read(sandbox_id: int) -> dict[str, dict[str, Field]]:
    query = select(CustomField).where(CustomField.sandbox_id == sandbox_id)
    found: dict[str, dict[str, Field]] = {}
    for row in db.session.scalars(query.order_by(CustomField.sort, CustomField.serial)):
        shape = shape_of(row)
        found.setdefault(row.record_kind, {})[shape.name] = shape
    return found


def shape_of(row: CustomField) -> Field:
    """A row of the table as a field."""
    return Field(
        PREFIX + row.key,
        SHAPES[row.shape],
        Label(row.name_en, row.name_zh),
        required=row.required and row.shape != "check",
        on_create=not row.retired,
        on_edit=not row.retired,
        help=Label(row.help_en or row.help_zh or "", row.help_zh or row.help_en or ""),
        custom=True,
        choices=tuple((one["key"], Label(one["en"], one["zh"])) for one in row.choices or ()),
    )


def is_retired(shape: Field) -> bool:
    return shape.custom and not shape.on_edit


def shown_on(actor: Actor, record_type: RecordType, record: Any) -> list[Field]:
    """The fields that the page of a record shows: a retired one only where it is filled in."""
    shapes = fields_in(actor, record_type).values()
    return [s for s in shapes if not is_retired(s) or key_of(s) in (record.extra or {})]


# -- values ------------------------------------------------------------------------------------------------


def key_of(shape: Field) -> str:
    """The key in `extra`: what the log says behind `extra.`."""
    return shape.name.removeprefix(PREFIX)


def value_of(shape: Field, row: Any) -> Any:
    """The value of a custom field of a row that has `extra`."""
    value = (row.extra or {}).get(key_of(shape))
    return bool(value) if shape.shape == "check" else typed(shape.shape, value)


def reader(shape: Field) -> Callable[[Any], Any]:
    """Reads one custom field from a row."""
    return lambda row: value_of(shape, row)


def values_in(actor: Actor, record_type: RecordType, record: Any) -> dict[str, Any]:
    """Every field of a record by column name, as a form takes them."""
    own = {name: value_of(shape, record) for name, shape in custom_in(actor, record_type.name).items()}
    return {name: getattr(record, name, None) for name in record_type.fields} | own


def folded(actor: Actor, record_type: RecordType, record: Any, answers: dict[str, Any]) -> dict[str, Any]:
    """Column values from answers: what is said of custom fields (`extra_KEY`) goes into `extra`, unknown ones nowhere.

    `record` None: a new one, which needs what is required. Raises Invalid for a value that is not offered or missing.
    """
    shapes = custom_in(actor, record_type.name)
    given = {name: value for name, value in answers.items() if name.startswith(PREFIX)}
    missing = () if record is not None else (n for n, s in shapes.items() if s.required and s.on_create)
    for name in missing:
        given.setdefault(name, None)
    if not given:
        return answers
    extra = dict((record.extra if record is not None else answers.get("extra")) or {})
    for name, value in given.items():
        if name in shapes:
            _put(extra, shapes[name], value)
    return {**{n: v for n, v in answers.items() if n not in given}, "extra": extra}


def _put(extra: dict[str, Any], shape: Field, value: Any) -> None:
    """One value into `extra`, as the log carries it. Nothing takes its key away, and so does no tick where none was."""
    key, value = key_of(shape), plain(value)
    if value in (None, "") or (value is False and key not in extra):
        if shape.required:
            raise Invalid(_l("This is needed."), {shape.name: _l("This is needed.")})
        extra.pop(key, None)
        return
    if shape.shape == "choice" and value not in dict(shape.choices):
        sentence = _l("Choose one of the values offered.")
        raise Invalid(sentence, {shape.name: sentence})
    extra[key] = value


# -- in the database ---------------------------------------------------------------------------------------


def expression(model: Any, shape: Field) -> Any:
    """The value of a custom field in SQL, for SQLite and PostgreSQL: days as ISO text, no tick as false."""
    item = model.extra[key_of(shape)]
    if shape.shape == "number":
        return item.as_integer()
    if shape.shape == "check":
        return func.coalesce(item.as_boolean(), False)
    return item.as_string()


def column(model: Any, shape: Field) -> Any:
    """What a field is in SQL, custom or not."""
    return expression(model, shape) if shape.custom else getattr(model, shape.name)


def stored(name: str) -> str:
    """The column that holds a field: `extra` for custom ones."""
    return "extra" if name.startswith(PREFIX) else name
