"""The recycle bin of a kind: what was deleted, and bringing it back."""

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.access.rules import in_bin, require_granted
from labapp.db import db
from labapp.records import looks, merge
from labapp.records.drawing import cells_of
from labapp.records.listing import PAGE, Table, header_of
from labapp.records.question import shown_columns
from labapp.records.views.common import bp, crumbs, me, note_attempt, open_type, page, type_or_404
from labapp.records.work import Work


@bp.get("/<slug>/bin")
def binned(slug: str) -> ResponseReturnValue:
    """The last fifty deleted records that the actor may restore."""
    actor, record_type = open_type(slug, "list")
    model = record_type.model
    shapes = [shown_columns(record_type)[name] for name in record_type.columns]
    query = (
        select(model)
        .where(in_bin(actor, model))
        .order_by(model.deleted_at.desc(), model.id.desc())
        .limit(PAGE)
    )
    rows = list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))
    table = Table(
        _("Recycle bin"),
        [header_of(shape) for shape in shapes],
        [row._replace(url=None) for row in cells_of(record_type, rows, shapes, actor)],
        empty=_("The recycle bin is empty. What is deleted lies here and can be brought back."),
        empty_action=(f"/{record_type.slug}/", _("Back to the list")),
    )
    return page(
        record_type,
        "bin",
        table=table,
        most=PAGE,
        deleted_at={row.id: row.deleted_at for row in rows},
        crumbs=crumbs(record_type, (_("Recycle bin"), None)),
    )


@bp.post("/<slug>/<int:record_id>/restore")
def restore(slug: str, record_id: int) -> ResponseReturnValue:
    """Back from the recycle bin: owners' superiors, owners and instructors."""
    actor, record_type = me(), type_or_404(slug)
    note_attempt(record_type.name, "restore")
    require_granted(actor, record_type.name, "restore")
    with Work(actor, f"{record_type.name}.restore", source=looks.source()) as work:
        record = work.deleted(record_type.model, record_id)
        work.restore(record)
        record_type.rules.restored(work, record)
        merge.part(work, record)
    flash(_("“%(title)s” is back.", title=record_type.title_of(record)), "success")
    return redirect(f"/{record_type.slug}/{record_id}")
