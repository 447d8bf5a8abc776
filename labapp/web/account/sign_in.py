"""Signing in and out (004 §2.1)."""

import json
from contextlib import suppress

from flask import current_app, flash, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from labapp import clock
from labapp.db import db
from labapp.oplog.append import Closed, Step, append
from labapp.people.addresses import administrator_missing, applicant_token
from labapp.people.enrol import OPEN_STATES, Standing, account_by_login, may_enter, standings
from labapp.people.models import Account, Membership, Sandbox
from labapp.people.passwords import verify_password
from labapp.records.work import writing
from labapp.values import dataclass
from labapp.web import identity, limits
from labapp.web.account.forms import LoginForm
from labapp.web.identity import PUBLIC, open_to
from labapp.web.navigation import local_path

LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Tried:
    """How a try ended: seconds to wait, or the account if the password was right, and where it stands."""

    wait: int = 0
    account: Account | None = None
    standings: tuple[Standing, ...] = ()

    @property
    def may_enter(self) -> bool:
        return self.account is not None and may_enter(self.account, self.standings)


@open_to(PUBLIC)
@limits.limited(limits.SIGN_INS)
def login_page() -> ResponseReturnValue:
    """The sign-in form, and what it sends."""
    target = local_path(request.values.get("next"))
    if request.method == "GET" and g.account is not None:
        return redirect(target)
    form = LoginForm(request.form)
    if request.method == "POST" and form.validate():
        return attempt(form, target)
    status = 422 if request.method == "POST" else 200
    return page(form, target), status


def page(form: LoginForm, target: str, trouble: str = "") -> str:
    kept = request.form.get("kept", ""), request.form.get("kept_path", "")
    return render_template(
        "account/login.html",
        form=form,
        next=target,
        trouble=trouble,
        stashed=kept,
        no_administrator=not current_app.config["DEMO"] and administrator_missing(),
    )


def attempt(form: LoginForm, target: str) -> ResponseReturnValue:
    """One try. Unknown login and wrong password get the same answer, after the same time."""
    if is_closed_demo():
        return page(form, target, _("The demonstration can be signed in to on its own machine only.")), 403
    tried = try_password(form.login.data or "", form.password.data or "")
    if tried.wait:
        return too_soon(form, target, tried.wait)
    if tried.account is None:
        return page(form, target, _("That did not work. Check number and password.")), 401
    if not tried.may_enter:
        identity.forget_session()
        session["applicant"] = applicant_token(tried.account)
        return render_template("account/waiting.html", standings=tried.standings, refused=True), 403
    identity.sign_in(tried.account)
    return send_again() or redirect(target)


def try_password(login: str, password: str) -> Tried:
    """Compare without the write lock, then count again and note the try under it.

    Counting twice keeps many guesses sent at one moment from being heard all together.
    """
    account = account_by_login(login)
    account_id = account.id if account else None
    wait = limits.tally(account_id, login, limits.device()).wait(clock.now())
    if wait:
        return Tried(wait)
    password_hash = account.password_hash if account and not account.disabled else None
    right = verify_password(password_hash, password)
    with writing():
        db.session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
        wait = limits.tally(account_id, login, limits.device()).wait(clock.now())
        if wait:
            return Tried(wait)
        found = standings(account_id) if right and account_id else []
        tried = Tried(0, account if right else None, tuple(found))
        limits.note(account_id, login, outcome(tried))
        if account is not None:
            settle(account, tried)
    return tried


def outcome(tried: Tried) -> str:
    if tried.account is None:
        return limits.WRONG
    return limits.OK if tried.may_enter else limits.PENDING


def settle(account: Account, tried: Tried) -> None:
    """What goes with a try: the language chosen before is kept; a failure is a step of its member."""
    if tried.account is None:
        note_failure(account)
    elif account.language is None and request.cookies.get("language") in {"zh", "en"}:
        account.language = request.cookies["language"]


def note_failure(account: Account) -> None:
    """A refused sign-in in the log of the sandbox the account was in last, where that is known."""
    query = (
        select(Membership, Sandbox)
        .join(Sandbox, Sandbox.id == Membership.sandbox_id)
        .where(
            Membership.id == account.last_membership_id,
            Membership.account_id == account.id,
            Sandbox.state.in_(OPEN_STATES),
        )
    )
    found = db.session.execute(query).first()
    if found is None:
        return
    member, sandbox = found
    step = Step(
        sandbox.id,
        "session",
        "sign_in",
        membership_id=member.id,
        member=member.key,
        outcome="refused",
        request=g.source.request,
        address=g.source.address,
    )
    with suppress(Closed):
        append(step, clock.lab_now(sandbox))


def too_soon(form: LoginForm, target: str, seconds: int) -> ResponseReturnValue:
    """429: how long to wait, and who can help."""
    if seconds > 120:
        minutes = -(-seconds // 60)
        trouble = ngettext(
            "Too many failures. Try again in %(num)s minute, or ask your instructor to unlock the account.",
            "Too many failures. Try again in %(num)s minutes, or ask your instructor to unlock the account.",
            minutes,
        )
    else:
        trouble = ngettext(
            "Please wait: try again in %(num)s second.", "Please wait: try again in %(num)s seconds.", seconds
        )
    return page(form, target, trouble), 429, {"Retry-After": str(seconds)}


def is_closed_demo() -> bool:
    """The demonstration's passwords are known to all: it opens on its own machine, unless asked for."""
    open_to_all = current_app.config.get("DEMO_FOR_ALL", False)
    return bool(current_app.config["DEMO"]) and not open_to_all and request.remote_addr not in LOOPBACK


def send_again() -> ResponseReturnValue | None:
    """A page with the form that met an ended session, ready to be sent again; None if there was none."""
    path = local_path(request.form.get("kept_path"), "")
    fields = kept_pairs(request.form.get("kept", ""))
    if not path or not fields:
        return None
    return render_template("account/send_again.html", path=path, fields=fields)


def kept_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs of name and value that a page of ours kept; an empty list for anything else."""
    try:
        pairs = json.loads(text) if text else []
        return [(str(name), str(value)) for name, value in pairs if name not in identity.NEVER_KEPT]
    except (ValueError, TypeError):
        return []


@open_to(PUBLIC)
def logout() -> ResponseReturnValue:
    """End the session of this browser."""
    identity.sign_out()
    flash(_("You are signed out."), "success")
    return redirect("/login")
