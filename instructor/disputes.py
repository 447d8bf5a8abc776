"""Disputes: students point at steps, another member of staff decides, with a reason (product.md L5)."""

from typing import Any

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import account_name, asks, back_to, bp, console_page
from instructor.grade_typed import points_typed, reason_typed
from instructor.grade_words import row_of, write
from instructor.gradebook import line_or_404, sandboxes, tasks_by_key
from instructor.grades import steps_in_words
from labapp.access.errors import Invalid, Refused
from labapp.gradebook.book import Cell
from labapp.gradebook.disputes import OPEN, Dispute, disputes_in, first_reader, is_by, others, staff_of
from labapp.gradebook.ledger import entries_of
from labapp.gradebook.models import DECISION, LedgerEntry
from labapp.notices.board import Words
from labapp.people.directory import Member, directory_of
from labapp.people.models import Sandbox
from labapp.values import dataclass

HERE = "/instructor/disputes"
ANSWERED = Words("Your dispute has been answered.", "你的成绩申诉已有答复。")


@dataclass(frozen=True)
class Case:
    """A dispute with whose it is, where, and whoever gave the mark."""

    dispute: Dispute
    sandbox: Sandbox
    member: Member
    reader: LedgerEntry | None


@bp.get("/disputes")
@console_page("disputes")
def disputes() -> ResponseReturnValue:
    """Those that wait for an answer, the oldest first; the others where asked for."""
    state = request.args.get("state", OPEN)
    found = cases()
    shown = [case for case in found if state == "all" or case.dispute.state == state]
    shown.sort(key=lambda case: case.dispute.id, reverse=state != OPEN)
    return render_template(
        "instructor/disputes.html",
        cases=shown,
        state=state if state in ("decided", "taken_back", "all") else OPEN,
        waiting=sum(case.dispute.state == OPEN for case in found),
        total=len(found),
        tasks=tasks_by_key(),
        barred={case.dispute.id for case in found if may_not(case)},
        crumbs=[(_("Disputes"), None)],
    )


def cases() -> list[Case]:
    """Every dispute of the course."""
    found = []
    for sandbox in sandboxes():
        members = directory_of(sandbox).members
        entries = entries_of(sandbox.id)
        for dispute in disputes_in(entries):
            whose = dispute.entry.membership_id
            own = [entry for entry in entries if entry.membership_id in (None, whose)]
            if whose in members:
                found.append(Case(dispute, sandbox, members[whose], first_reader(own, dispute)))
    return found


def may_not(case: Case) -> list[str]:
    """Who decides instead, where this reader gave the disputed mark and others grade too."""
    return others(staff_of(g.sandbox.course_id), case.reader, g.account.id, account_name())


@bp.get("/disputes/<int:number>")
@console_page("disputes")
def disputes_one(number: int) -> ResponseReturnValue:
    """One dispute: what the student says, the steps pointed at, what the grader and people said before."""
    return dispute_page(None, number)


def dispute_page(error: Invalid | None, number: int) -> str:
    case = case_or_404(number)
    book, line, sandbox = line_or_404(case.member.key)
    cell = cell_of(line.cells, case.dispute.task)
    findings = cell.result.findings if cell is not None else ()
    check = case.dispute.check
    finding = findings[check] if check is not None and check < len(findings) else None
    numbers = [*case.dispute.steps, *(step.id for step in (finding.steps if finding else ()))]
    return render_template(
        "instructor/dispute.html",
        case=case,
        book=book,
        line=line,
        cell=cell,
        finding=finding,
        steps=steps_in_words(numbers, sandbox),
        here=sandbox.id == g.sandbox.id,
        instead=may_not(case),
        own=is_by(case.reader, g.account.id, account_name()),
        history=[e for e in entries_of(sandbox.id, case.member.id) if e.task == case.dispute.task],
        problem=str(error) if error else "",
        typed=request.form,
        crumbs=[(_("Disputes"), HERE), (case.member.name, None)],
    )


def case_or_404(number: int) -> Case:
    return next((case for case in cases() if case.dispute.id == number), None) or abort(404)


def cell_of(cells: tuple[Cell, ...], task: str) -> Cell | None:
    """The member's cell of a task; None where the rubric has no such task any more."""
    return next((cell for cell in cells if cell.result.task.key == task), None)


def page_again(error: Invalid | None, number: int) -> str:
    return dispute_page(error, number)


@bp.post("/disputes/<int:number>")
@console_page("disputes")
@asks(page_again)
def disputes_decide(number: int) -> ResponseReturnValue:
    """The mark stands, or the task gets other points; with a reason that the student reads."""
    case = case_or_404(number)
    if instead := may_not(case):
        raise Refused(
            _(
                "You gave the disputed mark, so somebody else decides: %(names)s.",
                names=_(", ").join(instead),
            )
        )
    points = points_decided(case)
    alone = is_by(case.reader, g.account.id, account_name())
    row = row_of(
        DECISION,
        case.sandbox,
        case.member.id,
        task=case.dispute.task,
        check=case.dispute.check,
        points=points,
        reason=reason_typed(),
        about_id=case.dispute.id,
        details={"alone": True} if alone else None,
    )
    sandbox_id, member_id = case.sandbox.id, case.member.id

    def still_open() -> None:
        found = disputes_in(entries_of(sandbox_id, member_id))
        if not any(one.id == number and one.state == OPEN for one in found):
            raise Invalid(_("This dispute has been answered, or taken back, meanwhile."))

    write([row], case.member.key, {case.sandbox: [member_id]}, ANSWERED, still_open)
    return back_to(HERE, _("The dispute is answered; the student has been told."))


def points_decided(case: Case) -> Any:
    """The points that were typed; None where the mark stands."""
    verdict = request.form.get("verdict", "")
    if verdict not in {"stands", "points"}:
        raise Invalid(_("Decide: the mark stands, or the task gets other points."))
    if verdict == "stands":
        return None
    _book, line, _sandbox = line_or_404(case.member.key)
    cell = cell_of(line.cells, case.dispute.task)
    if cell is None:
        raise Invalid(_("There is no such task in the rubric."))
    return points_typed(cell.result.task.points)
