"""Which index a list goes by: the order's for a large visible slice, the owners' for a small one.

An indexed order is right for somebody who sees much and ruinous for somebody who sees little: the database would
walk through everybody's rows to find fifty of theirs. So the size of the slice is looked up first, up to a bound,
in the index of owners alone.
"""

from collections.abc import Hashable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.rules import READ, owners
from labapp.db import Record, db

SMALL = 2_000
KEPT, A_MINUTE = 10_000, 60.0
_large: dict[Hashable, float] = {}


def size(model: type[Record], actor: Actor) -> int:
    """How many rows the actor's slice has, counted to 2,000; 2,000 where it is not owners alone who decide.

    That a slice is large is remembered for a minute: it chooses the index, never what is seen.
    """
    if not by_owner(model, actor):
        return SMALL
    key = (model, actor.sandbox_id, actor.stamp, actor.id)
    if _large.get(key, 0.0) > clock.monotonic():
        return SMALL
    found = counted(model, actor, owners(actor, READ))
    if found >= SMALL:
        if len(_large) >= KEPT:
            _large.clear()
        _large[key] = clock.monotonic() + A_MINUTE
    return found


def through(query: Select[Any], model: type[Record], mine: ColumnElement[bool]) -> Select[Any]:
    """The same query, walked by owner."""
    inside = select(model.id).where(mine)
    slice_ = inside.cte(f"{model.__tablename__}_slice").prefix_with("MATERIALIZED")
    return query.where(model.id.in_(select(slice_.c.id)))


def by_owner(model: type[Record], actor: Actor) -> bool:
    """Whether ownership alone decides what the actor reads of this kind."""
    if actor.sees_all or model.reach != "private":
        return False
    return actor.mode(model.setting) == "private"


def counted(model: type[Record], actor: Actor, mine: list[int]) -> int:
    """How many rows these owners have, counted to 2,000 in the index of owners alone."""
    asked = {"sandbox": actor.sandbox_id, "owners": mine}
    return int(db.session.connection().execute(_counted(model), asked).scalar_one())


@cache
def _counted(model: type[Record]) -> Any:
    """The number of rows of some owners, counted to 2,000. Tells nobody anything but how to go on."""
    row = model.__table__.c
    owned = row.owner_id.in_(bindparam("owners", expanding=True))
    some = select(row.id).where(row.sandbox_id == bindparam("sandbox"), owned).limit(SMALL)
    return select(func.count()).select_from(some.subquery())
