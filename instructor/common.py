"""What the console's pages share: one blueprint, and a gate by page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, abort, g
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor, current_actor
from labapp.access.errors import Refused
from labapp.records.views.common import note_attempt

bp = Blueprint("instructor", __name__, template_folder="templates")
View = TypeVar("View", bound=Callable[..., Any])
ATTEMPTS = {
    "registrations": ("membership", "approve"),
    "users": ("membership", "edit"),
    "positions": ("position", "edit"),
    "groups": ("group", "edit"),
    "codes": ("code", "edit"),
}


def console_page(name: str) -> Callable[[View], View]:
    """Open a view to those whose role or profile has this console page; others get 403 and a sentence (design.md)."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **more: Any) -> Any:
            note_attempt(*ATTEMPTS.get(name, ("setting", "change")))
            if name not in me().console:
                raise Refused(_l("This page of the console is not open to your role. Ask your instructor."))
            return view(*args, **more)

        return guarded  # type: ignore[return-value]

    return wrap


def me() -> Actor:
    """The actor of this request."""
    actor = current_actor()
    if actor is None:
        abort(401)
    return actor


def account_name() -> str:
    """Who acts, for the administration log."""
    account = g.account
    return str(account.email or account.number or account.name)
