"""Which index a list goes by: the order's for a large visible slice, the owners' for a small one.

An indexed order is right for somebody who sees much and ruinous for somebody who sees little: the database would
walk through everybody's rows to find fifty of theirs. So the size of the slice is looked up first, up to a bound,
in the index of owners alone.
"""

from typing import Any

from sqlalchemy import Select, func, select

from labapp.access.actor import Actor
from labapp.access.everyone import EVERYONE
from labapp.access.rules import READ, owners
from labapp.db import Record, db

SMALL = 2_000


def steer(query: Select[Any], model: type[Record], actor: Actor, question: Any) -> Select[Any]:
    """The same query, walked by owner where the actor's slice is small."""
    if not by_owner(model, actor):
        return query
    mine = owners(actor, READ)
    if not is_small(model, actor, mine):
        return query
    inside = select(model.id).where(
        model.sandbox_id == actor.sandbox_id, model.owner_id.in_(mine), model.deleted_at.is_(None)
    )
    slice_ = inside.cte(f"{model.__tablename__}_slice").prefix_with("MATERIALIZED")
    return query.where(model.id.in_(select(slice_.c.id)))


def by_owner(model: type[Record], actor: Actor) -> bool:
    """Whether ownership alone decides what the actor reads of this kind."""
    if actor.sees_all or model.reach != "private":
        return False
    return actor.mode(model.setting) == "private"


def is_small(model: type[Record], actor: Actor, mine: list[int]) -> bool:
    """Whether these owners have fewer than 2,000 rows, looked up in the index of owners alone."""
    some = select(model.id).where(model.sandbox_id == actor.sandbox_id, model.owner_id.in_(mine)).limit(SMALL)
    query = select(func.count()).select_from(some.subquery())
    return int(db.session.execute(query, execution_options={"seen_by": EVERYONE}).scalar_one()) < SMALL
