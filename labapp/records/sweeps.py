"""What falls due by the sandbox clock: reminders, deadlines, escalations (product.md L2, B10).

A module exports `SWEEPS`; the house calls each of them for every open sandbox once a minute, and whenever a sandbox's
clock is moved on. A sweep looks for what is due and has not been dealt with, so that running it again does nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from labapp import clock
from labapp.access.actor import Actor
from labapp.records.setup import Setup
from labapp.records.work import Source
from labapp.values import dataclass

AUTOMATION = Source("automation")


@dataclass(frozen=True)
class Sweep:
    """`run(house)` does what is due at `house.lab_now`, in transactions of its own, and returns how many acts it did.

    `house` is the sandbox's `system_actor`. Twice at the same moment does the same as once. Runs inside a write
    transaction that may be taken back: no commit, no rollback. After an act it asks whether that is `enough` for one
    transaction; it is called again for the rest, until it returns 0.

    `due(house)` says when `run` will next find something, as things stand: the first lab time after `house.lab_now`,
    never too late; None where nothing is in sight. By it a clock that jumps over days stops where something falls due.
    Without it `run` is called at every stop and at every midnight.
    """

    name: str
    run: Callable[[Actor], int]
    due: Callable[[Actor], datetime | None] | None = None


_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def piece(seconds: float) -> Iterator[None]:
    """Inside, sweeps have had `enough` after so long."""
    before = _until.set(clock.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(before)


def enough() -> bool:
    """Whether a sweep should leave the rest to another transaction: others wait for this one."""
    until = _until.get()
    return until is not None and clock.monotonic() > until


class Automation(Setup):
    """A Work in nobody's name, of origin `automation`: it asks for no permission and counts for no member (§5.11).

    `moment` is the lab time it belongs to, by default now.
    """

    def __init__(self, house: Actor, what: str, *, moment: datetime | None = None) -> None:
        super().__init__(house, what, nobody=True, moment=moment, source=AUTOMATION)
