"""The comment bank: remarks that are used again, one's own and those that are shared in the course (product.md L5)."""

from typing import Any

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, back_to, bp, console_page
from instructor.gradebook import HERE as GRADES
from instructor.gradebook import crumbs, tasks_by_key, ways
from labapp.access.errors import Invalid
from labapp.gradebook import bank
from labapp.gradebook.models import BankComment

HERE = f"{GRADES}/comments"


@bp.get("/grades/comments")
@console_page("grades")
def grades_comments() -> ResponseReturnValue:
    """What this reader finds in the bank, task by task."""
    return comments_page()


def comments_page(error: Invalid | None = None) -> str:
    return render_template(
        "instructor/grades_comments.html",
        comments=bank.found(g.sandbox.course_id, g.account.id),
        tasks=tasks_by_key(),
        mine=g.account.id,
        problem=str(error) if error else "",
        typed=request.form,
        longest=bank.LONGEST,
        ways=ways("comments"),
        crumbs=crumbs((_("Comments"), None)),
    )


@bp.post("/grades/comments")
@console_page("grades")
@asks(lambda error, **_view: comments_page(error))
def grades_comments_new() -> ResponseReturnValue:
    """Keep a comment for one task or for all of them."""
    text, task = " ".join(request.form.get("text", "").split()), request.form.get("task", "")
    if not text:
        raise Invalid(_("Write the comment that is to be kept."))
    if len(text) > bank.LONGEST:
        raise Invalid(_("A comment in the bank has at most %(most)s characters.", most=bank.LONGEST))
    if task and task not in tasks_by_key():
        raise Invalid(_("There is no such task in the rubric."))
    if not bank.keep(g.sandbox.course_id, g.account.id, task, text, bool(request.form.get("shared"))):
        raise Invalid(_("This comment is in the bank already."))
    return back_to(HERE, _("The comment is kept."))


@bp.post("/grades/comments/<int:number>/<any(share, unshare, retire):verb>")
@console_page("grades")
def grades_comments_change(number: int, verb: str) -> ResponseReturnValue:
    """Share one's own comment, keep it to oneself again, or offer it no more."""
    kept = own_or_404(number)
    if verb == "retire":
        bank.retire(kept.id)
        return back_to(HERE, _("The comment is offered no more. What was said with it stays."))
    bank.share(kept.id, verb == "share")
    shared = _("All who grade in this course find it now.")
    return back_to(HERE, shared if verb == "share" else _("Only you find it now."))


def own_or_404(number: int) -> BankComment:
    found: Any = bank.own(g.sandbox.course_id, g.account.id, number)
    return found or abort(404)
