"""The list with eight clients against the floor; the pages on PostgreSQL; one process against two."""

import asyncio
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from sqlalchemy import select

from benchmarks.client import Client, signed_in
from benchmarks.load import DEPARTMENTS, MANAGER, PASSWORD
from benchmarks.numbers import spread
from benchmarks.parts.homes import filled, served
from benchmarks.parts.pages import of_floors, of_pages
from benchmarks.results import Figure, least
from benchmarks.run import Run
from benchmarks.serve import application, floors, many
from benchmarks.visit import Visits
from benchmarks.wire import Wire
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.notes.models import Note

CLIENTS, SECONDS = 8, 5.0
THROUGHPUT = (
    f"{CLIENTS} clients in one process ask for the same page without a pause, {SECONDS:g} s of the floor and "
    f"{SECONDS:g} s of the application by turns."
)
PAGES = "As on SQLite; PostgreSQL with its own settings for safety, reached by a socket; floors on the same database."
PROCESSES = (
    f"gunicorn with one process as `deploy/` has it, and two of them, nginx before them; {CLIENTS} clients, "
    f"{SECONDS:g} s of each by turns. Server, database, nginx and clients share the cores."
)


def throughput(run: Run) -> Iterator[Figure]:
    folder = run.leads(run.middle)
    with floors(folder) as bare, application(folder) as served_:
        member = signed_in(served_.port, MANAGER, PASSWORD)
        yield against_floor("SQLite", run, lambda: pages_a_second(bare.port, "/"), list_of(member))


def pages_on_postgres(run: Run) -> Iterator[Figure]:
    with served(run) as socket:
        home = filled(run, socket, run.middle, DEPARTMENTS)
        rich = home.ask(rich_leads)
        with floors(home.folder, home.url) as bare, application(home.folder, home.url) as one:
            yield from of_floors(bare, run.plan)
            visits = Visits(one.port, rich)
            yield from of_pages(bare, visits, run.plan)
            yield against_floor(
                "PostgreSQL", run, lambda: pages_a_second(bare.port, "/"), list_of(visits.manager)
            )


def rich_leads() -> list[int]:
    """The leads that have activities, notes and attachments."""
    about = select(Note.related_id).distinct().order_by(Note.related_id)
    return list(db.session.scalars(about, execution_options={"seen_by": EVERYONE}))


def processes(run: Run) -> Iterator[Figure]:
    with served(run) as socket:
        home = filled(run, socket, run.middle, DEPARTMENTS)
        with many(home.folder, home.url, 1) as one, many(home.folder, home.url, 2) as two:
            first, second = (list_of(signed_in(s.port, MANAGER, PASSWORD)) for s in (one, two))
            pairs = by_turns(run, first, second)
    said = f"{median(b for _a, b in pairs):.0f} pages/s against {median(a for a, _b in pairs):.0f}"
    ratios = [b / a for a, b in pairs]
    yield least(
        "list: throughput of two processes against one",
        median(ratios),
        1.3,
        "×",
        f"{said}; {spread(ratios, '×')}",
    )


def against_floor(name: str, run: Run, floor: Callable[[], float], page: Callable[[], float]) -> Figure:
    words = f"list with {CLIENTS} clients on {name}: throughput against floor `list`"
    return throughputs(words, by_turns(run, floor, page), 0.45)


def throughputs(words: str, pairs: list[tuple[float, float]], reach: float) -> Figure:
    """The second of each pair against the first."""
    ratios = [second / first for first, second in pairs]
    said = f"{median(b for _a, b in pairs):.0f} pages/s against {median(a for a, _b in pairs):.0f}"
    return least(words, median(ratios), reach, "×", f"{said}; {spread(ratios, '×')}")


def by_turns(run: Run, first: Callable[[], float], second: Callable[[], float]) -> list[tuple[float, float]]:
    first(), second()
    return [(first(), second()) for _ in range(run.plan.rounds)]


def list_of(member: Client) -> Callable[[], float]:
    """Pages a second of this member's list."""
    return lambda: pages_a_second(member.port, "/leads/", member.cookies)


def pages_a_second(port: int, path: str, cookies: dict[str, str] | None = None) -> float:
    return asyncio.run(_asked(port, path, cookies or {}))


async def _asked(port: int, path: str, cookies: dict[str, str]) -> float:
    end = perf_counter() + SECONDS
    counts = await asyncio.gather(*(_one(port, path, cookies, end) for _ in range(CLIENTS)))
    return sum(counts) / SECONDS


async def _one(port: int, path: str, cookies: dict[str, str], end: float) -> int:
    wire, count = Wire(port), 0
    wire.cookies |= cookies
    while perf_counter() < end:
        answer, _head = await wire.ask("GET", path)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        count += 1
    wire.close()
    return count
