"""Accounts as the console handles them: known or made, reset and unlocked, and whose business they are."""

from flask import g, request, session
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from instructor.common import account_name
from labapp.access.errors import Invalid, Refused
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.addresses import reset_address
from labapp.people.enrol import Person, create_account
from labapp.people.models import Account
from labapp.records import parse
from labapp.records.work import writing
from labapp.web.limits import unlock

ONE_TIME = "one_time"


def require_mine(account: Account) -> None:
    """Raises Refused where an instructor reaches for an account of staff: those are the administrators' business."""
    staff = account.administrator or account.instructor
    if staff and account.id != g.account.id and not g.account.administrator:
        raise Refused(_l("This is an account of an instructor. Only an administrator changes it."))


def new_account(login: str, name_typed: str, *, instructor: bool = False) -> Account:
    """An account without a password; its owner sets one at the one-time address. Raises Invalid."""
    try:
        name, number = parse.text(name_typed), parse.text(login)
        email = parse.email(login.lower()) if "@" in login else None
    except ValueError as error:
        raise Invalid(str(error)) from error
    if not name or not number:
        raise Invalid(_("There is no account with this number or e-mail. Give a name too, and it is made."))
    if (len(number) > 60 and email is None) or len(name) > 120:
        raise Invalid(_("A number has at most 60 characters, a name at most 120."))
    with writing():
        account = create_account(Person(name, None if email else number, email), instructor=instructor)
        noted("account.create", account)
    return account


def hand_over_address(account: Account) -> None:
    """Keep a one-time address for a new password, to be shown once on the next page (P7b)."""
    path = reset_address(account)
    with writing():
        noted("account.reset_address", account)
    session[ONE_TIME] = request.host_url.rstrip("/") + path


def unlock_account(account_id: int) -> None:
    """Forget the failed sign-ins: everybody may try again."""
    with writing():
        account = db.session.get_one(Account, account_id)
        unlock(account)
        noted("account.unlock", account)


def noted(action: str, account: Account) -> None:
    """An act on an account, in the administration log."""
    details = {"number": account.number or account.email or ""}
    course = g.sandbox.name.partition("/")[0] if g.sandbox is not None else None
    append_act(Act(action, account_name(), course, account.name, details, request.remote_addr or ""))
