"""Sitting a paper: begun, saved as one goes, handed in by oneself or by the time (B12).

The limit is one of real minutes and is kept by the server. What was saved when it ends counts: it is handed in with
origin `automation`, but in the member's name, as `answered` takes attempts of any origin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.errors import NotFound, Refused, Stale
from labapp.access.rules import require_granted
from labapp.db import db
from labapp.late import Late
from labapp.modules.exams.drawing import drawn, paper_of, questions_of
from labapp.modules.exams.kinds import RELEASED
from labapp.modules.exams.marking import marked, most, taken
from labapp.modules.exams.models import RESET_DID, STUDENT_DID, TIME_DID, Attempt, CourseExam, MoreAttempts
from labapp.people.directory import Member
from labapp.people.models import STUDENT, Sandbox
from labapp.records import looks
from labapp.records.sweeps import Automation, Sweep
from labapp.records.work import Work, writing
from labapp.values import dataclass

if TYPE_CHECKING:
    from labapp.modules.exams import shape
    from labapp.modules.exams.shape import Exam, Paper
else:
    shape = Late("labapp.modules.exams.shape")

TOO_LATE = _l("The time is over. What was saved before counts and has been handed in.")
HANDED_IN = _l("This paper has been handed in; nothing can be changed any more.")
AT_ONCE = 50


@dataclass(frozen=True)
class Sheet:
    """A paper as it stands for one member. `left`: attempts there are still; `extra`: minutes given besides."""

    paper: Paper
    attempts: tuple[Attempt, ...]
    left: int
    opens: datetime | None
    closes: datetime | None
    released: bool
    extra: int = 0

    @property
    def minutes(self) -> int:
        """How long this member has."""
        return self.paper.minutes + self.extra

    @property
    def running(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.is_open), None)

    @property
    def over(self) -> tuple[Attempt, ...]:
        return tuple(attempt for attempt in self.attempts if not attempt.is_open)

    @property
    def best(self) -> Attempt | None:
        """The one that counts (grading.md, `answered`)."""
        return max(self.over, key=lambda attempt: attempt.points or 0, default=None)


def exam_of(course_id: int) -> tuple[Exam, CourseExam] | None:
    """The examination of a course, if it has one."""
    row = db.session.get(CourseExam, course_id)
    return (shape.Exam.model_validate(row.content), row) if row is not None else None


def moment(said: str | None, starts_at: datetime) -> datetime | None:
    """A moment counted from the start, as lab time."""
    if said is None:
        return None
    day, hour = said.split(" ")
    return datetime.combine(starts_at.date() + timedelta(days=int(day[:-1])), time.fromisoformat(hour))


def sheets(actor: Actor, sandbox: Sandbox) -> list[Sheet]:
    """Every paper of the course as it stands for this member, in the order of the examination."""
    found = exam_of(sandbox.course_id)
    if found is None:
        return []
    exam, row = found
    mine = select(Attempt).where(Attempt.membership_id == actor.id, ~Attempt.set_aside)
    attempts = db.session.scalars(mine.order_by(Attempt.number)).all()
    given = select(MoreAttempts).where(MoreAttempts.membership_id == actor.id)
    more = {each.paper: each for each in db.session.scalars(given)}
    return [
        _sheet(
            paper,
            tuple(a for a in attempts if a.paper == paper.key),
            more.get(paper.key),
            sandbox.starts_at,
            row,
        )
        for paper in exam.papers
    ]


def _sheet(
    paper: Paper,
    attempts: tuple[Attempt, ...],
    more: MoreAttempts | None,
    starts_at: datetime,
    row: CourseExam,
) -> Sheet:
    given, extra = (more.more, more.minutes) if more is not None else (0, 0)
    left = max(0, paper.attempts + given - len(attempts))
    opens, closes = moment(paper.opens, starts_at), moment(paper.closes, starts_at)
    released = paper.shows != RELEASED or paper.key in row.released
    return Sheet(paper, attempts, left, opens, closes, released, extra)


def why_not_now(sheet: Sheet, lab_now: datetime) -> Any:
    """Why the paper cannot be begun; None where it can."""
    if sheet.opens is not None and lab_now < sheet.opens:
        return _l("This paper opens at %(when)s (lab time).", when=f"{sheet.opens:%Y-%m-%d %H:%M}")
    if sheet.closes is not None and lab_now >= sheet.closes:
        return _l("This paper closed at %(when)s (lab time).", when=f"{sheet.closes:%Y-%m-%d %H:%M}")
    if not sheet.left:
        return _l("You have used every attempt at this paper.")
    return None


def begin(actor: Actor, sandbox: Sandbox, key: str) -> Attempt:
    """Begin an attempt, or go on with the one that runs. Raises NotFound, Refused."""
    with Work(actor, "attempt.start", answers={"paper": key}, source=looks.source()) as work:
        sheet = next((each for each in sheets(actor, work.sandbox()) if each.paper.key == key), None)
        if sheet is None:
            raise NotFound(_l("There is no such paper."))
        if actor.role != STUDENT:
            raise Refused(_l("Only students sit examinations."))
        require_granted(actor, "attempt", "start")
        running = sheet.running
        if running is not None:
            raise Refused(_l("You are sitting this paper already."))
        sentence = why_not_now(sheet, actor.lab_now)
        if sentence is not None:
            raise Refused(sentence)
        return _begun(actor, sandbox, sheet)


def _begun(actor: Actor, sandbox: Sandbox, sheet: Sheet) -> Attempt:
    found = exam_of(sandbox.course_id)
    assert found is not None
    highest = select(func.max(Attempt.number)).where(
        Attempt.membership_id == actor.id, Attempt.paper == sheet.paper.key
    )
    number = (db.session.scalar(highest) or 0) + 1
    paper = drawn(found[0], sheet.paper, sandbox.seed, actor.key, number)
    now = clock.now()
    attempt = Attempt(
        course_id=sandbox.course_id,
        sandbox_id=sandbox.id,
        membership_id=actor.id,
        paper=sheet.paper.key,
        number=number,
        drawn=paper,
        started_at=now,
        ends_at=now + timedelta(minutes=sheet.minutes),
        max=most(questions_of(paper)),
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt


def own_attempt(actor: Actor, attempt_id: int, *, lock: bool = False) -> Attempt:
    """An attempt of the member. Raises NotFound, the same for another's and for none."""
    query = select(Attempt).where(Attempt.id == attempt_id, Attempt.membership_id == actor.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(query).one_or_none() if attempt_id < 2**53 else None
    if found is None:
        raise NotFound(_l("There is no such paper of yours."))
    return found


def claim(attempt_id: int) -> str:
    """Make a page that is being opened the one that saves; what is open elsewhere is told so. Returns its mark."""
    with writing():
        query = select(Attempt).where(Attempt.id == attempt_id).with_for_update()
        attempt = db.session.scalars(query.execution_options(populate_existing=True)).one()
        attempt.window = token_hex(8)
        return attempt.window


def save(actor: Actor, attempt_id: int, typed: Mapping[str, Sequence[str]]) -> Attempt:
    """Keep the answers as they stand; no step. `typed` is by place: a1, a2… Raises NotFound, Refused, Stale."""
    require_granted(actor, "attempt", "submit")
    with writing():
        attempt = own_attempt(actor, attempt_id, lock=True)
        _require_open(attempt)
        _require_window(attempt, typed)
        attempt.answers = answers_in(attempt, typed)
        attempt.saved_at = clock.now()
    return attempt


def _require_open(attempt: Attempt) -> None:
    """Raises Refused for what is handed in, or should be."""
    if not attempt.is_open:
        raise Refused(TOO_LATE if attempt.ended_by == TIME_DID else HANDED_IN)
    if clock.now() >= attempt.ends_at:
        raise Refused(TOO_LATE)


def _require_window(attempt: Attempt, typed: Mapping[str, Sequence[str]]) -> None:
    """Raises Stale for a page that is not the one opened last: its answers are older than those of the other."""
    if typed.get("window", [attempt.window])[0] != attempt.window:
        raise Stale(_l("This paper is open in another window, too. Reload this page to go on here."))


def answers_in(attempt: Attempt, typed: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The answers of a form by question; what the form does not ask, or leaves empty, is not there."""
    questions = questions_of(attempt.drawn)
    said = {q.key: taken(q, typed.get(f"a{place}", ())) for place, q in enumerate(questions, start=1)}
    return {key: answer for key, answer in said.items() if answer is not None}


def hand_in(actor: Actor, attempt_id: int, typed: Mapping[str, Sequence[str]]) -> Attempt:
    """Save, mark and close: one step of the log. Raises NotFound, Refused, Stale."""
    with Work(actor, "attempt.submit", source=looks.source()) as work:
        attempt = own_attempt(actor, attempt_id, lock=True)
        require_granted(actor, "attempt", "submit")
        work.header.answers = {"paper": attempt.paper}
        _require_open(attempt)
        _require_window(attempt, typed)
        attempt.answers = answers_in(attempt, typed)
        work.header.answers |= _close(attempt, STUDENT_DID)
        work.header.label = paper_of(attempt.drawn).title.say(actor.language)
    return attempt


def _close(attempt: Attempt, by: str) -> dict[str, str]:
    """Mark an attempt. Returns what the step says of it (grading.md §1)."""
    marks = marked(questions_of(attempt.drawn), attempt.answers)
    attempt.marks = {key: str(points) for key, points in marks.items()}
    attempt.points = sum(marks.values(), start=0 * attempt.max)
    attempt.submitted_at, attempt.ended_by = clock.now(), by
    db.session.flush()
    return {"points": f"{attempt.points:.2f}", "max": f"{attempt.max:.2f}"}


def put_aside(membership_id: int) -> None:
    """Let a member who is reset sit every paper anew; inside the running write transaction.

    Steps from before a reset do not count (grading.md §2), so neither do their attempts.
    """
    query = select(Attempt).where(Attempt.membership_id == membership_id, ~Attempt.set_aside)
    for attempt in db.session.scalars(query.with_for_update()):
        attempt.set_aside = True
        if attempt.is_open:
            attempt.submitted_at, attempt.ended_by = clock.now(), RESET_DID
    db.session.flush()


class HandedIn(Automation):
    """A paper that the time took away: of origin `automation`, in the name of whoever sat it."""

    def __init__(self, house: Actor, member: Member) -> None:
        super().__init__(house, "attempt.submit")
        self.sitter = member

    def _as_step(self, outcome: str, changes: list[dict[str, Any]]) -> Any:
        step = super()._as_step(outcome, changes)
        return replace(step, membership_id=self.sitter.id, member=self.sitter.key)


def collect(house: Actor) -> int:
    """Hand in whatever runs beyond its time, or beyond the closing of its paper. Returns how many."""
    running = select(Attempt).where(Attempt.sandbox_id == house.sandbox_id, Attempt.submitted_at.is_(None))
    starts_at = db.session.scalars(select(Sandbox.starts_at).where(Sandbox.id == house.sandbox_id)).one()
    late = [
        attempt.id
        for attempt in db.session.scalars(running.order_by(Attempt.id))
        if is_over(attempt, starts_at, house.lab_now)
    ]
    for attempt_id in late[:AT_ONCE]:
        take_away(house, attempt_id)
    return len(late[:AT_ONCE])


def is_over(attempt: Attempt, starts_at: datetime, lab_now: datetime) -> bool:
    closes = moment(paper_of(attempt.drawn).closes, starts_at)
    return clock.now() >= attempt.ends_at or (closes is not None and lab_now >= closes)


def take_away(house: Actor, attempt_id: int) -> None:
    """Hand in an attempt as it was saved; nothing where somebody was quicker."""
    with writing(house.sandbox_id):
        query = select(Attempt).where(Attempt.id == attempt_id).with_for_update()
        attempt = db.session.scalars(query.execution_options(populate_existing=True)).one()
        member = house.directory.members.get(attempt.membership_id)
        if not attempt.is_open or member is None:
            return
        with HandedIn(house, member) as work:
            work.header.answers = {"paper": attempt.paper, **_close(attempt, TIME_DID)}
            work.header.label = paper_of(attempt.drawn).title.say(house.language)


def next_closing(house: Actor) -> datetime | None:
    """The next closing of a paper that somebody sits."""
    running = select(func.count(Attempt.id)).where(
        Attempt.sandbox_id == house.sandbox_id, Attempt.submitted_at.is_(None)
    )
    if not db.session.scalar(running):
        return None
    sandbox = db.session.get_one(Sandbox, house.sandbox_id)
    found = exam_of(sandbox.course_id)
    closings = [moment(paper.closes, sandbox.starts_at) for paper in found[0].papers] if found else []
    return min((at for at in closings if at is not None and at > house.lab_now), default=None)


SWEEPS = (Sweep("examinations", collect, next_closing),)
