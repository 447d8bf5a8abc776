"""The courses of an instructor: a new one from a scenario, its join code, who may still come (design.md, Course)."""

import re
import secrets
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from wtforms import BooleanField
from wtforms.validators import Length, Optional

from instructor.common import account_name, answer_again, back_to, bp, staff_page
from instructor.course_sandboxes import shown_sandboxes
from labapp import clock
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.lifecycle.states import LABELS
from labapp.oplog.append import Act, append_act
from labapp.people.directory import by_number
from labapp.people.enrol import UNSEEN_STATES, entrances
from labapp.people.models import (
    ACTIVE,
    CLASS,
    INDIVIDUAL,
    INSTRUCTOR,
    PENDING,
    TEAM,
    Course,
    Membership,
    Sandbox,
)
from labapp.people.words import language
from labapp.records.forms import LabForm, Needed, Typed
from labapp.records.work import writing
from labapp.scenario.library import scenario_of
from labapp.scenario.problems import BadScenario
from labapp.values import dataclass

HERE = "/instructor/courses"
MOST_SHOWN = 200
MODES = {
    CLASS: _l("The whole class in one company"),
    TEAM: _l("Teams, each in a company of its own"),
    INDIVIDUAL: _l("Every student alone in a company, with simulated colleagues"),
}
STANDING = {
    "frozen": _l(
        "This course is frozen: it can be read and graded, and nobody changes it until work goes on."
    ),
    "archived": _l("This course is put aside: it can be read and graded, and nobody changes it."),
    "restored": _l(
        "This course was restored from an archive: it can be read and graded, and nobody changes it."
    ),
}
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
    sandboxes: int


class CourseForm(LabForm):
    """What can be changed of a course."""

    title = Typed(_l("Title"), [Needed(), Length(max=200, message=_l("At most 200 characters."))])
    term = Typed(_l("Term"), [Optional(), Length(max=80, message=_l("At most 80 characters."))])
    listed = BooleanField(_l("Offered to everybody who registers, also without the join code"))


@bp.get("/courses")
@staff_page("courses")
def courses() -> ResponseReturnValue:
    """One's own courses, the newest first; all of them for administrators."""
    return render_template("instructor/courses.html", rows=lines(), crumbs=[(_("Courses"), None)])


def lines(course_id: int | None = None) -> list[Line]:
    """One's own courses, or this one of them."""
    query = own_courses().order_by(Course.id.desc()).limit(MOST_SHOWN)
    if course_id is not None:
        query = query.where(Course.id == course_id)
    found = list(db.session.scalars(query))
    ids = [course.id for course in found]
    counts = {
        (course_id, state): number
        for course_id, state, number in db.session.execute(
            select(Membership.course_id, Membership.state, func.count(Membership.account_id.distinct()))
            .where(Membership.course_id.in_(ids), Membership.account_id.is_not(None))
            .group_by(Membership.course_id, Membership.state)
        )
    }
    boxes = {row[0]: row[1] for row in db.session.execute(sandbox_counts(ids))}
    entries = entries_of(ids)
    here = g.sandbox.course_id if g.sandbox is not None else None
    return [
        Line(
            course=c,
            people=counts.get((c.id, ACTIVE), 0),
            waiting=counts.get((c.id, PENDING), 0),
            entry=entries.get(c.id),
            is_here=c.id == here,
            sandboxes=boxes.get(c.id, 0),
        )
        for c in found
    ]


def sandbox_counts(course_ids: list[int]) -> Any:
    """How many sandboxes each course has."""
    return (
        select(Sandbox.course_id, func.count())
        .where(
            Sandbox.course_id.in_(course_ids),
            Sandbox.state.not_in(UNSEEN_STATES),
            Sandbox.replaced_at.is_(None),
        )
        .group_by(Sandbox.course_id)
    )


def own_courses() -> Any:
    """The courses of this account, without those still being opened."""
    query = select(Course).where(
        Course.id.in_(select(Sandbox.course_id).where(Sandbox.state.not_in(UNSEEN_STATES)))
    )
    if g.account.administrator:
        return query
    taught = select(Membership.course_id).where(
        Membership.account_id == g.account.id, Membership.role == INSTRUCTOR, Membership.state == ACTIVE
    )
    return query.where(or_(Course.owner_account_id == g.account.id, Course.id.in_(taught)))


def entries_of(course_ids: list[int]) -> dict[int, int]:
    """The membership by which this account enters each course: that of its first sandbox."""
    found = [one for one in entrances(g.account.id) if one.course_id in course_ids and not one.past]
    found.sort(key=lambda one: by_number(one.sandbox), reverse=True)
    return {one.course_id: one.membership_id for one in found}


def course_or_404(course_id: int) -> Course:
    """A course of one's own. Raises NotFound."""
    query = own_courses().where(Course.id == course_id)
    found: Course | None = db.session.scalars(query).first() if course_id < 2**53 else None
    if found is None:
        raise NotFound(_l("There is no such course among yours."))
    return found


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
    return render_template(
        "instructor/course.html",
        course=found,
        scenario=scenario_title(found),
        line=next(iter(lines(found.id)), None),
        shown=shown_sandboxes(found),
        mode=MODES[found.mode],
        standing=STANDING.get(state_of(found), ""),
        joinable=state_of(found) in {"open", "frozen"},
        states=LABELS,
        form=form,
        register=register_address(),
        crumbs=[(_("Courses"), HERE), (found.title, None)],
    )


def scenario_title(found: Course) -> str:
    """What the scenario of a course is called in the reader's language; its key where it cannot be read any more."""
    try:
        scenario = scenario_of(found)
    except BadScenario:
        scenario = None
    return scenario.title.say(language()) if scenario is not None else found.scenario


def state_of(found: Course) -> str:
    """That of its sandboxes, open where one is; a course goes through its life as a whole."""
    query = select(Sandbox.state).where(Sandbox.course_id == found.id, Sandbox.replaced_at.is_(None))
    states = set(db.session.scalars(query.distinct()))
    return next((state for state in ("open", "frozen", "archived", "restored") if state in states), "open")


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
