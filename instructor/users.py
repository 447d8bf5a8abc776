"""The people of the sandbox: by class and position, many at once, late joiners (004 §2.11-8)."""

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from instructor.accounts import hand_over_address, new_account
from instructor.common import asks, bp, console_page, me
from instructor.registrations import position_choices, role_choices, whole
from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.directory import Member
from labapp.people.enrol import account_by_login
from labapp.people.models import Membership, SignInAttempt
from labapp.people.words import language
from labapp.records import enrolment, looks
from labapp.records.codes import FIXED
from labapp.records.seating import Seating, require_instructor
from labapp.records.views.common import note_attempt

HERE = "/instructor/users"


@bp.get("/users")
@console_page("users")
def users() -> ResponseReturnValue:
    """All members by position, with state and last sign-in; a class node lists all its students (F018)."""
    return people_page()


def people_page(error: Invalid | None = None) -> str:
    actor = me()
    directory = actor.directory
    place_id = place_shown()
    chosen = directory.people_in(place_id) if place_id is not None else frozenset(directory.members)
    members = sorted((directory.members[i] for i in chosen), key=lambda m: (m.role, m.key))
    return render_template(
        "instructor/users.html",
        rows=[(m, places_of(actor, m), last_sign_in().get(m.account_id)) for m in members],
        positions=position_choices(directory),
        chosen=str(place_id or ""),
        roles=role_choices(),
        groups=sorted(directory.groups.values(), key=lambda group: group.serial),
        role_names=FIXED["role"],
        state_names=FIXED["member_state"],
        typed=request.form,
        ticked=set(request.form.getlist("ids")),
        problem=str(error) if error else "",
        crumbs=[(_("People"), None)],
    )


def place_shown() -> int | None:
    """The position whose people are listed, the class for instance; None: everybody."""
    asked = request.args.get("position", "") or request.form.get("shown", "")
    place_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else None
    return place_id if place_id in me().directory.places else None


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


@bp.post("/users/add")
@console_page("users")
@asks(people_page)
def user_add() -> ResponseReturnValue:
    """Add somebody directly, active at once (F013): a known account by number or e-mail, or a new one."""
    actor = me()
    note_attempt("membership", "approve")
    require_instructor(actor, "approve")
    enrolment.check_seating(actor, Seating(whole("position_id"), request.form.get("role", "")))
    login = request.form.get("login", "").strip()
    account = account_by_login(login) or new_account(login, request.form.get("name", ""))
    member = enrolment.admit(
        actor, looks.source(), account, whole("position_id"), request.form.get("role", "")
    )
    member_id, name, needs_password = member.id, account.name, account.password_hash is None
    sandbox_id = member.sandbox_id
    if needs_password:
        hand_over_address(account)
    flash(_("%(name)s is in.", name=name), "success")
    if sandbox_id != actor.sandbox_id:  # theirs, or their team's: their page is there
        current_app.extensions["switch_sandbox"](sandbox_id)
    return redirect(f"{HERE}/{member_id}")
