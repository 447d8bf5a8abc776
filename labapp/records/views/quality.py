"""Data quality: how complete each kind is, what in it is not valid, and mending it on the spot (003 two-3)."""

from itertools import islice
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import granted
from labapp.records import looks, parse, quality
from labapp.records.describe import RecordType
from labapp.records.standard import edit
from labapp.records.views.common import bp, crumbs, me, note_attempt, open_type, page
from labapp.records.work import Work


@bp.get("/quality")
def all_quality() -> str:
    """Every kind the reader may open: how complete, how much to mend."""
    actor = me()
    lines = [(one, quality.completeness(one, actor), _to_mend(one, actor)) for one in quality.kinds(actor)]
    lines = [line for line in lines if line[1].total]
    return render_template("records/quality_all.html", lines=lines, crumbs=[(_("Data quality"), None)])


def _to_mend(record_type: RecordType, actor: Actor) -> int:
    return sum(1 for _issue in quality.issues(record_type, actor))


@bp.get("/<slug>/quality")
def kind_quality(slug: str) -> ResponseReturnValue:
    """One kind: its fields, and what is to be mended; with ?empty=FIELD the records that lack that field."""
    actor, record_type = open_type(slug, "report")
    answer = shown(actor, record_type, request.args.get("empty", ""))
    looks.looked(actor, record_type.name, "report", answers={"report": "quality"})
    return answer


@bp.post("/<slug>/quality")
def mend(slug: str) -> ResponseReturnValue:
    """Put one value right. What was typed stays where it cannot be taken."""
    actor, record_type = open_type(slug, "edit")
    name, empty = request.form.get("field", ""), request.form.get("empty", "")
    record_id = _number(request.form.get("id", ""))
    typed = {"field": name, "value": request.form.get("value", "")}
    note_attempt(record_type.name, "edit", answers=typed)
    shape = quality.can_be_mended(record_type, name)
    try:
        if shape is None:
            raise Invalid(_("This field is changed on the page of the record."))
        value = _parsed(shape.shape, typed["value"])
        with Work(actor, f"{record_type.name}.edit", answers={name: value}, source=looks.source()) as work:
            record: Any = work.on(record_type.model, record_id)
            edit(work, record_type, record, {name: value})
    except Invalid as error:
        looks.attempted(actor, (record_type.name, "edit"), error, answers=typed)
        again = {"id": record_id, "field": name, "value": typed["value"], "error": str(error)}
        return shown(actor, record_type, empty, again), 422
    flash(_("Fixed."), "success")
    return redirect(f"/{record_type.slug}/quality" + (f"?empty={empty}" if empty == name else ""))


def _parsed(shape: str, text: str) -> Any:
    try:
        found = parse.PARSERS[shape](text)
    except ValueError as error:
        raise Invalid(str(error)) from error
    if found is None:
        raise Invalid(_("This is needed."))
    return found


def shown(actor: Actor, record_type: RecordType, empty: str, again: dict[str, Any] | None = None) -> str:
    g.form_sandbox = actor.sandbox_id
    shape = quality.can_be_mended(record_type, empty)
    found = (
        quality.lacking(record_type, actor, shape)
        if shape is not None
        else list(islice(quality.issues(record_type, actor), quality.SHOWN + 1))
    )
    more = len(found) > quality.SHOWN
    return page(
        record_type,
        "quality",
        found=quality.completeness(record_type, actor),
        issues=quality.mendable(record_type, actor, found[: quality.SHOWN]),
        more=more,
        empty=shape,
        again=again or {},
        mended_here=[
            s.name
            for s in record_type.fields.values()
            if quality.can_be_mended(record_type, s.name) and granted(actor, record_type.name, "edit")
        ],
        crumbs=crumbs(record_type, (_("Data quality"), None)),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
