"""What is asked when two records become one: which other one, and for each field in which they differ, whose value."""

from typing import Any

from flask import has_request_context, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.rules import COMMAND, reachable
from labapp.db.fields import Field
from labapp.records import matching, merge, query
from labapp.records.catalog import catalog
from labapp.records.cells import formatter
from labapp.records.describe import Action, RecordType
from labapp.records.forms import HiddenId, LabForm
from labapp.records.links import Links, getter
from labapp.records.snapshot import kind_of
from labapp.values import dataclass

OFFERED = 8


@dataclass(frozen=True)
class Choice:
    """A field in which the two differ: both values as pages show them."""

    name: str
    label: Any
    mine: Any
    theirs: Any


class Seen(HiddenField):
    """The versions of the two records. What was posted is `data`; the page always carries those of now."""

    def __init__(self, label: Any = None, validators: Any = None, *, now: str = "", **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.now = now

    def _value(self) -> str:
        return self.now


def merge_form(actor: Actor, record_type: RecordType, record: Any) -> type[LabForm]:
    """The form: `other` is the record to merge in (None: it has to be chosen first), `choices` the fields asked."""
    other = other_asked(actor, record_type, record)
    inputs: dict[str, Any] = {"other_id": HiddenId(default=other.id if other else None)}
    chosen: list[Choice] = []
    if other is not None:
        inputs["versions"] = Seen(now=merge.versions_of(record, other))
        for field in merge.asked(actor, record_type, record, other):
            inputs[f"keep_{field.name}"] = RadioField(
                field.label,
                [Optional()],
                choices=[SelectChoice(merge.THIS, _("Stays")), SelectChoice(merge.OTHER, _("Goes in"))],
                default=merge.usual(field, record),
                validate_choice=False,
            )
        chosen = choices_of(actor, record_type, record, other)
    made = type("merge_form", (LabForm,), inputs)
    made.other, made.choices = other, chosen  # type: ignore[attr-defined]
    made.offered = [] if other is not None else offered(actor, record_type, record)  # type: ignore[attr-defined]
    return made


def other_asked(actor: Actor, record_type: RecordType, record: Any) -> Any:
    """The other record of the address or the form, if the actor may merge it away."""
    typed = (
        (request.form.get("other_id") or request.args.get("other_id", "")) if has_request_context() else ""
    )
    if not (typed.isascii() and typed.isdigit() and len(typed) < 16) or int(typed) == record.id:
        return None
    model = record_type.model
    found = query.rows(model, actor, model.id == int(typed), reachable(actor, model, COMMAND), limit=1)
    return found[0] if found else None


def choices_of(actor: Actor, record_type: RecordType, record: Any, other: Any) -> list[Choice]:
    """The fields in which the two differ, with both values."""
    links = Links(actor)
    fields: list[Field] = merge.asked(actor, record_type, record, other)
    links.want_for(fields, [record, other])
    return [
        Choice(
            field.name,
            field.label,
            *(formatter(field, actor, links)(getter(field)(row)) for row in (record, other)),
        )
        for field in fields
    ]


def offered(actor: Actor, record_type: RecordType, record: Any) -> list[tuple[int, str]]:
    """(id, title) of the visible records that may be the same, to choose from."""
    model: Any = record_type.model
    ids = matching.same_as(actor, model, lambda name: getattr(record, name), but=record.id, most=OFFERED)
    rows = query.rows(model, actor, model.id.in_(ids), order=model.id) if ids else []
    return [(row.id, record_type.title_of(row)) for row in rows]


def run(work: Any, record: Any, answers: dict[str, Any]) -> Any:
    return merge.merge(work, catalog()[kind_of(record)], record, answers)


MERGE = Action(
    merge.VERB,
    _l("Merge"),
    run,
    form=merge_form,
    icon="intersect",
    page="merge",
    explain=_l("Two records that are one thing become one. What hangs on the other one moves along."),
)
