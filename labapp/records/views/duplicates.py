"""Possible duplicates of a kind: a page of groups, and the hint while somebody enters a new record."""

from typing import Any

from flask import abort, flash, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import inspect

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.records import looks, matching, query
from labapp.records.describe import RecordType
from labapp.records.drawing import cells_of
from labapp.records.duplicates import Group, page_of
from labapp.records.listing import Header
from labapp.records.question import shown_columns
from labapp.records.views.common import bp, crumbs, open_type, page

LONGEST = 1_000  # of a place in an address
COLUMNS = ("phone", "mobile", "email", "website", "company", "customer_id", "city", "created_at", "owner_id")


@bp.get("/<slug>/duplicates")
def duplicates(slug: str) -> ResponseReturnValue:
    """Groups of visible records that may be one thing, a page at a time."""
    actor, record_type = open_matched(slug)
    g.form_sandbox = actor.sandbox_id
    after = request.args.get("after", "")[:LONGEST]
    found = page_of(actor, record_type, after)
    rows = {row.id: row for row in _rows(actor, record_type, found.groups)}
    answer = page(
        record_type,
        "duplicates",
        groups=[drawn(actor, record_type, group, rows) for group in found.groups],
        pages={
            "first_url": f"/{slug}/duplicates" if after else None,
            "is_later_page": bool(after),
            "next_url": f"/{slug}/duplicates?after={found.after.written()}" if found.after else None,
        },
        may_merge=granted(actor, record_type.name, "merge"),
        crumbs=crumbs(record_type, (_("Possible duplicates"), None)),
    )
    looks.looked(actor, record_type.name, "list", answers={"view": "duplicates"})
    return answer


def open_matched(slug: str) -> tuple[Actor, RecordType]:
    """The actor and a kind whose records can be told to be the same; 404 for other kinds."""
    actor, record_type = open_type(slug, "list")
    if not record_type.model.same_by:
        abort(404)
    return actor, record_type


def _rows(actor: Actor, record_type: RecordType, found: list[Group]) -> list[Any]:
    ids = sorted({record_id for group in found for record_id in group.ids})
    model: Any = record_type.model
    return query.rows(model, actor, model.id.in_(ids), order=model.id) if ids else []


def drawn(actor: Actor, record_type: RecordType, group: Group, rows: dict[int, Any]) -> dict[str, Any]:
    """A group for the page: why, and a table of its records."""
    shapes = shown_columns(record_type, actor)
    columns = [shapes[record_type.title], *(shapes[name] for name in COLUMNS if name in shapes)]
    members = [rows[record_id] for record_id in sorted(group.ids) if record_id in rows]
    reasons = [str(words) for what, words in matching.REASONS.items() if what in group.reasons]
    return {
        "reasons": reasons or [_("nearly the same name")],
        "more": group.more,
        "headers": [Header(shape.label, shape.name) for shape in columns],
        "rows": cells_of(record_type, members, columns, actor),
        "titles": {row.id: record_type.title_of(row) for row in members},
    }


@bp.get("/<slug>/duplicates/compare")
def compare(slug: str) -> ResponseReturnValue:
    """On to the page that merges the two that were picked."""
    _actor, record_type = open_matched(slug)
    stays, goes = request.args.get("stays", ""), request.args.get("goes", "")
    if not all(value.isascii() and value.isdigit() and len(value) < 16 for value in (stays, goes)):
        return redirect(f"/{record_type.slug}/duplicates")
    return redirect(f"/{record_type.slug}/{stays}/merge?other_id={goes}")


@bp.get("/<slug>/similar")
def similar(slug: str) -> ResponseReturnValue:
    """The hint beside a form of a new record: visible ones that share a key with what is typed."""
    actor, record_type = open_matched(slug)
    return page(record_type, "similar", similar=similar_to(actor, record_type, request.args.get))


def similar_to(actor: Actor, record_type: RecordType, values: Any, but: int | None = None) -> list[Any]:
    """Visible records that share a key with these values."""
    model: Any = record_type.model
    return query.several(model, actor, matching.same_as(actor, model, values, but=but))


NEW = "labapp_new"


def announce(record_type: RecordType, record: Any) -> None:
    """Have the page that follows say so if this new record may have been there already (003 two-3)."""
    if record_type.model.same_by:
        (record_id,) = inspect(record).identity
        session[NEW] = f"{record_type.name} {record_id}"


def tell_similar(actor: Actor, record_type: RecordType, record: Any) -> None:
    """On the page of a record that was just created: the visible ones that share a key with it."""
    if session.get(NEW) != f"{record_type.name} {record.id}":
        return
    session.pop(NEW)
    found = similar_to(actor, record_type, lambda name: getattr(record, name), but=record.id)
    if found:
        link = Markup('<a href="/{}/{}">{}</a>')
        names = [link.format(record_type.slug, row.id, record_type.title_of(row)) for row in found]
        sentence = Markup("{} {}. ").format(_("This may have been there already:"), Markup(", ").join(names))
        merging = Markup('<a href="/{}/{}/merge">{}</a>').format(record_type.slug, record.id, _("Merge"))
        flash(sentence + merging, "warning")
