"""The class wall: how every student of a course stands in every task, and who is stuck (product.md L6).

What a student's own pages have judged is used again; the rest is judged here, those who acted first, as far as the
time of one answer goes: the next one goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from labapp import clock
from labapp.db import connection
from labapp.gradebook import judging, results, state
from labapp.gradebook.book import Cell, Line, line_of
from labapp.gradebook.judging import Judge, member_of
from labapp.gradebook.ledger import entries_of, folds, marks_of
from labapp.gradebook.models import LedgerEntry, RubricVersion
from labapp.gradebook.stuck import Act, Acts, Stuck, acts_of, stuck_at
from labapp.grading import Rubric
from labapp.grading.grade import MemberResult, TaskResult
from labapp.grading.needs import LOOKS
from labapp.oplog.models import Operation
from labapp.people.directory import Member, directory_of
from labapp.people.models import LEFT, SIMULATED, STUDENT, Sandbox
from labapp.values import dataclass

DONE, PART, NONE, WAITING, OPEN, EXEMPT = STATES = ("done", "part", "none", "waiting", "open", "exempt")
BUDGET = 0.8  # seconds of judging in one answer
_operation: Any = Operation.__table__
_sandbox: Any = Sandbox.__table__


@dataclass(frozen=True)
class Row:
    """A student. `line` None: not judged yet. `last` is the last step of any sort."""

    sandbox: Sandbox
    member: Member
    line: Line | None
    last: Act | None
    stuck: Stuck | None

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.line.cells if self.line else ()

    @property
    def done(self) -> int:
        return sum(state_of(cell) == DONE for cell in self.cells)


@dataclass(frozen=True)
class Wall:
    """All students of a course. `whole`: everybody was judged as of now."""

    rubric: Rubric
    rows: tuple[Row, ...]
    whole: bool

    @property
    def stuck(self) -> list[Row]:
        return [row for row in self.rows if row.stuck]


@dataclass(frozen=True)
class Patience:
    """How long this answer may still judge."""

    until: float = field(default_factory=lambda: clock.monotonic() + BUDGET)

    @property
    def is_left(self) -> bool:
        return clock.monotonic() < self.until


def state_of(cell: Cell) -> str:
    """done, part, none (not begun), waiting (for another task), open (to be marked, could not tell) or exempt."""
    if cell.exempt:
        return EXEMPT
    return _state_of(cell.result)


def _state_of(result: TaskResult) -> str:
    if result.share is None:
        return OPEN
    if result.reason is not None:
        return WAITING
    if result.share == 1:
        return DONE
    return PART if result.share else NONE


def percent(share: Fraction | None) -> int:
    """A share in whole per cent, 100 only where it is whole and 0 only where it is nothing."""
    return max(int(share * 100), 1) if share else 0


def stamp(sandboxes: Sequence[Sandbox]) -> list[Any]:
    """What moves whenever the wall may look different: heads of the logs, members, ledger and rubric."""
    heads = [[one.id, one.last_step, one.stamp, one.state] for one in sandboxes]
    return [heads, sorted(_ledgers(sandboxes).items()), _version(sandboxes)]


def students_of(sandbox: Sandbox, *, vacant: bool = False) -> list[Member]:
    """The students of a sandbox by their keys; those of the simulated company are none. `vacant`: empty seats too."""
    members = directory_of(sandbox).members.values()
    real = (one for one in members if one.role == STUDENT and one.state not in (SIMULATED, LEFT))
    return sorted((one for one in real if vacant or one.is_somebody), key=lambda one: one.key)


def wall_of(sandboxes: Sequence[Sandbox], rubric: Rubric, minutes: int, *, vacant: bool = False) -> Wall:
    """The wall of a course's sandboxes. Who does nothing for so many minutes while others act is stuck."""
    people = [(sandbox, students_of(sandbox, vacant=vacant)) for sandbox in sandboxes]
    acts = acts_of(member.id for _sandbox, members in people for member in members)
    known = _Known(rubric, acts, _ledgers(sandboxes), _version(sandboxes), _moved(sandboxes))
    lines: dict[int, Line] = {}
    patience = Patience()
    for sandbox, members in people:
        lines.update(known.lines(sandbox, members, patience))
    judging.put_all_away()
    now = clock.now()
    others = minutes if acts.any_since(now - timedelta(minutes=minutes)) else 0
    rows = [
        _row(sandbox, member, lines.get(member.id), acts, (now, others))
        for sandbox, members in people
        for member in members
    ]
    return Wall(rubric, tuple(rows), known.whole)


def line_now(sandbox: Sandbox, rubric: Rubric, member: Member) -> Line | None:
    """The line of one student as of now; None where so much is still to be put away that nothing can be said."""
    alone = [sandbox]
    acts = acts_of([member.id])
    known = _Known(rubric, acts, _ledgers(alone), _version(alone), _moved(alone), evidence=True)
    found = known.lines(sandbox, [member], Patience())
    judging.put_all_away()
    return found.get(member.id)


