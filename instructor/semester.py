"""The semester: archive, restore, roll over, freeze, reset, purge, each in plain words (product.md L9)."""

from typing import Any

from flask import Response, g, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import Length, ValidationError

from instructor import semester_data as data
from instructor.common import (
    account_name,
    answer_again,
    asks,
    back_to,
    bp,
    console_page,
    me,
    wrong_answers,
)
from labapp.access.errors import Invalid, NotFound
from labapp.db import db
from labapp.jobs import Job
from labapp.lifecycle import asking
from labapp.lifecycle.asking import Asker, ask
from labapp.lifecycle.making import name_of_file, path_of
from labapp.lifecycle.models import Archive
from labapp.lifecycle.states import LABELS, TONES, freeze, name_taken, seed_for, unfreeze
from labapp.oplog.append import Act
from labapp.people.models import Course, Sandbox
from labapp.people.words import language
from labapp.records.forms import LabForm, Needed, Typed

HERE = "/instructor/semester"
GOING = {
    asking.ARCHIVE: _l("Archive"),
    asking.CHECK: _l("Check an archive"),
    asking.RESTORE: _l("Restore"),
    asking.ROLLOVER: _l("Roll over"),
    asking.RESET: _l("Reset a sandbox"),
    asking.PURGE: _l("Purge"),
}


class RolloverForm(LabForm):
    """What the course of the next term needs."""

    to = Typed(
        _l("Name of the new course"),
        [Needed(), Length(max=60, message=_l("At most 60 characters."))],
        description=_l("Letters, digits, dot, hyphen and underscore, like autumn-2026."),
    )
    title = Typed(_l("Title"), [Needed(), Length(max=200, message=_l("At most 200 characters."))])
    term = Typed(_l("Term"), [Length(max=80, message=_l("At most 80 characters."))])
    with_members = BooleanField(_l("Bring the people: the same accounts in the same positions"))
    as_edited = BooleanField(
        _l("Bring the rubric and the question bank as edited"),
        description=_l("Without it both are as the scenario has them."),
    )

    def validate_to(self, field: Any) -> None:
        if field.data and allowed(field.data) != field.data:
            raise ValidationError(_("Use letters, digits, dot, hyphen and underscore only, at most 60."))
        if field.data and name_taken(field.data):
            raise ValidationError(_("There is a course or sandbox called %(name)s already.", name=field.data))


def allowed(text: str) -> str:
    """The signs of a text that a name may have."""
    return "".join(sign for sign in text if sign.isalnum() or sign in "._-")


@bp.get("/semester")
@console_page("semester")
def semester() -> ResponseReturnValue:
    """How every sandbox of the course stands, what can be done, and the archives."""
    return page()


def page(form: RolloverForm | None = None, problem: Any = None) -> str:
    course_id = _course().id
    going = data.under_way(course_id)
    return render_template(
        "instructor/semester.html",
        course=_course(),
        lines=data.lines(course_id),
        packed=data.archives(course_id),
        going=going,
        lately=[] if going else data.lately(course_id),
        form=form or _empty_form(),
        problem=problem,
        labels=LABELS,
        tones=TONES,
        names=GOING,
        progress_url=f"{HERE}/progress",
        crumbs=[(_("Semester"), None)],
    )


def _empty_form() -> RolloverForm:
    return RolloverForm(data={"title": _course().title, "with_members": False, "as_edited": True})


def _course() -> Course:
    """The course of the sandbox one is in."""
    me()
    return db.session.get_one(Course, g.sandbox.course_id)


def _sandbox(sandbox_id: int) -> Sandbox:
    """A sandbox of this course. Raises NotFound."""
    found = db.session.get(Sandbox, sandbox_id, populate_existing=True)
    if found is None or found.course_id != g.sandbox.course_id:
        raise NotFound(_l("There is no such sandbox in this course."))
    return found


def asker() -> Asker:
    return Asker(g.account.id, account_name(), request.remote_addr or "", language())


def act(action: str) -> Act:
    return Act(action, account_name(), address=request.remote_addr or "")


@bp.get("/semester/progress")
@console_page("semester")
def semester_progress() -> ResponseReturnValue:
    """How far the work is."""
    return how_far(data.under_way(_course().id), HERE)


def how_far(going: list[Job], here: str) -> Response:
    """The part of the page at `here` that tells of the work; once it is over the page is shown anew."""
    shown = {"going": going, "names": GOING, "progress_url": f"{here}/progress"}
    answer = Response(render_template("instructor/_semester_going.html", **shown))
    if not going:
        answer.headers["HX-Refresh"] = "true"
    return answer


# -- archives ----------------------------------------------------------------------------------------------------------


@bp.post("/semester/<int:sandbox_id>/archive")
@console_page("semester")
def semester_archive(sandbox_id: int) -> ResponseReturnValue:
    """Have a sandbox archived."""
    sandbox = _sandbox(sandbox_id)
    ask(asking.ARCHIVE, sandbox, {"file": name_of_file(sandbox)}, asker())
    return redirect(HERE)


