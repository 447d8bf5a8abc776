"""The verbs every record has besides create: edit, clone, transfer, delete, restore."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.access.rules import model_of
from labapp.notices.board import Words, tell
from labapp.records.custom import folded
from labapp.records.describe import Action, RecordType
from labapp.records.work import Work, writing

WORKING = frozenset({"student", "instructor"})


def create(work: Any, record_type: RecordType, answers: dict[str, Any]) -> Any:
    """A new record of the actor's. `answers` are column values."""
    answers = folded(work.actor, record_type, None, answers)
    work.check_links(record_type.model, answers)
    record_type.rules.check(work, None, answers)
    record = work.create(record_type.model, **answers)
    record_type.rules.created(work, record)
    return record


def edit(work: Any, record_type: RecordType, record: Any, answers: dict[str, Any]) -> Any:
    answers = folded(work.actor, record_type, record, answers)
    work.check_links(record_type.model, {n: v for n, v in answers.items() if getattr(record, n) != v})
    record_type.rules.check(work, record, answers)
    moved = work.update(record, **answers)
    if moved:
        record_type.rules.changed(work, record, moved)
    return record


def transfer(work: Any, record_type: RecordType, record: Any, answers: dict[str, Any]) -> Any:
    """Give the record to another active member; afterwards the giver no longer owns it (004 §2.2)."""
    taker = work.actor.directory.members.get(answers["owner_id"])
    if taker is None or taker.state != "active" or taker.role not in WORKING:
        sentence = _l("Choose a member of this sandbox who works here.")
        raise Invalid(sentence, {"owner_id": sentence})
    if work.update(record, owner_id=taker.id):
        record_type.rules.transferred(work, record, answers)
        tell_taker(work, record_type, record, taker)
    return record


def tell_taker(work: Any, record_type: RecordType, record: Any, taker: Any) -> None:
    """The new owner hears of it by the bell."""
    title, giver = record_type.title_of(record), work.actor.name
    words = Words(f"{giver} transferred “{title}” to you.", f"{giver}把“{title}”移交给了你。")
    tell(work.actor.sandbox_id, [taker.id], "transfer", words, work.now, f"/{record_type.slug}/{record.id}")


def give(actor: Any, record_type: RecordType, record_id: int, answers: dict[str, Any], source: Any) -> Any:
    """A transfer with all that goes along: one step each, all of them or none (product.md §5.13)."""
    with writing():
        with Work(actor, f"{record_type.name}.transfer", answers=answers, source=source) as work:
            record = work.on(record_type.model, record_id)
            transfer(work, record_type, record, answers)
            along = record_type.rules.follow_ups(work, record, answers)
        for kind, other_id in along:
            model = model_of(kind)
            with Work(
                actor, f"{kind}.transfer", answers={"owner_id": answers["owner_id"]}, source=source
            ) as work:
                work.update(work.on(model, other_id), owner_id=answers["owner_id"])
    return record


def delete(work: Any, record_type: RecordType, record: Any) -> None:
    """To the recycle bin, with what the module says goes along."""
    record_type.rules.deleting(work, record)
    work.delete(record)


EDIT = Action("edit", _l("Edit"), lambda w, r, a: r, icon="pencil", tone="primary")
CLONE = Action("clone", _l("Clone"), lambda w, r, a: r, icon="copy")
TRANSFER = Action("transfer", _l("Transfer"), lambda w, r, a: r, icon="arrow-left-right")
DELETE = Action("delete", _l("Delete"), lambda w, r, a: None, icon="trash", tone="danger")
STANDARD = (EDIT, CLONE, TRANSFER, DELETE)
VERBS = ("create", "edit", "clone", "transfer", "delete", "restore", "open", "list", "report", "export")
