"""Hints from the wall: a notice for each student who is told, and an act of the administration log."""

from collections.abc import Sequence
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from instructor.common import account_name, back_to, bp, console_page
from instructor.gradebook import sandboxes, tasks_by_key
from labapp import clock
from labapp.access.errors import Invalid
from labapp.db import begin_write, db
from labapp.gradebook import wall
from labapp.grading.rubric import Task
from labapp.notices.board import HINT, Words, tell
from labapp.oplog.append import Act, append_act
from labapp.oplog.models import AdminEntry
from labapp.oplog.read import of_course
from labapp.people.directory import Member
from labapp.people.models import Course, Sandbox
from labapp.values import dataclass
from labapp.web.navigation import local_path

HERE = "/instructor/wall/"
LENGTH = 500
SHOWN = 100
ACT = "wall.hint"


@dataclass(frozen=True)
class Hint:
    """What is told, about which task if about one."""

    words: Words
    task: Task | None


@bp.post("/wall/hint")
@console_page("wall")
def wall_hint() -> ResponseReturnValue:
    """Tell the chosen students the rubric's hint, or own words. It is no step of theirs and changes no points."""
    hint = typed()
    told = chosen()
    give(hint, told)
    count = sum(len(members) for _sandbox, members in told)
    sentence = ngettext("%(num)s student has been told.", "%(num)s students have been told.", count)
    return back_to(local_path(request.form.get("next"), HERE), sentence)


@bp.get("/wall/hints")
@console_page("wall")
def wall_hints() -> ResponseReturnValue:
    """Who was told what, newest first."""
    course = db.session.get_one(Course, g.sandbox.course_id)
    query = select(AdminEntry).where(of_course(course), AdminEntry.action == ACT)
    return render_template(
        "instructor/wall_hints.html",
        hints=db.session.scalars(query.order_by(AdminEntry.id.desc()).limit(SHOWN)).all(),
        names={
            member.key: member.name for one in sandboxes() for member in wall.students_of(one, vacant=True)
        },
        titles=tasks_by_key(),
        crumbs=[(_("Class wall"), HERE), (_("Hints given"), None)],
    )


def typed() -> Hint:
    """The hint of the form. Raises Invalid where there are no words, or too many."""
    task = task_typed(request.form.get("task", ""))
    own = " ".join(request.form.get("words", "").split())
    if len(own) > LENGTH:
        raise Invalid(_("A hint has at most %(count)s characters.", count=LENGTH))
    if own:
        return Hint(Words(own, own), task)
    if task is None or task.hint is None:
        raise Invalid(_("Write the hint, or choose a task that has one in the rubric."))
    return Hint(Words(task.hint.en, task.hint.zh), task)


def task_typed(key: str) -> Task | None:
    if not key:
        return None
    found = tasks_by_key().get(key)
    if found is None:
        raise Invalid(_("There is no such task in the rubric."))
    return found


def chosen() -> list[tuple[Sandbox, list[Member]]]:
    """The students that were ticked, by sandbox. Raises Invalid where nobody was, or somebody is no student here."""
    keys = set(request.form.getlist("member"))
    found = [(one, [member for member in wall.students_of(one) if member.key in keys]) for one in sandboxes()]
    known = {member.key for _sandbox, members in found for member in members}
    if not keys or keys - known:
        raise Invalid(_("Tick the students who are to be told."))
    return [(sandbox, members) for sandbox, members in found if members]


def give(hint: Hint, told: Sequence[tuple[Sandbox, list[Member]]]) -> None:
    """Notices and the act, in one transaction."""
    places = [(one.id, clock.lab_now(one), [member.id for member in members]) for one, members in told]
    details: dict[str, Any] = {
        "members": [member.key for _sandbox, members in told for member in members],
        "words": hint.words.en
        if hint.words.en == hint.words.zh
        else {"en": hint.words.en, "zh": hint.words.zh},
    }
    if hint.task is not None:
        details["task"] = hint.task.key
    url = f"/coach#task-{hint.task.key}" if hint.task is not None and not hint.task.hidden else "/coach"
    course_id, who, address = g.sandbox.course_id, account_name(), request.remote_addr or ""
    begin_write()
    course = db.session.get_one(Course, course_id)
    for sandbox_id, at, members in places:
        tell(sandbox_id, members, HINT, hint.words, at, url)
    append_act(Act(ACT, who, course.name, ", ".join(details["members"]), details, address))
    db.session.commit()
