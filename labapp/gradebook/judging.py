"""Judging one student for coach and wall, and keeping how the student stood for whoever asks next."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, select

from labapp.db import apart, connection, dialects
from labapp.db.quick import Quick
from labapp.gradebook import results, state
from labapp.gradebook.ledger import Fold, Marks
from labapp.gradebook.live import caught_up
from labapp.gradebook.models import CoachResult
from labapp.grading import Member, Replay, Rubric, Views, grade_member
from labapp.grading.coach import waits_for_work
from labapp.grading.collector import collector_at_rest
from labapp.grading.grade import MemberResult, Shares, shares_of
from labapp.grading.needs import LOOKS
from labapp.oplog.models import Operation
from labapp.people.models import STUDENT, Sandbox
from labapp.values import dataclass

Standing = tuple[int | None, int | None]  # the last rubric version, the last ledger row
KEPT = 2_000
_result: Any = CoachResult.__table__
_pending: dict[tuple[int, str, bool], dict[str, Any]] = {}


def acted_since(
    sandbox: ColumnElement[Any], step: ColumnElement[Any], member: ColumnElement[Any]
) -> Select[Any]:
    """What a member did since a step besides looking, given as columns or parameters: one row each."""
    return select(Operation.id).where(
        Operation.sandbox_id == sandbox,
        Operation.id > step,
        Operation.member == member,
        Operation.verb.not_in([literal_column(f"'{verb}'") for verb in sorted(LOOKS)]),
    )


TAKEN = Quick(
    select(_result.c.step, _result.c.result).where(
        _result.c.sandbox_id == bindparam("sandbox"),
        _result.c.member == bindparam("member"),
        _result.c.checked.is_(False),
        func.coalesce(_result.c.rubric, 0) == bindparam("rubric"),
        func.coalesce(_result.c.ledger, 0) >= bindparam("word"),
        _result.c.step >= bindparam("since"),
        ~acted_since(_result.c.sandbox_id, _result.c.step, _result.c.member).exists(),
    )
)


@dataclass(frozen=True)
class Then:
    """What a student had when the tasks were due, and on what that rests besides the log, which lab time has passed."""

    stamp: str
    due: datetime
    rubric: Rubric
    marks: Marks
    shares: Shares

    def rests_on(self, judge: "Judge", due: datetime) -> bool:
        same = self.rubric is judge.rubric and self.due == due
        return same and self.stamp == judge.sandbox.stamp and self.marks == judge.marks


_then: OrderedDict[tuple[int, str], Then] = OrderedDict()


@dataclass
class Judge:
    """What judging one student needs. `found`: how the student stands, once that was asked or taken."""

    sandbox: Sandbox
    rubric: Rubric
    member: Member
    fold: Fold
    marks: Marks
    standing: Standing
    found: MemberResult | None = field(default=None, init=False)

    @property
    def is_followed(self) -> bool:
        """Whether the student sees how things stand now: without self-checks, and once the grades are out."""
        return self.rubric.self_checks_per_hour is None or self.fold.released is not None

    @property
    def due(self) -> datetime | None:
        """When the tasks are due for this student, in lab time."""
        due = self.rubric.due
        return self.fold.extended or (due.on(self.sandbox.starts_at) if due else None)

    def now(self) -> MemberResult:
        """How the student stands, from what the database keeps. Raises state.NotYet."""
        if self.found is None:
            with collector_at_rest():
                views = self._views()
                self.found, last = self._graded(views), views.now.last
                del views  # before the collector goes on: it would walk all of it
            self._keep(self.found, last.id if last else 0, checked=False)
        return self.found

    def take(self, since: int, word: int) -> int:
        """Let the student stand as any process has judged at this step and ledger row or later, if no act has followed.

        Returns the step of that; 0 where there is nothing of this rubric, or the first look would count as work.
        """
        sandbox, asked = self.sandbox, {"since": since, "word": word, "rubric": self.standing[0] or 0}
        row = TAKEN({**asked, "sandbox": sandbox.id, "member": self.member.member}).first()
        if row is None or row.step > sandbox.last_step:
            return 0
        found = results.read(self.rubric, self.member, row.result)
        if waits_for_work(found):
            return 0
        self.found = found
        return int(row.step)

    def as_of(self, step: int) -> MemberResult:
        """How the student stood after this step, a self-check (0: before all)."""
        kept = self._kept(step)
        if kept is not None:
            return kept
        found = (
            self._graded(Views(Replay(state.header_of(self.sandbox)))) if not step else self._back_then(step)
        )
        self._keep(found, step, checked=True)
        return found

    def _back_then(self, step: int) -> MemberResult:
        try:
            return self._graded(self._views(step))
        except state.NotYet:  # what is kept has gone on beyond the check: the log is read
            with caught_up(self.sandbox) as live:
                return self._graded(live.views(self.rubric, self.fold.extended, live.up_to(step)))

    def _views(self, last: int | None = None) -> Views:
        sandbox, key = self.sandbox, self.member.member
        return state.views(sandbox, key, self.rubric, self.fold.extended, last, self._had)

    def _had(self, due: datetime, at_due: Callable[[], Replay]) -> Shares:
        """What the student had when the tasks were due. Judged once: lab time never goes back."""
        key = (self.sandbox.id, self.member.member)
        known = _then.get(key)
        if known is not None and known.rests_on(self, due):
            return known.shares
        shares = shares_of(at_due(), self.rubric, self.member, self.marks)
        _then[key] = Then(self.sandbox.stamp, due, self.rubric, self.marks, shares)
        while len(_then) > KEPT:
            _then.popitem(last=False)
        return shares

    def _graded(self, views: Views) -> MemberResult:
        return grade_member(views, self.rubric, self.member, self.marks)

    def _kept(self, step: int) -> MemberResult | None:
        """The result of this check, if it was kept for the rubric and ledger in force."""
        row = kept_of(self.sandbox.id, [self.member.member], checked=True).get(self.member.member)
        if row is None or (row.step, (row.rubric, row.ledger)) != (step, self.standing):
            return None
        return results.read(self.rubric, self.member, row.result)

    def _keep(self, found: MemberResult, step: int, *, checked: bool) -> None:
        key, (rubric, ledger) = (self.sandbox.id, self.member.member, checked), self.standing
        named = {"sandbox_id": key[0], "member": key[1], "checked": checked}
        rest = {"step": step, "rubric": rubric, "ledger": ledger, "result": results.plain(found)}
        _pending[key] = {**named, **rest}


def member_of(sandbox: Sandbox, key: str) -> Member | None:
    """The student of this key, as the log's header names them."""
    found = state.header_of(sandbox).by_key.get(key)
    return found if found is not None and found.role == STUDENT else None


