"""Marking by hand: from work to work by the keyboard, names hidden, in an order of the reader's own (product.md L5)."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, bp, console_page
from instructor.grade_typed import comments_typed, points_typed, scale_of
from instructor.grade_words import row_of, write
from instructor.gradebook import (
    crumbs,
    line_or_404,
    members_asked,
    sandboxes,
    unreadable,
    ways,
    without_rubric,
)
from instructor.grades import evidence
from labapp.access.errors import Invalid
from labapp.gradebook import bank, models, review
from labapp.gradebook.ledger import marks_of
from labapp.gradebook.review import Seat, Work
from labapp.gradebook.rubrics import rubric_of
from labapp.grading import BadRubric, Rubric
from labapp.grading.rubric import Task
from labapp.records.stepwords import act_label, kind_label

HERE = "/instructor/grades/marking"


@bp.get("/grades/marking")
@console_page("grades")
def grades_marking() -> ResponseReturnValue:
    """Every check that people mark, and how far that is."""
    rubric = readable_rubric()
    piles = [(task, place, pile(task, place)) for task, place in review.checks_by_hand(rubric)]
    return render_template(
        "instructor/grades_marking.html",
        piles=[(task, place, len(works), sum(w.is_marked for w in works)) for task, place, works in piles],
        ways=ways("marking"),
        crumbs=crumbs((_("Mark by hand"), None)),
    )


def readable_rubric() -> Rubric:
    """Raises Invalid where the rubric cannot be read; elsewhere where there is none."""
    try:
        return rubric_of(g.sandbox) or without_rubric()
    except BadRubric as error:
        raise unreadable(error) from error


def pile(task: Task, check: int) -> list[Work]:
    """The works of everybody at this check, in this reader's order."""
    seats = []
    for sandbox, own in members_asked():
        marks = marks_of(sandbox.id)
        seats += [
            Seat(sandbox.id, membership_id, key, review.has_mark(marks, key, task, check))
            for key, membership_id in own.items()
        ]
    return review.stack(seats, task, check, g.account.id)


@bp.get("/grades/marking/work")
@console_page("grades")
def grades_marking_work() -> ResponseReturnValue:
    """One work: the sign asked for, else the first that has no mark."""
    return work_page()


def work_page(error: Invalid | None = None) -> str:
    """The work with all that helps to judge it; with what was typed, if that could not be taken."""
    task, check = check_asked()
    works = pile(task, check)
    place = place_of(works)
    work = works[place]
    _book, line, sandbox = line_or_404(work.seat.key)
    return render_template(
        "instructor/grades_work.html",
        work=work,
        line=line,
        cell=next(cell for cell in line.cells if cell.result.task.key == task.key),
        task=task,
        check=check,
        number=place + 1,
        total=len(works),
        marked=sum(one.is_marked for one in works),
        before=works[place - 1].sign if place else None,
        behind=works[place + 1].sign if place + 1 < len(works) else None,
        named=request.values.get("names") == "1",
        here=sandbox.id == g.sandbox.id,
        evidence=evidence([line], sandbox),
        writings=review.writings(sandbox.id, work.seat.key),
        kind_label=kind_label,
        act_label=act_label,
        bank=bank.found(g.sandbox.course_id, g.account.id, task.key),
        problem=str(error) if error else "",
        typed=request.form,
        crumbs=crumbs((_("Mark by hand"), HERE), (_("Work %(number)s", number=place + 1), None)),
    )


def check_asked() -> tuple[Task, int]:
    """The check by hand that is asked for; 404 where there is none."""
    text = request.values.get("check", "")
    for task, place in review.checks_by_hand(readable_rubric()):
        if (task.key, str(place)) == (request.values.get("task", ""), text):
            return task, place
    abort(404)


def place_of(works: list[Work]) -> int:
    """Where the work with the sign that was sent stands; the first unmarked one, or the first, without a sign."""
    sign = request.values.get("sign", "")
    places = [n for n, work in enumerate(works) if (work.sign == sign if sign else not work.is_marked)]
    if not works or (sign and not places):
        abort(404)
    return places[0] if places else 0


def page_again(error: Invalid | None, **_view: Any) -> str:
    return work_page(error)


@bp.post("/grades/marking/work")
@console_page("grades")
@asks(page_again)
def grades_marking_mark() -> ResponseReturnValue:
    """Write the mark, and what is said with it; on to the next work without one."""
    task, check = check_asked()
    works = pile(task, check)
    place = place_of(works)
    mark, seat = points_typed(scale_of(task, check)), works[place].seat
    sandbox = next(sandbox for sandbox in sandboxes() if sandbox.id == seat.sandbox_id)
    rows = [row_of(models.MARK, sandbox, seat.membership_id, task=task.key, check=check, points=mark)]
    rows += [
        row_of(models.COMMENT, sandbox, seat.membership_id, task=task.key, check=check, reason=text)
        for text in comments_typed(task.key)
    ]
    write(rows, seat.key)
    left = [one for one in works[place + 1 :] + works[:place] if not one.is_marked]
    if not left:
        flash(_("That was the last one: every work has a mark."), "success")
        return redirect(HERE)
    flash(_("Mark %(mark)s is noted. The next work is below.", mark=mark), "success")
    names = "&names=1" if request.form.get("names") == "1" else ""
    return redirect(f"{HERE}/work?task={task.key}&check={check}&sign={left[0].sign}{names}")
