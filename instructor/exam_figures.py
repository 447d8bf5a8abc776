"""Figures of a paper: who sat it and how, how each question went. Plain values in, plain values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from labapp.db import db
from labapp.modules.exams.drawing import questions_of
from labapp.modules.exams.kinds import MULTIPLE, SINGLE
from labapp.modules.exams.marking import share_of
from labapp.modules.exams.models import Attempt
from labapp.modules.exams.result import said
from labapp.people.models import Membership, Sandbox
from labapp.values import dataclass

if TYPE_CHECKING:  # see labapp.late
    from labapp.modules.exams.shape import Paper, Question

BANDS = 10
THIRD = 3
MOST_TYPED = 5


def attempts_of(course_id: int, paper: str | None = None) -> list[Attempt]:
    """Every attempt that stands, oldest first: not from before a reset of the member or the sandbox.

    Without `paper` those of all papers, for counting: what was asked and answered is not fetched.
    """
    query = select(Attempt).join(Sandbox, Sandbox.id == Attempt.sandbox_id)
    query = query.where(Attempt.course_id == course_id, ~Attempt.set_aside, Sandbox.replaced_at.is_(None))
    if paper is None:
        query = query.options(defer(Attempt.drawn), defer(Attempt.answers), defer(Attempt.marks))
    else:
        query = query.where(Attempt.paper == paper)
    return list(db.session.scalars(query.order_by(Attempt.id).execution_options(populate_existing=True)))


def best_of(attempts: Iterable[Attempt]) -> dict[int, Attempt]:
    """The attempt that counts, by membership."""
    best: dict[int, Attempt] = {}
    for attempt in attempts:
        other = best.get(attempt.membership_id)
        if not attempt.is_open and (other is None or share(attempt) > share(other)):
            best[attempt.membership_id] = attempt
    return best


def share(attempt: Attempt) -> Decimal:
    """Points against the maximum, from 0 to 1."""
    return (attempt.points or Decimal(0)) / attempt.max if attempt.max else Decimal(0)


def percent(value: Decimal | float) -> str:
    return f"{float(value) * 100:.0f} %"


def mean_share(attempts: Sequence[Attempt]) -> str:
    """The mean of those that count, in per cent; '' for none."""
    return percent(sum(map(share, attempts), start=Decimal(0)) / len(attempts)) if attempts else ""


@dataclass(frozen=True)
class Person:
    """One student before one paper. `left`: attempts still there."""

    member: Membership
    attempts: tuple[Attempt, ...]
    best: Attempt | None
    running: Attempt | None
    left: int

    @property
    def answered(self) -> str:
        """How much of a running paper is answered."""
        run = self.running
        return f"{len(run.answers)}/{len(run.drawn['questions'])}" if run is not None else ""

    def seconds_left(self, now: datetime) -> int:
        return max(0, int((self.running.ends_at - now).total_seconds())) if self.running is not None else 0


def people(
    members: Sequence[Membership], attempts: Sequence[Attempt], more: Mapping[int, int], paper: Paper
) -> list[Person]:
    """Every student of the course, also who has not sat yet."""
    best = best_of(attempts)
    found = []
    for member in members:
        mine = tuple(attempt for attempt in attempts if attempt.membership_id == member.id)
        running = next((attempt for attempt in mine if attempt.is_open), None)
        left = max(0, paper.attempts + more.get(member.id, 0) - len(mine))
        found.append(Person(member, mine, best.get(member.id), running, left))
    return found


@dataclass(frozen=True)
class Chosen:
    """How often an option, or an answer, was given."""

    text: str
    count: int
    right: bool


@dataclass(frozen=True)
class Figure:
    """How one question went. `selectivity`: mean share of the best third less that of the weakest, −1 to 1."""

    key: str
    topic: str
    text: str
    asked: int
    answered: int
    mean: Decimal
    selectivity: str
    chosen: tuple[Chosen, ...]


def questions(attempts: Sequence[Attempt], language: str) -> list[Figure]:
    """Every question that was asked in an attempt that counts, the hardest first."""
    over = sorted(best_of(attempts).values(), key=share, reverse=True)
    known: dict[str, Question] = {}
    shares: dict[str, list[tuple[int, Decimal, Any]]] = {}
    for rank, attempt in enumerate(over):
        for question in questions_of(attempt.drawn):
            known[question.key] = question
            mark = Decimal(attempt.marks.get(question.key, "0")) / question.points
            shares.setdefault(question.key, []).append((rank, mark, attempt.answers.get(question.key)))
    found = [_figure(known[key], marks, len(over), language) for key, marks in shares.items()]
    return sorted(found, key=lambda figure: (figure.mean, figure.key))


def _figure(
    question: Question, marks: Sequence[tuple[int, Decimal, Any]], people: int, language: str
) -> Figure:
    answers = [answer for _rank, _mark, answer in marks if answer is not None]
    return Figure(
        question.key,
        question.topic,
        question.ask.say(language),
        len(marks),
        len(answers),
        _mean([mark for _rank, mark, _answer in marks]) or Decimal(0),
        _selectivity(marks, people),
        _chosen(question, answers, language),
    )


def _selectivity(marks: Sequence[tuple[int, Decimal, Any]], people: int) -> str:
    third = people // THIRD
    upper = _mean([mark for rank, mark, _answer in marks if rank < third])
    lower = _mean([mark for rank, mark, _answer in marks if rank >= people - third])
    return f"{upper - lower:+.2f}" if upper is not None and lower is not None and third else ""


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, start=Decimal(0)) / len(values) if values else None


def _chosen(question: Question, answers: Sequence[Any], language: str) -> tuple[Chosen, ...]:
    """How often each option was chosen; of typed answers the five given most."""
    if question.kind in (SINGLE, MULTIPLE):
        counts = Counter(key for answer in answers for key in answer)
        return tuple(Chosen(o.text.say(language), counts[o.key], o.right) for o in question.options)
    typed = Counter(str(answer) for answer in answers).most_common(MOST_TYPED)
    return tuple(Chosen(said(question, text), count, share_of(question, text) == 1) for text, count in typed)


def spread(attempts: Sequence[Attempt]) -> dict[str, Any]:
    """The distribution of those that count over ten bands of per cent, as a chart."""
    counts = [0] * BANDS
    for attempt in best_of(attempts).values():
        counts[min(BANDS - 1, int(share(attempt) * BANDS))] += 1
    labels = [f"{band * BANDS}–{band * BANDS + BANDS}" for band in range(BANDS)]
    return {"labels": labels, "counts": counts}


def table_row(person: Person) -> list[Any]:
    """A student as a row of a table; empty cells for who has not handed in."""
    member, best = person.member, person.best
    told = [best.points, best.max, best.submitted_at] if best is not None else [None, None, None]
    return [member.number, member.name or member.key, member.class_name, len(person.attempts), *told]
