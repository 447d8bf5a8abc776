"""Crowds of students: classes with time to think, the knee, thirty who write at once, and the soak."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import partial
from statistics import median

from benchmarks import told
from benchmarks.book import Book, Window
from benchmarks.crowd import Crowd, played, sampled
from benchmarks.numbers import in_words, percentile
from benchmarks.parts.homes import Home, postgres, sqlite
from benchmarks.results import Figure, least, most, ratio
from benchmarks.run import Run
from benchmarks.serve import Served, application, find_nginx, many
from benchmarks.student import Habits
from benchmarks.writers import written

THINKS = 10.0  # seconds, of the students of the knee
SLOW = 300  # ms: beyond it the knee is passed
STEP = 200  # students more
CLASS = (
    "Everybody is in one sandbox. Students sign in one after another, then look at lists (30 of 100 turns), records "
    "(34) and the coach (8), go home (6), look at customers (4), search (3), create (10) and convert (4) leads, and "
    "sign out and in (1), with time to think before every page; their browsers ask for the strip of the coach every "
    "eight seconds and for the count beside a list. Times count from sending to the last byte, of pages and forms, "
    "without what browsers ask by themselves. The client is one process on the same cores. `labapp run`, which serves "
    "with two processes where there are two cores."
)
AS_CLASS = "The same students; PostgreSQL with its own settings for safety, two gunicorns of one process as "
CLASS_PG = (
    AS_CLASS
    + f"`deploy/` has them, {'nginx before them' if find_nginx() else 'no nginx: there is none here'}."
)
KNEE = CLASS_PG + f" More and more students with {THINKS:g} s to think, until p95 passes {SLOW} ms."
WRITERS = (
    "Each of thirty members sends the form of a new lead again and again, over a connection of their own."
)
SOAK = "A class with time to think; VmRSS of `labapp run`, read every ten seconds."


@dataclass(frozen=True)
class Played:
    """What a crowd saw, and what is left of what it wrote."""

    window: Window
    book: Book
    count: told.Count
    locked: int


def on_sqlite(run: Run) -> Iterator[Figure]:
    for students in run.students:
        with sqlite(run, students) as home:
            yield from figures(
                students, run.habits, play(run, home, students, application(home.folder, processes=None))
            )


def on_postgres(run: Run) -> Iterator[Figure]:
    for students in run.students:
        with postgres(run, students) as home:
            yield from figures(
                students, run.habits, play(run, home, students, many(home.folder, home.url, 2))
            )


def play(run: Run, home: Home, students: int, server: AbstractContextManager[Served]) -> Played:
    """One crowd on one database; afterwards its writes are counted."""
    first = home.ask(told.before)
    with server as served:
        window, book = asyncio.run(played(served.port, students, run.habits, run.seconds))
        locked = heard(run, served)
    return Played(window, book, home.ask(partial(told.counted, book, first)), locked)


def heard(run: Run, served: Served) -> int:
    """How often the server said that the database is locked; all it said is kept as `said.log`."""
    shutil.copy(served.said, run.folder / "said.log")
    return served.complaints("database is locked")


def figures(students: int, habits: Habits, seen: Played) -> Iterator[Figure]:
    """The figures of one crowd, all pages together and each kind."""
    window = seen.window
    who = f"{students:,} students, {habits.think:g} s to think"
    if not window.pages:
        yield from faults(who, seen)
        return
    rate = f"{window.rate:.1f} pages/s, {window.background:.1f} other requests/s"
    p95 = window.percentile(95)
    if students == 300 and habits.think == 5:
        yield most(f"{who}: p95", p95, 100, " ms", f"{in_words(window.pages)}; {rate}")
    else:
        yield Figure(f"{who}: p95", f"{p95:.0f} ms", f"{in_words(window.pages)}; {rate}")
    yield from faults(who, seen)
    for page, times in window.by_page():
        yield Figure(f"{who}: {page}", f"{median(times):.0f} ms", f"{len(times):,}: {in_words(times)}")


def faults(who: str, seen: Played) -> Iterator[Figure]:
    """Errors and lost writes: none may be."""
    failures = seen.book.failures
    said = "; ".join(dict.fromkeys(f"{one.page}: {one.what}" for one in failures[:5]))
    yield most(f"{who}: errors", len(failures) + seen.locked, 0, "", said)
    wrong = seen.count.lost + seen.count.double + bool(seen.count.broken)
    yield most(f"{who}: lost or double writes", wrong, 0, "", seen.count.line)


# -- the knee --------------------------------------------------------------------------------------------------------


def knee(run: Run) -> Iterator[Figure]:
    habits = replace(run.habits, think=THINKS)
    with postgres(run, run.most_students) as home:
        first = home.ask(told.before)
        with many(home.folder, home.url, 2) as served:
            found, book = asyncio.run(climbed(served.port, habits, run))
            locked = heard(run, served)
        count = home.ask(partial(told.counted, book, first))
    for students, window in found:
        said = f"{in_words(window.pages)}; {window.background:.1f} other requests/s"
        yield Figure(f"{students:,} students", f"{window.rate:.1f} pages/s", said)
    good = [(students, window) for students, window in found if window.percentile(95) <= SLOW]
    best = max(good, key=lambda one: one[1].rate, default=None)
    if best is not None:
        said = f"{best[0]:,} students"
        yield least(f"most pages a second at p95 ≤ {SLOW} ms", best[1].rate, 100, "/s", said)
    yield from faults("all of them", Played(found[-1][1], book, count, locked))


async def climbed(port: int, habits: Habits, run: Run) -> tuple[list[tuple[int, Window]], Book]:
    """What was seen at each number of students, until it is slow."""
    crowd = Crowd(port, habits)
    found: list[tuple[int, Window]] = []
    for students in range(STEP, run.most_students + 1, STEP):
        await crowd.grow(students)
        found.append((students, await crowd.watched(run.seconds)))
        if found[-1][1].percentile(95) > SLOW:
            break
    await crowd.leave()
    return found, crowd.book


# -- thirty who write --------------------------------------------------------------------------------------------------


def writers(run: Run) -> Iterator[Figure]:
    for pause, words in (
        (1.0, "one lead a second each"),
        (0.0, "each the next as soon as the last is there"),
    ):
        with sqlite(run, 60) as home:
            first = home.ask(told.before)
            with application(home.folder, processes=None) as served:
                window, book = asyncio.run(written(served.port, 30, pause, run.seconds))
                locked = heard(run, served)
            seen = Played(window, book, home.ask(partial(told.counted, book, first)), locked)
        times = [sample.ms for sample in window.samples if sample.page == "create"]
        said = f"{in_words(times)}; {len(times) / window.seconds:.0f} creates/s"
        yield most(f"30 members, {words}: p99 of a create", percentile(times, 99), 150, " ms", said)
        yield from faults(f"30 members, {words}", seen)


# -- the soak ----------------------------------------------------------------------------------------------------------


def soak(run: Run) -> Iterator[Figure]:
    students = run.students[0]
    held: list[tuple[float, float]] = []
    with ExitStack() as stack:
        home = stack.enter_context(sqlite(run, students))
        first = home.ask(told.before)
        with application(home.folder) as served:
            window, book = asyncio.run(soaked(served.port, students, run, lambda: served.resident, held))
            locked = heard(run, served)
        seen = Played(window, book, home.ask(partial(told.counted, book, first)), locked)
    minute = next(value for at, value in held if at >= 60)
    last = median(value for _at, value in held[-6:])
    each = [f"{value:.0f}" for at, value in held[:: max(1, len(held) // 10)]]
    who = f"{students} students for {run.soak:g} minutes"
    said = f"{last:.0f} MiB against {minute:.0f} MiB; on the way {', '.join(each)}"
    yield ratio(f"{who}: memory at the end against after the first minute", last / minute, said, 1.1)
    yield Figure(f"{who}: p95", f"{window.percentile(95):.0f} ms", in_words(window.pages))
    yield from faults(who, seen)


async def soaked(
    port: int, students: int, run: Run, read: Callable[[], float], held: list[tuple[float, float]]
) -> tuple[Window, Book]:
    """The class, with the memory read from the moment on when everybody is there."""
    crowd = Crowd(port, run.habits)
    await crowd.grow(students)
    reading = asyncio.create_task(sampled(read, 10, held))
    window = await crowd.watched(run.soak * 60)
    reading.cancel()
    await crowd.leave()
    return window, crowd.book
