"""Who computes now: of the requests that a process has taken in, a few at a time, first come, first served.

Python runs one thread at a time and changes between those that want to run some hundred times a second. Ten pages at
once then take longer than ten pages one after another, and all of them end late. So a request waits at the door until
another has left. A slow one keeps nobody waiting: after `LONG` it goes on beside the others, and the next is let in.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labapp.afterwards import Sent
from labapp.clock import monotonic

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LONG = 0.1  # seconds after which a request no longer keeps others waiting


@dataclass(eq=False)
class Guest:
    """One who computes or waits to. `since`: when they were let in."""

    since: float = 0.0
    bell: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.bell.acquire()


class Door:
    """Lets in so many at a time; who is inside for longer than `LONG` counts no more."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._inside: list[Guest] = []  # who came first, first
        self._waiting: deque[Guest] = deque()

    def enter(self, *, first: bool = False) -> Guest:
        """Wait until there is a place; `first`: before all who wait."""
        guest = Guest()
        with self._lock:
            (self._waiting.appendleft if first else self._waiting.append)(guest)
            left = self._admit()
        while not guest.bell.acquire(timeout=left):
            with self._lock:
                left = self._admit()
        return guest

    def leave(self, guest: Guest) -> None:
        with self._lock:
            if guest in self._inside:
                self._inside.remove(guest)
            self._admit()

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def _admit(self) -> float:
        """Let in whom there is a place for. Returns in how many seconds there may be one more."""
        now = monotonic()
        while self._inside and now - self._inside[0].since >= LONG:
            del self._inside[0]
        while self._waiting and len(self._inside) < self._places:
            guest = self._waiting.popleft()
            guest.since = now
            self._inside.append(guest)
            guest.bell.release()
        return max(0.001, self._inside[0].since + LONG - now) if self._inside else LONG


class Admission:
    """A WSGI application behind a door. What it sends piece by piece it makes outside.

    Who is not done once the answer is sent (`Sent`) leaves when they are.
    """

    def __init__(
        self, app: "Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]", places: int
    ) -> None:
        self.app, self.door = app, Door(places)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        _own.door, _own.guest, stays = self.door, self.door.enter(), False
        try:
            answer = self.app(environ, start_response)
            stays = isinstance(answer, Sent)
            return Sent(answer, self._leave) if stays else answer
        finally:
            if not stays:
                self._leave()

    def _leave(self) -> None:
        guest, _own.guest = _own.guest, None
        if guest is not None:
            self.door.leave(guest)


class _Own(threading.local):
    """Where this thread stands."""

    door: Door | None = None
    guest: Guest | None = None


_own = _Own()


def awaited() -> bool:
    """Whether somebody waits for the place of this thread."""
    return _own.door is not None and _own.door.has_waiting


@contextmanager
def outside() -> Iterator[None]:
    """What is waited for or computed without Python: others go on meanwhile, and one is the next afterwards."""
    door, guest = _own.door, _own.guest
    if door is None or guest is None:
        yield
        return
    door.leave(guest)
    _own.guest = None
    try:
        yield
    finally:
        _own.guest = door.enter(first=True)