def own_share(cell: Cell) -> Fraction | None:
    """How far the checks of a task are by themselves, whatever has to come first; None where one cannot tell."""
    pairs = list(zip(cell.result.task.lines, cell.result.findings, strict=True))
    if any(found.share is None for _line, found in pairs):
        return None
    earned = sum((line.weight * (found.share or 0) for line, found in pairs), Fraction(0))
    return earned / sum((line.weight for line, _found in pairs), Fraction(0))


def _row(sandbox: Sandbox, member: Member, line: Line | None, acts: Acts, when: tuple[Any, int]) -> Row:
    now, minutes = when
    last = acts.last.get(member.id)
    at_rest = line is not None and all(state_of(cell) in (DONE, OPEN, EXEMPT) for cell in line.cells)
    stuck = stuck_at(now, last, acts.tries.get(member.id, ()), 0 if at_rest else minutes)
    return Row(sandbox, member, line, last, stuck)


@dataclass
class _Known:
    """What is known of everybody; `whole` turns false when time ran out before all were judged.

    `evidence`: also by which steps.
    """

    rubric: Rubric
    acts: Acts
    ledgers: Mapping[int, int]
    version: int | None
    moved: Mapping[int, int]
    evidence: bool = False
    whole: bool = True

    def lines(self, sandbox: Sandbox, members: Sequence[Member], patience: Patience) -> dict[int, Line]:
        """The lines of these members of a sandbox, by membership."""
        standing = (self.version, self.ledgers.get(sandbox.id))
        words_of = folds(entries_of(sandbox.id) if standing[1] else ())
        marks = marks_of(sandbox.id) if standing[1] else {}
        kept = judging.kept_of(sandbox.id, [member.key for member in members])
        found: dict[int, Line] = {}
        for member in sorted(members, key=lambda one: self._urgency(one, kept.get(one.key), standing)):
            known = member_of(sandbox, member.key)
            if known is None:
                continue
            words = words_of(member.id)
            judge = Judge(sandbox, self.rubric, known, words, marks, standing)
            result = self._result(judge, kept.get(member.key), patience)
            if result is not None:
                found[member.id] = line_of(self.rubric, result, member.id, words, sandbox.id)
        return found

    def _result(self, judge: Judge, row: Any, patience: Patience) -> MemberResult | None:
        """What was kept, if it still holds; else judged now; else what was kept, if only steps came since."""
        old = self._is_old(row, judge.standing)
        if old or row.step < self.moved.get(judge.sandbox.id, 0):
            result = self._judged(judge, patience)
            if result is not None or old:
                return result
        return results.read(self.rubric, judge.member, row.result, evidence=self.evidence)

    def _judged(self, judge: Judge, patience: Patience) -> MemberResult | None:
        """The result as of now; None where there is no time left for it."""
        try:
            if patience.is_left:
                return judge.now()
        except state.NotYet:
            pass
        self.whole = False
        return None

    def _is_old(self, row: Any, standing: judging.Standing) -> bool:
        """Whether what is kept is of another rubric or ledger, or there is nothing."""
        return row is None or (row.rubric, row.ledger) != standing

    def _urgency(self, member: Member, row: Any, standing: judging.Standing) -> tuple[int, int]:
        """Who is judged first: those of whom nothing is known, those who acted, those who wait longest."""
        if self._is_old(row, standing):
            return 0, 0
        return (1 if row.step < self.acts.tried(member.id) else 2), row.step


def _ledgers(sandboxes: Sequence[Sandbox]) -> dict[int, int]:
    """The last row of the ledger of each sandbox that has one."""
    ids = [sandbox.id for sandbox in sandboxes]
    query = select(LedgerEntry.sandbox_id, func.max(LedgerEntry.id)).where(LedgerEntry.sandbox_id.in_(ids))
    return {row[0]: row[1] for row in connection().execute(query.group_by(LedgerEntry.sandbox_id))}


def _version(sandboxes: Sequence[Sandbox]) -> int | None:
    courses = {sandbox.course_id for sandbox in sandboxes}
    query = select(func.max(RubricVersion.id)).where(RubricVersion.course_id.in_(courses))
    found: int | None = connection().execute(query).scalar()
    return found


def _moved(sandboxes: Sequence[Sandbox]) -> dict[int, int]:
    """The last step of each sandbox that was more than a look, whoever did it."""
    some = select(_operation.c.id).where(
        _operation.c.sandbox_id == _sandbox.c.id, _operation.c.verb.not_in(sorted(LOOKS))
    )
    newest = some.order_by(_operation.c.id.desc()).limit(1).correlate(_sandbox).scalar_subquery()
    query = select(_sandbox.c.id, newest).where(_sandbox.c.id.in_([one.id for one in sandboxes]))
    return {row[0]: row[1] or 0 for row in connection().execute(query)}
