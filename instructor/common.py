"""What the console's pages share: one blueprint, and a gate by page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, abort, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor, current_actor
from labapp.access.errors import Invalid, NotDone, Refused
from labapp.records import looks
from labapp.records.views.common import note_attempt

bp = Blueprint("instructor", __name__, template_folder="templates")
View = TypeVar("View", bound=Callable[..., Any])
ATTEMPTS = {
    "registrations": ("membership", "approve"),
    "users": ("membership", "edit"),
    "roster": ("membership", "approve"),
    "positions": ("position", "edit"),
    "groups": ("group", "edit"),
    "codes": ("code", "edit"),
    "quotas": ("quota", "edit"),
    "fields": ("field", "edit"),
    "courses": ("course", "edit"),
    "scenarios": ("course", "open"),
    "exams": ("attempt", "submit"),
    "bank": ("attempt", "submit"),
    "staff": ("account", "edit"),
}
NOT_OPEN = _l("This page of the console is not open to your role.")


def tried(name: str) -> tuple[str, str]:
    """Kind and verb of the step that a refusal writes: who only looks tries to change nothing."""
    return ("session", "request") if request.method == "GET" else ATTEMPTS.get(name, ("setting", "change"))


def console_page(name: str) -> Callable[[View], View]:
    """Open a view to those whose role or profile has this console page; others get 403 and a sentence (design.md)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **more: Any) -> Any:
            note_attempt(*tried(name))
            actor = current_actor()
            if actor is None and request.method == "GET":
                return redirect("/instructor/courses")
            if actor is None or name not in actor.console:
                raise Refused(NOT_OPEN)
            return view(*args, **more)

        return guarded  # type: ignore[return-value]

    return wrap


def staff_page(
    name: str, *, administrators_only: bool = False, or_console: bool = False
) -> Callable[[View], View]:
    """Open a view to accounts that make courses, in a sandbox or outside all; others get 403 and a sentence.

    `or_console`: also to those who have this console page where they are.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **more: Any) -> Any:
            note_attempt(*tried(name))
            account, actor = g.account, current_actor()
            is_staff = account.administrator or (account.instructor and not administrators_only)
            if not is_staff and not (or_console and actor is not None and name in actor.console):
                raise Refused(NOT_OPEN)
            return view(*args, **more)

        return guarded  # type: ignore[return-value]

    return wrap


def me() -> Actor:
    """The actor of this request; 401 for one outside every sandbox."""
    actor = current_actor()
    if actor is None:
        abort(401)
    return actor


def account_name() -> str:
    """Who acts, for the administration log."""
    account = g.account
    return str(account.email or account.number or account.name)


def answer_again(error: NotDone, page: str) -> ResponseReturnValue:
    """The form once more with what was typed; the attempt is one step of the log."""
    actor = current_actor()
    if actor is not None:
        looks.attempted(actor, g.attempt["what"], error, answers=g.attempt.get("answers"))
    return page, error.status


def wrong_answers() -> Invalid:
    """What the fields of a form say in particular."""
    return Invalid(_l("Some answers cannot be taken."))


def asks(page: Callable[..., str]) -> Callable[[View], View]:
    """A view whose answers may be wrong: `page(error, **view arguments)` is shown again with what was typed."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(**more: Any) -> Any:
            try:
                return view(**more)
            except Invalid as error:
                return answer_again(error, page(error, **more))

        return guarded  # type: ignore[return-value]

    return wrap


def back_to(url: str, sentence: str, tone: str = "success") -> ResponseReturnValue:
    """On to another page, with a sentence on it."""
    flash(sentence, tone)
    return redirect(url)
