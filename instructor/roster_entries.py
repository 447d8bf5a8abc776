"""One entry of the roster: added, corrected, taken off."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, back_to, bp, console_page, me
from instructor.registrations import position_choices
from instructor.roster import HERE, position_names
from labapp.access.errors import Invalid
from labapp.people.models import RosterEntry
from labapp.records import looks
from labapp.records.rosters import keeping, letting_in

NAMES = ("number", "name", "email", "class_name", "position_id")


@bp.get("/roster/entries/new")
@console_page("roster")
def roster_new() -> ResponseReturnValue:
    """A form for somebody the file forgot."""
    return entry_page(None)


@bp.get("/roster/entries/<int:entry_id>")
@console_page("roster")
def roster_entry(entry_id: int) -> ResponseReturnValue:
    """One entry, to be corrected for as long as nobody has come by it."""
    return entry_page(None, entry_id)


def entry_page(error: Invalid | None, entry_id: int = 0) -> str:
    actor = me()
    g.form_sandbox = actor.sandbox_id
    entry = keeping.entry_of(actor, entry_id) if entry_id else RosterEntry()
    standing = {name: request.form.get(name, getattr(entry, name) or "") for name in NAMES}
    title = entry.name or _("New entry")
    return render_template(
        "instructor/roster_entry.html",
        entry=entry,
        said=standing,
        title=title,
        wrong=error.fields if error else {},
        problem=str(error) if error else "",
        positions=position_choices(actor.directory),
        names=position_names(),
        action=f"{HERE}/entries/{entry_id}" if entry_id else f"{HERE}/entries/new",
        crumbs=[(_("Roster"), HERE), (title, None)],
    )


@bp.post("/roster/entries/new")
@bp.post("/roster/entries/<int:entry_id>")
@console_page("roster")
@asks(entry_page)
def roster_entry_save(entry_id: int = 0) -> ResponseReturnValue:
    """Write one entry; who waits and is meant by it is taken in if the switch is on."""
    actor, source = me(), looks.source()
    said = {name: request.form.get(name, "") for name in NAMES}
    keeping.write_entry(actor, source, entry_id or None, said)
    letting_in.activate_if_on(actor, source, g.sandbox.course_id)
    return back_to(HERE, _("The entry is saved."))


@bp.post("/roster/entries/<int:entry_id>/remove")
@console_page("roster")
def roster_entry_remove(entry_id: int) -> ResponseReturnValue:
    """Take one entry off the roster; whoever came in by it stays."""
    name = keeping.remove_entry(me(), looks.source(), entry_id)
    return back_to(HERE, _("%(name)s is off the roster.", name=name))
