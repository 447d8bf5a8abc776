"""Many students at once, in one process beside the server: so many, for so long, and what they saw."""

import asyncio
from collections.abc import Callable
from time import perf_counter

from benchmarks.book import Book, Window
from benchmarks.student import Habits, Student

ARRIVALS = 8  # sign-ins a second: a password takes a twentieth of a second of a core to check; ten are let in
SETTLE = 5  # seconds after the last one has come


class Crowd:
    """Students that come one after another and stay until the crowd is sent home."""

    def __init__(self, port: int, habits: Habits) -> None:
        self.port, self.habits = port, habits
        self.book = Book()
        self.over = asyncio.Event()
        self.lives: list[asyncio.Task[None]] = []

    async def grow(self, students: int) -> None:
        """Let more of them come, until there are so many."""
        while len(self.lives) < students:
            student = Student(len(self.lives) + 1, self.port, self.habits, self.book, self.over)
            self.lives.append(asyncio.create_task(student.live()))
            await asyncio.sleep(1 / ARRIVALS)
        await asyncio.sleep(SETTLE)

    async def watched(self, seconds: float) -> Window:
        """Let them work for so long; what they asked for in this time."""
        start = perf_counter()
        await asyncio.sleep(seconds)
        end = perf_counter()
        await asyncio.sleep(1)
        for life in self.lives:
            if life.done():
                life.result()  # a mistake of this program, which must not pass for a quiet student
        return self.book.between(start, end)

    async def leave(self) -> None:
        """Send them home, and wait until whatever was sent is answered."""
        self.over.set()
        await asyncio.gather(*self.lives)


async def played(port: int, students: int, habits: Habits, seconds: float) -> tuple[Window, Book]:
    """So many students for so many seconds after the last one has come."""
    crowd = Crowd(port, habits)
    await crowd.grow(students)
    window = await crowd.watched(seconds)
    await crowd.leave()
    return window, crowd.book


async def sampled(read: Callable[[], float], every: float, into: list[tuple[float, float]]) -> None:
    """Read a value every so many seconds until cancelled."""
    start = perf_counter()
    while True:
        into.append((perf_counter() - start, read()))
        await asyncio.sleep(every)
