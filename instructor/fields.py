"""Custom fields: what a class records besides the fields of the house (product.md P11)."""

from collections.abc import Callable

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import answer_again, back_to, bp, console_page, me
from labapp.access.errors import Invalid
from labapp.people.words import language
from labapp.records import custom_fields, looks
from labapp.records.catalog import catalog
from labapp.records.custom import CustomField, custom_in
from labapp.records.custom_fields import Asked
from labapp.records.describe import RecordType
from labapp.records.views.common import note_attempt

HERE = "/instructor/fields"
SPARE = 5


@bp.get("/fields")
@console_page("fields")
def fields() -> ResponseReturnValue:
    """The kinds that may have fields of their own, with those they have."""
    actor = me()
    rows = [
        (
            record_type,
            [shape.label for shape in custom_in(actor, record_type.name).values() if shape.on_edit],
            len(custom_in(actor, record_type.name)),
        )
        for record_type in custom_fields.kinds()
    ]
    return render_template("instructor/fields.html", rows=rows, crumbs=[(_("Custom fields"), None)])


@bp.get("/fields/<kind>")
@console_page("fields")
def fields_kind(kind: str) -> ResponseReturnValue:
    """The custom fields of one kind in their order."""
    return kind_page(kind)


def kind_page(kind: str, error: Invalid | None = None) -> str:
    record_type = type_of(kind)
    return render_template(
        "instructor/fields_kind.html",
        type=record_type,
        rows=custom_fields.rows_of(me(), kind),
        shapes=custom_fields.SHAPE_NAMES,
        choices=choice_lines([]),
        typed=request.form,
        problem=str(error) if error else "",
        wrong=error.fields if error else {},
        crumbs=[(_("Custom fields"), HERE), (record_type.plural, None)],
    )


def type_of(kind: str) -> RecordType:
    """The record type of that name, if it may have custom fields; 404 for others."""
    if kind not in {record_type.name for record_type in custom_fields.kinds()}:
        abort(404)
    return catalog()[kind]


def choice_lines(stands: list[dict[str, str]]) -> list[tuple[str, str, str, bool]]:
    """(key, Chinese, English, whether the key stays) a line: what was typed, or what stands, and room for more."""
    known = {one["key"] for one in stands}
    found = [(one["key"], one["zh"], one["en"], True) for one in stands]
    if "choice_key" in request.form:
        typed = zip(*(request.form.getlist(f"choice_{part}") for part in ("key", "zh", "en")), strict=False)
        found = [(key, zh, en, key in known) for key, zh, en in typed if key in known or zh or en]
    return found + [("", "", "", False)] * SPARE


def attempt(kind: str, verb: str) -> Asked:
    """Say what is being tried; 404 for a kind without custom fields."""
    note_attempt("field", verb)
    type_of(kind)
    return Asked(me(), looks.source(), kind)


@bp.post("/fields/<kind>/add")
@console_page("fields")
def field_add(kind: str) -> ResponseReturnValue:
    asked = attempt(kind, "create")
    try:
        custom_fields.add(asked, request.form)
    except Invalid as error:
        return answer_again(error, kind_page(kind, error))
    return back_to(
        f"{HERE}/{kind}", _("The field is added. It stands in forms, lists, filters and files now.")
    )


@bp.get("/fields/<kind>/<int:field_id>")
@console_page("fields")
def field(kind: str, field_id: int) -> ResponseReturnValue:
    """One field: its names, hints and choices."""
    return field_page(kind, field_id)


def field_page(kind: str, field_id: int, error: Invalid | None = None) -> str:
    record_type = type_of(kind)
    row: CustomField = next(
        (row for row in custom_fields.rows_of(me(), kind) if row.id == field_id), None
    ) or abort(404)
    return render_template(
        "instructor/field.html",
        type=record_type,
        row=row,
        shapes=custom_fields.SHAPE_NAMES,
        choices=choice_lines(row.choices),
        used=custom_fields.used_by(me(), row),
        typed=request.form,
        problem=str(error) if error else "",
        wrong=error.fields if error else {},
        crumbs=[
            (_("Custom fields"), HERE),
            (record_type.plural, f"{HERE}/{kind}"),
            (row.name_zh if language() == "zh" else row.name_en, None),
        ],
    )


@bp.post("/fields/<kind>/<int:field_id>/edit")
@console_page("fields")
def field_edit(kind: str, field_id: int) -> ResponseReturnValue:
    asked = attempt(kind, "edit")
    try:
        custom_fields.change(asked, field_id, request.form)
    except Invalid as error:
        return answer_again(error, field_page(kind, field_id, error))
    return back_to(f"{HERE}/{kind}", _("Saved."))


@bp.post("/fields/<kind>/<int:field_id>/<any(up, down):way>")
@console_page("fields")
def field_shift(kind: str, field_id: int, way: str) -> ResponseReturnValue:
    asked = attempt(kind, "edit")
    return done(kind, lambda: custom_fields.shift(asked, field_id, way == "up"), _("Saved."))


@bp.post("/fields/<kind>/<int:field_id>/<any(retire, offer):verb>")
@console_page("fields")
def field_retire(kind: str, field_id: int, verb: str) -> ResponseReturnValue:
    asked, retired = attempt(kind, "retire"), verb == "retire"
    told = (
        _("It is asked for no more; what was filled in can still be read.")
        if retired
        else _("It is asked for again.")
    )
    return done(kind, lambda: custom_fields.retire(asked, field_id, retired), told)


@bp.post("/fields/<kind>/<int:field_id>/delete")
@console_page("fields")
def field_delete(kind: str, field_id: int) -> ResponseReturnValue:
    asked = attempt(kind, "delete")
    return done(kind, lambda: custom_fields.delete(asked, field_id), _("The field is deleted."))


def done(kind: str, act: Callable[[], None], sentence: str) -> ResponseReturnValue:
    """Do it and go back to the kind; what cannot be done is said there."""
    try:
        act()
    except Invalid as error:
        return answer_again(error, kind_page(kind, error))
    return back_to(f"{HERE}/{kind}", sentence)
