"""The courses of an instructor: a new one from a scenario, its join code, who may still come (design.md, Course)."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from wtforms import BooleanField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError

from instructor import opening
from instructor.common import account_name, answer_again, back_to, bp, staff_page
from labapp import clock, jobs
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.enrol import enterable
from labapp.people.models import ACTIVE, INSTRUCTOR, PENDING, Course, Membership, Sandbox
from labapp.people.words import language
from labapp.records.forms import IntegerField, LabForm, Needed, Pick, Typed
from labapp.records.work import writing
from labapp.scenario.problems import BadScenario

HERE = "/instructor/courses"
NAME = re.compile(r"[\w.-]{1,60}")
MOST_STUDENTS, MOST_SEED = 500, 999_999_999


@dataclass(frozen=True)
class Line:
    """A course in the list. `entry` is the membership by which the reader enters it, None where none."""

    course: Course
    people: int
    waiting: int
    entry: int | None
    is_here: bool


class CourseForm(LabForm):
    """What can be changed of a course."""

    title = Typed(_l("Title"), [Needed(), Length(max=200, message=_l("At most 200 characters."))])
    term = Typed(_l("Term"), [Optional(), Length(max=80, message=_l("At most 80 characters."))])
    listed = BooleanField(_l("Offered to everybody who registers, also without the join code"))


class NewCourseForm(CourseForm):
    """What a new course needs."""

    scenario = Pick(_l("Scenario"), [Needed()])
    name = Typed(
        _l("Name in commands and addresses"),
        [Needed()],
        description=_l("Letters, digits, dot, hyphen and underscore, like autumn-2026."),
    )
    students = IntegerField(
        _l("Seats for students"),
        [Optional()],
        shape="number",
        description=_l("Left empty, as many as the scenario plans. Late joiners always get one."),
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

    def validate_students(self, field: Any) -> None:
        if field.data is not None and field.data > MOST_STUDENTS:
            raise ValidationError(_("At most %(most)s seats.", most=MOST_STUDENTS))

    def validate_seed(self, field: Any) -> None:
        if field.data is not None and field.data > MOST_SEED:
            raise ValidationError(_("At most %(most)s.", most=f"{MOST_SEED:,}"))


@bp.get("/courses")
@staff_page("courses")
def courses() -> ResponseReturnValue:
    """One's own courses, the newest first; all of them for administrators."""
    return render_template("instructor/courses.html", rows=lines(), crumbs=[(_("Courses"), None)])


def lines() -> list[Line]:
    found = list(db.session.scalars(own_courses().order_by(Course.id.desc()).limit(200)))
    ids = [course.id for course in found]
    counts = {
        (course_id, state): number
        for course_id, state, number in db.session.execute(
            select(Membership.course_id, Membership.state, func.count())
            .where(Membership.course_id.in_(ids), Membership.account_id.is_not(None))
            .group_by(Membership.course_id, Membership.state)
        )
    }
    entries = entries_of(ids)
    here = g.sandbox.course_id if g.sandbox is not None else None
    return [
        Line(
            c, counts.get((c.id, ACTIVE), 0), counts.get((c.id, PENDING), 0), entries.get(c.id), c.id == here
        )
        for c in found
    ]


def own_courses() -> Any:
    """The courses of this account, without those still being opened."""
    query = select(Course).where(
        Course.id.in_(select(Sandbox.course_id).where(Sandbox.state.not_in(("opening", "purging"))))
    )
    if g.account.administrator:
        return query
    taught = select(Membership.course_id).where(
        Membership.account_id == g.account.id, Membership.role == INSTRUCTOR, Membership.state == ACTIVE
    )
    return query.where(or_(Course.owner_account_id == g.account.id, Course.id.in_(taught)))


def entries_of(course_ids: list[int]) -> dict[int, int]:
    """The membership by which this account enters each course."""
    open_ones = [membership_id for membership_id, _title, _name in enterable(g.account.id)]
    query = select(Membership.course_id, Membership.id).where(
        Membership.id.in_(open_ones), Membership.course_id.in_(course_ids)
    )
    return {row[0]: row[1] for row in db.session.execute(query.order_by(Membership.id.desc()))}


def course_or_404(course_id: int) -> Course:
    """A course of one's own. Raises NotFound."""
    found: Course | None = db.session.scalars(own_courses().where(Course.id == course_id)).first()
    if found is None:
        raise NotFound(_l("There is no such course among yours."))
    return found


# -- a new one -------------------------------------------------------------------------------------


