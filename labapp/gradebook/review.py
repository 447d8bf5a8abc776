"""Reading for a mark by hand: an order of the reader's own, and signs instead of names (product.md L5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from labapp.db import db
from labapp.gradebook.book import Line
from labapp.grading import Rubric
from labapp.grading.checks.by_hand import ByHand
from labapp.grading.rubric import Task
from labapp.oplog.models import LOOKS, Operation

SIGN = 16
READ, SHOWN, LONG = (
    600,
    40,
    30,
)  # steps looked through, texts shown, characters that make a text worth reading
NO_WORK = (*LOOKS, "sign_in", "sign_out", "self_check")


@dataclass(frozen=True)
class Work:
    """A line to be marked at one check. `sign` names it without naming the person."""

    line: Line
    sign: str
    task: Task
    check: int

    @property
    def finding(self) -> Any:
        return self.line.cells[[cell.result.task.key for cell in self.line.cells].index(self.task.key)]

    @property
    def is_marked(self) -> bool:
        return self.finding.result.findings[self.check].state is None


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


def stack(lines: Sequence[Line], task: Task, check: int, reader: int) -> list[Work]:
    """The works at one check in the order of this reader (an account id): random, and the same each time."""
    works = (Work(line, sign_of(line, task, check, reader), task, check) for line in lines)
    return sorted(works, key=lambda work: work.sign)


def sign_of(line: Line, task: Task, check: int, reader: int) -> str:
    """What stands for the person: nobody tells it from another reader's for the same one."""
    text = f"{reader}/{task.key}/{check}/{line.sandbox_id}/{line.membership_id}"
    return sha256(text.encode()).hexdigest()[:SIGN]


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
