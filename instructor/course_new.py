"""A new course from a scenario: what it needs, and how far its opening is (product.md L1)."""

import re
import secrets
from typing import TYPE_CHECKING, Any

from flask import Response, abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from instructor import opening
from instructor.common import answer_again, back_to, bp, staff_page
from instructor.courses import HERE, MODES, CourseForm, course_or_404, noted
from labapp import jobs
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.people.models import CLASS
from labapp.people.words import language
from labapp.records.forms import IntegerField, Needed, Pick, Typed
from labapp.records.work import writing
from labapp.scenario.problems import BadScenario

if TYPE_CHECKING:  # see opening
    from labapp.scenario.read import Scenario

NAME = re.compile(r"[\w.-]{1,60}")
MOST_STUDENTS, MOST_IN_TEAM, MOST_FURTHER, MOST_SEED = 500, 20, 100, 999_999_999


class NewCourseForm(CourseForm):
    """What a new course needs. `known` are the scenarios it may be opened from."""

    known: "dict[str, Scenario | BadScenario]" = {}

    scenario = Pick(_l("Scenario"), [Needed()])
    name = Typed(
        _l("Name in commands and addresses"),
        [Needed()],
        description=_l("Letters, digits, dot, hyphen and underscore, like autumn-2026."),
    )
    mode = Pick(
        _l("Who works together"),
        [Needed()],
        choices=[SelectChoice(key, label) for key, label in MODES.items()],
    )
    students = IntegerField(
        _l("Students"),
        [Optional()],
        shape="number",
        description=_l("Left empty, as many as the scenario plans. Late joiners always get a place."),
    )
    team_size = IntegerField(
        _l("Members of a team"),
        [Optional()],
        shape="number",
        description=_l("For teams only. Left empty, as many as the scenario plans."),
    )
    language = Pick(
        _l("Language of the invented data"),
        [Needed()],
        choices=[SelectChoice("zh", _l("Chinese")), SelectChoice("en", _l("English"))],
    )
    seed = IntegerField(
        _l("Seed"), [Needed()], shape="number", description=_l("The same seed invents the same data again.")
    )

    def validate_name(self, field: Any) -> None:
        if field.data and not NAME.fullmatch(field.data):
            raise ValidationError(_("Use letters, digits, dot, hyphen and underscore only, at most 60."))
        if field.data and opening.is_taken(field.data):
            raise ValidationError(_("There is a course or sandbox called %(name)s already.", name=field.data))

    def validate_mode(self, field: Any) -> None:
        found = self.known.get(self.scenario.data)
        if found is not None and not isinstance(found, BadScenario) and field.data not in found.said.modes:
            raise ValidationError(_("This scenario is not offered in this mode."))

    def validate_students(self, field: Any) -> None:
        if field.data is not None and field.data > MOST_STUDENTS:
            raise ValidationError(_("At most %(most)s students.", most=MOST_STUDENTS))
        if field.data == 0 and self.mode.data != CLASS:
            raise ValidationError(_("In this mode a course begins with at least one student."))

    def validate_team_size(self, field: Any) -> None:
        if field.data is not None and not 2 <= field.data <= MOST_IN_TEAM:
            raise ValidationError(_("A team has 2 to 20 members."))

    def validate_seed(self, field: Any) -> None:
        if field.data is not None and field.data > MOST_SEED:
            raise ValidationError(_("At most %(most)s.", most=f"{MOST_SEED:,}"))


# -- a new one -------------------------------------------------------------------------------------


@bp.get("/courses/new")
@staff_page("scenarios")
def course_new() -> ResponseReturnValue:
    """Choose a scenario; the rest is filled in as far as it can be."""
    asked = request.args.get("scenario", "")
    found = opening.known_scenarios(g.account).get(asked)
    modes = [CLASS] if found is None or isinstance(found, BadScenario) else found.said.modes
    given = {
        "scenario": asked,
        "listed": True,
        "mode": request.args.get("mode", CLASS if CLASS in modes else modes[0]),
        "seed": secrets.randbelow(9000) + 1000,
        "language": language(),
    }
    return new_page(new_form(None, given))


def new_form(typed: Any, given: dict[str, Any] | None = None) -> NewCourseForm:
    form = NewCourseForm(typed, data=given or {})
    form.known = known = opening.known_scenarios(g.account)
    form.scenario.choices = [
        SelectChoice(key, found.title.say(language()))
        for key, found in known.items()
        if not isinstance(found, BadScenario)
    ]
    return form


def new_page(form: NewCourseForm) -> str:
    g.form_sandbox = None
    return render_template(
        "instructor/course_new.html", form=form, crumbs=[(_("Courses"), HERE), (_("New course"), None)]
    )


@bp.post("/courses/new")
@staff_page("scenarios")
def course_open() -> ResponseReturnValue:
    """Ask for the course; a job opens it, and a page tells how far it is."""
    form = new_form(request.form)
    if not form.validate():
        return answer_again(Invalid(_("Nothing was opened. Please correct what is marked.")), new_page(form))
    names = ("name", "title", "students", "mode", "team_size", "language", "seed")
    said = {name: form[name].data for name in names} | {
        "term": form.term.data or "",
        "listed": bool(form.listed.data),
    }
    args = {**opening.as_asked(**said), "scenario": form.scenario.data, "locale": language()}
    with writing():
        opening.free_name(args["name"])
        job = jobs.ask(opening.KIND, args, account_id=g.account.id)
        noted("course.request", args["name"], args["title"], {"scenario": args["scenario"]})
        address = f"{HERE}/opening/{job.id}"
    return redirect(address)


@bp.get("/courses/opening/<int:job_id>")
@staff_page("scenarios")
def course_opening(job_id: int) -> ResponseReturnValue:
    """How far the opening is; asks again by itself, with and without script, and goes on when it is done."""
    job = job_or_404(job_id)
    polled = "HX-Request" in request.headers
    if job.state == jobs.DONE:
        address = f"{HERE}/{job.result['course_id']}"
        return Response("", headers={"HX-Redirect": address}) if polled else redirect(address)
    name = "_opening.html" if polled else "opening.html"
    return render_template(
        f"instructor/{name}", job=job, crumbs=[(_("Courses"), HERE), (job.args.get("title") or "", None)]
    )


def job_or_404(job_id: int) -> jobs.Job:
    job = db.session.get(jobs.Job, job_id, populate_existing=True)
    if job is None or job.kind not in (opening.KIND, opening.FURTHER) or job.account_id != g.account.id:
        abort(404)
    return job


# -- more sandboxes of one that stands ---------------------------------------------------------------


@bp.post("/courses/<int:course_id>/further")
@staff_page("scenarios")
def course_further(course_id: int) -> ResponseReturnValue:
    """Open more sandboxes for those who join late; a job does it, and a page tells how far it is."""
    found = course_or_404(course_id)
    count = request.form.get("count", "")
    if (
        found.mode == CLASS
        or not count.isascii()
        or not count.isdigit()
        or not 1 <= int(count) <= MOST_FURTHER
    ):
        sentence = _("Say how many, from 1 to %(most)s.", most=MOST_FURTHER)
        return back_to(f"{HERE}/{course_id}#sandboxes", sentence, "danger")
    name, title = found.name, found.title
    args = {"course_id": course_id, "count": int(count), "title": title, "locale": language()}
    with writing():
        job = jobs.ask(opening.FURTHER, args, account_id=g.account.id, course_id=course_id)
        noted("course.further", name, title, {"count": int(count)})
        address = f"{HERE}/opening/{job.id}"
    return redirect(address)