@bp.get("/courses/new")
@staff_page("scenarios")
def course_new() -> ResponseReturnValue:
    """Choose a scenario; the rest is filled in as far as it can be."""
    given = {
        "scenario": request.args.get("scenario", ""),
        "listed": True,
        "seed": secrets.randbelow(9000) + 1000,
        "language": language(),
    }
    return new_page(new_form(None, given))


def new_form(typed: Any, given: dict[str, Any] | None = None) -> NewCourseForm:
    form = NewCourseForm(typed, data=given or {})
    known = opening.known_scenarios(g.account)
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
    names = ("scenario", "name", "title", "students", "language", "seed")
    args = {name: form[name].data for name in names} | {"term": form.term.data or "", "locale": language()}
    with writing():
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
    if job is None or job.kind != opening.KIND or job.account_id != g.account.id:
        abort(404)
    return job


# -- one that stands -------------------------------------------------------------------------------


@bp.get("/courses/<int:course_id>")
@staff_page("courses")
def course(course_id: int) -> ResponseReturnValue:
    """One course: its join code, large, and what can be changed."""
    found = course_or_404(course_id)
    return course_page(
        found, CourseForm(data={"title": found.title, "term": found.term, "listed": found.listed})
    )


def course_page(found: Course, form: CourseForm) -> str:
    g.form_sandbox = None
    line = next((line for line in lines() if line.course.id == found.id), None)
    return render_template(
        "instructor/course.html",
        course=found,
        line=line,
        form=form,
        register=register_address(),
        crumbs=[(_("Courses"), HERE), (found.title, None)],
    )


def register_address() -> str:
    return request.host_url.rstrip("/") + "/register"


@bp.get("/courses/<int:course_id>/join-code")
@staff_page("courses")
def course_join_code(course_id: int) -> ResponseReturnValue:
    """The join code as large as the screen, to be seen from the last row."""
    found = course_or_404(course_id)
    crumbs = [(_("Courses"), HERE), (found.title, f"{HERE}/{found.id}"), (_("Join code"), None)]
    return render_template(
        "instructor/join_code.html", course=found, register=register_address(), crumbs=crumbs
    )


@bp.post("/courses/<int:course_id>/edit")
@staff_page("courses")
def course_edit(course_id: int) -> ResponseReturnValue:
    found = course_or_404(course_id)
    form = CourseForm(request.form)
    if not form.validate():
        return answer_again(
            Invalid(_("Nothing was saved. Please correct what is marked.")), course_page(found, form)
        )
    change(
        course_id, "course.edit", title=form.title.data, term=form.term.data or "", listed=form.listed.data
    )
    return back_to(f"{HERE}/{course_id}", _("The course is saved."))


@bp.post("/courses/<int:course_id>/code")
@staff_page("courses")
def course_code(course_id: int) -> ResponseReturnValue:
    """A new join code; the old one is worth nothing any more."""
    course_or_404(course_id)
    change(course_id, "course.new_code", join_code=free_code())
    return back_to(f"{HERE}/{course_id}", _("There is a new join code. The old one does not work any more."))


@bp.post("/courses/<int:course_id>/<any(close, open):verb>")
@staff_page("courses")
def course_close(course_id: int, verb: str) -> ResponseReturnValue:
    """Nobody new may register, or everybody again; those inside go on."""
    course_or_404(course_id)
    change(course_id, f"course.{verb}_registration", closed_at=clock.now() if verb == "close" else None)
    closed = _("Registration is closed. Those who are in go on as before.")
    return back_to(f"{HERE}/{course_id}", closed if verb == "close" else _("Registration is open again."))


def change(course_id: int, action: str, **values: Any) -> None:
    """Change a course and say so in the administration log; the join code itself stays out of it."""
    with writing():
        row = db.session.get_one(Course, course_id, populate_existing=True)
        moved = sorted(name for name, value in values.items() if getattr(row, name) != value)
        for name in moved:
            setattr(row, name, values[name])
        if moved:
            noted(action, row.name, row.title, {"fields": moved})


def noted(action: str, name: str, title: str, details: dict[str, Any]) -> None:
    append_act(Act(action, account_name(), name, title, details, request.remote_addr or ""))


def free_code() -> str:
    """Six letters and digits that nobody mistakes for others, and that no course has."""
    from labapp.scenario.open import JOIN_LETTERS

    while True:
        code = "".join(secrets.choice(JOIN_LETTERS) for _number in range(6))
        if db.session.execute(select(Course.id).where(Course.join_code == code)).first() is None:
            return code
