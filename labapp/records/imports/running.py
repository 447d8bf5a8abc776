"""Checking, writing and taking back a run, in parts that hold the write lock for less than half a second.

Each part keeps its rows, its steps and how far it came in one transaction: after a kill the next part goes on there.
What only reads, as the check of the rows or the count of what became of them, is done between the parts.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any

from flask_babel import gettext as _

from labapp.access.actor import Actor, actor_of
from labapp.access.errors import Refused
from labapp.db.fields import Field
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.imports import store
from labapp.records.imports.checking import Check, Checked
from labapp.records.imports.lookups import twins
from labapp.records.imports.models import CHECKED, CREATE, DONE, ERROR, SKIP, UNDONE, UPDATE, ImportRun
from labapp.records.imports.pace import Pace
from labapp.records.imports.targets import fields_for
from labapp.records.many import Many, Written
from labapp.records.values import typed
from labapp.records.work import Source, writing
from labapp.values import dataclass

AT_ONCE = 500  # rows that are checked together; so many are written in one transaction
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Task:
    """A run in the hands of one member: what the parts need to know."""

    run: ImportRun
    actor: Actor
    type: RecordType
    source: Source

    @cached_property
    def shapes(self) -> dict[str, Field]:
        return fields_for(self.type, self.actor)

    def answers(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """What the steps of these rows say of where they come from."""
        return [{"import": self.run.id, "row": row.number} for row in rows]

    @property
    def is_small(self) -> bool:
        return self.run.total <= AT_ONCE


def task_of(run_id: int, membership_id: int, source: Source | None = None) -> Task:
    """The run and who acts, as both stand now. Raises NotFound, Refused."""
    run = store.get(run_id)
    actor = actor_of(store.sandbox_of(run), membership_id)
    if actor.member.state != "active":
        raise Refused(_("Only an active member of this sandbox can import."))
    own = Source("import", run.request, run.address)
    return Task(run, actor, catalog()[run.kind], source or own)


# -- checking ----------------------------------------------------------------------------------------------------


def check(task: Task, progress: Progress) -> None:
    """Say what would become of every row. Done again it gives the same."""
    run = task.run
    mapping = {int(place): name for place, name in run.mapping.items() if name in task.shapes}
    options = run.options
    checker = Check(task.actor, task.type, mapping, options["by"], options["twins"], options["dates"])
    run_id, head_row, total, done, after = run.id, run.head_row, run.total, 0, run.head_row
    pace = Pace()
    while part := store.rows(run_id, after=after, limit=AT_ONCE):
        found = checker.rows([(row.number, row.cells) for row in part])
        done, after = done + len(part), part[-1].number
        kept = store.each_of(found, partial(_keep_check, run_id))
        store.in_parts(kept, partial(progress, done, total), pace)
    counts = store.counts_of(run_id, head_row)
    with writing():
        store.change(run_id, state=CHECKED, counts=counts, written=0)


def _keep_check(run_id: int, rows: Sequence[Checked]) -> None:
    store.keep(store.KEEP_CHECK, run_id, ((row.number, _as_columns(row)) for row in rows))


def _as_columns(row: Checked) -> dict[str, Any]:
    return {
        "fate": row.fate,
        "values": row.values,
        "remarks": [list(remark) for remark in row.remarks],
        "problem": bool(row.remarks),
        "key": row.key,
        "record_id": row.record_id,
    }


# -- writing -----------------------------------------------------------------------------------------------------


def write(run_id: int, membership_id: int, progress: Progress) -> None:
    """Write the rows that are not written yet: up to 500 in one transaction, more in parts."""
    more, pace = True, Pace()
    while more:
        with writing():
            task = task_of(run_id, membership_id)
            more = _write_part(task, pace, progress)
        if more:
            store.pause()
    if not task.is_small:
        end(task.run.id, DONE, progress)


def end(run_id: int, state: str, progress: Progress) -> None:
    """All rows are done: count what became of them, then say so."""
    run = store.get(run_id)
    total, counts = run.total, store.counts_of(run_id, run.head_row)
    with writing():
        close(run_id, state, counts)
        progress(total, total)


def close(run_id: int, state: str, counts: dict[str, int]) -> None:
    """The run has come to its end; one that is undone begins anew."""
    store.change(run_id, state=state, counts=counts, **({"written": 0} if state == UNDONE else {}))


def _write_part(task: Task, pace: Pace, progress: Progress) -> bool:
    """As many rows as there is time for. Returns whether there are more."""
    run, after = task.run, max(task.run.written, task.run.head_row)

    def batch(count: int) -> bool:
        nonlocal after
        rows = store.rows(run.id, after=after, limit=count)
        if not rows:
            return False
        _write_rows(task, [row for row in rows if row.fate in {CREATE, UPDATE} and row.step is None])
        after = rows[-1].number
        return True

    more = pace.part(batch, whole=task.is_small)
    if task.is_small:
        close(run.id, DONE, store.counts_of(run.id, run.head_row))
    else:
        store.change(run.id, written=after)
        progress(max(0, after - run.head_row), run.total)
    return more


def _write_rows(task: Task, rows: Sequence[Any]) -> None:
    fresh, late = _still_new(task, [row for row in rows if row.fate == CREATE])
    there = [row for row in rows if row.fate == UPDATE]
    with Many(task.actor, task.type, task.source) as many:
        made = many.create([_typed(task, row.values) for row in fresh], task.answers(fresh))
        changes = [(row.record_id, _typed(task, row.values)) for row in there]
        changed = many.update(changes, task.answers(there))
    outcomes = [
        (row.number, _outcome(row, written))
        for row, written in zip([*fresh, *there], [*made, *changed], strict=True)
    ]
    store.keep(store.KEEP_OUTCOME, task.run.id, [*outcomes, *late])


def _still_new(task: Task, rows: Sequence[Any]) -> tuple[list[Any], list[tuple[int, dict[str, Any]]]]:
    """The rows to create, without those whom somebody else has entered since the check."""
    by, on_twin = task.run.options["by"], task.run.options["twins"]
    if not by or on_twin == CREATE:
        return list(rows), []
    known = twins(task.actor, task.type.name, by, [row.key for row in rows])
    sentence = _("Somebody has entered such a record since the check.")
    late = [
        (row.number, store.outcome(row, SKIP, [sentence]) | {"record_id": known[row.key][0]})
        for row in rows
        if row.key in known
    ]
    return [row for row in rows if row.key not in known], late


def _typed(task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """Column values from plain JSON."""
    shapes = task.shapes
    return {name: typed(shapes[name].shape, value) for name, value in values.items() if name in shapes}


def _outcome(row: Any, written: Written) -> dict[str, Any]:
    """What the row keeps of how it went."""
    if written.error is not None:
        return store.outcome(row, ERROR, _why(written.error))
    return store.outcome(row, row.fate) | {
        "record_id": written.record_id,
        "serial": written.serial,
        "step": written.step,
        "before": written.before,
    }


def _why(error: Any) -> list[str]:
    said = list(getattr(error, "fields", {}).values()) or [error.sentence]
    return [str(sentence) for sentence in said]
