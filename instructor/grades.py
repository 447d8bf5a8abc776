"""Grades: class × tasks, every point with its evidence, words of people over it, release to students."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import account_name, bp, console_page, me
from labapp.access.errors import Invalid
from labapp.gradebook import models
from labapp.gradebook.book import Book, Line, book_of, distribution, statistics, table
from labapp.gradebook.ledger import add, entries_of
from labapp.gradebook.models import LedgerEntry
from labapp.gradebook.runs import NoRubric, run
from labapp.gradebook.rubrics import rubric_text
from labapp.grading import BadRubric
from labapp.oplog.append import Act
from labapp.records import looks, parse
from labapp.records.export import table_file

REASON = 2_000


def book() -> Book | None:
    """The gradebook of the sandbox in which the reader stands."""
    actor = me()
    members = {m.key: m.id for m in actor.directory.members.values() if m.state == "active" or m.account_id}
    return book_of(g.sandbox, members)


@bp.get("/grades")
@console_page("grades")
def grades() -> ResponseReturnValue:
    """The matrix with statistics and distribution."""
    try:
        found = book()
    except BadRubric as error:
        return render_template("instructor/grades_problem.html", problems=list(error.lines()), crumbs=_crumbs())
    if found is None:
        return render_template("instructor/grades_problem.html", problems=[], crumbs=_crumbs())
    columns = [statistics([line.cells[n].points for line in found.lines]) for n in range(len(found.rubric.tasks))]
    parts = distribution(found)
    return render_template(
        "instructor/grades.html",
        book=found,
        columns=columns,
        totals=statistics([line.points for line in found.lines]),
        parts=parts,
        chart_data={"labels": [label for label, _n in parts], "series": [{"label": _("Members"), "values": [n for _l, n in parts]}]},
        rubric_text=rubric_text(g.sandbox),
        crumbs=_crumbs(),
    )


def _crumbs(*more: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
    return [(_("Grades"), "/instructor/grades" if more else None), *more]


@bp.get("/grades/export.<any(csv, xlsx):form>")
@console_page("grades")
def grades_export(form: str) -> ResponseReturnValue:
    """The gradebook as a file: automatic points with the words of people applied."""
    found = book()
    if found is None:
        abort(404)
    looks.looked(me(), "session", "export", answers={"what": "grades", "format": form})
    heads, rows = table(found)
    return table_file(form, _("Grades"), heads, rows)


@bp.get("/grades/<key>")
@console_page("grades")
def grades_of(key: str) -> ResponseReturnValue:
    """One member: tasks, checks, reasons, and every step that counts as evidence."""
    found, line = line_or_404(key)
    return render_template(
        "instructor/grades_member.html",
        book=found,
        line=line,
        history=[entry for entry in entries_of(g.sandbox.id, line.membership_id)],
        crumbs=_crumbs((line.member.name or line.member.member, None)),
    )


def line_or_404(key: str) -> tuple[Book, Line]:
    found = book()
    line = next((line for line in found.lines if line.member.member == key), None) if found else None
    if found is None or line is None:
        abort(404)
    return found, line


@bp.post("/grades/run")
@console_page("grades")
def grades_run() -> ResponseReturnValue:
    """Run the grader now and keep the result; the same run again stores nothing new."""
    cutoff = parsed_moment("cutoff")
    try:
        done = run(g.sandbox, cutoff)
    except (BadRubric, NoRubric) as error:
        raise Invalid(_("The rubric cannot be read: %(why)s", why=str(error))) from error
    said = _("This run is stored already; nothing new was written.") if done.known else _("Graded and stored.")
    flash(said, "success")
    return redirect("/instructor/grades")


def parsed_moment(name: str) -> datetime | None:
    try:
        return parse.moment(request.form.get(name, ""))
    except ValueError as error:
        raise Invalid(str(error)) from error


@bp.post("/grades/release")
@console_page("grades")
def grades_release() -> ResponseReturnValue:
    """Let everybody, or one member, see the grades; or hold them back again."""
    kind = models.HOLD if request.form.get("hold") else models.RELEASE
    key = request.form.get("member", "")
    line = line_or_404(key)[1] if key else None
    entry(kind, line, reason=request.form.get("reason", ""))
    flash(_("Held back.") if kind == models.HOLD else _("Released to students."), "success")
    return redirect(f"/instructor/grades/{key}" if key else "/instructor/grades")


@bp.post("/grades/<key>/<any(override, withdrawn, exemption, extension, mark):kind>")
@console_page("grades")
def grades_word(key: str, kind: str) -> ResponseReturnValue:
    """A person's word about one member: points with a reason, withdrawn, exempt, later due, or a mark by hand."""
    found, line = line_or_404(key)
    task_key = request.form.get("task", "")
    task = next((task for task in found.rubric.tasks if task.key == task_key), None)
    if task is None and kind != models.EXTENSION:
        raise Invalid(_("There is no such task in the rubric."))
    reason = " ".join(request.form.get("reason", "").split())[:REASON]
    if not reason and kind in {models.OVERRIDE, models.EXEMPTION, models.EXTENSION}:
        raise Invalid(_("Say why: the student may ask, and so may an examiner."))
    values: dict[str, Any] = {"reason": reason, "task": task_key if task else ""}
    if kind == models.OVERRIDE and task is not None:
        values["points"] = points_typed(float(task.points))
    if kind == models.MARK:
        place = request.form.get("check", "0")
        values |= {"points": points_typed(1000.0), "check": int(place) if place.isascii() and place.isdigit() else 0}
    if kind == models.EXTENSION:
        values["until"] = parsed_moment("until")
    entry(kind, line, **values)
    flash(_("Noted in the ledger."), "success")
    return redirect(f"/instructor/grades/{key}#task-{task_key}")


def points_typed(most: float) -> Decimal:
    """The points of the form, from 0 to the task's. Raises Invalid."""
    try:
        found = parse.money(request.form.get("points", ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
    if found is None or found > Decimal(str(most)):
        raise Invalid(_("Give points from 0 to %(most)s.", most=f"{most:g}"))
    return found


def entry(kind: str, line: Line | None, **values: Any) -> None:
    """Add a row to the ledger, with an act in the administration log."""
    account, sandbox = account_name(), g.sandbox
    row = LedgerEntry(
        sandbox_id=sandbox.id, membership_id=line.membership_id if line else None, kind=kind, account=account, **values
    )
    details = {name: str(value) for name, value in values.items() if value not in (None, "")}
    subject = f"{sandbox.name} {line.member.member if line else '*'}"
    add(row, Act(f"grade.{kind}", account, sandbox.name.partition("/")[0], subject, details, request.remote_addr or ""))
