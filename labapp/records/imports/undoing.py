"""Taking an import back as a whole, unless somebody has changed its records or built upon them (product.md §5.14)."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, literal_column, select

from labapp.access.errors import Refused
from labapp.db import db
from labapp.oplog.models import Touch
from labapp.records.dependents import built_upon
from labapp.records.imports import store
from labapp.records.imports.models import BACK, CREATE, UNDONE, UPDATE, ImportRow
from labapp.records.imports.pace import Pace
from labapp.records.imports.running import Progress, Task, close, end, task_of
from labapp.records.many import Many
from labapp.records.values import typed
from labapp.records.work import Source, writing

NAMED = 10
BEYOND = 2**31 - 1  # behind the last row
_touch: Any = Touch.__table__.c
_row: Any = ImportRow.__table__


def in_the_way(task: Task, rows: Sequence[Any]) -> list[Any]:
    """Those of these written rows whose records somebody has changed or built upon since; to look hinders nothing."""
    query = select(_row.c.number).where(*_changed(task), _row.c.number.in_([row.number for row in rows]))
    changed = set(db.session.connection().execute(query).scalars())
    based = built_upon(task.run.sandbox_id, task.type, [row.record_id for row in rows if row.fate == CREATE])
    return [row for row in rows if row.number in changed or row.record_id in based]


def _changed(task: Task) -> tuple[Any, ...]:
    """The written rows of the run whose record a later step has touched."""
    later = (
        _touch.sandbox_id == task.run.sandbox_id,
        _touch.kind == task.run.kind,
        _touch.serial == _row.c.serial,
        _touch.step > _row.c.step,
        _touch.look == literal_column("0"),
    )
    return *store.written(task.run.id), exists().where(*later)


def obstacles(task: Task) -> list[int]:
    """The numbers of all rows whose records somebody has changed or built upon since, in their order."""
    connection = db.session.connection()
    found = set(connection.execute(select(_row.c.number).where(*_changed(task))).scalars())
    made = store.written(task.run.id, CREATE)
    ends = select(func.min(_row.c.record_id), func.max(_row.c.record_id)).where(*made)
    first, last = connection.execute(ends).one()
    based = built_upon(task.run.sandbox_id, task.type, range(first, last + 1)) if first is not None else set()
    if based:
        pairs = connection.execute(select(_row.c.number, _row.c.record_id).where(*made))
        found |= {number for number, record_id in pairs if record_id in based}
    return sorted(found)


def require_free(task: Task) -> None:
    """Raises Refused, naming them, where records were changed or built upon."""
    found = obstacles(task)
    if not found:
        return
    rows = store.rows(task.run.id, _row.c.number.in_(found[:NAMED]))
    names = [_("%(title)s (row %(row)s)", title=title_of(task, row), row=row.number) for row in rows]
    if len(found) > NAMED:
        names.append(_("%(count)s more", count=len(found) - NAMED))
    raise Refused(
        _(
            "This import cannot be undone: somebody has changed these records or built upon them: %(names)s.",
            names=", ".join(names),
        )
    )


def title_of(task: Task, row: Any) -> str:
    """What the file itself calls the record."""
    return str(row.values.get(task.type.title) or row.key or f"#{row.serial}")


def undo(run_id: int, membership_id: int, source: Source, progress: Progress) -> None:
    """Delete what was created and set back what was changed, last row first, in parts."""
    more, pace = True, Pace()
    while more:
        with writing():
            task = task_of(run_id, membership_id, source)
            more = _undo_part(task, pace, progress)
        if more:
            store.pause()
    if not task.is_small:
        end(run_id, UNDONE, progress)


def _undo_part(task: Task, pace: Pace, progress: Progress) -> bool:
    """As many rows as there is time for. `written` is the row before which the next part goes on."""
    run, before = task.run, task.run.written

    def batch(count: int) -> bool:
        nonlocal before
        rows = store.rows_before(run.id, before, count)
        if not rows:
            return False
        _take_back(task, rows)
        before = rows[-1].number
        return True

    more = pace.part(batch, whole=task.is_small)
    if task.is_small:
        close(run.id, UNDONE, store.counts_of(run.id, run.head_row))
    else:
        store.change(run.id, written=before)
        progress(min(run.total, max(0, run.total - (before - run.head_row))), run.total)
    return more


def _take_back(task: Task, rows: Sequence[Any]) -> None:
    """These rows; what somebody has changed since the whole was looked at stays, and its row says so."""
    stays = {row.number for row in in_the_way(task, rows)}
    made = [row for row in rows if row.fate == CREATE and row.number not in stays]
    changed = [row for row in rows if row.fate == UPDATE and row.number not in stays]
    with Many(task.actor, task.type, task.source) as many:
        gone = many.delete([row.record_id for row in made], task.answers(made))
        before = [(row.record_id, _columns_before(task, row)) for row in changed]
        back = many.update(before, task.answers(changed))
    outcomes = []
    for row, written in zip([*made, *changed], [*gone, *back], strict=True):
        done = written.error is None
        outcomes.append(
            (row.number, store.outcome(row, BACK if done else row.fate, [] if done else [str(written.error)]))
        )
    sentence = _("Somebody has changed this record or built upon it: it stays.")
    outcomes += [
        (row.number, store.outcome(row, row.fate, [sentence])) for row in rows if row.number in stays
    ]
    store.keep(store.KEEP_OUTCOME, task.run.id, outcomes)


def _columns_before(task: Task, row: Any) -> dict[str, Any]:
    """The columns as they were; custom fields stand together in `extra`."""
    shapes = task.type.fields
    return {
        name: typed(shapes[name].shape, value) if name in shapes else value
        for name, value in row.before.items()
    }
