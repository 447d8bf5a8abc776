"""Tags on the page of a record: put on, taken off, and offered from those in use."""

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.records import looks, parse, standard
from labapp.records.tags import changed, has_tags, in_use
from labapp.records.views.common import bp, me, note_attempt, open_type, record_or_404, type_or_404
from labapp.records.views.writing import require_standing
from labapp.records.work import Work


@bp.get("/<slug>/tags")
def tags(slug: str) -> ResponseReturnValue:
    """Type-ahead: tags on records of this kind that one sees."""
    actor, record_type = open_type(slug, "list")
    if not has_tags(record_type):
        abort(404)
    return jsonify(
        results=[{"id": tag, "text": tag} for tag in in_use(actor, record_type, request.args.get("q", ""))]
    )


@bp.post("/<slug>/<int:record_id>/tags")
def tag(slug: str, record_id: int) -> ResponseReturnValue:
    """Put on what stands in `add`, take off what stands in `remove`: one edit."""
    actor, record_type = me(), type_or_404(slug)
    note_attempt(record_type.name, "edit")
    if not has_tags(record_type):
        abort(404)
    record = record_or_404(actor, record_type, record_id)
    note_attempt(record_type.name, "edit", record, dict(request.form))
    require_granted(actor, record_type.name, "edit")
    require_standing(actor, record, "edit")
    try:
        add, remove = (parse.tags(request.form.get(name, "")) for name in ("add", "remove"))
    except ValueError as error:
        raise Invalid(str(error)) from error
    if add or remove:
        answers = {"add": add, "remove": remove}
        with Work(actor, f"{record_type.name}.edit", answers=answers, source=looks.source()) as work:
            row = work.on(record_type.model, record_id)
            standard.edit(work, record_type, row, {"tags": changed(row, add, remove)})
        flash(_("The tags are saved."), "success")
    return redirect(f"/{record_type.slug}/{record_id}")
