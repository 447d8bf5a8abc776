"""Reading records, always for somebody."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, case, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.access.rules import COMMAND, EDIT
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


def several(model: type[R], actor: Actor, ids: Sequence[int]) -> list[R]:
    """The records with these ids that the actor may see, oldest first. Few: a statement is made for each number of ids.

    For reading, as `one`.
    """
    return _among(model, actor, "id", ids)


def numbered(model: type[R], actor: Actor, serials: Sequence[int]) -> list[R]:
    """The records with these serials that the actor may see."""
    return _among(model, actor, "serial", serials)


def _among(model: type[R], actor: Actor, column: str, values: Sequence[int]) -> list[R]:
    """The visible records whose number in this column is one of these, in its order."""
    if not values:
        return []
    found = read(actor, (f"by {column}", model.__tablename__), _by(model, column), values=list(values))
    return [detached(model, row) for row in found]


def _by(model: Any, column: str) -> Builder:
    def build(visible: Visible) -> Any:
        number = getattr(model, column)
        wanted = number.in_(bindparam("values", expanding=True))
        return select(*model.__table__.c).where(wanted, visible(model)).order_by(number)

    return build


def with_standing(model: type[R], actor: Actor, record_id: int) -> tuple[R, frozenset[str]] | None:
    """The same, with what of `edit` and `command` the actor's standing gives on it: one statement for all."""
    found = read(
        actor, ("one with standing", model.__tablename__), _with_standing(model), id=record_id
    ).first()
    if found is None:
        return None
    *values, edit, command = found
    return detached(model, values), frozenset(need for need, has in ((EDIT, edit), (COMMAND, command)) if has)


def _with_standing(model: Any) -> Builder:
    def build(visible: Visible) -> Any:
        # A condition stops at what decides it; a column of SQLite works out all of it, lists of a whole sandbox too.
        more = [case((visible(model, need), 1), else_=0).label(f"may_{need}") for need in (EDIT, COMMAND)]
        return select(*model.__table__.c, *more).where(model.id == bindparam("id"), visible(model))

    return build


def by_link(statement: Select[Any], model: type[Record], *columns: str) -> Select[Any]:
    """The select, by the index of a link's column where it has one.

    SQLite knows no numbers of rows here: of two indexes it takes the one that has the order asked for, and so walks
    through the whole sandbox to find the few records that hang on one.
    """
    index = _index_of(model, columns)
    return statement.with_hint(model, f"INDEXED BY {index}", "sqlite") if index else statement


@cache
def _index_of(model: type[Record], columns: tuple[str, ...]) -> str | None:
    """The index of just these columns."""
    table: Any = model.__table__
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    found = (str(index.name) for index in indexes if tuple(index.columns.keys()) == columns)
    return next(found, None)


def answers(query: Select[*tuple[Any, ...]], actor: Actor) -> Sequence[Any]:
    """The rows of a report's own SELECT, filtered to what the actor may see."""
    return db.session.execute(query, execution_options={"seen_by": actor}).all()
