"""The steps of an archive on their way into the log of this database, as they were written.

They come as texts and go as texts: what a column of moments or JSON makes of them is left to the database.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from labapp.lifecycle.names import portions
from labapp.oplog import life
from labapp.oplog.append import STORE_TOUCH, store
from labapp.oplog.models import LOOKS
from labapp.oplog.verify import touched_by
from labapp.records.work import writing

AT_ONCE = 2000
SORTED = 40_000  # touches that are put in order before they go into the index
TOUCHED_AT_ONCE = 5_000
TOUCHED = ("sandbox_id", "kind", "serial", "step", "look")
Steps = Iterator[dict[str, Any]]
Touched = tuple[int, str, int, int, int]  # as TOUCHED names it


def taken_in(
    steps: Iterable[dict[str, Any]], sandbox_id: int, told: Callable[[int], object] = lambda last: None
) -> Steps:
    """Put steps into the log, in portions, and hand them on. `told` hears which was the last that stands.

    What they touched is in the index once the last was handed on, and so are the snapshots.
    """
    from labapp.oplog.swift import dumps

    touches: list[Touched] = []
    for some in portions(steps, AT_ONCE):
        rows = [_row(step, sandbox_id, dumps) for step in some]
        with writing():
            store().together(rows)
        touches += [touch for step in some for touch in _touches(step, sandbox_id)]
        if len(touches) >= SORTED:
            _index(touches)
        told(some[-1]["id"])
        yield from some
    _index(touches)
    keep_snapshots(sandbox_id)


def keep_snapshots(sandbox_id: int, pause: Callable[[], object] = lambda: None) -> None:
    """Keep what "as it was" reads on from, of every record that many steps changed; each record for itself."""
    for thing in life.long_lives(sandbox_id):
        with writing():
            life.keep(sandbox_id, [thing])
        pause()


def _index(touches: list[Touched]) -> None:
    """Write down what was touched, and forget it here.

    In the order of the index: a long log touches most of its pages again and again, and each page is written once for
    all that go into it.
    """
    touches.sort()
    for some in portions(touches, TOUCHED_AT_ONCE):
        with writing():
            STORE_TOUCH.together([dict(zip(TOUCHED, touch, strict=True)) for touch in some])
    touches.clear()


def _row(step: dict[str, Any], sandbox_id: int, dumps: Callable[[Any], str]) -> dict[str, Any]:
    """Raises ValueError for a moment that is none."""
    return {
        **step,
        "sandbox_id": sandbox_id,
        "at": _moment(step["at"].removesuffix("Z")),
        "lab_at": _moment(step["lab_at"]),
        "answers": dumps(step["answers"]) if step["answers"] else "{}",
        "changes": dumps(step["changes"]) if step["changes"] else "[]",
    }


@lru_cache(1_000)
def _moment(said: str) -> str:
    """As a column of moments has it; many steps are of one second."""
    moment = datetime.fromisoformat(said)
    return (moment.replace(tzinfo=None) if moment.tzinfo else moment).isoformat(" ", "microseconds")


def _touches(step: dict[str, Any], sandbox_id: int) -> list[Touched]:
    """What the step touched."""
    look = int(step["outcome"] != "done" or step["verb"] in LOOKS)
    return [(sandbox_id, kind, serial, step["id"], look) for kind, serial in touched_by(step)]
