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
    transaction; it is called again for the rest, until it returns 0 and has left nothing of its `portions`.

    `due(house)` says when `run` will next find something, as things stand: the first lab time after `house.lab_now`,
    never too late; None where nothing is in sight. By it a clock that jumps over days stops where something falls due.
    Without it `run` is called at every stop and at every midnight.
    """

    name: str
    run: Callable[[Actor], int]
    due: Callable[[Actor], datetime | None] | None = None


Rest = dict[str, list[int]]  # by sweep: what it has not looked at yet
_until: ContextVar[float | None] = ContextVar("until", default=None)
_rest: ContextVar[Rest | None] = ContextVar("rest", default=None)


@contextmanager
def piece(seconds: float, rest: Rest | None = None) -> Iterator[None]:
    """Inside, sweeps have had `enough` after so long. What they leave of `portions` stands in `rest` then."""
    until, left = _until.set(clock.monotonic() + seconds), _rest.set(rest)
    try:
        yield
    finally:
        _until.reset(until)
        _rest.reset(left)


def enough() -> bool:
    """Whether a sweep should leave the rest to another transaction: others wait for this one."""
    until = _until.get()
    return until is not None and clock.monotonic() > until


def portions(sweep: str, listed: Callable[[], list[int]], size: int) -> Iterator[list[int]]:
    """A long list in portions until it is `enough`; where a transaction leaves off, the next goes on at that lab time.

    It is listed once for a moment, so whoever takes from it looks again at what is taken, and gives back what it did
    not come to. A sweep that has a rest is called again even if it found nothing to do.
    """
    kept = _rest.get()
    rest = {} if kept is None else kept
    if sweep not in rest:
        rest[sweep] = listed()
    while rest[sweep]:
        portion, rest[sweep] = rest[sweep][:size], rest[sweep][size:]
        yield portion
        if enough():
            return


def give_back(sweep: str, left: list[int]) -> None:
    """What of a portion is for the next transaction. Where nothing is kept, the next lists it anew."""
    rest = _rest.get()
    if rest is not None:
        rest[sweep] = left + rest[sweep]


class Automation(Setup):
    """A Work in nobody's name, of origin `automation`: it asks for no permission and counts for no member (§5.11).

    `moment` is the lab time it belongs to, by default now.
    """

    def __init__(self, house: Actor, what: str, *, moment: datetime | None = None) -> None:
        super().__init__(house, what, nobody=True, moment=moment, source=AUTOMATION)
