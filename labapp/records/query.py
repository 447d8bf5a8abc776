"""Reading records, always for somebody."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, select

from labapp.access.actor import Actor
from labapp.db import Record, db

R = TypeVar("R", bound=Record)


def rows(model: type[R], actor: Actor, *where: Any, order: Any = None, limit: int | None = None) -> list[R]:
    """The records of `model` that the actor may see and that match `where`; newest first if no order is given."""
    query = select(model).where(*where).order_by(model.id.desc() if order is None else order).limit(limit)
    return list(db.session.scalars(query, execution_options={"seen_by": actor}))


def one(model: type[R], actor: Actor, record_id: int) -> R | None:
    """The record with this id, if the actor may see it."""
    query = select(model).where(model.id == record_id, model.sandbox_id == actor.sandbox_id)
    return db.session.scalars(query, execution_options={"seen_by": actor}).one_or_none()


def answers(query: Select[*tuple[Any, ...]], actor: Actor) -> Sequence[Any]:
    """The rows of a report's own SELECT, filtered to what the actor may see."""
    return db.session.execute(query, execution_options={"seen_by": actor}).all()
