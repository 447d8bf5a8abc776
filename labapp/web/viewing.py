"""Seeing the site as a student does: for staff, read-only, traced, and never a step of the student's (product.md L4).

The session of the one who looks stays theirs. Only the request is answered as if the student had made it: account,
membership and actor are the student's, `g.viewer` is the actor who looks. What would be a look of the student's is
written as one of the viewer's (`records.looks`), and everything but reading is refused at the gate.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app, flash, g, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.actor import Actor, actor_of
from labapp.access.errors import Refused
from labapp.db import db
from labapp.db.detached import detached
from labapp.oplog.append import Act, append_act
from labapp.people.directory import Member
from labapp.people.models import ACTIVE, STUDENT, Account, Course, Membership
from labapp.records.work import writing

F = TypeVar("F", bound=Callable[..., Any])
KEY = "viewing"  # in the session: the membership through whose eyes one looks
PAGE = "log"  # whoever may open this page of the console may look
READING = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"viewing.leave", "account.logout", "static"})  # answered as oneself
ONLY_READING = _l(
    "You see the site as %(name)s does, so you can only read. Leave this view to change anything."
)
NOT_SHOWN = _l("This page is private to the student: it is not shown to anybody else.")

bp = Blueprint("viewing", __name__)


def private(view: F) -> F:
    """Mark a view whose page is nobody's but its owner's: profile, sign-ins, address of the calendar."""
    view.is_private = True  # type: ignore[attr-defined]
    return view


def may_be_viewed(actor: Actor, member: Member | None) -> bool:
    """Whether this member is a student through whose eyes the actor may look."""
    return PAGE in actor.console and member is not None and member.role == STUDENT and member.state == ACTIVE


# -- each request ----------------------------------------------------------------------------------


def look_through() -> None:
    """Answer this request as the viewed student's, while that is allowed; else end the view and say so."""
    wanted = session.get(KEY)
    if wanted is None or request.endpoint in OWN:
        return
    actor: Actor | None = g.actor
    member = actor.directory.members.get(wanted) if actor is not None else None
    if actor is None or member is None or not may_be_viewed(actor, member):
        session.pop(KEY)
        flash(_("You see the site as yourself again."), "info")
        return
    g.viewer, g.viewer_account = actor, g.account
    g.account = account_of(member)
    g.membership = _row(Membership, member.id)
    g.actor = actor_of(g.sandbox, member.id)
    g.elsewhere, g.bell, g.saves = False, None, None


def account_of(member: Member) -> Account:
    """The student's account without what it may do elsewhere; a stand-in for a seat that nobody has taken."""
    if member.account_id is None:
        return Account(id=0, name=member.name, number=member.number, theme="auto", epoch=0)
    account = _row(Account, member.account_id)
    account.administrator = account.instructor = False
    return account


def _row(model: Any, row_id: int) -> Any:
    """A row for reading only."""
    return detached(model, db.session.execute(select(*model.__table__.c).where(model.id == row_id)).one())


def stop_viewer() -> None:
    """Raises Refused for a viewer who would do more than read, or read what is the student's own."""
    if g.viewer is None:
        return
    if request.method not in READING:
        raise Refused(ONLY_READING % {"name": g.actor.name})
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "is_private", False):
        raise Refused(NOT_SHOWN)


# -- beginning and leaving -------------------------------------------------------------------------


def begin(member: Member) -> None:
    """Look through this student's eyes from the next request on; `may_be_viewed` has been asked."""
    _trace("view.begin", member)
    session[KEY] = member.id


def end() -> None:
    """Be oneself again. Nothing happens to one who looks through nobody's eyes."""
    wanted = session.pop(KEY, None)
    member = g.actor.directory.members.get(wanted) if wanted is not None and g.actor is not None else None
    if member is not None:
        _trace("view.end", member)


@bp.post("/viewing/leave")
def leave() -> ResponseReturnValue:
    """The way out."""
    if KEY in session:
        end()
        flash(_("You see the site as yourself again."), "info")
    return redirect("/")


def _trace(action: str, member: Member) -> None:
    """Who looked through whose eyes, in the administration log."""
    account = g.account.email or g.account.number or g.account.name
    course = db.session.scalar(select(Course.name).where(Course.id == g.sandbox.course_id))
    details = {"member": member.key, "sandbox": g.sandbox.name}
    with writing():
        append_act(Act(action, account, course, member.name, details, g.source.address))
