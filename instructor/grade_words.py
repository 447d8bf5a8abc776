"""Words of people over the grader: each is a row that is added to the ledger, and an act of the administration log."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import account_name, asks, bp, console_page, me
from instructor.grade_typed import (
    check_typed,
    comment_typed,
    comments_typed,
    moment_typed,
    points_typed,
    reason_typed,
    scale_of,
    task_typed,
)
from instructor.gradebook import HERE, line_or_404, reader_in, sandboxes, students
from instructor.grades import member_page
from labapp.access.errors import Invalid
from labapp.gradebook import models, running
from labapp.gradebook.book import Line
from labapp.gradebook.ledger import add
from labapp.gradebook.models import LedgerEntry
from labapp.gradebook.runs import NoRubric, run
from labapp.grading import BadRubric
from labapp.notices.board import Words, tell
from labapp.oplog.append import Act
from labapp.people.models import Sandbox

READY = Words("Your grades have been released.", "你的成绩已发布。")


@bp.post("/grades/run")
@console_page("grades")
def grades_run() -> ResponseReturnValue:
    """Run the grader now and keep the result; the same run again stores nothing new."""
    cutoff = moment_typed("cutoff")
    if running.is_long(sandboxes()):
        running.ask(g.sandbox.course_id, cutoff, g.account.id)
        flash(_("The grader is at work. The result stands below when it is done."), "info")
        return redirect(f"{HERE}#runs")
    try:
        known = [run(sandbox, cutoff).known for sandbox in sandboxes()]
    except (BadRubric, NoRubric) as error:
        raise Invalid(_("The rubric of this course cannot be read: %(why)s", why=str(error))) from error
    if all(known):
        flash(_("This run is stored already; nothing new was written."), "info")
    else:
        flash(_("Graded and stored."), "success")
    return redirect(f"{HERE}#runs")


@bp.post("/grades/release")
@console_page("grades")
def grades_release() -> ResponseReturnValue:
    """Let everybody, or one member, see the grades; or hold them back again."""
    kind = models.HOLD if request.form.get("hold") else models.RELEASE
    until = moment_typed("until") if kind == models.RELEASE else None
    if until is not None and until <= me().lab_now:
        raise Invalid(_("Give a time that is still to come: until then the grades can be disputed."))
    key = request.form.get("member", "")
    if key:
        _found, line, sandbox = line_or_404(key)
        rows, told = [row_of(kind, sandbox, line.membership_id, until=until)], {sandbox: [line.membership_id]}
    else:
        rows = [row_of(kind, sandbox, None, until=until) for sandbox in sandboxes()]
        told = {sandbox: list(students(sandbox, vacant=False).values()) for sandbox in sandboxes()}
    write(rows, key or "*", told if kind == models.RELEASE else {}, READY)
    flash(_("Held back.") if kind == models.HOLD else _("Released to students."), "success")
    return redirect(f"{HERE}/{key}" if key else HERE)


@bp.post("/grades/<key>/<any(override, exemption, mark):kind>")
@console_page("grades")
@asks(member_page)
def grades_word(key: str, kind: str) -> ResponseReturnValue:
    """Points with a reason, an exemption with a reason, or the mark of a check by hand."""
    book, line, sandbox = line_or_404(key)
    task = task_typed(book.rubric)
    if kind == models.MARK:
        place = check_typed(task)
        mark = points_typed(scale_of(task, place))
        note(sandbox, line, kind, task=task.key, check=place, points=mark, reason=reason_typed(needed=False))
    else:
        points = points_typed(task.points) if kind == models.OVERRIDE else None
        note(sandbox, line, kind, task=task.key, points=points, reason=reason_typed())
    return noted(key, f"task-{task.key}")


@bp.post("/grades/<key>/comment")
@console_page("grades")
@asks(lambda error, key: member_page(error, key, models.COMMENT))
def grades_remark(key: str) -> ResponseReturnValue:
    """Say something with the mark: out of the bank, in words of one's own, or both."""
    book, line, sandbox = line_or_404(key)
    task = task_typed(book.rubric)
    said = comments_typed(task.key)
    if not said:
        raise Invalid(_("Choose a comment from the bank, or write one."))
    rows = [row_of(models.COMMENT, sandbox, line.membership_id, task=task.key, reason=text) for text in said]
    write(rows, key)
    return noted(key, f"task-{task.key}")


