"""One's own profile, password and last sign-ins (004 §2.11-1 to 3)."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.db import db
from labapp.oplog.append import append_act
from labapp.people.enrol import end_sessions, is_known, standings
from labapp.people.models import OBSERVER, Account, Membership
from labapp.people.passwords import hash_password
from labapp.records import looks
from labapp.records.work import Work, writing
from labapp.web import identity, limits
from labapp.web.account.forms import ChangePasswordForm, ProfileForm, StaffProfileForm, known_texts
from labapp.web.account.one_time import by_oneself
from labapp.web.account.sign_in import try_password
from labapp.web.identity import ACCOUNT, open_to
from labapp.web.viewing import private

NOT_AN_OBSERVERS = _l("Observers do not change their profile or password: your instructor sets them.")


def is_observer() -> bool:
    return g.actor is not None and g.actor.role == OBSERVER


def stop_observer() -> None:
    """Raises Refused for an observer; the attempt is a step of the log."""
    if is_observer():
        with Work(g.actor, "membership.edit", source=g.source) as work:
            work.on(Membership, g.actor.id)
            work.refuse(NOT_AN_OBSERVERS)


def note_invalid() -> None:
    """Answers that cannot be taken are a step of the member, without what was typed."""
    if g.actor is not None:
        looks.attempted(g.actor, ("membership", "edit"), Invalid(_("Some answers cannot be taken.")))


@private
@open_to(ACCOUNT)
def profile() -> ResponseReturnValue:
    """Phone, signature and sender address; staff also name and sign-in."""
    kind = StaffProfileForm if identity.is_staff() else ProfileForm
    if request.method == "GET":
        return profile_page(kind(obj=g.account)), 200
    stop_observer()
    form = kind(request.form, obj=g.account)
    if not form.validate() or not is_free(form):
        note_invalid()
        return profile_page(form), 422
    change_profile(form)
    flash(_("Your profile is saved."), "success")
    return redirect(url_for("account.profile"))


def profile_page(form: Any) -> str:
    return render_template(
        "account/profile.html",
        form=form,
        standings=standings(g.account.id),
        observer=is_observer(),
        tab="profile",
    )


def is_free(form: Any) -> bool:
    """Whether the sign-in that staff chose is nobody else's; they need at least one of number and e-mail."""
    if "number" not in form:
        return True
    if not (form.number.data or form.email.data):
        form.number.errors = [_("Keep a sign-in name or an e-mail address to sign in with.")]
    elif is_known(form.number.data, form.email.data, apart_from=g.account.id):
        form.number.errors = [_("Somebody else has this sign-in name or e-mail address.")]
    return not form.number.errors


def change_profile(form: Any) -> None:
    with writing():
        account = db.session.get_one(Account, g.account.id)
        moved = sorted(name for name, value in form.data.items() if getattr(account, name) != value)
        for name in moved:
            setattr(account, name, form.data[name])
        if moved:
            act = by_oneself("account.edit", account)
            act.details["fields"] = moved
            append_act(act)


@private
@open_to(ACCOUNT)
def password() -> ResponseReturnValue:
    """A new password for the old one; every other session of the account ends."""
    form = ChangePasswordForm(request.form)
    form.known = known_texts(g.account)
    if request.method == "GET":
        return password_page(form), 200
    stop_observer()
    if not form.validate() or not is_old_password(form):
        note_invalid()
        return password_page(form), 422
    change_password(hash_password(form.password.data))
    flash(_("Your password is changed. Everywhere else you are signed out."), "success")
    return redirect(url_for("account.profile"))


def password_page(form: Any) -> str:
    return render_template("account/password.html", form=form, observer=is_observer(), tab="password")


def is_old_password(form: Any) -> bool:
    """Guesses are counted as at sign-in."""
    tried = try_password(g.account.number or g.account.email or "", form.old_password.data)
    if tried.wait:
        form.old_password.errors = [
            _("Too many failures. Try again in %(seconds)s seconds.", seconds=tried.wait)
        ]
    elif tried.account is None:
        form.old_password.errors = [_("This is not your present password.")]
    return not form.old_password.errors


def change_password(password_hash: str) -> None:
    """Write the new password, and carry this session over to the new epoch."""
    with writing():
        account = db.session.get_one(Account, g.account.id)
        account.password_hash = password_hash
        end_sessions(account)
        append_act(by_oneself("account.password", account))
        new_id = account.get_id()
    identity.carry_over(new_id)


@private
@open_to(ACCOUNT)
def sign_ins() -> ResponseReturnValue:
    """The last tries to sign in to this account, with device and address."""
    tries = limits.last_tries(g.account.id)
    return render_template("account/sign_ins.html", tries=tries, here=limits.device(), tab="sign_ins")
