"""A second process that serves from the same socket, where there is a core for it: Python computes one page at a time.

It is a fork of the first, made before that has threads or connections. A line between the two tells each when the other
has ended, and the first that there is work for its worker. Where the second ends by itself, the first goes on alone.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread, Timer, active_count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

MOST = 2
LATER = 2.0  # seconds
PATIENCE = 5.0  # seconds that the first waits for the others when it ends
WORK = b"w"


def fitting() -> int:
    """How many processes serve best on this machine."""
    return min(MOST, len(os.sched_getaffinity(0))) if sys.platform == "linux" else 1


class Idle(Timer):
    """In place of the worker, which only the first has: `first` is done, a little after the start."""

    def __init__(self, first: Callable[[], object]) -> None:
        super().__init__(LATER, first)
        self.daemon = True

    def stop(self) -> None:
        self.cancel()


class Siblings:
    """The processes beside the first. `first`: whether this is the first itself."""

    def __init__(self, app: "Flask", count: int) -> None:
        """Make so many of this one; none where it has threads, which a fork would not have."""
        self.app, self.first = app, True
        self.lines: dict[int, socket.socket] = {}  # of the first: by the number of the process
        self.over = Event()
        self.listening: list[Thread] = []
        if count and active_count() == 1:
            self._fork(count)

    def _fork(self, count: int) -> None:
        from labapp.db import db

        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for _ in range(count):
            ours, theirs = socket.socketpair()
            number = os.fork()
            if number == 0:
                self.first = False
                for line in (ours, *self.lines.values()):
                    line.close()
                self.lines = {0: theirs}
                return
            theirs.close()
            self.lines[number] = ours

    def listen(self) -> None:
        """Hear of the others from now on, and have them hear of this one."""
        from labapp import jobs

        if not self.first:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the first, and so all
            jobs.asked.append(self._tell)
        for number, line in self.lines.items():
            hear = self._attend if self.first else self._follow
            self.listening.append(Thread(target=hear, args=(number, line), name="sibling", daemon=True))
            self.listening[-1].start()

    def stop(self) -> None:
        """In the first: have the others end, and wait until they have."""
        self.over.set()
        if self.first:
            for line in self.lines.values():
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            for thread in self.listening:
                thread.join(PATIENCE)

    def _tell(self) -> None:
        with suppress(OSError):
            self.lines[0].send(WORK, socket.MSG_DONTWAIT)

    def _follow(self, _number: int, line: socket.socket) -> None:
        with suppress(OSError):
            line.recv(1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _attend(self, number: int, line: socket.socket) -> None:
        from labapp import jobs

        with suppress(OSError):
            while line.recv(64):
                jobs.wake()
        os.waitpid(number, 0)
        if not self.over.is_set():
            self.app.logger.warning("process %s, which served beside this one, has ended", number)
