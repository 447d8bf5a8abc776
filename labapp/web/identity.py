"""Who makes this request: one statement loads account, membership and sandbox; a gate before every view.

A view is open to members of a sandbox only, unless `open_to` says otherwise: a new page cannot forget to ask.
"""

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, TypeVar

from flask import Flask, current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import and_, bindparam, case, select, update
from werkzeug.middleware.proxy_fix import ProxyFix

from labapp import clock
from labapp.access.actor import actor_of
from labapp.db import Model, begin_write, db
from labapp.db.detached import columns_of, detached
from labapp.db.quick import Quick
from labapp.notices.board import unread_of
from labapp.oplog.append import Closed, Step, append
from labapp.people.enrol import can_be_entered
from labapp.people.models import ACTIVE, OPEN, Account, Course, Membership, Sandbox
from labapp.people.words import here, this_request, this_session
from labapp.records.saved import saved_by
from labapp.records.work import Source
from labapp.web import viewing
from labapp.web.headers import is_fetched
from labapp.web.navigation import local_path
from labapp.web.sessions import signed_token

F = TypeVar("F", bound=Callable[..., Any])
# What g says of who asks and where they are.
WHERE = (
    "account",
    "membership",
    "sandbox",
    "course_title",
    "elsewhere",
    "bell",
    "saves",
    "actor",
    "form_sandbox",
)
PLACE: tuple[type[Model], ...] = (Account, Membership, Sandbox)
PUBLIC, ACCOUNT, MEMBER = "public", "account", "member"
ALWAYS_PUBLIC = frozenset({"static", "licences", "healthz"})
NEVER_KEPT = frozenset({"csrf_token", "password", "confirm", "old_password", "kept", "kept_path"})
KEPT_SIZE = 200_000
REFRESHED = 300  # seconds


class Login(LoginManager):
    """Sessions are tied to no address, as those of campus networks change: the epoch ends them."""

    def _session_protection_failed(self) -> bool:
        """Never; asked for every page, Flask-Login takes a digest of the browser's name before it looks."""
        return False


login = Login()
login.session_protection = None


def open_to(level: str) -> Callable[[F], F]:
    """Say who may open a view: `PUBLIC` everybody, `ACCOUNT` whoever is signed in, also without a sandbox."""

    def mark(view: F) -> F:
        view.access_level = level  # type: ignore[attr-defined]
        return view

    return mark


def takes_large_files(view: F) -> F:
    """Mark a view to which instructors send archives, which are larger than what anybody else sends."""
    view.takes_large_files = True  # type: ignore[attr-defined]
    return view


def init_identity(app: Flask) -> None:
    """Sign-in and the gate. Before CSRFProtect: an ended session is 401, not a bad token."""
    proxies = int(app.config["PROXIES"])
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    login.init_app(app)
    app.before_request(identify)
    app.before_request(gate)
    app.extensions["switch_sandbox"] = switch_to_sandbox


# -- who -------------------------------------------------------------------------------------------


