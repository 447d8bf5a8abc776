"""Whose turn it is to write to a file of SQLite, among the threads of this process: first come, first served.

SQLite itself lets whoever waits ask again now and then, so that under load one waits for ever while others, who come
later, get in; after ten seconds the answer is "database is locked". Here the threads of a process stand in a line, and
only the first of it asks SQLite, which then has to choose between processes only. That one asks every thousandth of a
second: SQLite's own way to wait sleeps up to a hundred times as long, and misses whenever another process is quicker.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Event, Lock
from typing import Any

from labapp.admission import outside
from labapp.clock import monotonic
from labapp.db.carrying import Carrier

PATIENCE = 20.0  # seconds in the line; who has waited longer asks SQLite without a turn, which says no or yes
AGAIN = 0.001  # seconds after which a file that another process writes to is asked for again
LONG = 0.05  # seconds: who has waited so long is let in before anybody who comes later


@dataclass(eq=False)
class Place:
    """One who stands in the line, and since when. `called`: may try; `let_in`: it is their turn."""

    since: float
    bell: Lock = field(default_factory=Lock)
    called: bool = False
    let_in: bool = False

    def __post_init__(self) -> None:
        self.bell.acquire()

    def call(self) -> None:
        if not self.called:
            self.called = True
            self.bell.release()


class Line:
    """Those who want to write to one file.

    Who comes just when nobody writes goes first, for that costs no change of threads; but nobody waits long for such.
    """

    def __init__(self) -> None:
        self._door = Lock()
        self._waiting: deque[Place] = deque()
        self._taken = False

    def take(self, patience: float) -> bool:
        """Wait for one's turn; False where it did not come in so many seconds."""
        with self._door:
            if self._entered():
                return True
            place = Place(monotonic())
            self._waiting.append(place)
        with outside():
            return self._let_in(place, patience)

    def _let_in(self, place: Place, patience: float) -> bool:
        while True:
            rung = place.bell.acquire(timeout=max(0.0, place.since + patience - monotonic()))
            with self._door:
                if place.let_in:
                    return True
                if self._entered():
                    self._waiting.remove(place)
                    return True
                if not (rung or place.called):
                    self._waiting.remove(place)
                    return False
                if not rung:
                    place.bell.acquire(blocking=False)  # it was rung just now
                place.called = False

    def _entered(self) -> bool:
        """Go in, if nobody is inside."""
        free, self._taken = not self._taken, True
        return free

    def give(self) -> None:
        """Let the next one in, or leave the door open for whoever is first through it."""
        with self._door:
            if not self._waiting:
                self._taken = False
                return
            place = self._waiting[0]
            if monotonic() - place.since < LONG:
                self._taken = False
            else:
                place.let_in = True
                self._waiting.popleft()
            place.call()


@cache
def line_of(path: str) -> Line:
    """The line before this file."""
    return Line()


@cache
def carrier_of(path: str) -> Carrier:
    """Who carries what was written over into this file."""
    return Carrier(path)


class Orderly(sqlite3.Connection):
    """A connection that writes in its turn. The turn ends with the transaction."""

    line: Line | None = None
    carrier: Carrier | None = None
    has_turn = False
    told = 0  # rows changed of which the carrier knows
    busy = 5.0  # seconds to wait for other processes

    def begin_writing(self) -> None:
        """BEGIN IMMEDIATE, in one's turn. Raises sqlite3.OperationalError where another process does not let go."""
        if self.line is not None and not self.has_turn:
            self.has_turn = self.line.take(PATIENCE)
        try:
            self._begin()
        except BaseException:
            self._end_turn()
            raise

    def _begin(self) -> None:
        self.execute("PRAGMA busy_timeout=0")
        try:
            if not self._begun():
                with outside():
                    self._wait()
        finally:
            self.execute(f"PRAGMA busy_timeout={round(self.busy * 1000)}")

    def _begun(self) -> bool:
        """Whether it could begin; another process may be writing."""
        try:
            self.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def _wait(self) -> None:
        until = monotonic() + self.busy
        while monotonic() < until:
            Event().wait(AGAIN)
            if self._begun():
                return
        self.execute("BEGIN IMMEDIATE")  # no

    def commit(self) -> None:
        super().commit()
        wrote = self.has_turn
        self._end_turn()
        if wrote and self.carrier is not None:
            changed, self.told = self.total_changes - self.told, self.total_changes
            self.carrier.wrote(changed, self)

    def rollback(self) -> None:
        self._and_end(super().rollback)

    def close(self) -> None:
        self._and_end(super().close)
        if self.carrier is not None:
            self.carrier.settle()

    def _and_end(self, act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self.has_turn and self.line is not None:
            self.has_turn = False
            self.line.give()


def orderly(*arguments: Any, **more: Any) -> Orderly:
    """Connect to a file. What is in memory belongs to one connection and has no line."""
    made = sqlite3.connect(*arguments, factory=Orderly, **more)
    made.busy = more.get("timeout", Orderly.busy)
    if arguments and arguments[0] not in ("", ":memory:"):
        path = str(Path(arguments[0]).absolute())
        made.line, made.carrier = line_of(path), carrier_of(path)
    return made
