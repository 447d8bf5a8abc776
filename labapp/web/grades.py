"""The student's own grades once they are released, with reasons and comments, and the way to dispute a check."""

import re
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.errors import Invalid, NotDone, Refused
from labapp.db import db
from labapp.gradebook import coach
from labapp.gradebook.book import Cell, Line
from labapp.gradebook.disputes import OPEN, Dispute, disputes_in, open_one, staff_of
from labapp.gradebook.ledger import add, entries_of
from labapp.gradebook.models import DISPUTE, WITHDRAWN, LedgerEntry
from labapp.gradebook.review import NO_WORK
from labapp.grading import BadRubric
from labapp.grading.text import Text
from labapp.notices.board import Words, tell
from labapp.oplog.append import Act
from labapp.oplog.models import Operation
from labapp.people.models import STUDENT
from labapp.records import looks
from labapp.records.stepwords import StepLine, lines
from labapp.records.views.common import note_attempt

bp = Blueprint("grades", __name__)
HERE = "/coach/grades"
TEXT, STEPS, OFFERED = 2_000, 50, 200
NOT_OUT = _l("Your grades have not been released, so there is nothing to dispute yet.")


@bp.get("/coach/grades")
def page() -> ResponseReturnValue:
    """My grades: points, reasons, comments, and the disputes of mine with their answers."""
    line, mine = line_now(), own_disputes()
    return render_template(
        "coach/grades.html",
        line=line,
        disputes={(one.task, one.check): one for one in mine},
        all_disputes=mine[::-1],
        titles=titles(line),
        closed=line is not None and is_closed(line),
        crumbs=[(_("My tasks"), "/coach"), (_("My grades"), None)],
    )


def line_now() -> Line | None:
    """One's own line, once it is released."""
    try:
        view = coach.known(g.sandbox, g.actor, g.membership.last_hash, 0)
    except BadRubric:
        return None
    return view.line if view is not None else None


def own_disputes() -> list[Dispute]:
    return [one for one in disputes_in(own_entries()) if one.entry.membership_id == g.actor.id]


def own_entries() -> Any:
    return entries_of(g.actor.sandbox_id, g.actor.id)


def titles(line: Line | None) -> dict[str, Any]:
    """The title of each task by key."""
    return {cell.result.task.key: cell.result.task.title for cell in line.cells} if line else {}


def is_closed(line: Line) -> bool:
    """Whether the time for disputes is over."""
    until = line.fold.disputes_until
    return until is not None and bool(g.actor.lab_now > until)


@bp.get("/coach/grades/dispute")
def dispute_form() -> ResponseReturnValue:
    """What is disputed, and one's own steps to point at."""
    note_attempt("session", "dispute")
    return dispute_page(released())


def dispute_page(line: Line, problem: str = "") -> str:
    cell, check = disputed(line)
    finding = cell.result.findings[check] if check is not None else None
    counted = {step.id for step in finding.steps} if finding else set()
    chosen = set(request.form.getlist("steps")) or {str(number) for number in counted}
    return render_template(
        "coach/dispute.html",
        cell=cell,
        check=check,
        finding=finding,
        steps=own_steps(),
        chosen=chosen,
        open=open_one(own_entries(), cell.result.task.key, check),
        until=line.fold.disputes_until,
        closed=is_closed(line),
        problem=problem,
        typed=request.form,
        longest=TEXT,
        crumbs=[(_("My tasks"), "/coach"), (_("My grades"), HERE), (_("Dispute"), None)],
    )


def released() -> Line:
    """One's own line. Raises Refused for those who are not graded, and before the grades are out."""
    if g.actor.role != STUDENT:
        raise Refused(_l("Only students have grades to dispute."))
    line = line_now()
    if line is None:
        raise Refused(NOT_OUT)
    return line


def disputed(line: Line) -> tuple[Cell, int | None]:
    """The cell and the check that are meant; the task as a whole where no check is named. 404 for what is not there."""
    key, text = request.values.get("task", ""), request.values.get("check", "")
    cell = next((one for one in line.cells if one.result.task.key == key), None)
    if cell is None:
        abort(404)
    if not text:
        return cell, None
    if not text.isdecimal() or len(text) > 3 or int(text) >= len(cell.result.findings):
        abort(404)
    return cell, int(text)


def own_steps() -> list[StepLine]:
    """The last steps by which the student did anything, newest first."""
    query = (
        select(Operation)
        .where(
            Operation.sandbox_id == g.actor.sandbox_id,
            Operation.member == g.actor.key,
            Operation.verb.not_in(NO_WORK),
        )
        .order_by(Operation.id.desc())
        .limit(OFFERED)
    )
    return lines(list(db.session.scalars(query)), g.actor)


