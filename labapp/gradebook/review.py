"""Reading for a mark by hand: an order of the reader's own, and signs instead of names (product.md L5)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from labapp.db import db
from labapp.gradebook.ledger import Marks
from labapp.grading import Rubric
from labapp.grading.checks.by_hand import ByHand
from labapp.grading.rubric import Task
from labapp.oplog.models import LOOKS, Operation
from labapp.values import dataclass

SIGN = 16
READ, SHOWN, LONG = (
    600,
    40,
    30,
)  # steps looked through, texts shown, characters that make a text worth reading
NO_WORK = (*LOOKS, "sign_in", "sign_out", "self_check", "dispute", "request")


@dataclass(frozen=True)
class Seat:
    """Somebody whose work is to be marked: who, where, and whether there is a mark."""

    sandbox_id: int
    membership_id: int
    key: str
    is_marked: bool


@dataclass(frozen=True)
class Work:
    """A work to be marked at one check. `sign` names it without naming the person."""

    seat: Seat
    sign: str

    @property
    def is_marked(self) -> bool:
        return self.seat.is_marked


@dataclass(frozen=True)
class Writing:
    """A text that the member wrote: when (lab time), in which field of what."""

    step: int
    at: datetime
    kind: str
    verb: str
    field: str
    text: str


def checks_by_hand(rubric: Rubric) -> Iterator[tuple[Task, int]]:
    """Every check that people mark: its task, and its place there."""
    for task in rubric.tasks:
        for place, line in enumerate(task.lines):
            if isinstance(line.check, ByHand):
                yield task, place


def stack(seats: Iterable[Seat], task: Task, check: int, reader: int) -> list[Work]:
    """The works at one check in the order of this reader (an account id): random, and the same each time."""
    works = (Work(seat, sign_of(seat, task, check, reader)) for seat in seats)
    return sorted(works, key=lambda work: work.sign)


def sign_of(seat: Seat, task: Task, check: int, reader: int) -> str:
    """What stands for the person: nobody tells it from another reader's for the same one."""
    text = f"{reader}/{task.key}/{check}/{seat.sandbox_id}/{seat.membership_id}"
    return sha256(text.encode()).hexdigest()[:SIGN]


def has_mark(marks: Marks, member: str, task: Task, check: int) -> bool:
    """Whether a mark counts: one that the scale of the check knows."""
    mark, by_hand = marks.get((member, task.key, check)), task.lines[check].check
    return mark is not None and isinstance(by_hand, ByHand) and Fraction(mark) <= by_hand.scale


def writings(sandbox_id: int, member: str) -> list[Writing]:
    """The longer texts a member wrote by hand, newest first, each field once per record."""
    query = (
        select(Operation)
        .where(
            Operation.sandbox_id == sandbox_id,
            Operation.member == member,
            Operation.outcome == "done",
            Operation.origin == "screen",
            Operation.verb.not_in(NO_WORK),
        )
        .order_by(Operation.id.desc())
        .limit(READ)
    )
    found: dict[tuple[str, Any, str], Writing] = {}
    for step in db.session.scalars(query):
        for key, writing in _texts(step):
            found.setdefault(key, writing)
        if len(found) >= SHOWN:
            break
    return list(found.values())[:SHOWN]


def _texts(step: Operation) -> Iterator[tuple[tuple[str, Any, str], Writing]]:
    for change in step.changes or []:
        for name, value in (change.get("after") or {}).items():
            if isinstance(value, str) and len(value) >= LONG:
                key = (change["kind"], change["id"], name)
                yield key, Writing(step.id, step.lab_at, change["kind"], step.verb, name, value)
