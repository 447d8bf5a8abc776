"""Words of people over the grader: each is a row that is added to the ledger, and an act of the administration log."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import account_name, bp, console_page
from instructor.gradebook import line_or_404
from labapp.access.errors import Invalid
from labapp.gradebook import models
from labapp.gradebook.book import Line
from labapp.gradebook.ledger import add
from labapp.gradebook.models import LedgerEntry
from labapp.gradebook.runs import NoRubric, run
from labapp.grading import BadRubric, Rubric
from labapp.grading.checks.by_hand import ByHand
from labapp.grading.rubric import Task
from labapp.oplog.append import Act
from labapp.records import parse

REASON = 2_000


@bp.post("/grades/run")
@console_page("grades")
def grades_run() -> ResponseReturnValue:
    """Run the grader now and keep the result; the same run again stores nothing new."""
    try:
        done = run(g.sandbox, moment_typed("cutoff"))
    except (BadRubric, NoRubric) as error:
        raise Invalid(_("The rubric of this course cannot be read: %(why)s", why=str(error))) from error
    if done.known:
        flash(_("This run is stored already; nothing new was written."), "info")
    else:
        flash(_("Graded and stored."), "success")
    return redirect("/instructor/grades#runs")


@bp.post("/grades/release")
@console_page("grades")
def grades_release() -> ResponseReturnValue:
    """Let everybody, or one member, see the grades; or hold them back again."""
    kind = models.HOLD if request.form.get("hold") else models.RELEASE
    key = request.form.get("member", "")
    note(kind, line_or_404(key)[1] if key else None)
    flash(_("Held back.") if kind == models.HOLD else _("Released to students."), "success")
    return redirect(f"/instructor/grades/{key}" if key else "/instructor/grades")


@bp.post("/grades/<key>/<any(override, exemption, mark):kind>")
@console_page("grades")
def grades_word(key: str, kind: str) -> ResponseReturnValue:
    """Points with a reason, an exemption with a reason, or the mark of a check by hand."""
    book, line = line_or_404(key)
    task = task_typed(book.rubric)
    if kind == models.MARK:
        place = check_typed(task)
        mark = points_typed(scale_of(task, place))
        note(kind, line, task=task.key, check=place, points=mark, reason=reason_typed(needed=False))
    else:
        points = points_typed(task.points) if kind == models.OVERRIDE else None
        note(kind, line, task=task.key, points=points, reason=reason_typed())
    return noted(key, f"task-{task.key}")


@bp.post("/grades/<key>/withdrawn")
@console_page("grades")
def grades_withdrawn(key: str) -> ResponseReturnValue:
    """Take back the word about a task; without a task, the extension."""
    book, line = line_or_404(key)
    task = task_typed(book.rubric).key if request.form.get("task") else ""
    if not (task in line.fold.overrides or task in line.fold.exempt or (not task and line.fold.extended)):
        raise Invalid(_("There is nothing to withdraw: the grader's result stands."))
    note(models.WITHDRAWN, line, task=task, reason=reason_typed(needed=False))
    return noted(key, f"task-{task}" if task else "extension")


@bp.post("/grades/<key>/extension")
@console_page("grades")
def grades_extension(key: str) -> ResponseReturnValue:
    """This member is judged with a later due time."""
    book, line = line_or_404(key)
    until, due = moment_typed("until"), book.rubric.due
    if due is None or book.rubric.late is None:
        raise Invalid(_("This rubric takes nothing off for lateness: there is nothing to extend."))
    if until is None or until <= due.on(g.sandbox.starts_at):
        raise Invalid(_("Give a time after the one that is due for everybody."))
    note(models.EXTENSION, line, until=until, reason=reason_typed())
    return noted(key, "extension")


def noted(key: str, place: str) -> ResponseReturnValue:
    flash(_("Noted in the ledger."), "success")
    return redirect(f"/instructor/grades/{key}#{place}")


def note(kind: str, line: Line | None, **values: Any) -> None:
    """Add a row to the ledger, with an act in the administration log."""
    account, sandbox = account_name(), g.sandbox
    member_id = line.membership_id if line else None
    row = LedgerEntry(sandbox_id=sandbox.id, membership_id=member_id, kind=kind, account=account, **values)
    details = {name: str(value) for name, value in values.items() if value not in (None, "")}
    subject = f"{sandbox.name} {line.member.member if line else '*'}"
    course = sandbox.name.partition("/")[0]
    add(row, Act(f"grade.{kind}", account, course, subject, details, request.remote_addr or ""))


# -- what was typed --------------------------------------------------------------------------------


def task_typed(rubric: Rubric) -> Task:
    try:
        return rubric.task(request.form.get("task", ""))
    except KeyError:
        raise Invalid(_("There is no such task in the rubric.")) from None


def check_typed(task: Task) -> int:
    """The place of a check by hand in its task."""
    text = request.form.get("check", "")
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else len(task.lines)
    if place >= len(task.lines) or not isinstance(task.lines[place].check, ByHand):
        raise Invalid(_("This check is not marked by hand."))
    return place


def scale_of(task: Task, place: int) -> Fraction:
    check = task.lines[place].check
    return check.scale if isinstance(check, ByHand) else Fraction(0)


def points_typed(most: Fraction) -> Decimal:
    """Points from 0 to `most`, at most two decimals. Raises Invalid."""
    try:
        found = parse.money(request.form.get("points", ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
    if found is None or Fraction(found) > most:
        raise Invalid(_("Give points from 0 to %(most)s.", most=f"{float(most):g}"))
    return found


def reason_typed(needed: bool = True) -> str:
    reason = " ".join(request.form.get("reason", "").split())[:REASON]
    if needed and not reason:
        raise Invalid(_("Say why: the student may ask, and so may an examiner."))
    return reason


def moment_typed(name: str) -> datetime | None:
    try:
        return parse.moment(request.form.get(name, ""))
    except ValueError as error:
        raise Invalid(str(error)) from error
