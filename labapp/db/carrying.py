"""What was written goes from SQLite's log of writes (WAL) into the file beside whoever writes on, and nobody waits.

A thread of its own does it, which asks SQLite alone: while it waits for the disk others compute. Where somebody writes
without a pause, the log never has an end at which SQLite could begin it anew: once it has grown long, the writer
carries over what is left.
"""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock, Thread, current_thread

from labapp.admission import outside

MUCH = 1_000  # changed rows, some two thousand pages, after which what was written is brought into the file
LONG = 8_000  # pages of the log, 32 MiB
AGAIN = 3  # times at most, one after the other, while there is more than there was
CARRY = "PRAGMA wal_checkpoint(PASSIVE)"  # busy, pages in the log, pages carried over


class Carrier:
    """Brings what was written to one file into it, now and then."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._door = Lock()
        self._changed = 0
        self._long = False
        self._underway: Thread | None = None

    def wrote(self, changed: int, connection: sqlite3.Connection) -> None:
        """So many rows more were committed. What was committed is safe, however this ends."""
        with self._door:
            self._changed += changed
            if self._changed < MUCH or (self._underway is not None and self._underway.is_alive()):
                return
            self._changed, long, self._long = 0, self._long, False
            if not long:
                carrying = Thread(target=self._carry, name="carrier")
                with suppress(RuntimeError):  # a process that ends, or has too many, begins no more
                    carrying.start()
                    self._underway = carrying
                return
        with outside():
            carried_over(connection)

    def settle(self) -> None:
        """Wait until nothing is underway: whoever closes the file may move it next."""
        underway = self._underway
        if underway is not None and underway is not current_thread():
            underway.join()

    def _carry(self) -> None:
        where = Path(self.path).as_uri() + "?mode=rw"
        with suppress(sqlite3.Error), closing(sqlite3.connect(where, uri=True, timeout=0)) as connection:
            connection.execute("PRAGMA synchronous=NORMAL")
            for _ in range(AGAIN):
                pages, done = carried_over(connection)
                if pages == done:
                    break
            self._long = pages > LONG


def carried_over(connection: sqlite3.Connection) -> tuple[int, int]:
    """Bring over what can be. Returns pages in the log and pages that are in the file now; nothing where it may not."""
    with suppress(sqlite3.Error):
        _busy, pages, done = connection.execute(CARRY).fetchone()
        return int(pages), int(done)
    return 0, 0
