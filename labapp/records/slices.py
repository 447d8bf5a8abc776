"""Which index a list goes by: the order's for a large visible slice, the owners' for a small one.

An indexed order is right for somebody who sees much and ruinous for somebody who sees little: the database would
walk through everybody's rows to find fifty of theirs. So the size of the slice is looked up first, up to a bound,
in the index of owners alone.
"""

from collections.abc import Hashable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.sql.elements import BooleanClauseList, Grouping
from sqlalchemy.sql.operators import or_ as or_operator

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.rules import READ, owners
from labapp.db import Record
from labapp.db.quick import Quick
from labapp.values import dataclass

SMALL = 2_000
KEPT, A_MINUTE = 10_000, 60.0
_large: dict[Hashable, float] = {}


@dataclass(frozen=True)
class Slice:
    """How many rows an actor's slice has, counted to 2,000, and the last serial that was given in the sandbox."""

    rows: int
    last: int = 0

    def goes_by_owner(self, page: int, *, filtered: bool) -> bool:
        """Whether to look up every row of the slice is less than to walk the order until a page is full."""
        if self.rows >= SMALL:
            return False
        return filtered or self.rows * self.rows < page * self.last


def of(model: type[Record], actor: Actor, *, by_id: bool = False) -> Slice:
    """The slice of an actor; a large one where it is not owners alone who decide.

    `by_id`: the list goes by id, and so do one owner's rows in their index, which then is the right one for any number.
    That a slice is large is remembered for a minute: it chooses the index, never what is seen.
    """
    if not by_owner(model, actor) or (by_id and _is_alone(model, actor)):
        return Slice(SMALL)
    key = (model, actor.sandbox_id, actor.stamp, actor.id)
    if _large.get(key, 0.0) > clock.monotonic():
        return Slice(SMALL)
    found = counted(model, actor)
    if found.rows >= SMALL:
        if len(_large) >= KEPT:
            _large.clear()
        _large[key] = clock.monotonic() + A_MINUTE
    return found


def through(query: Select[Any], model: type[Record], mine: ColumnElement[bool]) -> Select[Any]:
    """The same query, walked by owner (and by assignee)."""
    first, *others = (select(model.id).where(part) for part in branches(mine))
    inside: Any = first.union(*others) if others else first
    slice_ = inside.cte(f"{model.__tablename__}_slice").prefix_with("MATERIALIZED")
    return query.where(model.id.in_(select(slice_.c.id)))


def branches(rule: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    """The alternatives of a rule, each with what they share: SQLite looks up each in an index, but not both at once."""
    shared = list(rule.clauses) if isinstance(rule, BooleanClauseList) else []
    for place, clause in enumerate(shared):
        either = clause.element if isinstance(clause, Grouping) else clause
        if isinstance(either, BooleanClauseList) and either.operator is or_operator:
            rest = shared[:place] + shared[place + 1 :]
            return [and_(*rest, branch) for branch in either.clauses]
    return [rule]


def by_owner(model: type[Record], actor: Actor) -> bool:
    """Whether ownership alone, or being the assignee, decides what the actor reads of this kind."""
    if actor.sees_all or model.reach not in {"private", "assigned"}:
        return False
    if model.kept_by == "superior" and actor.configures:
        return False
    return actor.mode(model.setting) == "private"


def _is_alone(model: type[Record], actor: Actor) -> bool:
    """Whether all that the actor reads of this kind is one owner's."""
    return model.reach == "private" and len(owners(actor, READ)) == 1


def counted(model: type[Record], actor: Actor) -> Slice:
    """The slice of the actor, counted to 2,000 in the index of owners alone (and in that of assignees)."""
    asked = {"sandbox": actor.sandbox_id, "owners": owners(actor, READ)}
    if model.reach == "assigned":
        asked["assignees"] = sorted(actor.commands)
    rows, last = _counted(model)(asked).one()
    return Slice(rows, last or 0)


@cache
def _counted(model: type[Record]) -> Quick:
    """The number of rows of some owners, and the last serial. Tells nobody anything but how to go on."""
    row = model.__table__.c
    sandbox = row.sandbox_id == bindparam("sandbox")
    some = _among(row.id, sandbox, row.owner_id, "owners")
    if model.reach == "assigned":
        handled = _among(row.id, sandbox, row.assignee_id, "assignees")
        some = select(some.subquery().c.id).union_all(select(handled.subquery().c.id))
    last = select(func.max(row.serial)).where(sandbox)
    return Quick(select(func.count(), last.scalar_subquery()).select_from(some.subquery()))


def _among(row_id: Any, sandbox: Any, column: Any, name: str) -> Any:
    """The ids of at most 2,000 rows of some members."""
    return select(row_id).where(sandbox, column.in_(bindparam(name, expanding=True))).limit(SMALL)
