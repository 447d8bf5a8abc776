"""Sharing modes, with a preview of what a change opens and closes (004 §2.11-6)."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from instructor.common import asks, bp, console_page, me
from instructor.positions import preview
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.records import looks
from labapp.records.organisation import change_settings
from labapp.records.preview import effects

OBJECTS = {
    "customer": _l("Customers and contacts"),
    "opportunity": _l("Opportunities"),
    "lead": _l("Leads"),
    "document": _l("Documents"),
}
MODES = {
    "private": (_l("Private"), _l("Owner, sharing group and superiors read and edit.")),
    "read_only": (_l("Read only"), _l("Everybody reads; owner, sharing group and superiors edit.")),
    "read_write": (_l("Read/write"), _l("Everybody reads and edits.")),
}


@bp.get("/sharing")
@console_page("sharing")
def sharing() -> ResponseReturnValue:
    """The four modes as they stand."""
    return modes_page()


def modes_page(error: Invalid | None = None) -> str:
    actor = me()
    return render_template(
        "instructor/sharing.html",
        objects=OBJECTS,
        modes=MODES,
        now={name: request.form.get(name, actor.mode(name)) for name in OBJECTS},
        problem=str(error) if error else "",
        crumbs=[(_("Sharing"), None)],
    )


@bp.post("/sharing")
@console_page("sharing")
@asks(modes_page)
def sharing_change() -> ResponseReturnValue:
    """Preview, then a step per mode that changes; the undo is the same post with the former mode."""
    actor = me()
    require_granted(actor, "setting", "change")
    wanted = {name: request.form.get(name, actor.mode(name)) for name in OBJECTS}
    if any(mode not in MODES for mode in wanted.values()):
        raise Invalid(_("Choose one of the values offered."))
    moved = {name: mode for name, mode in wanted.items() if mode != actor.mode(name)}
    if not moved:
        flash(_("Nothing was changed: these are the modes in force."), "info")
        return redirect("/instructor/sharing")
    if request.form.get("confirm") != "1":
        settings = {**actor.settings, **{f"sharing.{name}": mode for name, mode in moved.items()}}
        heading = ", ".join(f"{OBJECTS[name]}: {MODES[mode][0]}" for name, mode in moved.items())
        return preview(
            effects(actor, settings=settings), heading, "/instructor/sharing", wanted, "/instructor/sharing"
        )
    former = {name: actor.mode(name) for name in moved}
    change_settings(actor, looks.source(), {f"sharing.{name}": mode for name, mode in moved.items()})
    flash(_("The sharing modes are in force from the next click."), "success")
    undo = "&".join(f"undo_{name}={mode}" for name, mode in former.items())
    return redirect(f"/instructor/sharing?{undo}")
