"""Creating a record and doing a verb to one: ask the questions, do it, show the outcome."""

from typing import Any

from flask import abort, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import inspect

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotDone, Refused, Stale
from labapp.access.rules import COMMAND, EDIT, need_of, require_granted
from labapp.records import looks, query, standard, standards
from labapp.records.catalog import catalog
from labapp.records.conflict import differences
from labapp.records.custom import fields_in, values_in
from labapp.records.describe import Action, RecordType
from labapp.records.forms import LabForm, add_errors, record_form
from labapp.records.transferring import transfer_form
from labapp.records.views.common import (
    bp,
    crumbs,
    me,
    note_attempt,
    open_type,
    page,
    record_or_404,
    type_or_404,
)
from labapp.records.views.detail import offered, standing_of
from labapp.records.views.duplicates import announce
from labapp.records.work import Work, not_yours

COPIED_NOT = frozenset({"number"})


@bp.route("/<slug>/new", methods=["GET", "POST"])
def create(slug: str) -> ResponseReturnValue:
    """A new record. What is in the address fills the form: ?customer_id=7."""
    actor, record_type = open_type(slug, "create")
    form = record_form(actor, record_type)(request.form, data=_given(actor, record_type))
    record_type.rules.begun(actor, form)
    heading = _("New: %(what)s", what=record_type.label)
    if request.method == "GET":
        return form_page(record_type, form, heading)
    try:
        checked(form)
        with Work(actor, f"{record_type.name}.create", answers=form.answers, source=looks.source()) as work:
            record = standard.create(work, record_type, form.answers)
            title = record_type.title_of(record)
    except Invalid as error:
        return again(error, record_type, form, heading)
    announce(record_type, record)
    warn(record_type, form)
    return done(
        record_type,
        record,
        _("%(what)s “%(title)s” is saved.", what=record_type.label, title=title),
        own=True,
    )


def _given(actor: Actor, record_type: RecordType) -> dict[str, Any]:
    shapes = {name: field.shape for name, field in fields_in(actor, record_type).items()}
    shapes["owner_id"] = "member"  # asked by the forms of what superiors give
    return {name: _link(shapes[name], value) for name, value in request.args.items() if name in shapes}


def _link(shape: str, value: str) -> Any:
    if shape in {"link", "member", "number"}:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None
    return value


@bp.route("/<slug>/<int:record_id>/<verb>", methods=["GET", "POST"])
def act(slug: str, record_id: int, verb: str) -> ResponseReturnValue:
    """Ask the verb's questions, then do it."""
    actor, record_type = me(), type_or_404(slug)
    action = catalog().verbs(record_type).get(verb)
    note_attempt(record_type.name, verb)
    if action is None:
        abort(404)
    record = record_or_404(actor, record_type, record_id)
    note_attempt(record_type.name, verb, record, dict(request.form) if request.method == "POST" else None)
    require_granted(actor, record_type.name, verb)
    require_standing(actor, record, verb)
    require_offered(actor, action, record)
    form = form_for(actor, record_type, action, record)
    heading = f"{action.label}: {record_type.title_of(record)}"
    if request.method == "GET":
        return form_page(record_type, form, heading, action, record)
    return perform(actor, record_type, action, record, form, heading)


def require_standing(actor: Actor, record: Any, verb: str) -> None:
    """Raises Refused where the actor reads the record but the verb needs more."""
    need = need_of(verb)
    if need in {EDIT, COMMAND} and need not in standing_of(actor, record):
        raise Refused(not_yours(need, record))


def require_offered(actor: Actor, action: Action, record: Any) -> None:
    """Raises Refused where the verb makes no sense for the record as it stands."""
    if not offered(action, record):
        usual = Refused(_("“%(verb)s” is not possible for this record as it stands.", verb=action.label))
        raise action.refusal(actor, record) or usual


def form_for(actor: Actor, record_type: RecordType, action: Action, record: Any) -> LabForm:
    """The form of a verb, filled with what stands or what was typed."""
    data = values_in(actor, record_type, record) | {"version": record.version}
    if action.name == "edit":
        return record_form(actor, record_type, record)(request.form, data=data)
    if action.name == "clone":
        kept = {name: value for name, value in data.items() if name not in COPIED_NOT}
        return record_form(actor, record_type)(request.form, data=kept)
    if action.name == "transfer":
        return transfer_form(actor, record_type)(request.form)
    made: Any = action.form(actor, record_type, record) or LabForm
    return made(request.form, data=data)


