"""What a stage may ask of an opportunity that enters it (003; product.md M4): product lines, people, files, fields.

A condition is a key: `lines`, `contact_role`, `document`, `document:TYPE`, `field:NAME` with the name of the log, also
`field:extra.KEY`. One whose field there is no more asks for nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_

from labapp.access.actor import Actor
from labapp.access.rules import record_models
from labapp.db.fields import Field
from labapp.modules.opportunities.models import ContactRole, Line, Opportunity
from labapp.records import custom
from labapp.records.catalog import catalog
from labapp.records.links import getter
from labapp.records.snapshot import fields_by_model
from labapp.values import dataclass

FIELD, DOCUMENT = "field:", "document"
TYPES = {
    "pdf": (_l("an attached PDF file"), (".pdf",)),
    "text": (_l("an attached text document"), (".doc", ".docx", ".wps", ".odt", ".txt", ".md")),
    "sheet": (_l("an attached spreadsheet"), (".xls", ".xlsx", ".et", ".ods", ".csv")),
    "image": (_l("an attached picture"), (".png", ".jpg", ".jpeg", ".gif", ".webp")),
}


@dataclass(frozen=True)
class Condition:
    """One thing a stage may ask for: in words; whether it holds, inside a Work; which opportunities lack it."""

    key: str
    label: Any
    holds: Callable[[Any, Opportunity], bool]
    lacking: Callable[[], ColumnElement[bool]]


@dataclass(frozen=True)
class Filled:
    """A label that says itself in the reader's language: field “Amount” filled in."""

    field: Field

    def __str__(self) -> str:
        return str(_l("field “%(field)s” filled in", field=str(self.field.label)))


def conditions(actor: Actor) -> Mapping[str, Condition]:
    """Everything a stage may ask for in the actor's sandbox, by key."""
    found = [
        Condition("lines", _l("at least one product line"), *_has_part(Line)),
        Condition("contact_role", _l("at least one contact of the customer"), *_has_part(ContactRole)),
        Condition(DOCUMENT, _l("a file or document attached"), *_has_file(())),
        *(Condition(f"{DOCUMENT}:{key}", label, *_has_file(ends)) for key, (label, ends) in TYPES.items()),
        *(Condition(FIELD + field.log, Filled(field), *_is_filled(field)) for field in fields(actor)),
    ]
    return {condition.key: condition for condition in found}


def fields(actor: Actor) -> list[Field]:
    """The fields that one may leave empty, custom ones too."""
    return [s for s in custom.fields_in(actor, catalog()["opportunity"]).values() if _can_be_empty(s)]


def _can_be_empty(shape: Field) -> bool:
    return shape.on_edit and shape.shape != "data" and (shape.custom or not shape.required)


def standard_keys() -> list[str]:
    """The conditions of every sandbox, without its custom fields."""
    own = [FIELD + shape.log for shape in fields_by_model(Opportunity).values() if _can_be_empty(shape)]
    return ["lines", "contact_role", DOCUMENT, *(f"{DOCUMENT}:{key}" for key in TYPES), *own]


def labels(actor: Actor, keys: Iterable[str]) -> list[Any]:
    """These conditions in words; those that ask for nothing any more are left out."""
    known = conditions(actor)
    return [known[key].label for key in keys if key in known]


def missing(work: Any, opportunity: Opportunity, keys: Iterable[str]) -> list[Any]:
    """In words, what of these the opportunity lacks."""
    wanted = [key for key in keys if key]
    if not wanted:
        return []
    known = conditions(work.actor)
    return [known[key].label for key in wanted if key in known and not known[key].holds(work, opportunity)]


Ways = tuple[Callable[[Any, Opportunity], bool], Callable[[], ColumnElement[bool]]]


def _has_part(model: Any) -> Ways:
    def holds(work: Any, opportunity: Opportunity) -> bool:
        return bool(work.rows(model, model.opportunity_id == opportunity.id))

    def lacking() -> ColumnElement[bool]:
        return ~exists().where(model.opportunity_id == Opportunity.id, model.deleted_at.is_(None))

    return holds, lacking


def _has_file(ends: tuple[str, ...]) -> Ways:
    """An attachment, or a document attached by a link; of a type where endings of its name are given."""

    def holds(work: Any, opportunity: Opportunity) -> bool:
        return any(
            bool(work.rows(model, *_here(model, opportunity.id), _named(model, ends)))
            for model in _carriers()
        )

    def lacking() -> ColumnElement[bool]:
        return and_(
            *(
                ~exists().where(
                    *_here(model, Opportunity.id), model.deleted_at.is_(None), _named(model, ends)
                )
                for model in _carriers()
            )
        )

    return holds, lacking


def _carriers() -> list[Any]:
    """What hangs a file on a record: attachments, links to documents."""
    known = record_models()
    return [known[name] for name in ("attachment", "document_link") if name in known]


def _here(model: Any, opportunity_id: Any) -> tuple[Any, Any]:
    return model.related_kind == "opportunity", model.related_id == opportunity_id


def _named(model: Any, ends: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether the file of an attachment, or of the document of a link, has a name that ends so."""
    if hasattr(model, "file_name"):
        return _ends(model.file_name, ends)
    document: Any = record_models()["document"]
    alive = document.id == model.document_id, document.deleted_at.is_(None)
    return exists().where(*alive, _ends(document.file_name, ends))


def _ends(name: Any, ends: tuple[str, ...]) -> ColumnElement[bool]:
    lower = func.lower(name)
    return or_(*(lower.endswith(end, autoescape=True) for end in ends)) if ends else name.is_not(None)


def _is_filled(field: Field) -> Ways:
    read = getter(field)

    def holds(work: Any, opportunity: Opportunity) -> bool:
        value = read(opportunity)
        return value is not None and value is not False and value not in ("", [])

    def lacking() -> ColumnElement[bool]:
        column = custom.column(Opportunity, field)
        if field.shape == "check":
            return ~column
        if field.shape == "tags":
            return or_(column.is_(None), cast(column, String) == "[]")
        text = field.shape in {"text", "prose"}
        return or_(column.is_(None), column == "") if text else column.is_(None)

    return holds, lacking
