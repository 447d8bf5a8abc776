"""Errors as pages: a sentence in the reader's language, and what to do."""

import logging
from typing import Any

from flask import Flask, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from labapp.access.actor import current_actor
from labapp.access.errors import Refused
from labapp.db import db
from labapp.records import looks
from labapp.records.views.common import attempt_from_address
from labapp.web import trouble

PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507})
log = logging.getLogger("labapp")


def init_errors(app: Flask) -> None:
    app.register_error_handler(CSRFError, bad_token)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, crashed)


def bad_token(error: CSRFError) -> ResponseReturnValue:
    """A post without the page's token: nothing is done, and a member's attempt is logged."""
    sentence = _(
        "This form was not sent from a page of yours, or the page is too old. Load it again and send it anew."
    )
    actor = current_actor()
    if actor is not None:
        looks.attempted(actor, attempt_from_address()["what"], Refused(sentence))
    return page(400, sentence, reason="csrf")


def http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    fault = getattr(error, "original_exception", None)
    if fault is not None:  # the answer to an error met an error itself
        return crashed(fault)
    return page(error.code or 500, None)


def crashed(error: Exception) -> ResponseReturnValue:
    """Nothing half-written stays; the log of the server has the rest under the reference."""
    source = g.get("source")
    reference = source.request if source else ""
    undo()
    g.actor, g.elsewhere = None, False  # the page of a fault asks the database nothing, also not who reads it
    g.setdefault("_login_user", AnonymousUserMixin())
    if trouble.is_full(error):
        log.error("request %s: no room left: %s", reference, error)
        return page(507, trouble.FULL, reference=reference)
    if trouble.is_unfit(error):
        log.error("request %s: unfit for the database: %s", reference, error)
        return page(400, trouble.UNFIT, reference=reference)
    if trouble.is_away(error):
        log.error("request %s: the database is away: %s", reference, error)
        trouble.let_go(error)
        answer = make_response(page(503, trouble.AWAY, reference=reference))
        answer.headers["Retry-After"] = "5"
        return answer
    log.error("request %s failed", reference, exc_info=error)
    return page(500, None, reference=reference)


def undo() -> None:
    """Give up what was not finished; where the connection is dead it was given up there."""
    try:
        db.session.rollback()
    except DBAPIError:
        db.session().invalidate()


def page(status: int, sentence: Any, **more: Any) -> ResponseReturnValue:
    if request.args.get("format") == "json" or request.headers.get("X-Requested-With") == "labapp":
        return {"error": str(sentence or status), "reason": more.get("reason", "")}, status
    name = status if status in PAGES else 500 if status >= 500 else 400
    return render_template(f"errors/{name}.html", sentence=sentence, **more), status
