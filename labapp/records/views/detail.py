"""One record: its fields, its verbs, what hangs on it, its history, and why one may see it."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from labapp.access.actor import Actor
from labapp.access.errors import NotDone
from labapp.access.explain import explain
from labapp.access.prepared import Builder, Visible, read
from labapp.access.rules import COMMAND, EDIT, granted, need_of
from labapp.db.fields import Field
from labapp.records import looks, query
from labapp.records.catalog import catalog
from labapp.records.cells import formatter, moment
from labapp.records.custom import shown_on
from labapp.records.describe import Action, RecordType
from labapp.records.history import history_of
from labapp.records.links import Links, getter
from labapp.records.listing import json_value
from labapp.records.related import related_lists
from labapp.records.snapshot import kind_of
from labapp.records.views.common import bp, crumbs, note_attempt, open_type, page, record_or_404, wants_json
from labapp.records.views.duplicates import tell_similar
from labapp.records.words import said

HIDDEN = frozenset({"related_kind"})


@bp.get("/<slug>/<int:record_id>")
def detail(slug: str, record_id: int) -> ResponseReturnValue:
    actor, record_type = open_type(slug, "open")
    found = query.with_standing(record_type.model, actor, record_id) if record_id < 2**53 else None
    record, standing = found or (record_or_404(actor, record_type, record_id), frozenset())
    note_attempt(record_type.name, "open", record)
    if wants_json():
        answer: Any = jsonify(record_json(record, record_type, actor))
    else:
        tell_similar(actor, record_type, record)
        verbs = verbs_for(actor, record_type, record, standing)
        answer = page(
            record_type,
            "detail",
            record=record,
            title=record_type.title_of(record),
            pairs=[*pairs_of(record, record_type, actor), *stamps_of(record, actor)],
            verbs=verbs,
            verb_names=[verb.name for verb in verbs],
            related=related_lists(record, record_type, actor, can_add=EDIT in standing),
            history=history_of(record, actor),
            editable=EDIT in standing and granted(actor, record_type.name, "edit"),
            crumbs=crumbs(record_type, (record_type.title_of(record), None)),
        )
    looks.looked(actor, record_type.name, "open", record)
    return answer


@bp.get("/<slug>/<int:record_id>/why")
def why(slug: str, record_id: int) -> ResponseReturnValue:
    """The rule that opens the record to the reader, and who else reads it: a part of the record's page. No look."""
    actor, record_type = open_type(slug, "open")
    record = record_or_404(actor, record_type, record_id)
    return page(
        record_type,
        "why",
        why=explain(actor, record),
        fragment="HX-Request" in request.headers,
        crumbs=crumbs(
            record_type,
            (record_type.title_of(record), f"/{record_type.slug}/{record_id}"),
            (_("Why can I see this?"), None),
        ),
    )


def standing_of(actor: Actor, record: Any) -> frozenset[str]:
    """Which of edit and command the actor's standing gives on this record: one statement for both."""
    row = read(actor, ("standing", kind_of(record)), _standing(type(record)), id=record.id).one()
    return frozenset(need for need, has in ((EDIT, row.edit), (COMMAND, row.command)) if has)


def _standing(model: Any) -> Builder:
    def build(visible: Visible) -> Any:
        edit, command = (visible(model, need) for need in (EDIT, COMMAND))
        both = select(edit.label("edit"), command.label("command")).select_from(model)
        return both.where(model.id == bindparam("id"))

    return build


def verbs_for(actor: Actor, record_type: RecordType, record: Any, standing: frozenset[str]) -> list[Action]:
    """The verbs that make sense now and that the actor may do."""
    allowed = standing | {"read"}
    return [
        verb
        for verb in catalog().verbs(record_type).values()
        if need_of(verb.name) in allowed
        and granted(actor, record_type.name, verb.name)
        and offered(verb, record)
    ]


def offered(verb: Action, record: Any) -> bool:
    try:
        return bool(verb.offered(record))
    except NotDone:
        return False


def pairs_of(record: Any, record_type: RecordType, actor: Actor) -> list[tuple[str, Any, bool]]:
    """(label, what is shown, whether it is long) for every field."""
    links = Links(actor)
    shapes = [
        shape
        for shape in shown_on(actor, record_type, record)
        if shape.name not in HIDDEN and shape.shape != "data" and not shape.aside
    ]
    links.want_for(shapes, [record])
    return [
        (
            said(shape.label, links.language),
            shown_value(shape, getter(shape)(record), actor, links),
            shape.shape == "prose",
        )
        for shape in shapes
    ]


def stamps_of(record: Any, actor: Actor) -> list[tuple[str, Any, bool]]:
    """The same for the owner and for when it was made and changed."""
    owner = actor.directory.members.get(record.owner_id)
    return [
        (_("Owner"), owner.name if owner is not None else "", False),
        (_("Created"), moment(record.created_at), False),
        (_("Changed"), moment(record.updated_at), False),
    ]


def shown_value(shape: Field, value: Any, actor: Actor, links: Links) -> Any:
    return "" if value is None and shape.shape != "check" else formatter(shape, actor, links)(value)


def record_json(record: Any, record_type: RecordType, actor: Actor) -> dict[str, Any]:
    """The record for machines: what the page shows, under the names of the log."""
    links = Links(actor)
    shapes = list(record_type.fields.values())
    links.want_for(shapes, [record])
    owner = actor.directory.members.get(record.owner_id)
    return {
        "kind": record_type.name,
        "id": record.id,
        "serial": record.serial,
        "version": record.version,
        "owner": owner.key if owner else None,
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
        **{shape.log: json_value(shape, getter(shape)(record), actor, links) for shape in shapes},
        **{f"extra.{key}": value for key, value in (record.extra or {}).items()},
    }
