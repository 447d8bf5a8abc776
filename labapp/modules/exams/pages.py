"""The pages on which students sit their papers: /exams/."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from labapp import clock
from labapp.access.actor import Actor, current_viewer, system_actor
from labapp.access.errors import Refused, Stale
from labapp.db import db
from labapp.modules.exams import result
from labapp.modules.exams.drawing import paper_of
from labapp.modules.exams.models import Attempt
from labapp.modules.exams.sitting import (
    Sheet,
    begin,
    claim,
    hand_in,
    is_over,
    own_attempt,
    save,
    sheets,
    take_away,
    why_not_now,
)
from labapp.people.models import STUDENT, Sandbox
from labapp.records import looks
from labapp.records.views.common import me, note_attempt
from labapp.records.words import language

BLUEPRINT = Blueprint("exams", __name__, template_folder="templates")
HERE = "/exams"


@BLUEPRINT.get("/exams/")
def papers() -> ResponseReturnValue:
    """Every paper of the course: when, how long, how often, and what came of it."""
    actor = me()
    note_attempt("attempt", "list")
    found = sheets(actor, here(actor))
    looks.looked(actor, "attempt", "list")
    return render_template(
        "exams/papers.html",
        rows=[(sheet, why_not_now(sheet, actor.lab_now)) for sheet in found],
        sits=actor.role == STUDENT,
        shown=shown,
        short=result.short,
        crumbs=[(_("Examinations"), None)],
    )


def here(actor: Actor) -> Sandbox:
    return db.session.get_one(Sandbox, actor.sandbox_id)


@BLUEPRINT.post("/exams/papers/<paper_key>/start")
def start(paper_key: str) -> ResponseReturnValue:
    """Begin a paper; the clock runs from now on."""
    actor = me()
    note_attempt("attempt", "start", answers={"paper": paper_key})
    running = next((s.running for s in sheets(actor, here(actor)) if s.paper.key == paper_key), None)
    attempt = running or begin(actor, here(actor), paper_key)
    return redirect(f"{HERE}/{attempt.id}")


@BLUEPRINT.get("/exams/<int:attempt_id>")
def attempt(attempt_id: int) -> ResponseReturnValue:
    """A paper that is being sat, or what came of it."""
    actor = me()
    note_attempt("attempt", "open")
    found = collected(actor, own_attempt(actor, attempt_id))
    looks.looked(actor, "attempt", "open", answers={"paper": found.paper})
    return sitting_page(actor, found) if found.is_open else result_page(actor, found)


def collected(actor: Actor, found: Attempt) -> Attempt:
    """The attempt, handed in if its time is over: not only the tick looks at the clock."""
    sandbox = here(actor)
    late = found.is_open and is_over(found, sandbox.starts_at, actor.lab_now)
    if not late or sandbox.state != "open" or current_viewer() is not None:
        return found
    take_away(system_actor(sandbox), found.id)
    return own_attempt(actor, found.id)


def sitting_page(actor: Actor, found: Attempt, sentence: str = "") -> str:
    g.form_sandbox = actor.sandbox_id
    questions = result.asked(found, language())
    paper = paper_of(found.drawn)
    mine = current_viewer() is None and not actor.frozen
    return render_template(
        "exams/sit.html",
        window=claim(found.id) if mine else "",
        attempt=found,
        paper=paper,
        questions=questions,
        answered=sum(question.answered for question in questions),
        seconds=seconds_left(found),
        sentence=sentence,
        most=result.short(found.max),
        crumbs=[(_("Examinations"), f"{HERE}/"), (paper.title.say(language()), None)],
    )


def seconds_left(found: Attempt) -> int:
    return max(0, int((found.ends_at - clock.now()).total_seconds()))


def result_page(actor: Actor, found: Attempt) -> str:
    sheet = sheet_of(actor, found)
    paper = paper_of(found.drawn)
    tells = sheet is not None and sheet.released
    return render_template(
        "exams/result.html",
        attempt=found,
        paper=paper,
        points=result.short(found.points) if tells and found.points is not None else None,
        most=result.short(found.max),
        outcomes=result.outcomes(found, language(), answers=answers_too(actor, sheet)) if tells else [],
        answers_too=answers_too(actor, sheet),
        crumbs=[(_("Examinations"), f"{HERE}/"), (paper.title.say(language()), None)],
    )


def sheet_of(actor: Actor, found: Attempt) -> Sheet | None:
    """The paper of an attempt, as long as the examination still has it."""
    return next((sheet for sheet in sheets(actor, here(actor)) if sheet.paper.key == found.paper), None)


def shown(sheet: Sheet) -> bool:
    """Whether points may be told."""
    return sheet.released and bool(sheet.over)


def answers_too(actor: Actor, sheet: Sheet | None) -> bool:
    """Whether right answers may be told: released, and nobody can use them in a further attempt of their own."""
    if sheet is None or not sheet.released or sheet.running is not None:
        return False
    closed = sheet.closes is not None and actor.lab_now >= sheet.closes
    return not sheet.left or closed


@BLUEPRINT.post("/exams/<int:attempt_id>/save")
def keep(attempt_id: int) -> ResponseReturnValue:
    """Keep what is answered so far, at every change; a line says when."""
    actor = me()
    note_attempt("attempt", "submit")
    polled = "HX-Request" in request.headers
    try:
        found = save(actor, attempt_id, typed())
    except (Refused, Stale) as error:
        if not polled:
            raise
        looks.attempted(actor, ("attempt", "submit"), error)
        return render_template("exams/_late.html", sentence=str(error), reload=isinstance(error, Refused))
    if polled:
        return render_template(
            "exams/_saved.html", attempt=found, answered=len(found.answers), seconds=seconds_left(found)
        )
    flash(_("Your answers are saved."), "success")
    return redirect(f"{HERE}/{attempt_id}")


@BLUEPRINT.post("/exams/<int:attempt_id>/submit")
def submit(attempt_id: int) -> ResponseReturnValue:
    """Hand the paper in."""
    actor = me()
    note_attempt("attempt", "submit")
    hand_in(actor, attempt_id, typed())
    flash(_("The paper is handed in."), "success")
    return redirect(f"{HERE}/{attempt_id}")


def typed() -> dict[str, Any]:
    return {name: request.form.getlist(name) for name in request.form if name.startswith(("a", "window"))}
