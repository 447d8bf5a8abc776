"""The student's coach: my tasks, what is done, what is missing, the hint (product.md L6)."""

from fractions import Fraction
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.errors import Refused
from labapp.access.rules import why_closed
from labapp.gradebook import coach
from labapp.gradebook.coach import View
from labapp.gradebook.state import NotYet
from labapp.grading import BadRubric
from labapp.grading.text import Text
from labapp.oplog.read import one_step
from labapp.people.words import language
from labapp.records import looks
from labapp.records.stepwords import lines
from labapp.records.views.common import note_attempt

bp = Blueprint("coach", __name__)


def init_coach(app: Flask) -> None:
    """The strip of every page, and its renewal after a write."""
    coach.install()
    app.extensions["coach_strip"] = strip
    app.after_request(noted)
    app.jinja_env.filters["said"] = said
    app.jinja_env.filters["figure"] = figure


def said(text: Text | None) -> str:
    """A text of a rubric in the reader's language."""
    if text is None:
        return ""
    return text.zh if language() == "zh" else text.en


def figure(value: Fraction) -> str:
    """Exact points as people write them: 10, 3.34."""
    return f"{round(float(value), 2):g}"


def strip(actor: Actor) -> dict[str, Any] | None:
    """The strip's words: title of the next task, done, total, url; None where there is nothing to coach."""
    try:
        words = coach.strip(g.sandbox, actor, g.membership.last_hash)
    except (BadRubric, NotYet):
        return None
    if words is None:
        return None
    return {**words, "title": said(words["title"]) or _("All tasks are done.")}


def noted(response: Response) -> Response:
    """After a write the strip is asked for again, here and in the other tabs of this browser."""
    if request.method == "POST" and g.get("actor") is not None:
        response.headers["HX-Trigger"] = "coach-refresh"
    return response


@bp.get("/coach")
def page() -> ResponseReturnValue:
    """My tasks with checks, evidence and hints."""
    return render_template("coach/page.html", **tasks_shown(), crumbs=[(_("My tasks"), None)])


@bp.get("/coach/tasks")
def tasks() -> ResponseReturnValue:
    """The same without the frame, for renewal in place: 304 while nothing has changed. No look is written."""
    answer = make_response(render_template("coach/tasks.html", **tasks_shown()))
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/coach/strip")
def strip_page() -> ResponseReturnValue:
    """The strip alone, for renewal in place."""
    return render_template("coach/strip.html", coach=strip(g.actor))


def tasks_shown() -> dict[str, Any]:
    """What the tasks' template needs: `view`, None without tasks; `problem`, if the rubric cannot be read."""
    try:
        return {"view": view_now(0), "problem": ""}
    except BadRubric:
        return {"view": None, "problem": _("The rubric of this course cannot be read. Tell your instructor.")}
    except NotYet:
        return {
            "view": None,
            "problem": _("Your steps are still being counted. This page goes on by itself."),
        }


def view_now(fresh: float = coach.FRESH) -> View | None:
    return coach.known(g.sandbox, g.actor, g.membership.last_hash, fresh)


@bp.post("/coach/check")
def check() -> ResponseReturnValue:
    """Check my work now: a step of its own, so many an hour as the rubric says."""
    note_attempt("session", "self_check")
    view = view_now()
    if view is None or view.budget is None:
        raise Refused(_l("Here the coach follows your work by itself; there is nothing to check."))
    if g.actor.frozen:
        raise Refused(why_closed(g.actor.state))
    left = coach.checks_left(g.actor, view.budget)
    if not left:
        raise Refused(_l("You have used up the self-checks of this hour. Work on, and check again later."))
    looks.looked(g.actor, "session", "self_check")
    flash(_("Your work has been checked."), "success")
    return redirect("/coach")


@bp.get("/coach/steps/<int:number>")
def step(number: int) -> ResponseReturnValue:
    """A step that counts as evidence: one's own in full, of others only that it exists."""
    found = one_step(g.actor.sandbox_id, number) if 0 < number < 2**53 else None
    if found is None:
        abort(404)
    return render_template(
        "coach/step.html",
        number=number,
        line=lines([found], g.actor)[0] if found.member == g.actor.key else None,
        crumbs=[(_("My tasks"), "/coach"), (_("Step %(number)s", number=number), None)],
    )