def identify() -> None:
    """Set g.account, g.membership, g.sandbox (loaded for reading only), g.actor and g.source."""
    mine, asked, held = here(), this_request(), this_session()
    mine.account = mine.membership = mine.sandbox = mine.actor = mine.course_title = None
    mine.form_sandbox = mine.viewer = None
    mine.elsewhere, mine.bell, mine.saves = False, None, None
    mine.source = Source("screen", uuid.uuid4().hex, (asked.remote_addr or "")[:64])
    if asked.endpoint == "static" or "_user_id" not in held:
        return
    moment = int(clock.now().timestamp())
    if held.get("at") != (at := moment // REFRESHED):
        held["at"] = at  # a session that is used does not run out; signing it anew for every answer is slow
    if isinstance(raw := held.get("csrf_token"), str):
        mine.csrf_token = signed_token(str(current_app.secret_key), raw, moment // 60)
    if current_user.is_anonymous:
        forget_session()
    elif mine.membership is not None and held.get("membership") != mine.membership.id:
        moved = "membership" in held
        enter()
        if moved and asked.method == "GET":
            flash(_("You are now in %(sandbox)s.", sandbox=mine.course_title), "info")
    viewing.look_through()


@login.user_loader
def load_account(user_id: str) -> Account | None:
    """The account of a session "id.epoch", with where it stands; None if disabled or of an older epoch."""
    number, _dot, epoch = user_id.partition(".")
    if not (number.isascii() and number.isdigit() and epoch.isascii() and epoch.isdigit()):
        return None
    return load_place(int(number), int(epoch), session.get("membership"))


def load_place(account_id: int, epoch: int, wanted: Any) -> Account | None:
    """Read account, membership and sandbox into g, in one statement. `wanted`: a membership id.

    The rows are taken out of the session: they stay readable after a rollback, and nobody writes by them.
    """
    asked = {"account": account_id, "epoch": epoch, "wanted": wanted if isinstance(wanted, int) else 0}
    found = place_query(known=True)(asked).first() if asked["wanted"] else None
    if found is None:
        found = place_query(known=False)(asked).first()
    if found is None:
        return None
    mine = here()
    account, membership, sandbox = mine.account, mine.membership, mine.sandbox = taken_apart(found)
    mine.course_title, mine.elsewhere, mine.bell, mine.saves = found[-4:]
    if sandbox is not None:
        mine.actor = actor_of(sandbox, membership.id)
        mine.form_sandbox = sandbox.id
    return account


@cache
def place_query(*, known: bool) -> Quick:
    """Account, membership, sandbox, title of the course, whether there may be further places, unread notices, whether
    there are saved views.

    `known`: of the wanted membership, nothing where it cannot be entered. Else the wanted one, or the last, or the
    first, those that are open before those that can only be read; without a membership where there is none.
    """
    member, account, sandbox, course = (model.__table__ for model in (Membership, Account, Sandbox, Course))
    open_to_it = select(sandbox.c.id).where(sandbox.c.id == member.c.sandbox_id, can_be_entered())
    mine = and_(member.c.account_id == account.c.id, open_to_it.correlate(member).exists())
    was_last, is_open = member.c.id == account.c.last_membership_id, sandbox.c.state == OPEN
    first = case(
        (member.c.id == bindparam("wanted"), 0),
        (and_(was_last, is_open), 1),
        (is_open, 2),  # after a roll-over the fresh one, not the frozen one
        (was_last, 3),
        else_=4,
    )
    columns = [column for model in PLACE for column in model.__table__.c]
    other = member.alias()
    others = select(other.c.id).where(
        other.c.account_id == account.c.id, other.c.id != member.c.id, other.c.state == ACTIVE
    )
    query = (
        select(
            *columns,
            course.c.title,
            others.correlate(account, member).exists(),
            unread_of(member.c.id).correlate(member).scalar_subquery(),
            saved_by(member.c.id).correlate(member).exists(),
        )
        .select_from(
            account.outerjoin(member, mine)
            .outerjoin(sandbox, sandbox.c.id == member.c.sandbox_id)
            .outerjoin(course, course.c.id == sandbox.c.course_id)
        )
        .where(
            account.c.id == bindparam("account"),
            account.c.epoch == bindparam("epoch"),
            account.c.disabled.is_(False),
        )
    )
    ordered = query.order_by(first, member.c.id).limit(1)
    query = query.where(member.c.id == bindparam("wanted")) if known else ordered
    return Quick(query, same=frozenset({"settings", "first_settings"}))


def taken_apart(found: Sequence[Any]) -> list[Any]:
    """The rows of PLACE in a row of `place_query`, as the ORM would have them after it let go of them."""
    rows, start = [], 0
    for model in PLACE:
        end = start + len(columns_of(model))
        rows.append(None if found[start] is None else detached(model, found[start:end]))
        start = end
    return rows


def enter() -> None:
    """Remember the sandbox that g stands in, and note the sign-in in its log."""
    begin_write()
    with suppress(Closed):
        append(session_step("sign_in"), g.actor.lab_now)
    last = update(Account).where(Account.id == g.account.id).values(last_membership_id=g.membership.id)
    db.session.execute(last.execution_options(synchronize_session=False))
    db.session.commit()
    session["membership"] = g.membership.id


def session_step(verb: str) -> Step:
    actor, source = g.actor, g.source
    return Step(
        actor.sandbox_id,
        "session",
        verb,
        membership_id=actor.id,
        member=actor.key,
        request=source.request,
        address=source.address,
    )


def switch_to(membership_id: int) -> bool:
    """Go to another sandbox of this account, within this request too. False if it cannot be entered."""
    if g.membership is not None and g.membership.id == membership_id:
        return True
    before = {name: g.get(name) for name in WHERE}
    load_place(g.account.id, g.account.epoch, membership_id)
    if g.membership is None or g.membership.id != membership_id:
        for name, value in before.items():
            setattr(g, name, value)
        return False
    enter()
    return True


def switch_to_sandbox(sandbox_id: int) -> bool:
    """Go to that sandbox, if this account may enter it, and say so: for a record of another of one's own."""
    if g.viewer is not None:
        return False
    membership_id = membership_in(sandbox_id)
    if membership_id is None or not switch_to(membership_id):
        return False
    flash(_("You are now in %(sandbox)s.", sandbox=g.course_title), "info")
    return True


def membership_in(sandbox_id: int) -> int | None:
    """This account's membership in that sandbox, if it may enter it."""
    query = (
        select(Membership.id)
        .join(Sandbox, Sandbox.id == Membership.sandbox_id)
        .where(Membership.account_id == g.account.id, Sandbox.id == sandbox_id, can_be_entered())
    )
    return db.session.scalars(query).first()


def sign_in(account: Account) -> None:
    """Begin a session of this account, in the sandbox it was in last. The running transaction ends here."""
    forget_session()
    login_user(account)
    session.permanent = True
    load_place(account.id, account.epoch, None)
    if g.membership is not None:
        enter()


def sign_out() -> None:
    """End this browser's session, and note it in the log of the sandbox it was in."""
    viewing.end()
    if g.actor is not None:
        begin_write()
        with suppress(Closed):
            append(session_step("sign_out"), g.actor.lab_now)
        db.session.commit()
    logout_user()
    session.clear()
    g.account = g.membership = g.sandbox = g.actor = g.form_sandbox = None


def carry_over(user_id: str) -> None:
    """This browser stays signed in under a new epoch, while every other session of the account ends."""
    session["_user_id"] = user_id


def forget_session() -> None:
    """Everything of the former account goes; the token of open forms stays."""
    for name in ("_user_id", "_fresh", "_id", "membership", "applicant", viewing.KEY):
        session.pop(name, None)


def is_staff() -> bool:
    """Whether the account makes courses or instructors, also where it stands in no sandbox yet."""
    return g.account is not None and bool(g.account.administrator or g.account.instructor)


def is_teaching() -> bool:
    """Whether this is an instructor of the sandbox they are in, or an account that makes courses."""
    return is_staff() or (g.actor is not None and bool(g.actor.is_instructor))


# -- the gate --------------------------------------------------------------------------------------


def level_of(endpoint: str) -> str:
    """Who may open this view: public, account or member."""
    if endpoint in ALWAYS_PUBLIC:
        return PUBLIC
    return str(getattr(current_app.view_functions.get(endpoint), "access_level", MEMBER))


def gate() -> ResponseReturnValue | None:
    """Stop a request before its view: signed out, outside every sandbox, or a form of another sandbox."""
    mine, asked = here(), this_request()
    if asked.endpoint is None:
        return None
    viewing.stop_viewer()
    level = level_of(asked.endpoint)
    if level == PUBLIC:
        return None
    if mine.account is None:
        return signed_out()
    if getattr(current_app.view_functions[asked.endpoint], "takes_large_files", False) and is_teaching():
        asked.max_content_length = current_app.config["ARCHIVE_LIMIT"]
    if asked.method not in {"GET", "HEAD", "OPTIONS"} and is_foreign_form():
        return foreign_form()
    if level == ACCOUNT or mine.actor is not None or (is_staff() and asked.path.startswith("/instructor/")):
        return None
    return redirect(url_for("account.waiting"))


def signed_out() -> ResponseReturnValue:
    """A page to sign in at; what was posted is kept in it. 401 for a script and for a post."""
    if wants_json():
        return jsonify(error="signed_out", sentence=_("Please sign in.")), 401
    here = local_path(request.full_path.rstrip("?"))
    if request.method in {"GET", "HEAD"} and not is_fetched() and "HX-Request" not in request.headers:
        return redirect(url_for("account.login_page", next=here if here != "/" else None))
    kept, path = ([], here) if request.method in {"GET", "HEAD"} else (kept_fields(), here)
    return render_template("account/sign_in_again.html", stashed=kept, kept_path=path), 401


def wants_json() -> bool:
    accepted = request.accept_mimetypes
    return request.args.get("format") == "json" or accepted.best == "application/json"


def kept_fields() -> list[tuple[str, str]]:
    """What was typed into the form that met an ended session, without secrets and files."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]
    return kept if sum(len(name) + len(value) for name, value in kept) <= KEPT_SIZE else []


def is_foreign_form() -> bool:
    """Whether a posted form says it belongs to another sandbox than the one this session is in."""
    claimed = request.form.get("sandbox")
    return claimed is not None and (g.sandbox is None or claimed != str(g.sandbox.id))


def foreign_form() -> ResponseReturnValue:
    """409 with a sentence: nothing typed for one sandbox is written into another."""
    return render_template("account/foreign_form.html"), 409
