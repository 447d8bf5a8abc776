"""One-time addresses: a forgotten password, and the first administrator (product.md P7b)."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.addresses import account_to_reset, claim_first_admin_token, is_first_admin_token
from labapp.people.enrol import end_sessions, is_known
from labapp.people.models import Account
from labapp.people.passwords import hash_password
from labapp.records.work import writing
from labapp.web import identity, limits
from labapp.web.account.forms import NewPasswordForm, SetUpForm, known_texts
from labapp.web.identity import PUBLIC, open_to


@open_to(PUBLIC)
@limits.limited(limits.PUBLIC_FORMS)
def reset(token: str) -> ResponseReturnValue:
    """Set a new password at an address that an instructor handed over."""
    account = account_to_reset(token)
    if account is None:
        return used_up(_("Ask your instructor for a new one."))
    form = NewPasswordForm(request.form)
    form.known = known_texts(account)
    if request.method == "POST" and form.validate():
        return finish_reset(token, hash_password(form.password.data))
    status = 422 if request.method == "POST" else 200
    return render_template("account/reset.html", form=form, name=account.name), status


def finish_reset(token: str, password_hash: str) -> ResponseReturnValue:
    with writing():
        account = account_to_reset(token)
        if account is not None:
            locked = select(Account).where(Account.id == account.id).with_for_update()
            db.session.execute(locked.execution_options(populate_existing=True))
            account = account_to_reset(token)
        if account is not None:
            account.password_hash = password_hash
            end_sessions(account)
            limits.unlock(account)
            append_act(by_oneself("account.reset", account))
    if account is None:
        return used_up(_("Ask your instructor for a new one."))
    flash(_("Your password is set. Sign in with it."), "success")
    return redirect(url_for("account.login_page"))


def by_oneself(action: str, account: Account) -> Act:
    """An act of an account on itself."""
    return Act(
        action, account.number or account.email, subject=account.name, address=request.remote_addr or ""
    )


def used_up(way: str) -> ResponseReturnValue:
    return render_template("account/used_up.html", way=way), 404


@open_to(PUBLIC)
@limits.limited(limits.PUBLIC_FORMS)
def setup(token: str) -> ResponseReturnValue:
    """Make the first administrator, once, on an installation that has none."""
    if not is_first_admin_token(token):
        return used_up(_("Start labapp again: it prints a new address while there is no administrator."))
    form = SetUpForm(request.form)
    if request.method == "POST" and form.validate():
        account = first_administrator(form, token, hash_password(form.password.data))
        if account is None:
            return used_up(_("There is an administrator now. Sign in instead."))
        identity.sign_in(account)
        return redirect("/")
    status = 422 if request.method == "POST" else 200
    return render_template("account/setup.html", form=form), status


def first_administrator(form: SetUpForm, token: str, password_hash: str) -> Account | None:
    """The account, or None if somebody was faster."""
    with writing():
        if is_known(form.number.data, form.email.data) or not claim_first_admin_token(token):
            return None
        account = Account(
            name=form.name.data,
            number=form.number.data,
            email=form.email.data,
            password_hash=password_hash,
            administrator=True,
            instructor=True,
            epoch=0,
        )
        db.session.add(account)
        db.session.flush()
        append_act(by_oneself("account.first_administrator", account))
        limits.note(account.id, account.number or "", limits.OK)
    return account
