"""What an instructor gives one student: minutes beyond those of a paper, points that the program could not give."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound, Refused
from labapp.db import db
from labapp.modules.exams.drawing import paper_of, questions_of
from labapp.modules.exams.kinds import TEXT
from labapp.modules.exams.models import Attempt, MoreAttempts
from labapp.modules.exams.result import short
from labapp.modules.exams.sitting import HandedIn
from labapp.records.work import writing

if TYPE_CHECKING:  # see labapp.late
    from labapp.modules.exams.shape import Question

MOST_MINUTES = 600


def granted(membership_id: int, paper: str) -> MoreAttempts:
    """What this member has been given for a paper, as it stands under the write lock; a new row for nothing."""
    row = db.session.get(MoreAttempts, (membership_id, paper), populate_existing=True)
    if row is None:
        row = MoreAttempts(membership_id=membership_id, paper=paper, more=0, minutes=0)
        db.session.add(row)
    return row


def give_minutes(membership_id: int, paper: str, minutes: int) -> int:
    """Let a member sit a paper so much longer, one that runs already too; inside the running write transaction.

    A paper whose time is over is not opened again. Returns how many minutes there were before.
    """
    row = granted(membership_id, paper)
    before, row.minutes = row.minutes, minutes
    query = select(Attempt).where(
        Attempt.membership_id == membership_id,
        Attempt.paper == paper,
        Attempt.submitted_at.is_(None),
        Attempt.ends_at > clock.now(),
    )
    for attempt in db.session.scalars(query.with_for_update()):
        attempt.ends_at += timedelta(minutes=minutes - before)
    return before


def may_be_raised(attempt: Attempt, question: Question) -> bool:
    """Whether a person may give more points: a short text that was handed in and has not all of them."""
    got = Decimal(attempt.marks.get(question.key, "0"))
    return question.kind == TEXT and not attempt.is_open and not attempt.set_aside and got < question.points


def raise_mark(house: Actor, attempt_id: int, place: int, points: Decimal | None) -> Attempt:
    """Give a short text the points that a reader finds it worth, inside the running write transaction.

    Only upwards: the check `answered` takes the best that was handed in (grading.md §1). One more step of the member's
    says the new sum. `house` is of the attempt's sandbox. Raises NotFound, Refused, Invalid.
    """
    with writing(house.sandbox_id):
        query = select(Attempt).where(Attempt.id == attempt_id).with_for_update()
        attempt = db.session.scalars(query.execution_options(populate_existing=True)).one()
        question = _question(attempt, place)
        _require_points(attempt, question, points)
        member = house.directory.members.get(attempt.membership_id)
        if member is None:
            raise Refused(_l("Whoever sat this paper has left the course."))
        with HandedIn(house, member) as work:
            attempt.marks = {**attempt.marks, question.key: str(points)}
            attempt.points = sum(map(Decimal, attempt.marks.values()), start=0 * attempt.max)
            work.header.answers = {
                "paper": attempt.paper,
                "points": f"{attempt.points:.2f}",
                "max": f"{attempt.max:.2f}",
                "marked": place,
            }
            work.header.label = paper_of(attempt.drawn).title.say(house.language)
    return attempt


def _question(attempt: Attempt, place: int) -> Question:
    questions = questions_of(attempt.drawn)
    if not 0 < place <= len(questions):
        raise NotFound(_l("There is no such question in this paper."))
    question = questions[place - 1]
    if question.kind != TEXT:
        raise Refused(
            _l("Only short texts are marked by hand; of the others the program knows what is right.")
        )
    if attempt.is_open:
        raise Refused(_l("This paper is still being sat."))
    if attempt.set_aside:
        raise Refused(_l("This paper is from before the member was reset; it does not count any more."))
    return question


def _require_points(attempt: Attempt, question: Question, points: Decimal | None) -> None:
    got = Decimal(attempt.marks.get(question.key, "0"))
    if got >= question.points:
        raise Refused(_l("This answer has all its points already."))
    if points is None or not got < points <= question.points:
        raise Invalid(
            _l(
                "Give more than %(now)s and at most %(most)s points.",
                now=short(got),
                most=short(question.points),
            )
        )
