"""Runs and rows in the database: put there in short transactions, read in parts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Event
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from labapp.access.actor import Actor
from labapp.access.errors import NotFound
from labapp.db import db
from labapp.people.models import Sandbox
from labapp.records.imports.models import CREATE, ERROR, UPDATE, ImportRow, ImportRun
from labapp.records.imports.pace import Pace
from labapp.records.imports.tables import Table
from labapp.records.work import LARGEST_ID, writing

R = TypeVar("R")
AT_ONCE = 2_000  # rows that are read together
PAUSE = 0.12  # seconds for others between two parts: SQLite wakes who waits for the lock every 0.1 s
_never = Event()
_row: Any = ImportRow.__table__
STORE = insert(_row)
WHOLE, REPORTED = select(_row), select(_row.c.number, _row.c.fate, _row.c.remarks, _row.c.cells)
WHERE = (_row.c.run_id == bindparam("the_run"), _row.c.number == bindparam("the_number"))
OF_CHECK = ("fate", "values", "remarks", "problem", "key", "record_id")
OF_OUTCOME = ("fate", "remarks", "problem", "record_id", "serial", "step", "before")
KEEP_CHECK = update(_row).where(*WHERE).values({name: bindparam(f"new_{name}") for name in OF_CHECK})
KEEP_OUTCOME = update(_row).where(*WHERE).values({name: bindparam(f"new_{name}") for name in OF_OUTCOME})


def pause() -> None:
    """Let those who wait for the write lock have it."""
    _never.wait(PAUSE)


def in_parts(
    batch: Callable[[int], bool], after: Callable[[], object] = lambda: None, pace: Pace | None = None
) -> None:
    """Do batches of rows in transactions that are over soon; between two of them others have their turn.

    `batch(rows)` does so many, and says whether there may be more; `after` is done at the end of each transaction.
    `pace` is what was learned from rows before these.
    """
    pace, more = pace or Pace(), True
    while more:
        with writing():
            more = pace.part(batch, whole=False)
            after()
        if more:
            pause()


def each_of(rows: Sequence[R], write: Callable[[Sequence[R]], object]) -> Callable[[int], bool]:
    """A batch of `in_parts` that writes these rows, the first ones first."""
    done = 0

    def batch(count: int) -> bool:
        nonlocal done
        write(rows[done : done + count])
        done += count
        return done < len(rows)

    return batch


def put(run: ImportRun, table: Table) -> int:
    """The rows of a file, in parts behind the run. Returns its id."""
    with writing():
        db.session.add(run)
        db.session.flush()
        run_id = run.id
    in_parts(each_of(list(table.rows), lambda rows: _put(run_id, rows)))
    return run_id


def _put(run_id: int, rows: Sequence[Any]) -> None:
    values = [{"run_id": run_id, "number": row.number, "cells": list(row.cells), **EMPTY} for row in rows]
    db.session.connection().execute(STORE, values)


EMPTY: dict[str, Any] = {"fate": "", "values": {}, "remarks": [], "problem": False, "before": {}}


def change(run_id: int, **values: Any) -> None:
    """Set columns of a run inside the running write transaction."""
    statement = update(ImportRun).where(ImportRun.id == run_id).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))


def get(run_id: int) -> ImportRun:
    """The run as it stands. Raises NotFound."""
    query = select(ImportRun).where(ImportRun.id == run_id).execution_options(populate_existing=True)
    run = db.session.scalars(query).one_or_none() if 0 < run_id < LARGEST_ID else None
    if run is None:
        raise NotFound(_sentence())
    return run


def mine(actor: Actor, kind: str, run_id: int) -> ImportRun:
    """The run, if it is the actor's or the actor instructs here. Raises NotFound."""
    run = get(run_id)
    if run.sandbox_id != actor.sandbox_id or run.kind != kind or not may_see(actor, run):
        raise NotFound(_sentence())
    return run


def may_see(actor: Actor, run: ImportRun) -> bool:
    return run.membership_id == actor.id or actor.is_instructor


def _sentence() -> Any:
    return _l("There is no such import, or it is not yours.")


