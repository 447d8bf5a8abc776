"""Whose turn it is to write to a file of SQLite, among the threads of this process: first come, first served.

SQLite itself lets whoever waits ask again now and then, so that under load one waits for ever while others, who come
later, get in; after ten seconds the answer is "database is locked". Here the threads of a process stand in a line, and
only the first of it asks SQLite, which then has to choose between processes only.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

PATIENCE = 20.0  # seconds in the line; who has waited longer asks SQLite without a turn, which says no or yes


class Line:
    """Those who want to write to one file."""

    def __init__(self) -> None:
        self._door = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    def take(self, patience: float) -> bool:
        """Wait for one's turn; False where it did not come in so many seconds."""
        with self._door:
            if not self._taken:
                self._taken = True
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=patience):
            return True
        with self._door:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it came at the last moment

    def give(self) -> None:
        """Let the next one in."""
        with self._door:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


@cache
def line_of(path: str) -> Line:
    """The line before this file."""
    return Line()


class Orderly(sqlite3.Connection):
    """A connection that writes in its turn. The turn ends with the transaction."""

    line: Line | None = None
    has_turn = False

    def begin_writing(self) -> None:
        """BEGIN IMMEDIATE, in one's turn. Raises sqlite3.OperationalError where another process does not let go."""
        if self.line is not None and not self.has_turn:
            self.has_turn = self.line.take(PATIENCE)
        try:
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._end_turn()
            raise

    def commit(self) -> None:
        super().commit()
        self._end_turn()

    def rollback(self) -> None:
        self._and_end(super().rollback)

    def close(self) -> None:
        self._and_end(super().close)

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
    if arguments and arguments[0] not in ("", ":memory:"):
        made.line = line_of(str(Path(arguments[0]).absolute()))
    return made
