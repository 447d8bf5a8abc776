"""What a database of an older revision lacks though its tables are right: filled in after its upgrade.

The marks of looks are set inside the upgrade itself, the only time when a table of the log may be written to. What
follows from records (words for search, keys of what may be the same) and from the log (snapshots of records that many
steps changed) is made by a job, in short parts, while people work; killed, it goes on where it was.
"""

from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from labapp import jobs
from labapp.access.actor import system_actor
from labapp.access.everyone import EVERYONE
from labapp.access.rules import record_models
from labapp.db import db, triggers
from labapp.lifecycle.indexing import Indexing
from labapp.lifecycle.taking import keep_snapshots
from labapp.oplog.models import LOOKS, Operation, Touch
from labapp.people.models import Sandbox
from labapp.records import after
from labapp.records.imports.store import pause
from labapp.records.work import writing

KIND = "upgrade.fill"
# A database made then or later has this from the start.
RECORDS_SINCE, SNAPSHOTS_SINCE, NUMBERED_SINCE = "0004", "0007", "0008"
AT_ONCE = 100
BEYOND = 2**53


def complete(connection: Connection, revision: str) -> None:
    """Mark the looks of a database that was of this revision, and ask for the rest: with the upgrade, or not at all."""
    if revision < NUMBERED_SINCE:
        triggers.number_entries(connection)
    if revision >= SNAPSHOTS_SINCE:
        return
    if revision < RECORDS_SINCE:
        mark_looks(connection)
    connection.execute(insert(jobs.Job), [{"kind": KIND, "args": {"records": revision < RECORDS_SINCE}}])


def mark_looks(connection: Connection) -> None:
    """Give the steps that changed nothing their mark among the touches, as those written today have it."""
    table: Any = Touch.__table__
    touch, step = table.c, Operation.__table__.c
    idle = (
        select(step.id)
        .where(step.sandbox_id == touch.sandbox_id, step.id == touch.step)
        .where(or_(step.outcome != "done", step.verb.in_(LOOKS)))
    )
    with triggers.lifted(connection, Touch.__tablename__):
        connection.execute(update(table).where(touch.look == 0, idle.exists()).values(look=1))


def fill(run: jobs.Run) -> None:
    """Put right what follows from log and records of every sandbox; what is right is not touched."""
    for sandbox_id in db.session.scalars(select(Sandbox.id).order_by(Sandbox.id)).all():
        keep_snapshots(sandbox_id, pause)
    if run.args.get("records", True):
        fill_records(run)


def fill_records(run: jobs.Run) -> None:
    """Words for search and keys of what may be the same, of the records of every sandbox."""
    total, done = sum(map(_count, _models().values())), int(run.resume.get("done", 0))
    begun = (run.resume.get("sandbox", 0), run.resume.get("kind", ""))
    for place in _places():
        if place < begun:
            continue
        last = run.resume.get("after", 0) if place == begun else 0
        while last < BEYOND:
            with writing():
                count, last = _portion(*place, last)
                done += count
                reached = {"sandbox": place[0], "kind": place[1], "after": last, "done": done}
                run.progress(done, max(done, total), resume=reached)
            db.session.expunge_all()
            pause()


def _models() -> dict[str, Any]:
    """The kinds whose records have anything kept beside them."""
    return {kind: model for kind, model in record_models().items() if after.has_beside(model)}


def _count(model: Any) -> int:
    query = select(func.count()).select_from(model).where(model.deleted_at.is_(None))
    return db.session.scalar(query, execution_options={"seen_by": EVERYONE}) or 0


def _places() -> list[tuple[int, str]]:
    """(sandbox, kind) wherever there are records, in the order they are gone through."""
    found = []
    for kind, model in _models().items():
        query = select(model.sandbox_id).distinct()
        found += [
            (sandbox, kind) for sandbox in db.session.scalars(query, execution_options={"seen_by": EVERYONE})
        ]
    return sorted(found)


def _portion(sandbox_id: int, kind: str, last: int) -> tuple[int, int]:
    """Look at the next records. Returns how many, and the last of them; `BEYOND` where there are no more."""
    model, sandbox = _models()[kind], db.session.get(Sandbox, sandbox_id, populate_existing=True)
    alive = (model.sandbox_id == sandbox_id, model.id > last, model.deleted_at.is_(None))
    query = select(model).where(*alive).order_by(model.id).limit(AT_ONCE)
    rows = list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))
    if not rows or sandbox is None:
        return 0, BEYOND
    db.session.info["work"] = Indexing(system_actor(sandbox))
    try:
        after.refresh_all(rows)
    finally:
        db.session.info.pop("work", None)
    return len(rows), rows[-1].id if len(rows) == AT_ONCE else BEYOND