@bp.post("/semester/archive")
@console_page("semester")
def semester_archive_all() -> ResponseReturnValue:
    """Have every sandbox of the course archived, a file each."""
    for line in data.lines(_course().id):
        if line.sandbox.state != "purging":
            ask(asking.ARCHIVE, line.sandbox, {"file": name_of_file(line.sandbox)}, asker())
    return redirect(HERE)


@bp.get("/semester/archives/<int:archive_id>")
@console_page("semester")
def semester_download(archive_id: int) -> ResponseReturnValue:
    """The file."""
    row = _archive(archive_id)
    path = path_of(row)
    if not path.is_file():
        raise NotFound(_l("The file of this archive is not there any more."))
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=path.name)


@bp.post("/semester/archives/<int:archive_id>/check")
@console_page("semester")
def semester_check(archive_id: int) -> ResponseReturnValue:
    """Have an archive read back once more."""
    row = _archive(archive_id)
    ask(asking.CHECK, db.session.get_one(Sandbox, g.sandbox.id), {"archive_id": row.id}, asker())
    return redirect(HERE)


def _archive(archive_id: int) -> Archive:
    found = data.archive_of_mine(archive_id)
    if found is None:
        raise NotFound(_l("There is no such archive among those of your courses."))
    return found


# -- freeze, reset, purge ----------------------------------------------------------------------------------------------


@bp.post("/semester/<int:sandbox_id>/<any(freeze, unfreeze):verb>")
@console_page("semester")
def semester_freeze(sandbox_id: int, verb: str) -> ResponseReturnValue:
    """Have a sandbox only read, or let work go on."""
    name = _sandbox(sandbox_id).name
    if verb == "freeze":
        freeze(sandbox_id, act("sandbox.freeze"))
        return back_to(HERE, _("%(name)s is frozen.", name=name))
    unfreeze(sandbox_id, act("sandbox.unfreeze"))
    return back_to(HERE, _("%(name)s is open again.", name=name))


@bp.get("/semester/<int:sandbox_id>/<any(reset, purge):what>")
@console_page("semester")
def semester_ask(sandbox_id: int, what: str) -> ResponseReturnValue:
    """What happens, in plain words, before it does."""
    return ask_page(what, sandbox_id)


def ask_page(what: str, sandbox_id: int, problem: Any = None) -> str:
    sandbox = _sandbox(sandbox_id)
    line = next(line for line in data.lines(sandbox.course_id) if line.sandbox.id == sandbox_id)
    return render_template(
        f"instructor/semester_{what}.html",
        line=line,
        course=_course(),
        problem=problem,
        typed=request.form.get("name", ""),
        crumbs=[(_("Semester"), HERE), (sandbox.name, None)],
    )


@bp.post("/semester/<int:sandbox_id>/reset")
@console_page("semester")
@asks(lambda error, **more: ask_page("reset", problem=error, **more))
def semester_reset(sandbox_id: int) -> ResponseReturnValue:
    """Have a fresh sandbox take the place of this one."""
    sandbox = _sandbox(sandbox_id)
    ask(asking.RESET, sandbox, {"file": name_of_file(sandbox)}, asker())
    return redirect(HERE)


@bp.post("/semester/<int:sandbox_id>/purge")
@console_page("semester")
@asks(lambda error, **more: ask_page("purge", problem=error, **more))
def semester_purge(sandbox_id: int) -> ResponseReturnValue:
    """Have everything of a sandbox taken out, if its name was typed in."""
    sandbox = _sandbox(sandbox_id)
    if request.form.get("name", "").strip() != sandbox.name:
        raise Invalid(_("The name typed in is another one. Nothing was purged."))
    said = {"name": sandbox.name, "without_archive": bool(request.form.get("without_archive"))}
    ask(asking.PURGE, sandbox, {**said, "sandbox_id": sandbox.id, "course_id": sandbox.course_id}, asker())
    return redirect(HERE)


# -- the next term -----------------------------------------------------------------------------------------------------


@bp.post("/semester/rollover")
@console_page("semester")
def semester_rollover() -> ResponseReturnValue:
    """Have the course frozen and archived, and a fresh one opened."""
    course, form = _course(), RolloverForm(request.form)
    sandbox = db.session.get_one(Sandbox, g.sandbox.id)
    given = {
        "to": form.to.data,
        "with_members": form.with_members.data,
        "as_edited": form.as_edited.data,
    }
    known = [job for job in asking.unfinished(course.id) if asking.is_same(job, sandbox.id, given)]
    if not known and not form.validate():
        return answer_again(wrong_answers(), page(form))
    args = {**given, "title": form.title.data, "term": form.term.data or "", "seed": seed_for(course.id)}
    if not known:
        ask(asking.ROLLOVER, sandbox, args, asker())
    return redirect(HERE)
