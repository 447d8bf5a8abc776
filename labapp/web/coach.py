"""The student's coach: my tasks, what is done, what is missing, the hint (product.md L6)."""

import hashlib
from typing import Any

from flask import Blueprint, Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.gradebook import coach
from labapp.gradebook.ledger import entries_of, fold
from labapp.grading import BadRubric
from labapp.grading.text import Text
from labapp.people.words import language

bp = Blueprint("coach", __name__)


def init_coach(app: Flask) -> None:
    """The strip of every page, and its renewal after a write."""
    app.extensions["coach_strip"] = strip
    app.after_request(noted)
    app.jinja_env.filters["said"] = said


def said(text: Text | None) -> str:
    """A text of a rubric in the reader's language."""
    if text is None:
        return ""
    return text.zh if language() == "zh" else text.en


def strip(actor: Actor) -> dict[str, Any] | None:
    """The strip's words: title of the next task, done, total, url; None where there is nothing to coach."""
    try:
        words = coach.strip(g.sandbox, actor, g.membership.last_hash)
    except BadRubric:
        return None
    if words is None:
        return None
    return {**words, "title": said(words["title"]) or _("All tasks are done.")}


def noted(response: Response) -> Response:
    """After a write the next strip is made anew, and the other tabs of this browser are told."""
    actor = g.get("actor")
    if actor is not None and request.method == "POST":
        coach.wrote(actor)
        response.headers["HX-Trigger"] = "coach-refresh"
    return response


@bp.get("/coach")
def page() -> ResponseReturnValue:
    """My tasks with checks, evidence and hints; 304 while nothing has changed."""
    actor = g.actor
    problem = ""
    try:
        found = coach.progress_of(g.sandbox, actor)
    except BadRubric:
        found, problem = None, _("The rubric of this course cannot be read. Tell your instructor.")
    folded = fold(entries_of(actor.sandbox_id, actor.id), actor.id) if found is not None else None
    only_tasks = request.headers.get("HX-Request") == "true"
    answer = make_response(
        render_template(
            "coach/tasks.html" if only_tasks else "coach/page.html",
            progress=found,
            fold=folded,
            problem=problem,
            crumbs=[(_("My tasks"), None)],
        )
    )
    if only_tasks:
        tag = hashlib.sha256(answer.get_data()).hexdigest()[:32]
        answer.set_etag(tag)
        return answer.make_conditional(request)
    return answer


@bp.get("/coach/strip")
def strip_page() -> ResponseReturnValue:
    """The strip alone, for renewal in place."""
    return render_template("coach/strip.html", coach=strip(g.actor))
