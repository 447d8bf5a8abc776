"""Judging one student for coach and wall, and keeping how the student stood for whoever asks next."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from labapp.db import apart, connection, dialects
from labapp.db.quick import Quick
from labapp.gradebook import results, state
from labapp.gradebook.ledger import Fold, Marks
from labapp.gradebook.live import caught_up
from labapp.gradebook.models import CoachResult
from labapp.grading import Member, Replay, Rubric, Views, grade_member
from labapp.grading.collector import collector_at_rest
from labapp.grading.grade import MemberResult, Shares, shares_of
from labapp.people.models import Sandbox
from labapp.values import dataclass

Standing = tuple[int | None, int | None]  # the last rubric version, the last ledger row
KEPT = 2_000
_result: Any = CoachResult.__table__
_pending: dict[tuple[int, str, bool], dict[str, Any]] = {}


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
    """What judging one student needs. `worked`: whether the student has done anything, once `now` was asked."""

    sandbox: Sandbox
    rubric: Rubric
    member: Member
    fold: Fold
    marks: Marks
    standing: Standing
    worked: bool = field(default=True, init=False)

    @property
    def due(self) -> datetime | None:
        """When the tasks are due for this student, in lab time."""
        due = self.rubric.due
        return self.fold.extended or (due.on(self.sandbox.starts_at) if due else None)

    def now(self) -> MemberResult:
        """How the student stands, from what the database keeps. Raises state.NotYet."""
        with collector_at_rest():
            views = self._views()
            self.worked = views.now.acts(self.member.member).worked
            found = self._graded(views)
        self._keep(found, views.now.last.id if views.now.last else 0, checked=False)
        return found

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
    return next((one for one in state.header_of(sandbox).students if one.member == key), None)


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
