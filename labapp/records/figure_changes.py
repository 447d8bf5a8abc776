"""Which records of a kind were changed since a step, and which others that moves: what kept answers ask of the log."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, literal_column, select, union_all

from labapp.access.rules import record_models
from labapp.db.quick import Quick
from labapp.oplog.models import Operation, Touch
from labapp.records.snapshot import kind_of

MOST_CHANGED = 200
TOUCH: Any = Touch.__table__
STEP: Any = Operation.__table__
SANDBOX: Any = bindparam("sandbox")
LATER = TOUCH.c.step > bindparam("step", type_=Integer)


def changing(sandbox_id: Any, model: Any) -> tuple[Any, ...]:
    """The touches of records of this kind by steps that changed them."""
    look = TOUCH.c.look == literal_column("0")
    return TOUCH.c.sandbox_id == sandbox_id, TOUCH.c.kind == kind_of(model), look


def newest_of(sandbox_id: Any, models: Iterable[Any]) -> Any:
    """SQL: the newest change of these kinds. Each is looked up in an index: asked together all would be read."""
    steps = (select(func.max(TOUCH.c.step).label("step")).where(*changing(sandbox_id, m)) for m in models)
    newest = union_all(*steps).subquery()
    return select(func.coalesce(func.max(newest.c.step), 0)).scalar_subquery()


def moved(sandbox_id: int, model: Any, step: int) -> list[int] | None:
    """The ids of the records of a kind that later steps changed, deleted ones too. None where they are many."""
    found = _moved(model)({"sandbox": sandbox_id, "step": step})
    ids = [row.id for row in found]
    return None if len(found) > MOST_CHANGED or None in ids else ids


@lru_cache(200)
def _moved(model: Any) -> Quick:
    """The serials that later steps named, each with the id of its record: nothing where it was purged."""
    own = model.__table__.c
    serials = select(TOUCH.c.serial).where(*changing(SANDBOX, model), LATER).distinct()
    named = serials.limit(MOST_CHANGED + 1).subquery()
    same = and_(own.sandbox_id == SANDBOX, own.serial == named.c.serial)
    return Quick(select(own.id).select_from(named.outerjoin(model.__table__, same)))


def opened(model: Any, other: Any, ids: Sequence[int]) -> list[int] | None:
    """The records of a kind that follow these of another. None where it follows other ways, or they are many."""
    if not ids:
        return []
    if not model.follows or parent_of(model) is not other:
        return None
    found = _below(model, model.follows)({"ids": list(ids)})
    return None if len(found) > MOST_CHANGED else [row.id for row in found]


@lru_cache(200)
def _below(model: Any, column: str) -> Quick:
    own = model.__table__.c
    above = own[column].in_(bindparam("ids", expanding=True))
    return Quick(select(own.id).where(above).limit(MOST_CHANGED + 1))


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
    return [row[0] for row in _counted(other, name)({"ids": changed})] if changed else []


@lru_cache(200)
def _counted(other: Any, name: str) -> Quick:
    theirs = other.__table__.c
    these = theirs.id.in_(bindparam("ids", expanding=True)), theirs[name].is_not(None)
    return Quick(select(theirs[name]).where(*these).distinct())


def _relinked(sandbox_id: int, other: Any, log: str, step: int) -> bool:
    """Whether a later step gave a record of this kind another link of this name."""
    kind = kind_of(other)
    return any(
        change["kind"] == kind
        and change.get("before", {}).get(log) is not None
        and log in change.get("after", {})
        for row in _steps(other)({"sandbox": sandbox_id, "step": step})
        for change in row.changes
    )


@lru_cache(200)
def _steps(other: Any) -> Quick:
    """What the later steps changed that touched records of a kind."""
    touched = select(TOUCH.c.step).where(*changing(SANDBOX, other), LATER)
    return Quick(select(STEP.c.changes).where(STEP.c.sandbox_id == SANDBOX, STEP.c.id.in_(touched)))
