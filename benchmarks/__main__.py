"""Measure everything, and write RESULTS.md.

    python -m benchmarks [--full] [--rounds 5] [--requests 100] [--folder FOLDER] [--no-write]

The databases are made in FOLDER (a temporary one by default) where they are not there already; that of a million
leads takes a quarter of an hour and is made with --full only.
"""

import argparse
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import results
from benchmarks.client import Client
from benchmarks.measure import Plan, Times, by_turns, p50
from benchmarks.results import Figure, most, ratio
from benchmarks.serve import Served, application, floors
from benchmarks.visit import Visits, floor_calls
from benchmarks.weight import code_of_first_visit
from labapp.records.question import place_of

SMALL, MIDDLE, LARGE = 10_000, 100_000, 1_000_000
MIXED = 1_000


def main() -> None:
    asked = arguments()
    plan = Plan(asked.rounds, asked.requests)
    with ExitStack() as stack:
        folder = Path(asked.folder or stack.enter_context(tempfile.TemporaryDirectory()))
        sizes = [SMALL, MIDDLE, *([LARGE] if asked.full else [])]
        for size in sizes:
            print(f"database of {size:,} leads", file=sys.stderr)
            subprocess.run(
                [sys.executable, "-m", "benchmarks.load", str(folder / str(size)), str(size)], check=True
            )
        figures = []
        for figure in measured(folder, plan, full=asked.full):
            print(figure.line, file=sys.stderr)
            figures.append(figure)
    text = results.page_of(figures, how(plan), REMARKS)
    print(text)
    if not asked.no_write:
        results.PAGE.write_text(text, encoding="utf-8")


def arguments() -> Any:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measure, and write benchmarks/RESULTS.md."
    )
    parser.add_argument("--full", action="store_true", help="also with a million leads")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100, help="in each batch of a round")
    parser.add_argument("--folder", help="where the databases are, or are to be kept")
    parser.add_argument("--no-write", action="store_true", help="print only")
    return parser.parse_args()


def how(plan: Plan) -> str:
    return (
        f"Medians of {plan.rounds} rounds; in each, batches of {plan.requests} requests of a floor and of a page by "
        "turns, by one keep-alive client over loopback, p50 of each batch. Floors and application are served by "
        "waitress, set the same way, in a process each; the application by `labapp run`."
    )


REMARKS = [
    "Floors: `hello` is bare Flask; `list` is bare Flask and Jinja with 50 rows of 8 columns by one SQLAlchemy Core "
    "query on the same table, nobody signed in; `commit` is one insert of a row and of a log row over HTTP.",
    "The sandbox: a hundred students in ten departments own the leads in turn, so the manager sees a tenth of them; "
    "a course with the rubric of `sales-basics`, so every page carries the coach's strip.",
    "List and detail include the write of their look to the log: it is there before the answer ends.",
    "Absolute times are those of the run. Other work on the machine at the same time makes the longer answers "
    "relatively slower: take the ratios of a calm machine.",
    "A list goes by the index of its order, or by owner where the member's slice is under 2,000 rows; pages go by key, "
    "so a deep page costs what the first one does. A filter on a column without index that hardly any row meets "
    "walks the whole order: 1.1 s at a million leads.",
]


def measured(folder: Path, plan: Plan, *, full: bool) -> Iterator[Figure]:
    """Every figure, in the order of the table."""
    middle = folder / str(MIDDLE)
    with floors(middle) as bare, application(middle) as served:
        yield from pages(bare, served, middle, plan)
    yield memory(middle)
    yield from statements(middle)
    if full:
        yield from growth(folder, plan)
    yield grading()
    yield from classroom(folder)
    yield importing()
    yield from reviewing()
    yield archiving(folder)
    yield opening()
    yield cold_start(middle, plan)


def pages(bare: Served, served: Served, folder: Path, plan: Plan) -> Iterator[Figure]:
    """The floors, and the four pages against the floor `list`."""
    floor, visits = floor_calls(bare.port), Visits(served.port, rich_of(folder))
    yield from absolute_floors(floor, plan)
    named = {
        "list, newest 50 of the visible leads, manager": visits.list_of_manager,
        "detail with three related lists": visits.detail,
        "create by form": visits.create,
    }
    for name, times in by_turns(floor["list"], named, plan).items():
        yield ratio(f"{name}, against floor `list`", times.ratio, both(times), 3)
    other = by_turns(visits.list_of_manager, {"nobody": visits.list_of_nobody}, plan)["nobody"]
    yield ratio("list for a member who sees nothing, against the manager's", other.ratio, both(other), 1.5)
    code = code_of_first_visit(visits.manager, "/leads/")
    parts = ", ".join(f"{name} {size / 1024:.0f}" for name, size in code.items() if size >= 1024)
    yield most(
        "browser code on a first visit to a list, compressed", sum(code.values()) / 1024, 200, " KiB", parts
    )


def absolute_floors(floor: dict[str, Any], plan: Plan) -> Iterator[Figure]:
    for name, call in floor.items():
        p50(call, 20)
        value = median(p50(call, plan.requests) for _ in range(plan.rounds))
        yield Figure(f"floor `{name}`", f"{value:.2f} ms")


def both(times: Times) -> str:
    return f"{times.page:.2f} ms against {times.floor:.2f} ms"


def rich_of(folder: Path) -> list[int]:
    """The leads that have activities, notes and attachments."""
    with sqlite3.connect(folder / "labapp.sqlite") as connection:
        return [row[0] for row in connection.execute("SELECT DISTINCT related_id FROM note ORDER BY 1")]