def runs_of(actor: Actor, kind: str, most: int = 50) -> list[ImportRun]:
    """The imports of this kind that the actor made; an instructor sees everybody's. Newest first."""
    query = select(ImportRun).where(
        ImportRun.sandbox_id == actor.sandbox_id, ImportRun.kind == kind, ImportRun.state != "reading"
    )
    if not actor.is_instructor:
        query = query.where(ImportRun.membership_id == actor.id)
    return list(db.session.scalars(query.order_by(ImportRun.id.desc()).limit(most)))


def rows(run_id: int, *where: Any, after: int = 0, limit: int = AT_ONCE) -> list[Any]:
    """Rows of the file behind a number, in their order."""
    return _behind(WHOLE, run_id, where, after, limit)


def reported(run_id: int, *where: Any, after: int = 0) -> Iterator[Any]:
    """All of them as a report says them, read in parts: number, fate, remarks, cells."""
    while part := _behind(REPORTED, run_id, where, after, AT_ONCE):
        yield from part
        after = part[-1].number


def _behind(what: Select[Any], run_id: int, where: Sequence[Any], after: int, limit: int) -> list[Any]:
    query = what.where(_row.c.run_id == run_id, _row.c.number > after, *where)
    return list(db.session.connection().execute(query.order_by(_row.c.number).limit(limit)))


def written(run_id: int, *fates: str) -> tuple[Any, ...]:
    """What says that a row of a run was written and stands; of these fates, or of any."""
    return _row.c.run_id == run_id, _row.c.fate.in_(fates or (CREATE, UPDATE)), _row.c.step.is_not(None)


def rows_before(run_id: int, number: int, limit: int) -> list[Any]:
    """Rows that were written and stand before this one, last first: what an undo goes through."""
    query = select(_row).where(*written(run_id), _row.c.number < number)
    return list(db.session.connection().execute(query.order_by(_row.c.number.desc()).limit(limit)))


def count_of(run_id: int, head_row: int) -> int:
    query = select(func.count()).where(_row.c.run_id == run_id, _row.c.number > head_row)
    return int(db.session.connection().execute(query).scalar_one())


def counts_of(run_id: int, head_row: int) -> dict[str, int]:
    """How many rows by fate, and `remarks`: taken, with something to look at."""
    mine_ = _row.c.run_id == run_id, _row.c.number > head_row
    by_fate = select(_row.c.fate, func.count()).where(*mine_).group_by(_row.c.fate)
    found = {fate: count for fate, count in db.session.connection().execute(by_fate) if fate}
    marked = select(func.count()).where(*mine_, _row.c.problem, _row.c.fate.in_((CREATE, UPDATE)))
    return {**found, "remarks": int(db.session.connection().execute(marked).scalar_one())}


def keep(statement: Any, run_id: int, rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Run KEEP_CHECK or KEEP_OUTCOME for many rows: (number, values by column)."""
    values = [
        {"the_run": run_id, "the_number": number, **{f"new_{name}": v for name, v in said.items()}}
        for number, said in rows
    ]
    if values:
        db.session.connection().execute(statement, values)


def outcome(row: Any, fate: str, said: Sequence[str] = ()) -> dict[str, Any]:
    """The columns of KEEP_OUTCOME for a row: this fate, and these sentences about the row as a whole."""
    remarks = [*row.remarks, *([None, sentence] for sentence in said)]
    same = {name: getattr(row, name) for name in ("record_id", "serial", "step", "before")}
    return {"fate": fate, "remarks": remarks, "problem": bool(remarks), **same}


def drop(run_id: int) -> None:
    """The rows away in parts, then the run."""

    def batch(count: int) -> bool:
        first = select(_row.c.number).where(_row.c.run_id == run_id).order_by(_row.c.number).limit(count)
        numbers = db.session.connection().execute(first).scalars().all()
        if numbers:
            gone = delete(_row).where(_row.c.run_id == run_id, _row.c.number <= numbers[-1])
            db.session.connection().execute(gone)
        return bool(numbers)

    in_parts(batch)
    with writing():
        gone = delete(ImportRun).where(ImportRun.id == run_id)
        db.session.execute(gone.execution_options(synchronize_session=False))


def sandbox_of(run: ImportRun) -> Sandbox:
    return db.session.get_one(Sandbox, run.sandbox_id, populate_existing=True)


def in_error() -> Any:
    """The rows that cannot be taken."""
    return _row.c.fate == ERROR


def with_remarks(said: bool = True) -> Any:
    """The rows that are in error or left out or have something to look at; or those that have nothing."""
    return _row.c.problem.is_(said)