def perform(
    actor: Actor, record_type: RecordType, action: Action, record: Any, form: LabForm, heading: str
) -> ResponseReturnValue:
    """Do it, or show the form again with what was typed and what was wrong."""
    record_id = record.id
    try:
        checked(form)
        shown = do(actor, record_type, action, record_id, form)
    except Invalid as error:
        return again(error, record_type, form, heading, action, record)
    except Stale as error:
        return conflict(error, actor, record_type, record_id, form, heading)
    warn(record_type, form) if action.name in {"edit", "clone"} else None
    return done(record_type, shown, _("%(verb)s: done.", verb=action.label))


def warn(record_type: RecordType, form: LabForm) -> None:
    """What falls short of the data standard was saved all the same, and is told (003 two-3)."""
    for _name, sentence in standards.remarks(record_type.name, form.answers):
        flash(sentence, "warning")


def do(actor: Actor, record_type: RecordType, action: Action, record_id: int, form: LabForm) -> Any:
    """The verb, in one Work. Returns the record to show next, None for the list."""
    answers = form.answers
    if action.name == "transfer":
        return standard.give(actor, record_type, record_id, answers, looks.source())
    with Work(actor, f"{record_type.name}.{action.name}", answers=answers, source=looks.source()) as work:
        record: Any = work.on(record_type.model, record_id)
        if action.name == "edit":
            work.check_version(record, request.form.get("version", record.version))
            return standard.edit(work, record_type, record, answers)
        if action.name == "clone":
            work.header.record = None
            return standard.create(work, record_type, answers)
        if action.name == "delete":
            standard.delete(work, record_type, record)
            return None
        require_offered(actor, action, record)
        return action.run(work, record, answers)


def checked(form: LabForm) -> None:
    """Raises Invalid where what was typed cannot be taken; the form says where."""
    if not form.validate():
        raise Invalid(_("Some answers cannot be taken."))


def again(
    error: Invalid,
    record_type: RecordType,
    form: LabForm,
    heading: str,
    action: Action | None = None,
    record: Any = None,
) -> ResponseReturnValue:
    """The form with what was typed; the attempt is in the log."""
    actor, verb = me(), action.name if action is not None else "create"
    typed = {name: request.form.get(name, "") for name in form.data if name in request.form}
    looks.attempted(actor, (record_type.name, verb), error, record, typed)
    if error.fields or not form.errors:
        add_errors(form, error.fields, error.sentence)
    return form_page(record_type, form, heading, action, record), 422


def conflict(
    error: NotDone, actor: Actor, record_type: RecordType, record_id: int, form: LabForm, heading: str
) -> ResponseReturnValue:
    """Both versions field by field; a choice per field, and saving again with the version as it stands."""
    record = record_or_404(actor, record_type, record_id)
    rows = differences(record_type, record, form, actor)
    answer = page(
        record_type,
        "conflict",
        form=form,
        record=record,
        rows=rows,
        heading=heading,
        sentence=str(error),
        crumbs=crumbs(
            record_type, (record_type.title_of(record), f"/{record_type.slug}/{record.id}"), (heading, None)
        ),
    )
    return answer, 409


def form_page(
    record_type: RecordType, form: LabForm, heading: str, action: Action | None = None, record: Any = None
) -> Any:
    g.form_sandbox = me().sandbox_id
    back = f"/{record_type.slug}/{record.id}" if record is not None else f"/{record_type.slug}/"
    if record_type.parent and record is None:
        back = request.referrer or back
    inner = [(record_type.title_of(record), back)] if record is not None else []
    return page(
        record_type,
        action.page if action is not None else "form",
        form=form,
        heading=heading,
        action=action,
        record=record,
        cancel_url=back,
        crumbs=crumbs(record_type, *inner, (heading, None)),
    )


def done(record_type: RecordType, record: Any, sentence: str, *, own: bool = False) -> ResponseReturnValue:
    """Show what was done: the record if it is still visible (one's own is), else the list."""
    flash(sentence, "success")
    return redirect(address(record, own=own) or f"/{record_type.slug}/")


def address(record: Any, *, own: bool = False) -> str | None:
    """Where a record is shown: a child under its parent; None where the actor does not see it any more."""
    actor = me()
    if record is None:
        return None
    found = catalog().by_model.get(type(record))
    if found is None:
        return None
    if found.model.reach == "hanging":
        return f"/{catalog()[record.related_kind].slug}/{record.related_id}"
    if found.model.reach == "between":
        kind, there = record.end(0)
        return f"/{catalog()[kind].slug}/{there}"
    if found.parent:
        target = found.fields[found.parent].target or ""
        return f"/{catalog()[target].slug}/{getattr(record, found.parent)}"
    (record_id,) = inspect(record).identity  # asking the row itself would read it once more
    seen = own or query.one(found.model, actor, record_id) is not None
    return f"/{found.slug}/{record_id}" if seen else None
