"""Who seems stuck: the same act refused three times in a row, or idle for minutes while others act (product.md L6)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, select

from labapp.db import connection
from labapp.grading.needs import LOOKS
from labapp.oplog.models import Operation
from labapp.people.models import Membership
from labapp.values import dataclass

IN_A_ROW = 3
SESSION = timedelta(hours=3)  # who has done nothing for longer has left, and is not stuck
_operation: Any = Operation.__table__
_member: Any = Membership.__table__


@dataclass(frozen=True)
class Act:
    """A step as it is seen here; `at` is real time in UTC."""

    id: int
    at: datetime
    kind: str
    verb: str
    outcome: str

    @property
    def failed(self) -> bool:
        return self.outcome != "done"

    @property
    def leaves(self) -> bool:
        return (self.kind, self.verb) == ("session", "sign_out")


@dataclass(frozen=True)
class Stuck:
    """Why: `again` was refused or invalid three times in a row, or nothing happened for `minutes`."""

    again: Act | None = None
    minutes: int = 0


@dataclass(frozen=True)
class Acts:
    """The last step of each member (by membership id), and the last ones that were more than looks, newest first."""

    last: Mapping[int, Act]
    tries: Mapping[int, Sequence[Act]]

    def tried(self, membership_id: int) -> int:
        """The number of the last step that was more than a look; 0 for none."""
        tries = self.tries.get(membership_id)
        return tries[0].id if tries else 0

    def any_since(self, moment: datetime) -> bool:
        return any(act.at >= moment for act in self.last.values())


def acts_of(membership_ids: Iterable[int]) -> Acts:
    """The last acts of these members, of whatever sandbox."""
    ids = sorted(membership_ids)
    last = {number: acts[0] for number, acts in _newest(ids, 1, looks=True).items()}
    return Acts(last, _newest(ids, IN_A_ROW, looks=False))


def stuck_at(now: datetime, last: Act | None, tries: Sequence[Act], minutes: int) -> Stuck | None:
    """Whether somebody with these last acts is stuck at this real time. `minutes` 0: being quiet is no sign."""
    if last is None or last.leaves or now - last.at > SESSION:
        return None
    failed = {(act.kind, act.verb) if act.failed else () for act in tries}
    if len(tries) == IN_A_ROW and len(failed) == 1 and tries[0].failed:
        return Stuck(again=tries[0])
    quiet = int((now - last.at).total_seconds() // 60)
    return Stuck(minutes=quiet) if minutes and quiet >= minutes else None


def _newest(membership_ids: list[int], count: int, *, looks: bool) -> dict[int, list[Act]]:
    """The last steps of each of these members, newest first; looks that succeeded are left out where asked."""
    found: dict[int, list[Act]] = {}
    for row in connection().execute(_newest_of(membership_ids, count, looks=looks)):
        found.setdefault(row[0], []).append(Act(*row[1:]))
    return found


def _newest_of(membership_ids: list[int], count: int, *, looks: bool) -> Select[Any]:
    inner = _operation.alias()
    whose = and_(inner.c.sandbox_id == _member.c.sandbox_id, inner.c.member == _member.c.key)
    some = select(inner.c.id).where(whose).order_by(inner.c.id.desc()).limit(count)
    if not looks:
        some = some.where(inner.c.verb.not_in(sorted(LOOKS)) | (inner.c.outcome != "done"))
        some = some.where(inner.c.verb != "dispute")  # a quarrel about a mark is no work
    of_member = and_(
        _operation.c.sandbox_id == _member.c.sandbox_id,
        _operation.c.member == _member.c.key,
        _operation.c.id.in_(some.correlate(_member)),
    )
    columns = [_operation.c[name] for name in ("id", "at", "kind", "verb", "outcome")]
    query = select(_member.c.id, *columns).select_from(_member.join(_operation, of_member))
    query = query.where(_member.c.id.in_(membership_ids))
    return query.order_by(_member.c.id, _operation.c.id.desc())
