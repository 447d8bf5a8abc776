"""Who makes courses, and who makes those: kept by administrators (design.md, Account)."""

from flask import abort, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from instructor.accounts import ONE_TIME, hand_over_address, new_account, noted, unlock_account
from instructor.common import asks, back_to, bp, staff_page
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.enrol import account_by_login, end_sessions
from labapp.people.models import Account
from labapp.records.work import writing

HERE = "/instructor/staff"
VERBS = {
    "make_instructor": ("instructor", True),
    "no_instructor": ("instructor", False),
    "make_administrator": ("administrator", True),
    "no_administrator": ("administrator", False),
    "disable": ("disabled", True),
    "enable": ("disabled", False),
}


@bp.get("/staff")
@staff_page("staff", administrators_only=True)
def staff() -> ResponseReturnValue:
    """Instructors and administrators, and a form for one more."""
    return accounts_page()


def accounts_page(error: Invalid | None = None, **_more: object) -> str:
    query = (
        select(Account)
        .where(or_(Account.instructor, Account.administrator))
        .order_by(Account.name, Account.id)
    )
    g.form_sandbox = None
    return render_template(
        "instructor/staff.html",
        rows=list(db.session.scalars(query)),
        typed=request.form,
        problem=str(error) if error else "",
        one_time=session.pop(ONE_TIME, None),
        crumbs=[(_("Instructors"), None)],
    )


@bp.post("/staff/add")
@staff_page("staff", administrators_only=True)
@asks(accounts_page)
def staff_add() -> ResponseReturnValue:
    """Make an instructor of a known account, or a new one with a one-time address for the password."""
    login = request.form.get("login", "").strip()
    known = account_by_login(login)
    account = known or new_account(login, request.form.get("name", ""), instructor=True)
    if known is not None:
        mark(known.id, "make_instructor")
    if account.password_hash is None:
        hand_over_address(account)
    return back_to(HERE, _("%(name)s may make courses now.", name=account.name))


@bp.post(f"/staff/<int:account_id>/<any({', '.join(VERBS)}):verb>")
@staff_page("staff", administrators_only=True)
@asks(accounts_page)
def staff_mark(account_id: int, verb: str) -> ResponseReturnValue:
    """Give or take what an account may do; its sessions end."""
    mark(account_id, verb)
    return back_to(HERE, _("Saved."))


def mark(account_id: int, verb: str) -> None:
    """Raises Invalid where it would leave no administrator who can sign in, or shut oneself out."""
    name, value = VERBS[verb]
    with writing():
        account = db.session.get(Account, account_id, populate_existing=True) or abort(404)
        if getattr(account, name) == value:
            return
        losing = verb in {"no_administrator", "disable"}
        if losing and account.id == g.account.id:
            raise Invalid(_("You cannot take this from yourself. Ask another administrator."))
        if losing and account.administrator and not others(account_id):
            raise Invalid(_("This is the only administrator. Make another one first."))
        setattr(account, name, value)
        if account.id != g.account.id:
            end_sessions(account)
        noted(f"account.{verb}", account)


def others(account_id: int) -> int:
    query = select(func.count()).where(Account.administrator, ~Account.disabled, Account.id != account_id)
    return int(db.session.execute(query).scalar_one())


@bp.post("/staff/<int:account_id>/<any(password, unlock):verb>")
@staff_page("staff", administrators_only=True)
def staff_password(account_id: int, verb: str) -> ResponseReturnValue:
    """A one-time address for a new password; or the failed sign-ins forgotten."""
    account = db.session.get(Account, account_id) or abort(404)
    if verb == "unlock":
        unlock_account(account.id)
        return back_to(HERE, _("Unlocked."))
    hand_over_address(account)
    return back_to(HERE, _("The one-time address is on this page, once."))
