"""Code tables and stages: the words of choices, kept by the instructor (004 §2.11-7)."""

from collections.abc import Callable
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import answer_again, back_to, bp, console_page, me
from labapp.access.errors import Invalid
from labapp.modules.opportunities import stage_settings
from labapp.modules.opportunities.conditions import labels
from labapp.people.words import language
from labapp.records import code_tables, looks
from labapp.records.codes import codes_of
from labapp.records.views.common import note_attempt

HERE = "/instructor/codes"


@bp.get("/codes")
@console_page("codes")
def codes() -> ResponseReturnValue:
    """All tables with what they offer."""
    actor = me()
    book = codes_of(actor.sandbox_id, actor.stamp)
    order = {name: place for place, name in enumerate(code_tables.TABLES)}
    names = sorted(book.tables, key=lambda name: (order.get(name, len(order)), name))
    rows = [
        (
            name,
            code_tables.table_label(name),
            [v.name(language()) for v in book.values(name) if not v.retired],
            len(book.values(name)),
        )
        for name in names
        if book.tables[name]
    ]
    return render_template("instructor/codes.html", rows=rows, crumbs=[(_("Code tables"), None)])


@bp.get("/codes/<table>")
@console_page("codes")
def code_table(table: str) -> ResponseReturnValue:
    """The values of one table in their order."""
    return table_page(table)


def table_page(table: str, error: Invalid | None = None) -> str:
    actor = me()
    rows = code_tables.values_of(actor, table)
    if not rows:
        abort(404)
    return render_template(
        "instructor/code_table.html",
        table=table,
        label=code_tables.table_label(table),
        stages=table == code_tables.STAGE,
        outcomes=stage_settings.OUTCOMES,
        asks={row.key: labels(actor, row.requires or ()) for row in rows}
        if table == code_tables.STAGE
        else {},
        rows=rows,
        typed=request.form,
        problem=str(error) if error else "",
        wrong=error.fields if error else {},
        crumbs=[(_("Code tables"), HERE), (code_tables.table_label(table), None)],
    )


def attempt(table: str, verb: str) -> None:
    """Say what is being tried; 404 for a table that is none."""
    note_attempt(code_tables.kind_of(table), verb)
    actor = me()
    if not codes_of(actor.sandbox_id, actor.stamp).values(table):
        abort(404)


@bp.post("/codes/<table>/add")
@console_page("codes")
def code_add(table: str) -> ResponseReturnValue:
    attempt(table, "create")
    try:
        code_tables.add(me(), looks.source(), table, request.form)
    except Invalid as error:
        return answer_again(error, table_page(table, error))
    return back_to(f"{HERE}/{table}", _("The value is added."))


@bp.get("/codes/<table>/<int:code_id>")
@console_page("codes")
def code(table: str, code_id: int) -> ResponseReturnValue:
    """One value: its names, for a stage also probability and meaning."""
    return value_page(table, code_id)


def value_page(table: str, code_id: int, error: Invalid | None = None) -> str:
    row: Any = next((row for row in code_tables.values_of(me(), table) if row.id == code_id), None) or abort(
        404
    )
    stages = table == code_tables.STAGE
    return render_template(
        "instructor/code.html",
        table=table,
        row=row,
        offers=stage_settings.offers(me(), row) if stages else None,
        stages=stages,
        typed=request.form,
        problem=str(error) if error else "",
        wrong=error.fields if error else {},
        crumbs=[
            (_("Code tables"), HERE),
            (code_tables.table_label(table), f"{HERE}/{table}"),
            (row.name_zh if language() == "zh" else row.name_en, None),
        ],
    )


@bp.post("/codes/<table>/<int:code_id>/edit")
@console_page("codes")
def code_edit(table: str, code_id: int) -> ResponseReturnValue:
    attempt(table, "edit")
    try:
        code_tables.change(me(), looks.source(), table, code_id, request.form)
    except Invalid as error:
        return answer_again(error, value_page(table, code_id, error))
    return back_to(f"{HERE}/{table}", _("Saved."))


@bp.post("/codes/stage/<int:code_id>/entry")
@console_page("codes")
def stage_entry(code_id: int) -> ResponseReturnValue:
    """What a stage asks for on entry, whom it tells, when it reminds."""
    attempt(code_tables.STAGE, "edit")
    try:
        stage_settings.change(me(), looks.source(), code_id, request.form)
    except Invalid as error:
        return answer_again(error, value_page(code_tables.STAGE, code_id, error))
    return back_to(f"{HERE}/stage", _("Saved."))


@bp.post("/codes/<table>/<int:code_id>/<any(up, down):way>")
@console_page("codes")
def code_shift(table: str, code_id: int, way: str) -> ResponseReturnValue:
    return done(
        table,
        "edit",
        lambda: code_tables.shift(me(), looks.source(), table, code_id, way == "up"),
        _("Saved."),
    )


@bp.post("/codes/<table>/<int:code_id>/<any(retire, offer):verb>")
@console_page("codes")
def code_retire(table: str, code_id: int, verb: str) -> ResponseReturnValue:
    retired = verb == "retire"
    sentence = _("It is not offered any more; old records keep it.") if retired else _("It is offered again.")
    logged = "edit" if table == code_tables.STAGE else "retire"
    return done(
        table, logged, lambda: code_tables.retire(me(), looks.source(), table, code_id, retired), sentence
    )


@bp.post("/codes/<table>/<int:code_id>/delete")
@console_page("codes")
def code_delete(table: str, code_id: int) -> ResponseReturnValue:
    sentence = _("The value is deleted.")
    return done(table, "delete", lambda: code_tables.delete(me(), looks.source(), table, code_id), sentence)


def done(table: str, verb: str, act: Callable[[], None], sentence: str) -> ResponseReturnValue:
    """Do it and go back to the table; what cannot be done is said there."""
    attempt(table, verb)
    try:
        act()
    except Invalid as error:
        return answer_again(error, table_page(table, error))
    return back_to(f"{HERE}/{table}", sentence)
