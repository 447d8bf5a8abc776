"""The people of the sandbox: by class and position, each with a page of their own (004 §2.11-8)."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from instructor.common import account_name, bp, console_page, me
from instructor.registrations import position_choices, role_choices, whole
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db import begin_write, db
from labapp.oplog.append import Act, append_act
from labapp.people.addresses import reset_address
from labapp.people.directory import Member
from labapp.people.enrol import Person, account_by_login, create_account
from labapp.people.models import Account, Membership, SharingGroup, SignInAttempt
from labapp.people.words import language
from labapp.records import enrolment, looks, parse
from labapp.records.codes import FIXED
from labapp.records.work import Work
from labapp.web.limits import unlock


@bp.get("/users")
@console_page("users")
def users() -> ResponseReturnValue:
    """All members by position, with state and last sign-in; a class node lists all its students (F018)."""
    actor = me()
    directory = actor.directory
    place_id = int(request.args["position"]) if request.args.get("position", "").isdigit() else None
    chosen = directory.people_in(place_id) if place_id in directory.places else frozenset(directory.members)
    members = sorted((directory.members[i] for i in chosen), key=lambda m: (m.role, m.key))
    return render_template(
        "instructor/users.html",
        rows=[(m, places_of(actor, m), last_sign_in().get(m.account_id)) for m in members],
        positions=position_choices(directory),
        chosen=str(place_id or ""),
        roles=role_choices(),
        role_names=FIXED["role"],
        state_names=FIXED["member_state"],
        crumbs=[(_("People"), None)],
    )


def places_of(actor: Actor, member: Member) -> str:
    places = actor.directory.places
    return ", ".join(places[i].name(language()) for i in member.positions if i in places)


def last_sign_in() -> dict[int | None, Any]:
    """When each account of the sandbox last signed in (UTC), one statement per request."""
    found: dict[int | None, Any] | None = g.get("last_sign_in")
    if found is None:
        query = (
            select(SignInAttempt.account_id, func.max(SignInAttempt.at))
            .join(Membership, Membership.account_id == SignInAttempt.account_id)
            .where(Membership.sandbox_id == g.sandbox.id, SignInAttempt.outcome == "ok")
            .group_by(SignInAttempt.account_id)
        )
        found = g.last_sign_in = {row[0]: row[1] for row in db.session.execute(query)}
    return found


def member_or_404(member_id: int) -> Member:
    return me().directory.members.get(member_id) or abort(404)


@bp.get("/users/<int:member_id>")
@console_page("users")
def user(member_id: int) -> ResponseReturnValue:
    """One member: positions, role, groups, account; what an instructor may do to them."""
    actor, member = me(), member_or_404(member_id)
    account = db.session.get(Account, member.account_id) if member.account_id else None
    groups = list(actor.directory.groups.values())
    return render_template(
        "instructor/user.html",
        member=member,
        account=account,
        places=places_of(actor, member),
        positions=position_choices(actor.directory),
        roles=role_choices(),
        role_names=FIXED["role"],
        state_names=FIXED["member_state"],
        groups=[(group.id, group.name, member.id in group.members) for group in groups],
        last=last_sign_in().get(member.account_id),
        one_time=session.pop("one_time", None),
        crumbs=[(_("People"), "/instructor/users"), (member.name, None)],
    )


@bp.post("/users/<int:member_id>/positions")
@console_page("users")
def user_positions(member_id: int) -> ResponseReturnValue:
    """Move to one or several positions; their sessions end."""
    wanted = [int(v) for v in request.form.getlist("positions") if v.isascii() and v.isdigit() and len(v) < 16]
    enrolment.move(me(), looks.source(), member_id, wanted)
    return back(member_id, _("Moved. Their sessions have ended."))


@bp.post("/users/<int:member_id>/role")
@console_page("users")
def user_role(member_id: int) -> ResponseReturnValue:
    enrolment.change_role(me(), looks.source(), member_id, request.form.get("role", ""))
    return back(member_id, _("The role is changed. Their sessions have ended."))


@bp.post("/users/<int:member_id>/<any(deactivate, reactivate):verb>")
@console_page("users")
def user_state(member_id: int, verb: str) -> ResponseReturnValue:
    done = enrolment.deactivate if verb == "deactivate" else enrolment.reactivate
    done(me(), looks.source(), member_id)
    return back(member_id, _("Deactivated. Their records keep their name.") if verb == "deactivate" else _("Active again."))


@bp.post("/users/<int:member_id>/groups")
@console_page("users")
def user_groups(member_id: int) -> ResponseReturnValue:
    """The sharing groups of a member (F017): a step for each group that changes."""
    actor, member = me(), member_or_404(member_id)
    wanted = set(request.form.getlist("groups"))
    for group in actor.directory.groups.values():
        after = group.members | {member.id} if str(group.id) in wanted else group.members - {member.id}
        if after != group.members:
            with Work(actor, "group.edit", source=looks.source()) as work:
                row = work.on(SharingGroup, group.id)
                work.require("edit", SharingGroup)
                work.update(row, members=sorted(after))
    return back(member_id, _("The sharing groups are saved."))


@bp.post("/users/<int:member_id>/password")
@console_page("users")
def user_password(member_id: int) -> ResponseReturnValue:
    """A one-time address to hand over; shown once on the member's page (P7b)."""
    account = account_of(member_id)
    path = reset_address(account)
    begin_write()
    noted("account.reset_address", account)
    db.session.commit()
    session["one_time"] = request.host_url.rstrip("/") + path
    return redirect(f"/instructor/users/{member_id}")


@bp.post("/users/<int:member_id>/unlock")
@console_page("users")
def user_unlock(member_id: int) -> ResponseReturnValue:
    """Forget the failed sign-ins: everybody may try again."""
    account = account_of(member_id)
    begin_write()
    unlock(account)
    noted("account.unlock", account)
    db.session.commit()
    return back(member_id, _("Unlocked."))


@bp.post("/users/add")
@console_page("users")
def user_add() -> ResponseReturnValue:
    """Add somebody directly, active at once (F013): a known account by number or e-mail, or a new one."""
    actor = me()
    login = request.form.get("login", "").strip()
    account = account_by_login(login)
    if account is None:
        account = new_account(login)
    member = enrolment.admit(actor, looks.source(), account, whole("position_id"), request.form.get("role", ""))
    member_id, name = member.id, account.name
    flash(_("%(name)s is in.", name=name), "success")
    if account.password_hash is None:
        session["one_time"] = request.host_url.rstrip("/") + reset_address(account)
    return redirect(f"/instructor/users/{member_id}")


def new_account(login: str) -> Account:
    """An account without a password; its owner sets one at the one-time address. Raises Invalid."""
    try:
        name, number = parse.text(request.form.get("name", "")), parse.text(login)
        email = parse.email(login) if "@" in login else None
    except ValueError as error:
        raise Invalid(str(error)) from error
    if not name or not number:
        raise Invalid(_("There is no account with this number or e-mail. Give a name too, and it is made."))
    begin_write()
    account = create_account(Person(name, None if email else number, email))
    noted("account.create", account)
    db.session.commit()
    return account


def account_of(member_id: int) -> Account:
    member = member_or_404(member_id)
    if member.account_id is None:
        raise Invalid(_("This seat has no account yet."))
    return db.session.get_one(Account, member.account_id)


def noted(action: str, account: Account) -> None:
    details = {"number": account.number or account.email or ""}
    append_act(Act(action, account_name(), g.sandbox.name.partition("/")[0], account.name, details, request.remote_addr or ""))


def back(member_id: int, sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect(f"/instructor/users/{member_id}")