@bp.post("/coach/grades/dispute")
def dispute() -> ResponseReturnValue:
    """Open a dispute: a row of the ledger. One check is not disputed twice while the first waits."""
    note_attempt("session", "dispute")
    line = released()
    cell, check = disputed(line)
    task, title, mine = cell.result.task.key, cell.result.task.title, g.actor.id
    act = act_of("grade.dispute", {"task": task, "check": str(check)})
    try:
        row = row_typed(line, task, check)
        add([row], act, lambda: not_twice(mine, row, title))
    except Invalid as error:
        looks.attempted(g.actor, g.attempt["what"], error)
        return dispute_page(line, str(error)), error.status
    flash(_("Your dispute is on its way. You will be told when it is answered."), "success")
    return redirect(f"{HERE}#disputes")


def row_typed(line: Line, task: str, check: int | None) -> LedgerEntry:
    """The row, checked. Raises Invalid, Refused."""
    if is_closed(line):
        raise Refused(_l("The time for disputes is over."))
    text = request.form.get("text", "").strip()
    if not text:
        raise Invalid(_("Say in your own words what was judged wrongly."))
    if len(text) > TEXT:
        raise Invalid(_("At most %(most)s characters.", most=TEXT))
    return LedgerEntry(
        sandbox_id=g.actor.sandbox_id,
        membership_id=g.actor.id,
        kind=DISPUTE,
        task=task,
        check=check,
        reason=text,
        account=account_name(),
        account_id=g.account.id,
        details={"steps": steps_typed()},
    )


def steps_typed() -> list[int]:
    """The steps pointed at: ticked, or named by number; all of them one's own. Raises Invalid."""
    words = [*request.form.getlist("steps"), *re.split(r"[\s,，、;；]+", request.form.get("more", ""))]
    words = [word for word in words if word]
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
        raise Invalid(_("Steps are named by their numbers, like 17, 23."))
    numbers = sorted({int(word) for word in words})
    if not numbers:
        raise Invalid(_("Point at the steps that show it: at least one of your own."))
    if len(numbers) > STEPS:
        raise Invalid(_("Point at no more than %(most)s steps.", most=STEPS))
    query = select(Operation.id).where(
        Operation.sandbox_id == g.actor.sandbox_id,
        Operation.member == g.actor.key,
        Operation.id.in_(numbers),
    )
    foreign = sorted(set(numbers) - set(db.session.scalars(query)))
    if foreign:
        listed = ", ".join(map(str, foreign))
        raise Invalid(_("These are no steps of yours: %(numbers)s.", numbers=listed))
    return numbers


def not_twice(membership_id: int, row: LedgerEntry, title: Text) -> None:
    """Under the write lock: nobody disputes a check twice at once. Tells those who grade."""
    if open_one(entries_of(row.sandbox_id, membership_id), row.task, row.check) is not None:
        raise Invalid(_("You dispute this check already. Wait for the answer, or take that dispute back."))
    readers = [r.membership_id for r in staff_of(g.sandbox.course_id) if r.sandbox_id == row.sandbox_id]
    name = g.actor.name
    words = Words(f"{name} disputes a grade ({title.en}).", f"{name} 对成绩提出申诉（{title.zh}）。")
    tell(row.sandbox_id, readers, "grades", words, g.actor.lab_now, "/instructor/disputes")


@bp.post("/coach/grades/disputes/<int:number>/withdraw")
def withdraw(number: int) -> ResponseReturnValue:
    """Take a dispute back that has not been answered."""
    note_attempt("session", "dispute")
    if g.actor.role != STUDENT:
        raise Refused(_l("Only students have grades to dispute."))
    found = next((one for one in own_disputes() if one.id == number), None)
    if found is None:
        raise Refused(_l("There is no such dispute of yours."))
    row = LedgerEntry(
        sandbox_id=g.actor.sandbox_id,
        membership_id=g.actor.id,
        kind=WITHDRAWN,
        task=found.task,
        check=found.check,
        account=account_name(),
        account_id=g.account.id,
        about_id=found.id,
    )
    try:
        add([row], act_of("grade.withdrawn", {"about_id": str(number)}), lambda: still_open(number))
    except NotDone as error:
        looks.attempted(g.actor, g.attempt["what"], error)
        flash(str(error), "warning")
        return redirect(f"{HERE}#disputes")
    flash(_("The dispute is taken back."), "success")
    return redirect(f"{HERE}#disputes")


def still_open(number: int) -> None:
    if not any(one.id == number and one.state == OPEN for one in own_disputes()):
        raise Invalid(_("This dispute has been answered, or taken back, meanwhile."))


def account_name() -> str:
    return str(g.account.email or g.account.number or g.account.name)


def act_of(action: str, details: dict[str, str]) -> Act:
    course = g.sandbox.name.partition("/")[0]
    subject = f"{g.sandbox.name} {g.actor.key}"
    return Act(action, account_name(), course, subject, details, request.remote_addr or "")
