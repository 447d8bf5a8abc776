"""The sandbox clock in the browser: what time it is, ending the day, and how far a long step is (product.md L2)."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from labapp import jobs
from labapp.access.actor import Actor
from labapp.access.errors import Refused
from labapp.db import db
from labapp.lifecycle import moving
from labapp.lifecycle.moving import Moved
from labapp.lifecycle.passed import counted, passed
from labapp.records import looks
from labapp.records.organisation import WEEKDAYS
from labapp.records.views.common import note_attempt

bp = Blueprint("clock", __name__)
HERE = "/clock"
NOT_YOURS = _l("Only your instructor ends the day in this course.")


@bp.get("/clock")
def clock_page() -> ResponseReturnValue:
    """What time it is in the sandbox and how its clock runs; the instructor's own page is in the console."""
    actor: Actor = g.actor
    if "clock" in actor.console:
        return redirect("/instructor/clock")
    return render_template(
        "clock/page.html",
        box=g.sandbox,
        now=actor.lab_now,
        weekday=WEEKDAYS[actor.lab_now.weekday()],
        morning=moving.next_morning(actor) if may_end(actor) else None,
        crumbs=[(_("Clock"), None)],
    )


def may_end(actor: Actor) -> bool:
    """Whether the reader is a student who ends the day of the own sandbox."""
    return moving.may_end_day(actor, g.sandbox.unit)


@bp.post("/clock/end-day")
def end_day() -> ResponseReturnValue:
    """A student alone in a sandbox goes on to the next working day, where the scenario says so."""
    note_attempt("setting", "change")
    actor: Actor = g.actor
    if not may_end(actor):
        raise Refused(NOT_YOURS)
    moved = [moving.send(actor, moving.next_morning(actor), looks.source())]
    return after(moved, "/")


def after(moved: Sequence[Moved], back: str) -> ResponseReturnValue:
    """Walk there; on to a page, with a sentence that tells what happened, or to one that tells how far it is."""
    db.session.remove()
    job = moving.go(moved, g.account.id)
    if job is not None:
        return redirect(f"{HERE}/moving/{job.id}")
    flash(summary(moved), "success")
    return redirect(back)


def summary(moved: Sequence[Moved]) -> str:
    """What happened on the way, in one sentence for all of these sandboxes."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in moved:
        counts += counted(one.sandbox_id, one.last_step)
    longest = max((one.goal - one.left for one in moved), default=timedelta(0))
    sentence = passed(longest, counts)
    if len(moved) < 2:
        return sentence
    return ngettext("%(num)s sandbox went on.", "%(num)s sandboxes went on.", len(moved)) + " " + sentence


@bp.get("/clock/moving/<int:job_id>")
def on_the_way(job_id: int) -> ResponseReturnValue:
    """How far the clock is; asks again by itself, with and without script, and goes home when it stands."""
    job = db.session.get(jobs.Job, job_id, populate_existing=True)
    if job is None or job.kind != moving.KIND or job.account_id != g.account.id:
        abort(404)
    polled = "HX-Request" in request.headers
    if job.state == jobs.DONE:
        flash(summary([moving.read_moved(row) for row in job.args["moved"]]), "success")
        return Response("", headers={"HX-Redirect": HERE}) if polled else redirect(HERE)
    name = "_moving.html" if polled else "moving.html"
    return render_template(f"clock/{name}", job=job, crumbs=[(_("Clock"), HERE), (_("On the way"), None)])
