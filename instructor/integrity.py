"""Integrity: suspicious facts for the instructor alone, with both parties and the steps; never points (L8)."""

from dataclasses import asdict
from typing import Any

from flask import Response, abort, current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from instructor import integrity_run
from instructor.common import account_name, answer_again, bp, console_page, wrong_answers
from instructor.integrity_form import OPEN, SEEN, STATES, LimitsForm, RemarkForm
from instructor.integrity_read import Limits
from instructor.integrity_shown import HERE, KINDS, Shown, last_run, shown, steps_since
from labapp import jobs
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.gradebook.models import IntegrityRemark
from labapp.oplog.append import Act, append_act
from labapp.people.directory import sandboxes_of
from labapp.people.models import Course
from labapp.records.work import writing

# -- the page --------------------------------------------------------------------------------------


@bp.get("/integrity")
@console_page("integrity")
def integrity() -> ResponseReturnValue:
    """What the last search found: the open ones, or with `all` every one."""
    return integrity_page(None)


def integrity_page(
    error: Invalid | None, form: LimitsForm | None = None, wrong: tuple[str, RemarkForm] | None = None
) -> str:
    """The page, with a form that somebody filled wrongly in its place."""
    run = last_run()
    limits = Limits(**run.limits) if run is not None else Limits()
    found = shown(run) if run is not None else []
    everything = request.args.get("show") == "all" or wrong is not None
    listed = [finding for finding in found if everything or finding.state == OPEN]
    return render_template(
        "instructor/integrity.html",
        run=run,
        since=steps_since(run) if run is not None else 0,
        sections=[
            (kind, words, [one for one in listed if one.kind == kind]) for kind, words in KINDS.items()
        ],
        counts=(len([one for one in found if one.state == OPEN]), len(found)),
        everything=everything,
        states=STATES,
        form=form or LimitsForm(data=asdict(limits)),
        form_open=form is not None,
        remark_of=lambda finding: remark_form(finding, wrong),
        job=integrity_run.unfinished(g.sandbox.course_id),
        crumbs=[(_("Integrity"), None)],
    )


def remark_form(finding: Shown, wrong: tuple[str, RemarkForm] | None) -> RemarkForm:
    if wrong is not None and wrong[0] == finding.key:
        return wrong[1]
    return RemarkForm(data={"state": SEEN if finding.state == OPEN else finding.state}, prefix="")


@bp.get("/integrity/steps/<int:sandbox_id>/<int:number>")
@console_page("integrity")
def integrity_step(sandbox_id: int, number: int) -> ResponseReturnValue:
    """A step of another sandbox of the course: go there and show it."""
    if sandbox_id not in {sandbox.id for sandbox in sandboxes_of(g.sandbox.course_id)}:
        abort(404)
    if sandbox_id != g.sandbox.id and not current_app.extensions["switch_sandbox"](sandbox_id):
        abort(404)
    return redirect(f"/instructor/log/steps/{number}")


# -- searching -------------------------------------------------------------------------------------


@bp.post("/integrity/search")
@console_page("integrity")
def integrity_search() -> ResponseReturnValue:
    """Search with these thresholds."""
    form = LimitsForm(request.form)
    if not form.validate():
        return answer_again(wrong_answers(), integrity_page(None, form))
    course_id, account = g.sandbox.course_id, g.account.id
    job = integrity_run.begin(course_id, form.limits, account_name(), account)
    if job is not None:
        return redirect(f"{HERE}/jobs/{job.id}")
    flash(_("The logs of the course have been searched."), "success")
    return redirect(HERE)


@bp.get("/integrity/jobs/<int:job_id>")
@console_page("integrity")
def integrity_job(job_id: int) -> ResponseReturnValue:
    """How far the search is; asks again by itself, and goes on when it is done."""
    job = db.session.get(jobs.Job, job_id, populate_existing=True)
    if job is None or job.kind != integrity_run.KIND or job.course_id != g.sandbox.course_id:
        abort(404)
    polled = "HX-Request" in request.headers
    if job.state == jobs.DONE:
        return Response("", headers={"HX-Redirect": HERE}) if polled else redirect(HERE)
    name = "_integrity_job.html" if polled else "integrity_job.html"
    return render_template(
        f"instructor/{name}", job=job, crumbs=[(_("Integrity"), HERE), (_("Search"), None)]
    )


# -- a person's word -------------------------------------------------------------------------------


@bp.post("/integrity/findings/<key>")
@console_page("integrity")
def integrity_remark(key: str) -> ResponseReturnValue:
    """Looked at, explained, or open again: kept, and noted in the administration log."""
    run = last_run()
    finding = next((one for one in run.findings if one["key"] == key), None) if run is not None else None
    if finding is None:
        abort(404)
    form = RemarkForm(request.form)
    if not form.validate():
        return answer_again(wrong_answers(), integrity_page(None, wrong=(key, form)))
    keep_remark(finding, str(form.state.data), form.remark.data or "")
    flash(_("The finding is kept as “%(state)s”.", state=STATES[str(form.state.data)]), "success")
    return redirect(HERE)


def keep_remark(finding: dict[str, Any], state: str, remark: str) -> None:
    course_id, account = g.sandbox.course_id, account_name()
    course = db.session.scalar(select(Course.name).where(Course.id == course_id))
    details = {
        "finding": finding["key"],
        "kind": finding["kind"],
        "members": finding["members"],
        "state": state,
    }
    with writing():
        row = {"finding": finding["key"], "state": state, "count": finding["count"], "remark": remark}
        db.session.add(IntegrityRemark(course_id=course_id, account=account, **row))
        act = Act(
            "integrity.remark", account, course, ", ".join(finding["members"]), {**details, "remark": remark}
        )
        append_act(act.by(account, g.source.address))
