"""A second process that serves from the same socket, where there is a core for it: Python computes one page at a time.

It is a fork of the first, made before that has threads or connections. A line between the two tells each when the other
has ended, and the first that there is work for its worker. Where the second ends by itself, the first, which can be
forked no more by then, starts the program anew in its place (`labapp.cli.beside`).
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread, Timer, active_count
from typing import TYPE_CHECKING

from labapp.clock import monotonic

if TYPE_CHECKING:
    from flask import Flask

MOST = 2
LATER = 2.0  # seconds
PATIENCE = 5.0  # seconds that the first waits for the others when it ends
SOON = 20.0  # seconds: who ends so soon would again, and the pause before the next is doubled
LONGEST = 60.0  # seconds of a pause
WORK = b"w"
PROGRAM = "from labapp.cli import main; main()"


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
    """The processes beside the first, on one socket. `first`: whether this is the first itself."""

    def __init__(self, app: "Flask", count: int, taken: socket.socket) -> None:
        """Make so many of this one; none where it has threads, which a fork would not have."""
        self.app, self.first, self.taken = app, True, taken
        self.lines: dict[int, socket.socket] = {}  # of the first: by the number of the process
        self.over = Event()
        self.listening: list[Thread] = []
        if count:
            self._let_go()
        if count and active_count() == 1:
            self._fork(count)

    @classmethod
    def second(cls, app: "Flask", taken: socket.socket, line: socket.socket) -> "Siblings":
        """What the second knows that was not forked: the line to the first."""
        made = cls(app, 0, taken)
        made.first, made.lines = False, {0: line}
        return made

    def _let_go(self) -> None:
        """Close what is open of the database; what is underway to its file comes to its end."""
        from labapp.db import db

        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _fork(self, count: int) -> None:
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
            hear = self._keep if self.first else self._follow
            self.listening.append(Thread(target=hear, args=(number, line), name="sibling", daemon=True))
            self.listening[-1].start()

    def stop(self) -> None:
        """In the first: have the others end, and wait until they have."""
        self.over.set()
        if self.first:
            for line in list(self.lines.values()):
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

    def _keep(self, number: int, line: socket.socket) -> None:
        """Have one in this place until the first ends. Who ends at once is not made anew at once."""
        pause = 0.0
        while True:
            began = monotonic()
            self._attend(number, line)
            if self.over.is_set():
                return
            pause = min(2 * pause, LONGEST) if pause and monotonic() - began < SOON else 1.0
            self.app.logger.warning(
                "process %s, which served beside this one, has ended; another begins", number
            )
            if self.over.wait(pause):
                return
            number, line = self._another(number)

    def _another(self, ended: int) -> tuple[int, socket.socket]:
        ours, theirs = socket.socketpair()
        number = start(self.app, self.taken, theirs)
        theirs.close()
        self.lines.pop(ended).close()
        self.lines[number] = ours
        if self.over.is_set():  # it was, before this line was there
            ours.shutdown(socket.SHUT_RDWR)
        return number, ours

    def _attend(self, number: int, line: socket.socket) -> None:
        from labapp import jobs

        with suppress(OSError):
            while line.recv(64):
                jobs.wake()
        os.waitpid(number, 0)


def start(app: "Flask", taken: socket.socket, line: socket.socket) -> int:
    """Start one more; its number. Ctrl-C is not for it: it ends with the first."""
    for lent in (taken, line):
        lent.set_inheritable(True)
    known = (("--demo", "DEMO"), ("--demo-for-all", "DEMO_FOR_ALL"))
    flags = [word for word, name in known if app.config.get(name)]
    words = [sys.executable, "-c", PROGRAM, "beside", str(taken.fileno()), str(line.fileno()), *flags]
    return os.posix_spawn(sys.executable, words, os.environ, setsigmask=[signal.SIGINT])
