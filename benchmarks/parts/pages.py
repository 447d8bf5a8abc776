"""List, detail, create and search against bare pages; statements, memory, browser code, start."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.client import Client
from benchmarks.measure import Plan, by_turns, p50
from benchmarks.numbers import spread
from benchmarks.results import Figure, against, most
from benchmarks.run import Run, output
from benchmarks.serve import Served, application, floors
from benchmarks.visit import Visits, floor_calls
from benchmarks.weight import code_of_first_visit

HOW = (
    "By one keep-alive client over loopback; floors and application are served by waitress, set the same way, in a "
    "process each; the application by `labapp run`."
)
MIXED = 1_000


def against_floors(run: Run) -> Iterator[Figure]:
    folder = run.leads(run.middle)
    with floors(folder) as bare, application(folder) as served:
        yield from of_floors(bare, run.plan)
        visits = Visits(served.port, rich_of(folder))
        yield from of_pages(bare, visits, run.plan)
        parts = code_of_first_visit(visits.manager, "/leads/")
    said = ", ".join(f"{name} {size / 1024:.0f}" for name, size in parts.items() if size >= 1024)
    size = sum(parts.values()) / 1024
    yield most("browser code on a first visit to a list, compressed", size, 200, " KiB", said)


def of_floors(bare: Served, plan: Plan) -> Iterator[Figure]:
    """The floors as they are, in milliseconds."""
    for name, call in floor_calls(bare.port).items():
        p50(call, 20)
        values = [p50(call, plan.requests) for _ in range(plan.rounds)]
        yield Figure(f"floor `{name}`", spread(values, " ms"))


def of_pages(bare: Served, visits: Visits, plan: Plan) -> Iterator[Figure]:
    """The pages of a manager against the floor `list` on the same database."""
    floor = floor_calls(bare.port)["list"]
    named = {
        "list, newest 50 of the visible leads, manager": visits.list_of_manager,
        "detail with three related lists": visits.detail,
        "create by form": visits.create,
    }
    for name, times in by_turns(floor, named, plan).items():
        yield against(f"{name}, against floor `list`", times, 2)
    other: Any = {"nobody": visits.list_of_nobody}
    times = by_turns(visits.list_of_manager, other, plan)["nobody"]
    yield against("list for a member who sees nothing, against the manager's", times, 1.5)


def rich_of(folder: Path) -> list[int]:
    """The leads that have activities, notes and attachments."""
    with sqlite3.connect(folder / "labapp.sqlite") as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT related_id FROM note ORDER BY 1")]


def memory(run: Run) -> Iterator[Figure]:
    folder = run.leads(run.middle)
    with application(folder) as served:
        call = Visits(served.port, rich_of(folder)).mixed()
        for _ in range(MIXED):
            call()
        name = f"memory of a serving process after {MIXED:,} mixed requests"
        yield most(name, served.resident, 200, " MiB")


def statements(run: Run) -> Iterator[Figure]:
    found = json.loads(output("benchmarks.statements", str(run.leads(run.middle))))
    lists = found["related lists"]
    yield most("SQL statements of a list", found["list"], 6, "")
    yield most(f"SQL statements of a detail page with {lists} related lists", found["detail"], 8 + lists, "")
    yield most("SQL statements of a create", found["create"], 10, "")


def cold_start(run: Run) -> Iterator[Figure]:
    folder, spent = run.leads(run.middle), []
    for _ in range(run.plan.rounds):
        start = perf_counter()
        with application(folder) as served:
            answer = Client(served.port).get("/login")
            spent.append(perf_counter() - start)
            assert answer.status == 200, answer.status
    name = "cold start of `labapp run` on an existing database, to the first page"
    yield most(name, median(spent), 1.5, " s", spread(spent, " s"))
