"""A record's history, read from the log: who did what when, field by field."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, literal_column, select

from labapp.access.actor import Actor
from labapp.db.fields import Field
from labapp.db.quick import Quick
from labapp.oplog.models import LOOKS, Operation, Touch
from labapp.records.catalog import catalog
from labapp.records.cells import money
from labapp.records.codes import codes_of
from labapp.records.custom import fields_in
from labapp.records.describe import RecordType
from labapp.records.snapshot import kind_of
from labapp.records.words import language
from labapp.values import dataclass

SHOWN = 20
SAID = {
    "create": _l("Created"),
    "remind": _l("Reminded"),
    "restore": _l("Restored"),
    "sign_in": _l("Signed in"),
    "sign_out": _l("Signed out"),
    "open": _l("Opened"),
    "list": _l("List seen"),
    "report": _l("Report seen"),
    "export": _l("Exported"),
}
WORDS = ("reason", "comment")
AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,4})?")  # what was typed in vain may be anything
_step, _touch = Operation.__table__.c, Touch.__table__.c
CHANGING = Quick(
    select(
        _step.id,
        _step.lab_at,
        _step.member,
        _step.kind,
        _step.verb,
        _step.origin,
        _step.changes,
        _step.answers,
    )
    .join_from(
        Touch.__table__,
        Operation.__table__,
        (_touch.sandbox_id == _step.sandbox_id) & (_touch.step == _step.id),
    )
    .where(
        _touch.sandbox_id == bindparam("sandbox"),
        _touch.kind == bindparam("kind"),
        _touch.serial == bindparam("serial"),
        _touch.look == literal_column("0"),
        _step.outcome == "done",
        _step.verb.not_in(LOOKS),
    )
    .order_by(_touch.step.desc())
    .limit(bindparam("limit"))
)  # made once: every page of a record asks it


@dataclass(frozen=True)
class Moved:
    """A field that moved. `before` and `after` are words; links are serials."""

    label: Any
    before: Any
    after: Any


@dataclass(frozen=True)
class Entry:
    """One step of a record's history. `member` None: the system or the public. `of`: of a record merged into it.

    `said` are the words that were given with it: a reason, a comment.
    """

    step: int
    lab_at: Any
    member: str
    verb: str
    verb_label: Any
    origin: str
    moved: list[Moved]
    of: str = ""
    said: str = ""


def steps_of(record: Any, actor: Actor, limit: int = SHOWN) -> Any:
    """The last steps that changed this record, newest first, as they stand in the log."""
    asked = {"sandbox": actor.sandbox_id, "kind": kind_of(record), "serial": record.serial, "limit": limit}
    return CHANGING(asked)


def history_of(record: Any, actor: Actor, limit: int = SHOWN) -> list[Entry]:
    """The last steps that changed this record, newest first; looks and refusals are left out."""
    steps = steps_of(record, actor, limit)
    found = [entry(step, kind_of(record), record.serial, actor) for step in steps]
    for step in steps:
        found += merged_history(step, record, actor)
    return sorted(found, key=lambda item: -item.step)[:limit]


def merged_history(step: Any, record: Any, actor: Actor) -> list[Entry]:
    """What was done to a record before this step merged it into this one: it is part of its history now."""
    if step.verb != "merge":
        return []
    kind, found = kind_of(record), []
    for change in step.changes:
        if change["what"] == "deleted" and change["kind"] == kind and change["id"] != record.serial:
            asked = {"sandbox": actor.sandbox_id, "kind": kind, "serial": change["id"], "limit": SHOWN}
            title = str(change["before"].get(catalog()[kind].title) or f"#{change['id']}")
            older = (earlier for earlier in CHANGING(asked) if earlier.id < step.id)
            found += [replace(entry(earlier, kind, change["id"], actor), of=title) for earlier in older]
    return found


def said_with(step: Any) -> str:
    """The reason or comment of a step, as it was typed."""
    answers = step.answers or {}
    return " ".join(str(answers[name]) for name in WORDS if answers.get(name))


def entry(step: Any, kind: str, serial: int, actor: Actor) -> Entry:
    """A step as the history of one record shows it."""
    changes = [c for c in step.changes if c["kind"] == kind and c["id"] == serial]
    moved = [
        m for change in changes if change["what"] == "changed" for m in moves(change, actor, whole=False)
    ]
    member = actor.directory.by_key.get(step.member or "")
    name = member.name if member else step.member or "—"
    return Entry(
        step.id,
        step.lab_at,
        name,
        step.verb,
        verb_label(step.kind, step.verb),
        step.origin,
        moved,
        said=said_with(step),
    )


def moves(change: dict[str, Any], actor: Actor, *, whole: bool = True) -> list[Moved]:
    """What a change moved, in words; unless `whole`, without what only code works with."""
    record_type = catalog().get(change["kind"])
    names = sorted(change["before"].keys() | change["after"].keys())
    if not whole:
        names = [name for name in names if not _is_working(field_of(record_type, name, actor))]
    return [
        Moved(
            label_of(record_type, name, actor),
            words(record_type, name, change["before"].get(name), actor),
            words(record_type, name, change["after"].get(name), actor),
        )
        for name in names
    ]


def _is_working(field: Field | None) -> bool:
    """Whether code alone works with this field: a list of its own, or a figure that no page of the record shows."""
    return field is not None and (field.shape == "data" or field.aside)


def label_of(record_type: RecordType | None, name: str, actor: Actor) -> Any:
    """The label of a field by its name in the log."""
    if name == "owner":
        return _("Owner")
    if name == "created_at":
        return _("Created at")
    if name == "extra.merged_into":
        return _("Merged into")
    field = field_of(record_type, name, actor)
    return field.label if field is not None else name


def field_of(record_type: RecordType | None, name: str, actor: Actor) -> Field | None:
    """The field of this name in the log; None for one there is no more."""
    fields = fields_in(actor, record_type).values() if record_type is not None else ()
    return next((field for field in fields if field.log == name), None)


def words(record_type: RecordType | None, name: str, value: Any, actor: Actor) -> str:
    """A value of the log in words: codes by label, members by name."""
    if value is None:
        return ""
    if name == "owner" and value in actor.directory.by_key:
        return actor.directory.by_key[value].name
    field = field_of(record_type, name, actor)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field is not None and field.choices:
        return str(dict(field.choices).get(value, value))
    if field is not None and field.shape == "choice":
        return codes_of(actor.sandbox_id, actor.stamp).label(field.codes or "", str(value), language())
    if field is not None and field.shape == "money" and AMOUNT.fullmatch(str(value)):
        return money(Decimal(str(value)))
    if isinstance(value, list):
        return ", ".join(
            item_words(record_type, item, actor) if isinstance(item, dict) else str(item) for item in value
        )
    is_moment = name == "created_at" or (field is not None and field.shape == "moment")
    return str(value).replace("T", " ")[:16] if is_moment else str(value)


def item_words(record_type: RecordType | None, item: dict[str, Any], actor: Actor) -> str:
    """An item of a list of code's own in words, what it is before its times: First contact 2026-09-07 09:00."""
    times = [name for name in item if name.endswith("_at")]
    said = [words(record_type, name, item[name], actor) for name in item if name not in times]
    return " ".join([*said, *(str(item[name]).replace("T", " ")[:16] for name in times)])


def verb_label(kind: str, verb: str) -> Any:
    """The word for a verb, as its button says it."""
    if verb in SAID:
        return SAID[verb]
    record_type = catalog().get(kind)
    action = catalog().verbs(record_type).get(verb) if record_type else None
    return action.label if action else verb