@bp.post("/grades/<key>/withdrawn")
@console_page("grades")
@asks(member_page)
def grades_withdrawn(key: str) -> ResponseReturnValue:
    """Take back the word about a task; without a task, the extension; with a number, one comment."""
    book, line, sandbox = line_or_404(key)
    task = task_typed(book.rubric).key if request.form.get("task") else ""
    about = comment_typed(line, task)
    stands = about or task in line.fold.overrides or task in line.fold.exempt
    if not (stands or (not task and line.fold.extended)):
        raise Invalid(_("There is nothing to withdraw: the grader's result stands."))
    note(sandbox, line, models.WITHDRAWN, task=task, about_id=about, reason=reason_typed(needed=False))
    return noted(key, f"task-{task}" if task else "extension")


@bp.post("/grades/<key>/extension")
@console_page("grades")
@asks(lambda error, key: member_page(error, key, models.EXTENSION))
def grades_extension(key: str) -> ResponseReturnValue:
    """This member is judged with a later due time."""
    book, line, sandbox = line_or_404(key)
    until, due = moment_typed("until"), book.rubric.due
    if due is None or book.rubric.late is None:
        raise Invalid(_("This rubric takes nothing off for lateness: there is nothing to extend."))
    if until is None or until <= due.on(sandbox.starts_at):
        raise Invalid(_("Give a time after the one that is due for everybody."))
    note(sandbox, line, models.EXTENSION, until=until, reason=reason_typed())
    return noted(key, "extension")


@bp.get("/grades/<key>/<any(override, exemption, mark, comment, withdrawn, extension):_kind>")
@console_page("grades")
def grades_form_again(key: str, _kind: str) -> ResponseReturnValue:
    """Where the address of a refused form leads that is loaded again."""
    return redirect(f"{HERE}/{key}")


# -- what is written -------------------------------------------------------------------------------


def noted(key: str, place: str) -> ResponseReturnValue:
    flash(_("Noted in the ledger."), "success")
    return redirect(f"{HERE}/{key}#{place}")


def note(sandbox: Sandbox, line: Line, kind: str, **values: Any) -> None:
    """Add a row to the ledger, with an act in the administration log."""
    write([row_of(kind, sandbox, line.membership_id, **values)], line.member.member)


def row_of(kind: str, sandbox: Sandbox, membership_id: int | None, **values: Any) -> LedgerEntry:
    """A row by whoever makes this request, not written yet."""
    return LedgerEntry(
        sandbox_id=sandbox.id,
        membership_id=membership_id,
        kind=kind,
        account=account_name(),
        account_id=g.account.id,
        **values,
    )


def write(
    rows: Sequence[LedgerEntry],
    subject: str,
    told: dict[Sandbox, list[int]] | None = None,
    words: Words | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Add rows, which are one act, and tell the members they concern. `subject` is a member's key, * for all.

    `ready` has the last word under the write lock: what it raises leaves everything as it was.
    """
    row, course = rows[0], g.sandbox.name.partition("/")[0]
    named = [(sandbox.id, members, reader_in(sandbox).lab_now) for sandbox, members in (told or {}).items()]
    details = {
        name: str(value)
        for name in ("task", "check", "points", "until", "reason", "about_id")
        if (value := getattr(row, name)) not in (None, "")
    }
    if len(rows) > 1:
        details["rows"] = str(len(rows))

    def tell_them() -> None:
        if ready is not None:
            ready()
        for sandbox_id, members, at in named:
            if words is not None:
                tell(sandbox_id, members, "grades", words, at, "/coach/grades")

    act = Act(
        f"grade.{row.kind}",
        account_name(),
        course,
        f"{g.sandbox.name} {subject}",
        details,
        request.remote_addr or "",
    )
    add(rows, act, tell_them)
