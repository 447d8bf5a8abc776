"""Which records of a kind were changed since a step, and which others that moves: what kept answers ask of the log."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, func, literal_column, select, union_all

from labapp.access.rules import record_models
from labapp.db import connection
from labapp.oplog.models import Operation, Touch
from labapp.records.snapshot import kind_of

MOST_CHANGED = 200
BEYOND = 2**31 - 1  # behind the last record: what an integer holds on both databases
TOUCH: Any = Touch.__table__
STEP: Any = Operation.__table__


def changing(sandbox_id: Any, model: Any) -> tuple[Any, ...]:
    """The touches of records of this kind by steps that changed them."""
    look = TOUCH.c.look == literal_column("0")
    return TOUCH.c.sandbox_id == sandbox_id, TOUCH.c.kind == kind_of(model), look


def newest_of(sandbox_id: Any, models: Iterable[Any]) -> Any:
    """SQL: the newest change of these kinds. Each is looked up in an index: asked together all would be read."""
    steps = (select(func.max(TOUCH.c.step).label("step")).where(*changing(sandbox_id, m)) for m in models)
    newest = union_all(*steps).subquery()
    return select(func.coalesce(func.max(newest.c.step), 0)).scalar_subquery()


def inside(column: Any) -> Any:
    """SQL: true; where a few parts are added up anew, only of the records that lie between these."""
    return column.between(bindparam("part_first", 0, Integer), bindparam("part_last", BEYOND, Integer))


def moved(sandbox_id: int, model: Any, step: int) -> list[int] | None:
    """The ids of the records of a kind that later steps changed, deleted ones too. None where they are many."""
    wanted = select(TOUCH.c.serial).where(*changing(sandbox_id, model), TOUCH.c.step > step).distinct()
    serials = connection().execute(wanted.limit(MOST_CHANGED + 1)).scalars().all()
    own = model.__table__.c
    named = select(own.id).where(own.sandbox_id == sandbox_id, own.serial.in_(serials))
    found = list(connection().execute(named).scalars()) if len(serials) <= MOST_CHANGED else []
    return found if len(found) == len(serials) else None


def opened(model: Any, other: Any, ids: Sequence[int]) -> list[int] | None:
    """The records of a kind that follow these of another. None where it follows other ways."""
    if not model.follows or parent_of(model) is not other:
        return [] if not ids else None
    column = model.__table__.c[model.follows]
    below = select(model.__table__.c.id).where(column.in_(ids)).limit(MOST_CHANGED + 1)
    return list(connection().execute(below).scalars())


def parent_of(model: Any) -> Any:
    """The kind that this one follows."""
    (key,) = model.__table__.c[model.follows].foreign_keys
    return record_models()[key.column.table.name]


def counted_with(sandbox_id: int, model: Any, other: Any, step: int) -> list[int] | None:
    """The records of a kind with which those of another are counted that later steps changed.

    None where one of them was counted with another record before, or where they are many.
    """
    name = model.counted[other.__tablename__]
    changed = moved(sandbox_id, other, step)
    if changed is None or _relinked(sandbox_id, other, name.removesuffix("_id"), step):
        return None
    theirs = other.__table__.c
    with_whom = select(theirs[name]).where(theirs.id.in_(changed), theirs[name].is_not(None)).distinct()
    return list(connection().execute(with_whom).scalars())


def _relinked(sandbox_id: int, other: Any, log: str, step: int) -> bool:
    """Whether a later step gave a record of this kind another link of this name."""
    touched = select(TOUCH.c.step).where(*changing(sandbox_id, other), TOUCH.c.step > step)
    steps = select(STEP.c.changes).where(STEP.c.sandbox_id == sandbox_id, STEP.c.id.in_(touched))
    kind = kind_of(other)
    return any(
        change["kind"] == kind
        and change.get("before", {}).get(log) is not None
        and log in change.get("after", {})
        for changes in connection().execute(steps).scalars()
        for change in changes
    )
