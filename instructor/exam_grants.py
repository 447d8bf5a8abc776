"""What an instructor gives single students of a paper: one more attempt, extra minutes, points for a short text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from instructor import exam_figures
from instructor.common import answer_again, asks, back_to, bp, console_page, me
from instructor.exams import (
    HERE,
    MOST_MORE,
    attempt_or_404,
    attempt_page,
    given_for,
    noted,
    paper_or_404,
    students,
)
from labapp import clock
from labapp.access.actor import system_actor
from labapp.access.errors import Invalid, NotFound, Refused
from labapp.db import db
from labapp.modules.exams.drawing import paper_of
from labapp.modules.exams.granting import MOST_MINUTES, give_minutes, granted, raise_mark
from labapp.modules.exams.kinds import RELEASED
from labapp.modules.exams.models import Attempt
from labapp.modules.exams.result import short
from labapp.modules.exams.sitting import exam_of
from labapp.notices.board import Words, tell
from labapp.people.models import Membership, Sandbox
from labapp.people.words import language
from labapp.records import parse
from labapp.records.work import writing

if TYPE_CHECKING:  # see labapp.late
    from labapp.modules.exams.shape import Paper


@bp.post("/exams/papers/<paper_key>/more")
@console_page("exams")
def exam_more(paper_key: str) -> ResponseReturnValue:
    """Give one student one more attempt: the network failed, somebody was ill."""
    paper_or_404(paper_key)
    typed = request.form.get("member", "")
    member = next((each for each in students() if str(each.id) == typed), None)
    if member is None:
        raise NotFound(_("There is no such student in this course."))
    with writing():
        row = granted(member.id, paper_key)
        if row.more >= MOST_MORE:
            raise Refused(_("A student gets at most %(most)s more attempts.", most=MOST_MORE))
        row.more += 1
        noted("exam.more_attempts", {"paper": paper_key, "member": member.key})
    return back_to(
        f"{HERE}/papers/{paper_key}", _("%(name)s has one more attempt.", name=member.name or member.key)
    )


# -- extra minutes -----------------------------------------------------------------------------------


@bp.get("/exams/papers/<paper_key>/minutes")
@console_page("exams")
def exam_minutes(paper_key: str) -> ResponseReturnValue:
    """Every student with the extra minutes they have for this paper."""
    return minutes_page(paper_or_404(paper_key)[2])


def minutes_page(paper: Paper, typed: dict[int, str] | None = None, error: Invalid | None = None) -> str:
    g.form_sandbox = me().sandbox_id
    given = {member: row.minutes for member, row in given_for(paper.key).items()}
    attempts = exam_figures.attempts_of(g.sandbox.course_id, paper.key)
    return render_template(
        "instructor/exam_minutes.html",
        paper=paper,
        people=exam_figures.people(students(), attempts, {}, paper),
        given=given,
        typed=typed if typed is not None else {member: str(value or "") for member, value in given.items()},
        wrong=error.fields if error is not None else {},
        sentence=str(error) if error is not None else "",
        most=MOST_MINUTES,
        now=clock.now(),
        crumbs=[
            (_("Examinations"), HERE),
            (paper.title.say(language()), f"{HERE}/papers/{paper.key}"),
            (_("Extra minutes"), None),
        ],
    )


@bp.post("/exams/papers/<paper_key>/minutes")
@console_page("exams")
def exam_minutes_save(paper_key: str) -> ResponseReturnValue:
    """Give and take extra minutes: what was changed on the page, and nothing else."""
    paper = paper_or_404(paper_key)[2]
    people = students()
    typed = {member.id: request.form.get(f"m{member.id}", "").strip() for member in people}
    shown = {member.id: request.form.get(f"was{member.id}", "").strip() for member in people}
    moved = [member for member in people if typed[member.id] != shown[member.id]]
    try:
        wanted = wanted_of(moved, typed)
    except Invalid as error:
        return answer_again(error, minutes_page(paper, typed, error))
    with writing():
        for member in moved:
            before = give_minutes(member.id, paper_key, wanted[member.id])
            if before != wanted[member.id]:
                about = {"member": member.key, "minutes": wanted[member.id], "before": before}
                noted("exam.extra_minutes", {"paper": paper_key, **about})
    return back_to(f"{HERE}/papers/{paper_key}", _("The extra minutes are saved; they count at once."))


def wanted_of(moved: list[Membership], typed: dict[int, str]) -> dict[int, int]:
    """The minutes typed; nothing is 0. Raises Invalid with a sentence for each that is no number of minutes."""
    wanted, wrong = {}, {}
    for member in moved:
        text = typed[member.id]
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0 if not text else -1
        wanted[member.id] = number
        if not 0 <= number <= MOST_MINUTES:
            wrong[f"m{member.id}"] = _("A whole number from 0 to %(most)s.", most=MOST_MINUTES)
    if wrong:
        raise Invalid(_("Nothing was saved. Please correct what is marked below."), wrong)
    return wanted


# -- marking short texts -----------------------------------------------------------------------------


def marked_again(error: Invalid, attempt_id: int, place: int) -> str:
    return attempt_page(attempt_or_404(attempt_id), wrong={place: str(error)})


@bp.post("/exams/attempts/<int:attempt_id>/marks/<int:place>")
@console_page("exams")
@asks(marked_again)
def exam_mark(attempt_id: int, place: int) -> ResponseReturnValue:
    """Give a short text more points than the program did; who sat the paper is told where results are shown."""
    found = attempt_or_404(attempt_id)
    points = points_typed()
    with writing():
        sandbox = db.session.get_one(Sandbox, found.sandbox_id, populate_existing=True)
        attempt = raise_mark(system_actor(sandbox), attempt_id, place, points)
        tell_the_sitter(attempt, sandbox)
        member = db.session.get_one(Membership, attempt.membership_id)
        about = {"paper": attempt.paper, "member": member.key, "question": place, "points": str(points)}
        noted("exam.mark", about)
    return back_to(
        f"{HERE}/attempts/{attempt_id}", _("The points are given; the paper has been summed up anew.")
    )


def points_typed() -> Decimal | None:
    try:
        return parse.money(request.form.get("points", ""))
    except ValueError as error:
        raise Invalid(str(error)) from error


def tell_the_sitter(attempt: Attempt, sandbox: Sandbox) -> None:
    """A notice with the new sum, where the sums may be seen."""
    found = exam_of(attempt.course_id)
    paper = paper_of(attempt.drawn)
    released = paper.shows != RELEASED or (found is not None and attempt.paper in found[1].released)
    if released and attempt.points is not None:
        sums = f"{short(attempt.points)} / {short(attempt.max)}"
        words = Words(
            f"An answer of your paper “{paper.title.en}” was marked by hand: {sums} now.",
            f"你的试卷“{paper.title.zh}”有一题经人工评分，现为 {sums} 分。",
        )
        at = clock.lab_now(sandbox)
        tell(sandbox.id, [attempt.membership_id], "exam", words, at, f"/exams/{attempt.id}")
