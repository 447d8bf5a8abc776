"""Taking an import back as a whole, unless somebody has changed its records or built upon them (product.md §5.14)."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from labapp import clock
from labapp.access.errors import Refused
from labapp.db import db
from labapp.oplog.models import Touch
from labapp.records.dependents import built_upon
from labapp.records.imports import store
from labapp.records.imports.models import BACK, CREATE, UNDONE, UPDATE
from labapp.records.imports.running import BATCH, HOLD, Progress, Task, task_of
from labapp.records.many import Many
from labapp.records.values import typed
from labapp.records.work import Source, writing

NAMED = 10
BEYOND = 2**31 - 1  # behind the last row
_touch: Any = Touch.__table__.c


def obstacles(task: Task) -> list[Any]:
    """The rows whose records somebody has changed or built upon since, in their order."""
    found: list[Any] = []
    number = BEYOND
    while part := store.rows_before(task.run.id, number, 500):
        found += in_the_way(task, part)
        number = part[-1].number
    return found[::-1]


def in_the_way(task: Task, rows: Sequence[Any]) -> list[Any]:
    """Those of these written rows that cannot be taken back."""
    serials = [row.serial for row in rows]
    query = (
        select(_touch.serial, func.max(_touch.step))
        .where(
            _touch.sandbox_id == task.run.sandbox_id, _touch.kind == task.run.kind, _touch.serial.in_(serials)
        )
        .group_by(_touch.serial)
    )
    last = {row.serial: row[1] for row in db.session.connection().execute(query)}
    based = built_upon(task.type, [row.record_id for row in rows if row.fate == CREATE])
    return [row for row in rows if last.get(row.serial, row.step) > row.step or row.record_id in based]


def require_free(task: Task) -> None:
    """Raises Refused, naming them, where records were changed or built upon."""
    found = obstacles(task)
    if not found:
        return
    names = [_("%(title)s (row %(row)s)", title=title_of(task, row), row=row.number) for row in found[:NAMED]]
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
    more = True
    while more:
        with writing():
            task = task_of(run_id, membership_id, source)
            more = _undo_part(task, progress)
        if more:
            store.pause()


def _undo_part(task: Task, progress: Progress) -> bool:
    """As many rows as there is time for. `written` is the row before which the next part goes on."""
    began, longest, before = clock.monotonic(), 0.0, task.run.written
    while task.is_small or longest == 0.0 or clock.monotonic() - began + longest < HOLD:
        batch_began = clock.monotonic()
        rows = store.rows_before(task.run.id, before, BATCH)
        if not rows:
            counts = store.counts_of(task.run.id, task.run.head_row)
            store.change(task.run.id, state=UNDONE, counts=counts, written=0)
            progress(task.run.total, task.run.total)
            return False
        _take_back(task, rows)
        before = rows[-1].number
        longest = max(longest, clock.monotonic() - batch_began)
    store.change(task.run.id, written=before)
    progress(max(0, task.run.total - (before - task.run.head_row)), task.run.total)
    return True


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
