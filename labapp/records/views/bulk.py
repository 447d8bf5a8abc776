"""Doing a verb to many: first how many of them one may touch, then each as a step of its own (design.md, Bulk)."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.records import looks, standard
from labapp.records.bulk import MOST, Outcome, reach_of, run_each
from labapp.records.catalog import catalog
from labapp.records.custom import fields_in
from labapp.records.describe import RecordType
from labapp.records.forms import LabForm, TagsField, add_errors, input_for, tags_known
from labapp.records.listing import ids as ids_behind
from labapp.records.question import question_of, with_search
from labapp.records.tags import with_tags, without_tags
from labapp.records.transferring import transfer_form
from labapp.records.views.common import bp, crumbs, me, note_attempt, page, type_or_404
from labapp.records.views.writing import checked, require_offered
from labapp.records.work import Source, Work
from labapp.values import dataclass

PLAIN = {
    "transfer": _l("Transfer"),
    "delete": _l("Delete"),
    "update": _l("Change one field"),
    "tag": _l("Tag"),
    "untag": _l("Take off tags"),
}


@dataclass(frozen=True)
class Selection:
    """What was ticked: ids, and the address of the list they were ticked in."""

    ids: tuple[int, ...]
    back: str


@bp.post("/<slug>/bulk")
def choose(slug: str) -> ResponseReturnValue:
    """The list's button: the verb is a value of the form."""
    return bulk(slug, request.form.get("verb", ""))


@bp.post("/<slug>/bulk/<verb>")
def bulk(slug: str, verb: str) -> ResponseReturnValue:
    """Without `confirm`: how many may be touched, and the verb's questions. With it: do it."""
    actor, record_type = me(), type_or_404(slug)
    known = catalog().verbs(record_type)
    senseless = verb == "transfer" and verb not in known
    if senseless or (verb not in PLAIN and not (verb in known and known[verb].bulk)):
        note_attempt(record_type.name, "edit")
        require_granted(actor, record_type.name, "edit")
        raise Invalid(_("Choose what to do with the selected records."))
    note_attempt(record_type.name, logged_verb(verb))
    require_granted(actor, record_type.name, logged_verb(verb))
    chosen = selection(record_type, actor)
    if not chosen.ids:
        raise Invalid(_("Nothing is selected. Tick the records first."))
    form = bulk_form(actor, record_type, verb)
    label = PLAIN.get(verb) or known[verb].label
    if request.form.get("confirm") != "1":
        return ask(record_type, verb, label, form, chosen)
    try:
        checked(form)
        outcome = run_each(chosen.ids, each(actor, record_type, verb, form))
    except Invalid as error:
        looks.attempted(actor, (record_type.name, logged_verb(verb)), error)
        add_errors(form, error.fields, error.sentence) if error.fields or not form.errors else None
        return ask(record_type, verb, label, form, chosen), 422
    return report(record_type, label, outcome, chosen)


def logged_verb(verb: str) -> str:
    """Changing one field and tagging are edits."""
    return "edit" if verb in {"update", "tag", "untag"} else verb


def selection(record_type: RecordType, actor: Actor) -> Selection:
    """The ticked records; with `all_matching=1` everything behind the filter as it stood."""
    query = request.form.get("filter", "")
    args: MultiDict[str, str] = MultiDict(_pairs(query))
    question = with_search(question_of(record_type, actor, args), actor)
    if request.form.get("all_matching") == "1":
        return Selection(tuple(ids_behind(question, actor, MOST)), question.address())
    typed = request.form.getlist("ids")
    found = [int(value) for value in typed if value.isascii() and value.isdigit() and len(value) < 16]
    return Selection(tuple(dict.fromkeys(found))[:MOST], question.address())


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.lstrip("?"))


def tag_form(record_type: RecordType, verb: str) -> type[LabForm]:
    """Which tags to put on, or to take off."""
    label = _("Tags to add") if verb == "tag" else _("Tags to take off")
    return type(
        "tag_form", (LabForm,), {"tags": TagsField(label, shape="tags", render_kw=tags_known(record_type))}
    )


def bulk_form(actor: Actor, record_type: RecordType, verb: str) -> LabForm:
    """The questions of a verb done to many."""
    if verb == "transfer":
        return transfer_form(actor, record_type)(request.form)
    if verb in {"tag", "untag"}:
        return tag_form(record_type, verb)(request.form)
    if verb == "update":
        return update_form(actor, record_type)(request.form)
    if verb == "delete":
        return LabForm(request.form)
    made: Any = catalog().verbs(record_type)[verb].form(actor, record_type, None) or LabForm
    return made(request.form)


def update_form(actor: Actor, record_type: RecordType) -> type[LabForm]:
    """Which field, and the new value: only the chosen field's input counts."""
    shapes = {
        name: shape
        for name, shape in fields_in(actor, record_type).items()
        if shape.on_edit and shape.shape not in {"related", "data"}
    }
    name = request.form.get("field", "")
    inputs: dict[str, Any] = {}
    if name in shapes:
        inputs[name] = input_for(replace(shapes[name], default=None), actor)
    made = type("update_form", (LabForm,), inputs)
    made.fields = [(f.name, f.label) for f in shapes.values()]  # type: ignore[attr-defined]
    made.chosen = name if name in shapes else ""  # type: ignore[attr-defined]
    return made


def each(actor: Actor, record_type: RecordType, verb: str, form: LabForm) -> Any:
    """A function `(id, source)` that does the verb to one record by a step of its own; a transfer takes along more."""
    answers = form.answers
    if verb == "transfer":
        return lambda record_id, source: standard.give(actor, record_type, record_id, answers, source)
    do = doing(record_type, verb, answers)

    def one(record_id: int, source: Source) -> None:
        with Work(actor, f"{record_type.name}.{logged_verb(verb)}", answers=answers, source=source) as work:
            do(work, work.on(record_type.model, record_id))

    return one


def doing(record_type: RecordType, verb: str, answers: dict[str, Any]) -> Any:
    """A function `(work, record)` that does the verb to one record."""
    if verb == "delete":
        return lambda work, record: standard.delete(work, record_type, record)
    if verb in {"tag", "untag"}:
        change = with_tags if verb == "tag" else without_tags
        return lambda work, record: standard.edit(
            work, record_type, record, {"tags": change(record, answers["tags"] or ())}
        )
    if verb == "update":
        if not answers:
            raise Invalid(_("Choose the field to change."))
        return lambda work, record: standard.edit(work, record_type, record, dict(answers))
    action = catalog().verbs(record_type)[verb]

    def one(work: Any, record: Any) -> None:
        require_offered(work.actor, action, record)
        action.run(work, record, answers)

    return one


def ask(record_type: RecordType, verb: str, label: Any, form: LabForm, chosen: Selection) -> str:
    actor = me()
    g.form_sandbox = actor.sandbox_id
    may = reach_of(actor, record_type, logged_verb(verb), chosen.ids)
    return page(
        record_type,
        "bulk",
        verb=verb,
        label=label,
        form=form,
        chosen=chosen,
        may=may,
        query=request.form.get("filter", ""),
        crumbs=crumbs(record_type, (label, None)),
    )


def report(record_type: RecordType, label: Any, outcome: Outcome, chosen: Selection) -> ResponseReturnValue:
    """What was done; the others are listed with the reason."""
    if not outcome.refused:
        flash(_("%(verb)s: done for %(count)s records.", verb=label, count=outcome.done), "success")
        return redirect(chosen.back)
    return page(
        record_type,
        "bulk_done",
        label=label,
        outcome=outcome,
        back=chosen.back,
        crumbs=crumbs(record_type, (label, None)),
    )
