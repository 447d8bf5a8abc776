"""What follows from records and is in no archive: the words they are found by, and the keys of what may be the same."""

from typing import Any

from sqlalchemy import select

from labapp.access.actor import Actor, system_actor
from labapp.access.rules import record_models
from labapp.db import Record, connection, db
from labapp.people.models import Sandbox
from labapp.records import after
from labapp.records.rows import new_row
from labapp.records.work import writing
from labapp.values import dataclass

AT_ONCE = 500


@dataclass(frozen=True)
class Indexing:
    """Stands where a Work stands while records are written: it says whose custom fields they have."""

    actor: Actor


def index(sandbox_id: int) -> None:
    """Make it for every record of a sandbox that had none of it."""
    house = system_actor(db.session.get_one(Sandbox, sandbox_id, populate_existing=True))
    for model in record_models().values():
        last = 0
        while last is not None:
            last = _portion(model, Indexing(house), last)


def _portion(model: Any, indexing: Indexing, after_id: int) -> Any:
    """The next records of a kind; returns the number of the last, None where there are no more."""
    table: Any = model.__table__
    mine = table.c.sandbox_id == indexing.actor.sandbox_id
    query = select(table).where(mine, table.c.id > after_id, table.c.deleted_at.is_(None))
    query = query.order_by(table.c.id).limit(AT_ONCE)
    with writing():
        db.session.info["work"] = indexing
        try:
            found = connection().execute(query).mappings()
            rows: list[Record] = [new_row(model, {**row}) for row in found]  # the session need not know them
            after.index_all(rows)
            last = rows[-1].id if len(rows) == AT_ONCE else None
        finally:
            db.session.info.pop("work", None)
    return last
