"""One member: name and number, positions, role, groups, account (004 §2.11-8)."""

from typing import Any

from flask import abort, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.accounts import ONE_TIME, hand_over_address, require_mine, unlock_account
from instructor.common import asks, back_to, bp, console_page, me
from instructor.positions import preview
from instructor.quotas_of import quotas_of
from instructor.registrations import position_choices, role_choices
from instructor.users import last_sign_in, places_of
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.directory import Directory, Member
from labapp.people.enrol import Person
from labapp.people.models import Account, Membership, SharingGroup
from labapp.records import enrolment, looks, parse
from labapp.records.codes import FIXED
from labapp.records.persons import change_person
from labapp.records.preview import effects, with_group
from labapp.records.seating import require_instructor
from labapp.records.views.common import note_attempt
from labapp.records.work import Work, writing

HERE = "/instructor/users"


def member_or_404(member_id: int) -> Member:
    return me().directory.members.get(member_id) or abort(404)


@bp.get("/users/<int:member_id>")
@console_page("users")
def user(member_id: int) -> ResponseReturnValue:
    """One member, and what an instructor may do to them."""
    return member_page(None, member_id)


def member_page(error: Invalid | None, member_id: int) -> str:
    actor, member = me(), member_or_404(member_id)
    account = db.session.get(Account, member.account_id) if member.account_id else None
    row = db.session.get_one(Membership, member_id)
    standing = {
        "name": member.name if account or row.name else "",
        "number": account.number if account else row.number,
        "email": account.email if account else None,
        "class_name": row.class_name,
    }
    return render_template(
        "instructor/user.html",
        member=member,
        account=account,
        person={name: request.form.get(name, value or "") for name, value in standing.items()},
        problem=str(error) if error else "",
        places=places_of(actor, member),
        positions=position_choices(actor.directory),
        roles=role_choices(),
        role_names=FIXED["role"],
        state_names=FIXED["member_state"],
        groups=[
            (group.id, group.name, member.id in group.members) for group in actor.directory.groups.values()
        ],
        last=last_sign_in().get(member.account_id),
        quotas=quotas_of(actor, member.id),
        one_time=session.pop(ONE_TIME, None),
        crumbs=[(_("People"), HERE), (member.name, None)],
    )


@bp.post("/users/<int:member_id>/edit")
@console_page("users")
@asks(member_page)
def user_edit(member_id: int) -> ResponseReturnValue:
    """Name, number, e-mail and class (F014); the key stays."""
    member = member_or_404(member_id)
    if member.account_id is not None:
        require_mine(db.session.get_one(Account, member.account_id))
    said: dict[str, Any] = {}
    for name, parser in (
        ("name", parse.text),
        ("number", parse.text),
        ("email", parse.email),
        ("class_name", parse.text),
    ):
        try:
            said[name] = parser(request.form.get(name, ""))
        except ValueError as error:
            raise Invalid(str(error)) from error
    if not said["name"] or len(said["name"]) > 120 or len(said["number"] or "") > 60:
        raise Invalid(_("Give a name of at most 120 characters, and a number of at most 60."))
    email = said["email"].lower() if said["email"] else None
    person = Person(said["name"], said["number"], email)
    change_person(me(), looks.source(), member_id, person, said["class_name"])
    return back(member_id, _("Saved."))


@bp.post("/users/<int:member_id>/positions")
@console_page("users")
@asks(member_page)
def user_positions(member_id: int) -> ResponseReturnValue:
    """Move to one or several positions; their sessions end."""
    wanted = [
        int(v) for v in request.form.getlist("positions") if v.isascii() and v.isdigit() and len(v) < 16
    ]
    enrolment.move(me(), looks.source(), member_id, wanted)
    return back(member_id, _("Moved. Their sessions have ended."))


@bp.post("/users/<int:member_id>/role")
@console_page("users")
@asks(member_page)
def user_role(member_id: int) -> ResponseReturnValue:
    enrolment.change_role(me(), looks.source(), member_id, request.form.get("role", ""))
    return back(member_id, _("The role is changed. Their sessions have ended."))


@bp.post("/users/<int:member_id>/<any(deactivate, reactivate):verb>")
@console_page("users")
@asks(lambda error, member_id, verb: member_page(error, member_id))
def user_state(member_id: int, verb: str) -> ResponseReturnValue:
    done = enrolment.deactivate if verb == "deactivate" else enrolment.reactivate
    done(me(), looks.source(), member_id)
    sentence = (
        _("Deactivated. Their records keep their name.") if verb == "deactivate" else _("Active again.")
    )
    return back(member_id, sentence)


@bp.post("/users/<int:member_id>/groups")
@console_page("users")
@asks(member_page)
def user_groups(member_id: int) -> ResponseReturnValue:
    """The sharing groups of a member (F017): a preview, then a step for each group that changes."""
    note_attempt("group", "edit")
    actor, member = me(), member_or_404(member_id)
    require_instructor(actor, "edit")
    chosen = request.form.getlist("groups")
    moved = changed_groups(actor.directory, member_id, set(chosen))
    if request.form.get("confirm") != "1":
        directory = actor.directory
        for group_id, members in moved.items():
            directory = with_group(directory, group_id, members)
        found = effects(actor, directory=directory)
        if found:
            heading = _("Sharing groups of %(name)s", name=member.name)
            return preview(found, heading, request.path, {"groups": chosen}, f"{HERE}/{member_id}")
    with writing():
        for group_id, members in moved.items():
            change_group(group_id, members)
    return back(member_id, _("The sharing groups are saved."))


def changed_groups(directory: Directory, member_id: int, wanted: set[str]) -> dict[int, frozenset[int]]:
    """The groups that gain or lose this member, with the members they will have."""
    found = {}
    for group in directory.groups.values():
        after = group.members | {member_id} if str(group.id) in wanted else group.members - {member_id}
        if after != group.members:
            found[group.id] = after
    return found


def change_group(group_id: int, members: frozenset[int]) -> None:
    with Work(me(), "group.edit", source=looks.source()) as work:
        work.require("edit", SharingGroup)
        work.update(work.on(SharingGroup, group_id), members=sorted(members))


@bp.post("/users/<int:member_id>/password")
@console_page("users")
@asks(member_page)
def user_password(member_id: int) -> ResponseReturnValue:
    """A one-time address to hand over; shown once on the member's page (P7b)."""
    account = account_of(member_id)
    require_mine(account)
    hand_over_address(account)
    return back(member_id, _("The one-time address is on this page, once."))


@bp.post("/users/<int:member_id>/unlock")
@console_page("users")
@asks(member_page)
def user_unlock(member_id: int) -> ResponseReturnValue:
    unlock_account(account_of(member_id).id)
    return back(member_id, _("Unlocked."))


def account_of(member_id: int) -> Account:
    """The account in this seat. Raises Invalid where it is free."""
    member = member_or_404(member_id)
    if member.account_id is None:
        raise Invalid(_("This seat has no account yet."))
    return db.session.get_one(Account, member.account_id)


def back(member_id: int, sentence: str) -> ResponseReturnValue:
    return back_to(f"{HERE}/{member_id}", sentence)
