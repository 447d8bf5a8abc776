"""The log of a sandbox as the grader reads it, kept and fed with what is new. Rebuilt by any process from the database."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from labapp.grading import Header, Replay, Step, step_of
from labapp.oplog.export import header, steps
from labapp.people.models import Sandbox

KEPT = 16


@dataclass
class Live:
    """A replay up to step `last`. Holds `lock` while it is fed or asked."""

    stamp: str
    replay: Replay
    steps: list[Step]
    last: int = 0
    lock: Lock = field(default_factory=Lock)


_kept: OrderedDict[int, Live] = OrderedDict()
_door = Lock()


def live(sandbox: Sandbox) -> Live:
    """The kept replay of this sandbox; fed to its last step by `catch_up`."""
    with _door:
        found = _kept.get(sandbox.id)
        if found is None or found.stamp != sandbox.stamp:
            found = _kept[sandbox.id] = Live(sandbox.stamp, Replay(Header(header(sandbox))), [])
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return found


def catch_up(found: Live, sandbox_id: int, last: int) -> list[Step]:
    """Feed the steps up to `last`; returns the new ones. The caller holds the lock."""
    if last <= found.last:
        return []
    new = [step_of(row, len(found.steps) + n) for n, row in enumerate(steps(sandbox_id, last, found.last))]
    found.replay.feed(new)
    found.steps += new
    found.last = new[-1].id if new else found.last
    return new