def kept_of(sandbox_id: int, members: Sequence[str], *, checked: bool = False) -> dict[str, Any]:
    """The results that are kept of these members, by key."""
    query = select(_result).where(
        _result.c.sandbox_id == sandbox_id, _result.c.member.in_(members), _result.c.checked.is_(checked)
    )
    return {row.member: row for row in connection().execute(query)}


def put_away(sandbox_id: int, member: str) -> None:
    """Write what was judged of this member, inside the running write transaction; later ones stay."""
    for checked in (False, True):
        row = _pending.pop((sandbox_id, member, checked), None)
        if row is not None:
            _writing()(row)


def put_all_away() -> None:
    """Write everything that this process has judged, in a short transaction."""
    rows = list(_pending.values())
    _pending.clear()
    if rows:
        with apart():
            _writing().many(rows)


def forget() -> None:
    """The database was replaced: what was judged is worth nothing."""
    _pending.clear()
    _then.clear()


@dialects.made_once
def _writing() -> Quick:
    """Keep a result, unless one as of a later step is there."""
    statement = dialects.insert(_result)
    new = statement.excluded
    keys, rest = ["sandbox_id", "member", "checked"], ["step", "rubric", "ledger", "result"]
    values, older = {name: new[name] for name in rest}, _result.c.step <= new.step
    upsert = statement.on_conflict_do_update(index_elements=keys, set_=values, where=older)
    return Quick(upsert, [*keys, *rest])
