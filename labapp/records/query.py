"""Reading records, always for somebody."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.db import Record, db
from labapp.db.detached import detached

R = TypeVar("R", bound=Record)


def rows(model: type[R], actor: Actor, *where: Any, order: Any = None, limit: int | None = None) -> list[R]:
    """The records of `model` that the actor may see and that match `where`; newest first if no order is given."""
    query = select(model).where(*where).order_by(model.id.desc() if order is None else order).limit(limit)
    return list(db.session.scalars(query, execution_options={"seen_by": actor}))


def one(model: type[R], actor: Actor, record_id: int) -> R | None:
    """The record with this id, if the actor may see it. For reading: a Work reads what it changes itself."""
    found = read(actor, ("one", model.__tablename__), _by_id(model), id=record_id).first()
    return None if found is None else detached(model, found)


def _by_id(model: Any) -> Builder:
    def build(visible: Visible) -> Any:
        return select(*model.__table__.c).where(model.id == bindparam("id"), visible(model))

    return build


def answers(query: Select[*tuple[Any, ...]], actor: Actor) -> Sequence[Any]:
    """The rows of a report's own SELECT, filtered to what the actor may see."""
    return db.session.execute(query, execution_options={"seen_by": actor}).all()
