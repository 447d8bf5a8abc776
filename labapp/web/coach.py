"""The student's coach: my tasks, what is done, what is missing, the hint (product.md L6)."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from functools import partial
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
from flask_babel import ngettext

from labapp.access.actor import Actor
from labapp.access.errors import Refused
from labapp.access.rules import why_closed
from labapp.gradebook import coach
from labapp.gradebook.coach import View
from labapp.gradebook.state import NotYet
from labapp.grading import BadRubric, Progress
from labapp.grading.text import Text
from labapp.notices.board import HINT, of_topic
from labapp.oplog.models import Operation
from labapp.oplog.read import one_step, own_steps
from labapp.people.models import STUDENT
from labapp.people.words import language
from labapp.records import looks
from labapp.records.catalog import catalog
from labapp.records.stepwords import act_label, kind_label, lines, record_ids
from labapp.records.views.common import note_attempt
from labapp.values import dataclass
from labapp.web.veil import told_papers, veiled

bp = Blueprint("coach", __name__)
SHOWN, HINTS = 12, 5  # steps of a check, and hints, on the page


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
        words = coach.strip(g.sandbox, actor, g.membership.last_hash, veil)
    except (BadRubric, NotYet):
        return None
    if words is None:
        return None
    return {**words, "title": said(words["title"]) or _("All tasks are done.")}


def veil(found: Progress) -> Progress:
    """Without the points of papers whose results are not released."""
    return veiled(found, g.sandbox.course_id)


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
    """The strip and the bell alone, for renewal in place: 304 while nothing has changed. No look is written."""
    answer = make_response(render_template("coach/strip.html"))
    answer.add_etag()
    return answer.make_conditional(request)


def tasks_shown() -> dict[str, Any]:
    """What the tasks' template needs: `view`, None without tasks; `problem`, if the rubric cannot be read."""
    try:
        view = view_now(0)
        return {
            "view": view,
            "problem": "",
            "evidence": evidence(view) if view else {},
            "hints": hints(),
            "left": time_left(view.due) if view else "",
        }
    except BadRubric:
        return {"view": None, "problem": _("The rubric of this course cannot be read. Tell your instructor.")}
    except NotYet:
        return {
            "view": None,
            "problem": _("Your steps are still being counted. This page goes on by itself."),
        }


@dataclass(frozen=True)
class Shown:
    """An own step as evidence: what was done, to what, and the record's address where it is there still."""

    what: Any
    label: str
    url: str | None


def evidence(view: View) -> dict[int, Shown]:
    """The own steps that the checks show, in words, by number; two statements and one per kind."""
    numbers = {n for task in view.progress.tasks for check in task.checks for n in check.steps[:SHOWN]}
    found = own_steps(g.actor.sandbox_id, g.actor.key, numbers)
    ids = record_ids(found, g.actor)
    return {step.id: shown(step, ids.get((step.kind, step.record or 0))) for step in found}


def shown(step: Operation, record_id: int | None) -> Shown:
    what = f"{act_label(step.kind, step.verb)} · {kind_label(step.kind)}"
    record_type = catalog().get(step.kind)
    url = f"/{record_type.slug}/{record_id}" if record_type is not None and record_id else None
    return Shown(what, step.label or (f"#{step.record}" if step.record else ""), url)


def hints() -> list[dict[str, Any]]:
    """What the instructor told the student last, newest first."""
    told = of_topic(g.actor.id, HINT, HINTS)
    return [
        {"text": one.text_zh if language() == "zh" else one.text_en, "at": one.at, "url": one.url}
        for one in told
    ]


def time_left(due: datetime | None) -> str:
    """How much lab time there is until then, in days, hours or minutes; '' without a due time, or when it is over."""
    minutes = int((due - g.actor.lab_now).total_seconds() // 60) if due is not None else -1
    if minutes < 0:
        return ""
    days, hours = minutes // 1440, minutes // 60
    if days:
        return str(ngettext("%(num)s day left", "%(num)s days left", days))
    if hours:
        return str(ngettext("%(num)s hour left", "%(num)s hours left", hours))
    return str(ngettext("%(num)s minute left", "%(num)s minutes left", minutes))


def view_now(fresh: float = coach.FRESH) -> View | None:
    """What the coach says; once the grades are released, with everything that is in them."""
    view = coach.known(g.sandbox, g.actor, g.membership.last_hash, fresh)
    return view if view is None or view.line is not None else replace(view, progress=veil(view.progress))


@bp.post("/coach/check")
def check() -> ResponseReturnValue:
    """Check my work now: a step of its own, so many an hour as the rubric says."""
    note_attempt("session", "self_check")
    view = view_now()
    if view is None or view.budget is None:
        raise Refused(_l("Here the coach follows your work by itself; there is nothing to check."))
    if g.actor.frozen:
        raise Refused(why_closed(g.actor.state))
    looks.checked(g.actor, partial(within_budget, g.actor, view.budget))
    coach.settle_check(g.sandbox.id, g.actor.id)
    flash(_("Your work has been checked."), "success")
    return redirect("/coach")


def within_budget(actor: Actor, budget: int) -> None:
    """Refuse the check that was just written if it is one too many in this hour."""
    if coach.checks_made(actor) > budget:
        raise Refused(_l("You have used up the self-checks of this hour. Work on, and check again later."))


@bp.get("/coach/steps/<int:number>")
def step(number: int) -> ResponseReturnValue:
    """A step that counts as evidence: one's own in full, of others only that it exists."""
    found = one_step(g.actor.sandbox_id, number) if 0 < number < 2**53 else None
    if found is None:
        abort(404)
    line = lines([found], g.actor)[0] if found.member == g.actor.key else None
    if line is not None and is_sealed(found):
        line = replace(line, answers={"paper": line.answers["paper"]})
    return render_template(
        "coach/step.html",
        number=number,
        line=line,
        crumbs=[(_("My tasks"), "/coach"), (_("Step %(number)s", number=number), None)],
    )


def is_sealed(found: Operation) -> bool:
    """Whether the step tells points of a paper whose results are not released."""
    paper = (found.answers or {}).get("paper")
    told = paper is None or found.kind != "attempt" or paper in told_papers(g.sandbox.course_id)
    return not told and g.actor.role == STUDENT