def memory(folder: Path) -> Figure:
    with application(folder) as served:
        call = Visits(served.port, rich_of(folder)).mixed()
        for _ in range(MIXED):
            call()
        return most(
            f"memory of a serving process after {MIXED:,} mixed requests", served.resident, 200, " MiB"
        )


def statements(folder: Path) -> Iterator[Figure]:
    found = json.loads(output("benchmarks.statements", str(folder)))
    lists = found["related lists"]
    yield most("SQL statements of a list", found["list"], 6, "")
    yield most(f"SQL statements of a detail page with {lists} related lists", found["detail"], 8 + lists, "")
    yield most("SQL statements of a create", found["create"], 10, "")


def output(module: str, *words: str) -> str:
    """What another process of the benchmarks says."""
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def growth(folder: Path, plan: Plan) -> Iterator[Figure]:
    small, large = folder / str(SMALL), folder / str(LARGE)
    with application(small) as few, application(large) as many:
        first, second = Visits(few.port, rich_of(small)), Visits(many.port, rich_of(large))
        times = by_turns(first.list_of_manager, {"large": second.list_of_manager}, plan)["large"]
        yield ratio(f"list at {LARGE:,} leads against {SMALL:,}", times.ratio, both(times), 1.3)
        for sort in ("name", "-created_at"):
            begin, deep = second.sorted(sort), second.sorted(sort, middle_of(large, sort.removeprefix("-")))
            times = by_turns(begin, {"deep": deep}, plan)["deep"]
            name = f"list at {LARGE:,} leads by `{sort}`: a page in the middle against the first"
            yield Figure(name, f"{times.ratio:.2f}×", both(times))


def middle_of(folder: Path, column: str) -> str:
    """The place in the address of a page half-way through the leads in this order."""
    order = f"SELECT {column}, id FROM lead WHERE sandbox_id = 1 ORDER BY {column}, id LIMIT 1 OFFSET 500000"  # noqa: S608 - one of ours
    with sqlite3.connect(folder / "labapp.sqlite") as connection:
        value, number = connection.execute(order).fetchone()
    return place_of(str(value).replace(" ", "T").partition(".")[0], number)


def grading() -> Figure:
    floor, whole, times = map(
        float, re.findall(r"[0-9.]+(?= s$|$)", output("benchmarks.grade_bench"), re.MULTILINE)
    )
    said = f"{whole:.2f} s against {floor:.2f} s of processor time"
    return ratio("grade 60 members × 5,000 steps × 30 checks, against reading and decoding", times, said, 3)


def classroom(folder: Path) -> Iterator[Figure]:
    """The same class in a database: graded as a whole, and a student's coach after one new step."""
    found = json.loads(output("benchmarks.coach_bench", str(folder / "class")))
    said = f"{found['grade']:.2f} s against {found['decode']:.2f} s of processor time"
    name = "grade such a class from the database, against reading and decoding its rows"
    yield ratio(name, found["grade"] / found["decode"], said, 3)
    again = f"{found['worked anew']:.0f} ms of processor time; again {found['shown again']:.0f} ms"
    name = "from a new step of one member to the coach that shows it, in a process that has kept nothing"
    yield most(name, found["shown anew"], 200, " ms", again)


def reviewing() -> Iterator[Figure]:
    """What a record was, and the heat map, in a sandbox of 300,000 steps."""
    for name, page, floor in re.findall(
        r"^(.+): ([0-9.]+) ms against floor `list` ([0-9.]+) ms", output("benchmarks.log_bench"), re.MULTILINE
    ):
        said = f"{page} ms against {floor} ms"
        if "as it was" in name and "list" not in name:
            yield ratio(f"300,000 steps: {name}, against floor `list`", float(page) / float(floor), said, 10)
        else:
            yield Figure(f"300,000 steps: {name}", f"{float(page):.0f} ms", said)


def importing() -> Figure:
    """An import of 50,000 rows: how long another process that writes has to wait at most."""
    said = output("benchmarks.import_bench")
    longest = max(float(wait) for wait in re.findall(r"at most ([0-9.]+) s", said))
    seconds = "; ".join(re.findall(r"^\w+: .* in [0-9.]+ s", said, re.MULTILINE))
    name = "import of 50,000 rows × 10 columns: the longest write of another process meanwhile"
    return most(name, longest, 0.5, " s", seconds)


def opening() -> Figure:
    """A class of 60 opened from a scenario with a hundred records each."""
    said = output("benchmarks.opening_bench")
    found = re.search(r"([0-9,]+) steps in ([0-9.]+) s, ([0-9,]+) a second\n.*at most ([0-9.]+) s", said)
    assert found is not None
    steps, seconds, rate, longest = found.groups()
    name = "open a scenario for 60 members × 100 records, with log and chain"
    return most(name, float(seconds), 10, " s", f"{steps} steps, {rate} a second; others waited {longest} s")


def archiving(folder: Path) -> Figure:
    """A sandbox of 300,000 steps into an archive, read back, and out of it into an empty database."""
    said = output("benchmarks.archive_bench", str(folder / "archive")).splitlines()
    seconds = sum(float(line.split()[1]) for line in said)
    return most("archive, verify and restore a sandbox of 300,000 steps", seconds, 60, " s", "; ".join(said))


def cold_start(folder: Path, plan: Plan) -> Figure:
    """From the command to the sign-in page, read to its end."""
    spent = []
    for _ in range(plan.rounds):
        start = perf_counter()
        with application(folder) as served:
            answer = Client(served.port).get("/login")
            spent.append(perf_counter() - start)
            assert answer.status == 200, answer.status
    return most(
        "cold start of `labapp run` on an existing database, to the first page", median(spent), 2, " s"
    )


if __name__ == "__main__":
    main()
