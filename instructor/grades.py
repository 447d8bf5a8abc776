"""Grades: class × tasks, and every point with the checks and steps behind it (product.md L5, L7)."""

from flask import Response, abort, g, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from instructor import grade_words
from instructor.common import bp, console_page, me
from instructor.gradebook import book, crumbs, everybody, line_or_404, members_asked, readable_book
from labapp.db import db
from labapp.gradebook.book import Book, Line, distribution, statistics, table
from labapp.gradebook.ledger import entries_of
from labapp.gradebook.models import GradeRun
from labapp.gradebook.rubrics import rubric_text, versions_of
from labapp.gradebook.runs import runs_of
from labapp.grading import BadRubric
from labapp.oplog.models import Operation
from labapp.records import looks
from labapp.records.export import table_file
from labapp.records.stepwords import StepLine, lines

__all__ = ["grade_words"]
AT_ONCE = 400


@bp.get("/grades")
@console_page("grades")
def grades() -> ResponseReturnValue:
    """The matrix with statistics, distribution, stored runs and the rubric in force."""
    try:
        found = book()
    except BadRubric as error:
        return render_template(
            "instructor/grades_problem.html", problems=list(error.lines()), crumbs=crumbs()
        )
    if found is None:
        return render_template("instructor/grades_problem.html", problems=[], crumbs=crumbs())
    parts = distribution(found)
    values = [count for _label, count in parts]
    return render_template(
        "instructor/grades.html",
        book=found,
        all_seats=everybody(),
        columns=columns(found),
        totals=statistics([line.points for line in found.lines]),
        released=sum(line.fold.released is not None for line in found.lines),
        parts=parts,
        chart_data={
            "labels": [label for label, _count in parts],
            "series": [{"label": _("Members"), "values": values}],
        },
        runs=runs_of(g.sandbox.id),
        versions=versions_of(g.sandbox.course_id),
        rubric_text=rubric_text(g.sandbox),
        crumbs=crumbs(),
    )


def columns(found: Book) -> list[object]:
    """The statistics of each task."""
    places = range(len(found.rubric.tasks))
    return [statistics([line.cells[place].points for line in found.lines]) for place in places]


@bp.get("/grades/export.<any(csv, xlsx):form>")
@console_page("grades")
def grades_export(form: str) -> ResponseReturnValue:
    """The gradebook as a file: automatic points with the words of people applied."""
    found = readable_book(members_asked())
    if found is None:
        abort(404)
    looks.looked(me(), "session", "export", answers={"what": "grades", "format": form})
    heads, rows = table(found)
    return table_file(form, _("Grades"), heads, rows)


@bp.get("/grades/runs/<int:number>.json")
@console_page("grades")
def grades_stored(number: int) -> Response:
    """A stored run as the grader wrote it."""
    found = db.session.get(GradeRun, number) if number < 2**53 else None
    if found is None or found.sandbox_id != g.sandbox.id:
        abort(404)
    return jsonify(found.result)


@bp.get("/grades/<key>")
@console_page("grades")
def grades_of(key: str) -> ResponseReturnValue:
    """One member: tasks, checks, reasons, and every step that counts as evidence."""
    found, line = line_or_404(key)
    due = found.rubric.due
    return render_template(
        "instructor/grades_member.html",
        book=found,
        line=line,
        due=due.on(g.sandbox.starts_at) if due is not None and found.rubric.late is not None else None,
        evidence=evidence(line),
        history=entries_of(g.sandbox.id, line.membership_id),
        crumbs=crumbs((line.member.name or line.member.member, None)),
    )


def evidence(line: Line) -> dict[int, StepLine]:
    """The steps that the checks of a member show, in words, by number."""
    numbers = sorted(
        {step.id for cell in line.cells for found in cell.result.findings for step in found.steps}
    )
    steps: list[Operation] = []
    for start in range(0, len(numbers), AT_ONCE):
        query = select(Operation).where(
            Operation.sandbox_id == g.sandbox.id, Operation.id.in_(numbers[start : start + AT_ONCE])
        )
        steps += db.session.scalars(query)
    return {shown.id: shown for shown in lines(steps, me())}
