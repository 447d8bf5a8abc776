"""Grades: class × tasks, and every point with the checks and steps behind it (product.md L5, L7)."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response, abort, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from instructor.common import bp, console_page
from instructor.gradebook import (
    book,
    crumbs,
    everybody,
    line_or_404,
    place_asked,
    places,
    reader_in,
    sandboxes,
    tasks_by_key,
    ways,
)
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.gradebook import bank, running
from labapp.gradebook.book import Book, Line
from labapp.gradebook.disputes import disputes_in
from labapp.gradebook.figures import of_tasks, pass_rate, statistics
from labapp.gradebook.ledger import entries_of
from labapp.gradebook.models import GradeRun
from labapp.gradebook.runs import runs_of
from labapp.grading import BadRubric
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records.stepwords import StepLine, lines

AT_ONCE, TOLD = 400, 50


@bp.get("/grades")
@console_page("grades")
def grades() -> ResponseReturnValue:
    """The matrix with its figures, what could not be told, and the stored runs."""
    try:
        found = book()
    except BadRubric as error:
        return problem_page(list(error.lines()))
    if found is None:
        return problem_page([])
    sort = request.args.get("sort", "")
    return render_template(
        "instructor/grades.html",
        book=found,
        lines=in_order(found.lines, sort),
        sort=sort,
        all_seats=everybody(),
        places=places(),
        place=place_asked(),
        units={sandbox.id: sandbox.unit for sandbox in sandboxes()} if len(sandboxes()) > 1 else {},
        figures=of_tasks(found),
        totals=statistics([line.points for line in found.lines]),
        passed=pass_rate(found),
        released=sum(line.fold.released is not None for line in found.lines),
        riddles=riddles(found)[:TOLD],
        runs=[(run, sandbox) for sandbox in sandboxes() for run in runs_of(sandbox.id, 10)][:20],
        job=running.going(g.sandbox.course_id),
        ways=ways(""),
        crumbs=crumbs(),
    )


@bp.get("/grades/running")
@console_page("grades")
def grades_running() -> ResponseReturnValue:
    """How far the grader is; once it is done, the page is asked for again."""
    job = running.going(g.sandbox.course_id)
    if job is None:
        return Response("", headers={"HX-Refresh": "true"})
    return render_template("instructor/_grading.html", job=job)


def problem_page(problems: list[str]) -> str:
    return render_template(
        "instructor/grades_problem.html", problems=problems, ways=ways(""), crumbs=crumbs()
    )


def in_order(found: Iterable[Line], sort: str) -> list[Line]:
    """The lines by name (pinyin), number, or points; as in the log where nothing is asked."""
    from pypinyin import lazy_pinyin  # late: its tables take a tenth of a second

    keys: dict[str, Callable[[Line], Any]] = {
        "name": lambda line: lazy_pinyin(line.member.name.lower()),
        "number": lambda line: line.member.number,
        "points": lambda line: -line.points,
    }
    return sorted(found, key=keys[sort]) if sort in keys else list(found)


def riddles(found: Book) -> list[tuple[Line, Any, Any, Any]]:
    """What the grader could not tell: line, task, check and its reason."""
    return [
        (line, cell.result.task, check, finding)
        for line in found.lines
        for cell in line.cells
        if cell.result.state == "could_not_tell"
        for check, finding in zip(cell.result.task.lines, cell.result.findings, strict=True)
        if finding.state == "could_not_tell"
    ]


@bp.get("/grades/runs/<int:number>.json")
@console_page("grades")
def grades_stored(number: int) -> Response:
    """A stored run as the grader wrote it."""
    found = db.session.get(GradeRun, number) if number < 2**53 else None
    if found is None or found.sandbox_id not in {sandbox.id for sandbox in sandboxes()}:
        abort(404)
    return jsonify(found.result)


@bp.get("/grades/<key>")
@console_page("grades")
def grades_of(key: str) -> ResponseReturnValue:
    """One member: tasks, checks, reasons, and every step that counts as evidence."""
    return member_page(None, key)


def member_page(error: Invalid | None, key: str, kind: str = "") -> str:
    """The page of a member; with what was typed into a form of that kind, where it could not be taken."""
    found, line, sandbox = line_or_404(key)
    due = found.rubric.due
    entries = entries_of(sandbox.id, line.membership_id)
    return render_template(
        "instructor/grades_member.html",
        book=found,
        line=line,
        due=due.on(sandbox.starts_at) if due is not None and found.rubric.late is not None else None,
        evidence=evidence([line], sandbox),
        here=sandbox.id == g.sandbox.id,
        history=entries,
        tasks=tasks_by_key(),
        disputes={(d.task, d.check): d for d in disputes_in(entries)},
        bank=bank.found(g.sandbox.course_id, g.account.id),
        again={"kind": kind, "problem": str(error), "form": request.form} if error else {},
        crumbs=crumbs((line.member.name or line.member.member, None)),
    )


def evidence(found: Iterable[Line], sandbox: Sandbox) -> dict[int, StepLine]:
    """The steps that the checks of these members of a sandbox show, in words, by number."""
    numbers = {
        step.id
        for line in found
        for cell in line.cells
        for finding in cell.result.findings
        for step in finding.steps
    }
    return steps_in_words(numbers, sandbox)


def steps_in_words(numbers: Iterable[int], sandbox: Sandbox) -> dict[int, StepLine]:
    """These steps of a sandbox in words, by number."""
    wanted = sorted(set(numbers))
    steps: list[Operation] = []
    for start in range(0, len(wanted), AT_ONCE):
        query = select(Operation).where(
            Operation.sandbox_id == sandbox.id, Operation.id.in_(wanted[start : start + AT_ONCE])
        )
        steps += db.session.scalars(query)
    return {shown.id: shown for shown in lines(steps, reader_in(sandbox))}
