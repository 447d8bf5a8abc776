"""Marking by hand: from work to work by the keyboard, names hidden, in an order of the reader's own (product.md L5)."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor.common import asks, bp, console_page
from instructor.grade_words import comments_typed, points_typed, row_of, scale_of, write
from instructor.gradebook import crumbs, readable_book, sandboxes, ways
from instructor.grades import evidence
from labapp.access.errors import Invalid
from labapp.gradebook import bank, models, review
from labapp.gradebook.book import Book
from labapp.gradebook.review import Work
from labapp.grading.rubric import Task
from labapp.people.models import Sandbox
from labapp.records.stepwords import act_label, kind_label

HERE = "/instructor/grades/marking"


@bp.get("/grades/marking")
@console_page("grades")
def grades_marking() -> ResponseReturnValue:
    """Every check that people mark, and how far that is."""
    found = readable_book()
    piles = [(task, place, pile(found, task, place)) for task, place in review.checks_by_hand(found.rubric)]
    return render_template(
        "instructor/grades_marking.html",
        piles=[(task, place, len(works), sum(w.is_marked for w in works)) for task, place, works in piles],
        ways=ways("marking"),
        crumbs=crumbs((_("Mark by hand"), None)),
    )


def pile(book: Book, task: Task, check: int) -> list[Work]:
    return review.stack(book.lines, task, check, g.account.id)


@bp.get("/grades/marking/work")
@console_page("grades")
def grades_marking_work() -> ResponseReturnValue:
    """One work: the sign asked for, else the first that has no mark."""
    return work_page()


def work_page(error: Invalid | None = None) -> str:
    """The work with all that helps to judge it; with what was typed, if that could not be taken."""
    found, task, check = check_asked()
    works = pile(found, task, check)
    if not works:
        abort(404)
    place = place_of(works)
    work = works[place]
    sandbox = sandbox_of(work)
    return render_template(
        "instructor/grades_work.html",
        work=work,
        task=task,
        check=check,
        number=place + 1,
        total=len(works),
        marked=sum(one.is_marked for one in works),
        before=works[place - 1].sign if place else None,
        behind=works[place + 1].sign if place + 1 < len(works) else None,
        named=request.values.get("names") == "1",
        evidence=evidence([work.line], sandbox),
        writings=review.writings(sandbox.id, work.line.member.member),
        kind_label=kind_label,
        act_label=act_label,
        bank=bank.found(g.sandbox.course_id, g.account.id, task.key),
        problem=str(error) if error else "",
        typed=request.form,
        crumbs=crumbs((_("Mark by hand"), HERE), (_("Work %(number)s", number=place + 1), None)),
    )


def check_asked() -> tuple[Book, Task, int]:
    """The book, and the check by hand that is asked for; 404 where there is none."""
    found, text = readable_book(), request.values.get("check", "")
    for task, place in review.checks_by_hand(found.rubric):
        if (task.key, str(place)) == (request.values.get("task", ""), text):
            return found, task, place
    abort(404)


def place_of(works: list[Work]) -> int:
    """Where the work with the sign that was sent stands; the first unmarked one, or the first, without a sign."""
    sign = request.values.get("sign", "")
    if sign:
        return next((n for n, work in enumerate(works) if work.sign == sign), None) or first_or_404(
            works, sign
        )
    return next((n for n, work in enumerate(works) if not work.is_marked), 0)


def first_or_404(works: list[Work], sign: str) -> int:
    return 0 if works[0].sign == sign else abort(404)


def sandbox_of(work: Work) -> Sandbox:
    return next(sandbox for sandbox in sandboxes() if sandbox.id == work.line.sandbox_id)


def page_again(error: Invalid | None, **_view: Any) -> str:
    return work_page(error)


@bp.post("/grades/marking/work")
@console_page("grades")
@asks(page_again)
def grades_marking_mark() -> ResponseReturnValue:
    """Write the mark, and what is said with it; on to the next work without one."""
    found, task, check = check_asked()
    works = pile(found, task, check)
    place = place_of(works)
    mark, work = points_typed(scale_of(task, check)), works[place]
    sandbox, member = sandbox_of(work), work.line.membership_id
    rows = [row_of(models.MARK, sandbox, member, task=task.key, check=check, points=mark)]
    rows += [
        row_of(models.COMMENT, sandbox, member, task=task.key, check=check, reason=text)
        for text in comments_typed(task.key)
    ]
    write(rows, work.line.member.member)
    left = [one for one in works[place + 1 :] + works[:place] if not one.is_marked]
    if not left:
        flash(_("That was the last one: every work has a mark."), "success")
        return redirect(HERE)
    flash(_("Mark %(mark)s is noted. The next work is below.", mark=mark), "success")
    names = "&names=1" if request.form.get("names") == "1" else ""
    return redirect(f"{HERE}/work?task={task.key}&check={check}&sign={left[0].sign}{names}")
