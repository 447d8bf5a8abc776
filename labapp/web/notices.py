"""The page behind the bell."""

from flask import Blueprint, g, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.notices.board import mark_read, notices_of
from labapp.people.words import language

bp = Blueprint("notices", __name__)


@bp.get("/notices")
def notices() -> ResponseReturnValue:
    """The member's notices, newest first."""
    found = notices_of(g.actor.id)
    rows = [
        {
            "text": notice.text_zh if language() == "zh" else notice.text_en,
            "at": notice.at,
            "url": notice.url,
            "unread": notice.read_at is None,
        }
        for notice in found
    ]
    return render_template("notices.html", notices=rows, crumbs=[(_("Notices"), None)])


@bp.post("/notices/read")
def read() -> ResponseReturnValue:
    """Mark all as read."""
    mark_read(g.actor.id)
    return redirect("/notices")
