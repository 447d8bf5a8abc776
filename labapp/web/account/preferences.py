"""Language, colours and sandbox: one click each, remembered."""

from typing import Any

from flask import Response, abort, current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import update

from labapp.db import db
from labapp.people.models import Account
from labapp.records.work import writing
from labapp.web import identity
from labapp.web.identity import ACCOUNT, PUBLIC, open_to
from labapp.web.navigation import local_path

LANGUAGES, THEMES = ("zh", "en"), ("auto", "light", "dark")
A_YEAR = 365 * 24 * 60 * 60


@open_to(PUBLIC)
def language() -> ResponseReturnValue:
    """Chinese or English, kept with the account and in this browser."""
    return keep("language", LANGUAGES)


@open_to(PUBLIC)
def theme() -> ResponseReturnValue:
    """Light, dark, or as the device."""
    return keep("theme", THEMES)


def keep(name: str, offered: tuple[str, ...]) -> ResponseReturnValue:
    value = request.form.get(name, "")
    if value not in offered:
        abort(400)
    if g.account is not None:
        with writing():
            db.session.execute(update(Account).where(Account.id == g.account.id).values({name: value}))
    response: Any = redirect(local_path(request.form.get("next")))
    remember(response, name, value)
    return response


def remember(response: Response, name: str, value: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(name, value, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")


@open_to(ACCOUNT)
def sandbox(membership_id: int) -> ResponseReturnValue:
    """Go to another of one's sandboxes."""
    if not identity.switch_to(membership_id):
        abort(404)
    flash(_("You are now in %(sandbox)s.", sandbox=g.course_title), "info")
    return redirect("/")
