"""The fronts of the reports: the six families, each family's own page, and the reports a member has kept."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.records import saved
from labapp.records.catalog import catalog
from labapp.records.report_families import BY_NAME, FAMILIES, family_of, reports_for
from labapp.records.report_views import bp, report_named
from labapp.records.reports import Ask, ask_of
from labapp.records.views.common import me, note_attempt
from labapp.values import dataclass

__all__ = ["bp"]

MINE, NAME, LONGEST = "report", 60, 2000


@dataclass(frozen=True)
class Kept:
    """A report a member has kept: its own name, the report behind it, and its family."""

    id: int
    name: str
    url: str
    label: Any
    family: Any


@bp.get("/reports/")
def all_reports() -> ResponseReturnValue:
    """The families with the reports on the kinds one may read, and one's own."""
    actor = me()
    g.form_sandbox = actor.sandbox_id
    found = reports_for(actor)
    return render_template(
        "records/report_families.html",
        families=[(family, found[family.name]) for family in FAMILIES if found[family.name]],
        own=kept_by(actor),
        crumbs=[(_("Reports"), None)],
    )


@bp.get("/reports/<any(customers, opportunities, sales, leads, competitors, service):family>")
def reports_of_family(family: str) -> ResponseReturnValue:
    """The reports of one family, each with a line of what it tells."""
    actor, known = me(), BY_NAME[family]
    g.form_sandbox = actor.sandbox_id
    return render_template(
        "records/report_family.html",
        family=known,
        reports=reports_for(actor)[family],
        own=[report for report in kept_by(actor) if report.family is known],
        crumbs=[(_("Reports"), "/reports/"), (known.label, None)],
    )


def kept_by(actor: Actor) -> list[Kept]:
    """The member's own reports by name; one whose report is closed to them now is left out."""
    found = []
    for view_id, name, url in saved.views_of(actor, MINE):
        ask = asked_at(actor, url)
        if ask is not None:
            family = family_of(ask.record_type, ask.report)
            found.append(Kept(view_id, name, url, ask.report.label, family))
    return found


def asked_at(actor: Actor, url: str) -> Ask | None:
    """The question at the address of a report; None where there is no such report open to the actor."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    slug, middle, name = [*parts.path.strip("/").split("/"), "", "", ""][:3]
    record_type = catalog().slugs.get(slug)
    if record_type is None or middle != "reports" or record_type.name not in actor.reads:
        return None
    report = report_named(record_type, name)
    if report is None:
        return None
    return ask_of(actor, record_type, report, MultiDict(parse_qsl(parts.query)))


def address_of(ask: Ask) -> str:
    """The report with its conditions and grouping, as it is kept."""
    pairs = [(name, value) for name, values in ask.said.items() for value in values]
    if ask.report.groups:
        pairs.append(("group", ask.group))
    query = urlencode(pairs)
    return f"/{ask.record_type.slug}/reports/{ask.report.name}" + (f"?{query}" if query else "")


@bp.post("/reports/mine")
def keep() -> ResponseReturnValue:
    """Keep a report with its conditions under a name of one's own."""
    actor = me()
    ask = asked_at(actor, request.form.get("address", ""))
    if ask is None:
        note_attempt("session", "request")
        raise Invalid(_("Open the report and keep it from there."))
    note_attempt(ask.record_type.name, "report")
    require_granted(actor, ask.record_type.name, "report")
    name = " ".join(request.form.get("name", "").split())[:NAME]
    if not name or actor.role == "observer" or "\x00" in name:
        raise Invalid(_("A report needs a name, and observers keep none."))
    address = address_of(ask)
    if len(address) > LONGEST:
        raise Invalid(_("These are more conditions than can be kept."))
    if saved.save_view(actor, MINE, name, address):
        flash(_("“%(name)s” is among your reports now.", name=name), "success")
    else:
        flash(_("You have kept 30 reports already. Remove one first."), "warning")
    return redirect(address)


@bp.post("/reports/mine/<int:view_id>/delete")
def forget(view_id: int) -> ResponseReturnValue:
    """Remove one of one's own reports."""
    if view_id >= 2**53:
        abort(404)
    saved.drop_view(me(), view_id)
    flash(_("The report is removed from yours."), "success")
    return redirect("/reports/")
