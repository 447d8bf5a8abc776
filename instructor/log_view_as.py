"""View as student: see the site through a student's eyes, read-only and traced (product.md L4)."""

from flask import abort, redirect
from flask.typing import ResponseReturnValue

from instructor.common import bp, console_page, me
from labapp.web import viewing


@bp.post("/log/view-as/<key>")
@console_page("log")
def log_view_as(key: str) -> ResponseReturnValue:
    """Instructors and assistants; only active students are looked through."""
    actor = me()
    member = actor.directory.by_key.get(key)
    if member is None or not viewing.may_be_viewed(actor, member):
        abort(404)
    viewing.begin(member)
    return redirect("/")
