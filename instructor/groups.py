"""Sharing groups, with a preview of what a change opens and closes, and its undo (004 §2.11-6)."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, bp, console_page, me
from instructor.positions import preview
from labapp.access.errors import Invalid
from labapp.access.rules import require_granted
from labapp.people.directory import Group, Member
from labapp.people.models import STUDENT, SharingGroup
from labapp.records import looks, parse
from labapp.records.preview import effects, with_group
from labapp.records.views.common import note_attempt
from labapp.records.work import Work

HERE = "/instructor/groups"
UNDO = "group_undo"


@bp.get("/groups")
@console_page("groups")
def groups() -> ResponseReturnValue:
    """Every group with its members, and a form for a new one."""
    return groups_page()


def groups_page(error: Invalid | None = None, **_more: Any) -> str:
    actor = me()
    found = sorted(actor.directory.groups.values(), key=lambda group: group.serial)
    return render_template(
        "instructor/groups.html",
        groups=[(group, [actor.directory.members[i] for i in sorted(group.members)]) for group in found],
        members=students(),
        name=request.form.get("name", ""),
        chosen=typed_ids(),
        action=f"{HERE}/save",
        undo=session.get(UNDO),
        problem=str(error) if error else "",
        crumbs=[(_("Sharing groups"), None)],
    )


def students() -> list[Member]:
    members = me().directory.members.values()
    return sorted((m for m in members if m.role == STUDENT), key=lambda member: member.key)


@bp.get("/groups/<int:group_id>")
@console_page("groups")
def group(group_id: int) -> ResponseReturnValue:
    """One group, to be changed."""
    return group_page(None, group_id)


def group_page(error: Invalid | None, group_id: int) -> str:
    found: Group = me().directory.groups.get(group_id) or abort(404)
    typed = bool(request.form)
    return render_template(
        "instructor/group.html",
        group=found,
        members=students(),
        name=request.form.get("name", found.name),
        chosen=typed_ids() if typed else found.members,
        action=f"{HERE}/{group_id}/save",
        problem=str(error) if error else "",
        crumbs=[(_("Sharing groups"), HERE), (found.name, None)],
    )


def form_page(error: Invalid | None, group_id: int = 0) -> str:
    return group_page(error, group_id) if group_id else groups_page(error)


def typed() -> tuple[str, frozenset[int]]:
    """Name and members of the form. Raises Invalid."""
    try:
        name = parse.text(request.form.get("name", ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
    if not name:
        raise Invalid(_("A group needs a name."))
    return name, typed_ids()


def typed_ids() -> frozenset[int]:
    """The members ticked, as far as they belong to this sandbox."""
    known = me().directory.members
    ids = {int(v) for v in request.form.getlist("members") if v.isascii() and v.isdigit() and len(v) < 16}
    return frozenset(i for i in ids if i in known)


@bp.post("/groups/save")
@bp.post("/groups/<int:group_id>/save")
@console_page("groups")
@asks(form_page)
def group_save(group_id: int = 0) -> ResponseReturnValue:
    """Preview, then create or change a group in one step."""
    actor, verb = me(), "edit" if group_id else "create"
    note_attempt("group", verb)
    require_granted(actor, "group", verb)
    name, members = typed()
    former = actor.directory.groups.get(group_id)
    if request.form.get("confirm") != "1":
        found = effects(actor, directory=with_group(actor.directory, group_id, members))
        if found:
            values: dict[str, Any] = {"name": name, "members": sorted(members)}
            heading = _("Sharing group “%(name)s”", name=name)
            return preview(found, heading, request.path, values, HERE)
    with Work(actor, f"group.{verb}", answers={"name": name}, source=looks.source()) as work:
        work.require(verb, SharingGroup)
        if group_id:
            work.update(work.on(SharingGroup, group_id), name=name, members=sorted(members))
        else:
            group_id = work.create(SharingGroup, name=name, members=sorted(members)).id
    flash(_("The group is saved."), "success")
    keep_undo(group_id, former)
    return redirect(HERE)


@bp.post("/groups/<int:group_id>/delete")
@console_page("groups")
def group_delete(group_id: int) -> ResponseReturnValue:
    """Preview, then delete: exactly the access it granted goes."""
    actor = me()
    note_attempt("group", "delete")
    require_granted(actor, "group", "delete")
    found = actor.directory.groups.get(group_id)
    if request.form.get("confirm") != "1" and found is not None:
        lost = effects(actor, directory=with_group(actor.directory, group_id, frozenset()))
        return preview(lost, _("Delete the group “%(name)s”", name=found.name), request.path, {}, HERE)
    with Work(actor, "group.delete", source=looks.source()) as work:
        work.require("delete", SharingGroup)
        work.delete(work.on(SharingGroup, group_id))
    flash(_("The group is deleted."), "success")
    keep_undo(0, found)
    return redirect(HERE)


def keep_undo(group_id: int, former: Group | None) -> None:
    """Remember the post that brings the former state back: the old members, a group anew, or no group."""
    if former is None:
        session[UNDO] = {"url": f"{HERE}/{group_id}/delete", "values": []}
        return
    url = f"{HERE}/{group_id}/save" if group_id else f"{HERE}/save"
    members = [["members", str(i)] for i in sorted(former.members)]
    session[UNDO] = {"url": url, "values": [["name", former.name], *members]}
