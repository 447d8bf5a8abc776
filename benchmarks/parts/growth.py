"""How times grow with the number of records and of steps."""

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from benchmarks.client import Client, signed_in
from benchmarks.load import INSTRUCTOR, PASSWORD
from benchmarks.measure import Call, Plan, by_turns
from benchmarks.parts.pages import rich_of
from benchmarks.results import Figure, against
from benchmarks.run import SMALL, Run, loaded
from benchmarks.serve import application
from benchmarks.steps_load import OFTEN
from benchmarks.visit import Visits, full
from labapp.records.question import place_of
from labapp.records.search import initials

LISTS = "The same pages of the same manager over two databases by turns, a server each."
SEARCH = (
    "A manager's search in the list of leads, by names of a dozen leads that can be seen, against the first page of "
    "the same list by turns."
)
STEPS = (
    "The same pages over a log of two lengths by turns, a server each. A hundred students with a hundred steps a day "
    "each; the record has thirty steps in both."
)
FEW_STEPS, MANY_STEPS = 10_000, 2_000_000
ASKED = 12
HAN = re.compile(r"[\u4e00-\u9fff]+")


def lists(run: Run) -> Iterator[Figure]:
    size = run.large
    small, big = run.leads(SMALL), run.leads(size)
    with application(small) as few, application(big) as many:
        first, second = Visits(few.port, rich_of(small)), Visits(many.port, rich_of(big))
        for name, one, other in (
            ("list", first.list_of_manager, second.list_of_manager),
            ("detail", first.detail, second.detail),
            ("create", first.create, second.create),
        ):
            times = by_turns(one, {"large": other}, run.plan)["large"]
            yield against(
                f"{name} at {size:,} leads against {SMALL:,}", times, 1.3 if name == "list" else None
            )
        for sort in ("name", "-created_at"):
            begin, deep = (
                second.sorted(sort),
                second.sorted(sort, middle_of(big, sort.removeprefix("-"), size)),
            )
            times = by_turns(begin, {"deep": deep}, run.plan)["deep"]
            yield against(
                f"list at {size:,} leads by `{sort}`: a page in the middle against the first", times
            )


def middle_of(folder: Path, column: str, size: int) -> str:
    """The place in the address of a page half-way through the leads in this order."""
    order = (
        f"SELECT {column}, id FROM lead WHERE sandbox_id = 1 ORDER BY {column}, id LIMIT 1 OFFSET {size // 2}"  # noqa: S608 - one of ours
    )
    with sqlite3.connect(folder / "labapp.sqlite") as connection:
        value, number = connection.execute(order).fetchone()
    return place_of(str(value).replace(" ", "T").partition(".")[0], number)


# -- search ------------------------------------------------------------------------------------------------------------


def searches(run: Run) -> Iterator[Figure]:
    for size in (SMALL, run.large):
        folder = run.leads(size)
        names, pair = asked(folder)
        with application(folder) as served:
            visits = Visits(served.port, rich_of(folder))
            pairs, letters = [name[:2] for name in names], [max(initials(name), key=len) for name in names]
            calls = {
                "two characters": searched(visits.manager, pairs),
                "pinyin initials": searched(visits.manager, letters),
            }
            for name, times in by_turns(visits.list_of_manager, calls, run.plan).items():
                yield against(f"search at {size:,} leads, {name}, against the list", times, 2)
            few = Plan(run.plan.rounds, max(1, run.plan.requests // 10))
            most_met: dict[str, Call] = {pair: searched(visits.manager, [pair])}
            times = by_turns(visits.list_of_manager, most_met, few)[pair]
            yield against(f"search at {size:,} leads, the commonest pair, {pair}, against the list", times)


def asked(folder: Path) -> tuple[list[str], str]:
    """Names of some leads of the first department, and the pair of characters that most of all texts have."""
    query = "SELECT name, company, owner_id FROM lead WHERE id <= 20000"
    with sqlite3.connect(folder / "labapp.sqlite") as connection:
        rows = connection.execute(query).fetchall()
    mine = [name for name, _company, owner in rows if owner <= 11 and HAN.fullmatch(name)]
    pairs = Counter(
        text[place : place + 2]
        for name, company, _owner in rows
        for text in HAN.findall(f"{name} {company}")
        for place in range(len(text) - 1)
    )
    return random.Random(7).sample(mine, ASKED), pairs.most_common(1)[0][0]


def searched(client: Client, words: list[str]) -> Call:
    """Ask for one after another."""
    turns = cycle(words)
    return lambda: full(client.get(f"/leads/?q={quote_plus(next(turns))}"))


# -- the log -----------------------------------------------------------------------------------------------------------


def steps(run: Run) -> Iterator[Figure]:
    count = 2 * FEW_STEPS if run.small else MANY_STEPS
    folders = [log_of(run, FEW_STEPS), log_of(run, count)]
    with application(folders[0]) as few, application(folders[1]) as many:
        first, second = pages_of_log(few.port), pages_of_log(many.port)
        for name, page in second.items():
            times = by_turns(first[name], {name: page}, run.plan)[name]
            yield against(f"{name}: {count:,} steps against {FEW_STEPS:,}", times)


def log_of(run: Run, count: int) -> Path:
    return loaded(run.folder / f"steps-{count}", str(count), module="benchmarks.steps_load")


def pages_of_log(port: int) -> dict[str, Call]:
    """What is asked of a log, by an instructor and by a student."""
    teacher, student = signed_in(port, INSTRUCTOR, PASSWORD), signed_in(port, "s002", PASSWORD)
    records: Any = cycle(range(1, OFTEN + 1))
    return {
        "page of the log": lambda: full(teacher.get("/instructor/log")),
        "page of the log of a member": lambda: full(teacher.get("/instructor/log?member=s002")),
        "a day of a member": lambda: full(teacher.get("/instructor/log/member/s002")),
        "what was refused": lambda: full(teacher.get("/instructor/log?outcome=refused")),
        "the steps of a record": lambda: full(
            teacher.get(f"/instructor/log?kind=lead&record={next(records)}")
        ),
        "a record with its history": lambda: full(teacher.get(f"/leads/{next(records)}")),
        "coach": lambda: full(student.get("/coach")),
        "list, with its look": lambda: full(student.get("/leads/")),
    }
