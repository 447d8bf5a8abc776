"""Sharing modes and groups, with a preview of what a change opens and closes (004 §2.11-6)."""

from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from instructor.common import bp, console_page, me
from instructor.positions import preview
from labapp.access.errors import Invalid
from labapp.people.directory import Group
from labapp.people.models import SharingGroup
from labapp.records import looks, parse
from labapp.records.preview import effects, with_group
from labapp.records.work import Work

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
    actor = me()
    modes = {name: actor.mode(name) for name in OBJECTS}
    return render_template(
        "instructor/sharing.html", objects=OBJECTS, modes=MODES, now=modes, crumbs=[(_("Sharing"), None)]
    )


@bp.post("/sharing")
@console_page("sharing")
def sharing_change() -> ResponseReturnValue:
    """Preview, then a step per mode that changes; the undo is the same post with the former mode."""
    actor = me()
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
        return preview(effects(actor, settings=settings), heading, "/instructor/sharing", wanted, "/instructor/sharing")
    former = {name: actor.mode(name) for name in moved}
    for name, mode in moved.items():
        set_mode(name, mode)
    flash(_("The sharing modes are in force from the next click."), "success")
    undo = "&".join(f"undo_{name}={mode}" for name, mode in former.items())
    return redirect(f"/instructor/sharing?{undo}")


def set_mode(name: str, mode: str) -> None:
    with Work(me(), "setting.change", answers={f"sharing.{name}": mode}, source=looks.source()) as work:
        work.require("change", _Setting)
        work.header.label = f"sharing.{name}"
        work.change_setting(f"sharing.{name}", mode)


class _Setting:
    """Stands for the kind `setting` where permission is asked."""

    __tablename__ = "setting"


@bp.get("/groups")
@console_page("groups")
def groups() -> ResponseReturnValue:
    actor = me()
    members = sorted((m for m in actor.directory.members.values() if m.role == "student"), key=lambda m: m.key)
    found = sorted(actor.directory.groups.values(), key=lambda group: group.serial)
    return render_template(
        "instructor/groups.html",
        groups=[(group, [actor.directory.members[i] for i in sorted(group.members)]) for group in found],
        members=members,
        crumbs=[(_("Sharing groups"), None)],
    )


@bp.get("/groups/<int:group_id>")
@console_page("groups")
def group(group_id: int) -> ResponseReturnValue:
    actor = me()
    found: Group = actor.directory.groups.get(group_id) or abort(404)
    members = sorted((m for m in actor.directory.members.values() if m.role == "student"), key=lambda m: m.key)
    return render_template(
        "instructor/group.html",
        group=found,
        members=members,
        crumbs=[(_("Sharing groups"), "/instructor/groups"), (found.name, None)],
    )


def typed() -> tuple[str, frozenset[int]]:
    """Name and members of the form. Raises Invalid."""
    try:
        name = parse.text(request.form.get("name", ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
    if not name:
        raise Invalid(_("A group needs a name."))
    known = me().directory.members
    ids = {int(v) for v in request.form.getlist("members") if v.isascii() and v.isdigit() and len(v) < 16}
    return name, frozenset(i for i in ids if i in known)


@bp.post("/groups/save")
@bp.post("/groups/<int:group_id>/save")
@console_page("groups")
def group_save(group_id: int = 0) -> ResponseReturnValue:
    """Preview, then create or change a group in one step."""
    actor = me()
    name, members = typed()
    if request.form.get("confirm") != "1":
        found = effects(actor, directory=with_group(actor.directory, group_id, members))
        if found:
            values: dict[str, Any] = {"name": name, "members": sorted(members)}
            return preview(found, _("Sharing group “%(name)s”", name=name), request.path, values, "/instructor/groups")
    verb = "edit" if group_id else "create"
    with Work(actor, f"group.{verb}", answers={"name": name}, source=looks.source()) as work:
        work.require(verb, SharingGroup)
        if group_id:
            work.update(work.on(SharingGroup, group_id), name=name, members=sorted(members))
        else:
            work.create(SharingGroup, name=name, members=sorted(members))
    flash(_("The group is saved."), "success")
    return redirect("/instructor/groups")


@bp.post("/groups/<int:group_id>/delete")
@console_page("groups")
def group_delete(group_id: int) -> ResponseReturnValue:
    """Preview, then delete: exactly the access it granted goes."""
    actor = me()
    found = actor.directory.groups.get(group_id)
    if request.form.get("confirm") != "1" and found is not None:
        lost = effects(actor, directory=with_group(actor.directory, group_id, frozenset()))
        return preview(lost, _("Delete the group “%(name)s”", name=found.name), request.path, {}, "/instructor/groups")
    with Work(actor, "group.delete", source=looks.source()) as work:
        work.require("delete", SharingGroup)
        work.delete(work.on(SharingGroup, group_id))
    flash(_("The group is deleted."), "success")
    return redirect("/instructor/groups")
