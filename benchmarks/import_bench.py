"""Import 50,000 rows of 10 columns as a job while another process writes: how long that one waits for its turn.

    python -m benchmarks.import_bench [ROWS]

Prints the time of each part (read, check, write, take back) and the longest time that a `lead.create` of somebody
else took meanwhile, the wait for the lock and the write itself (to reach: at most 0.5 s).
"""

import csv
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import select

from benchmarks.load import load, own_settings
from labapp import jobs
from labapp.access.actor import Actor, actor_of
from labapp.app import create_app
from labapp.db import db
from labapp.modules.leads.models import Lead
from labapp.people.models import Membership, Sandbox
from labapp.records.catalog import catalog
from labapp.records.imports import sending, store, tasks
from labapp.records.imports.models import CHECKING, RUNNING, UNDOING, UNDONE
from labapp.records.imports.undoing import require_free
from labapp.records.work import Source, Work

ROWS, EVERY = 50_000, 0.05
HEADS = "姓名 公司名称 职务 手机 电话 邮箱 来源 城市 省份 备注".split()
IMPORTER, OTHER = "s002", "s012"


def main() -> None:
    if sys.argv[1:2] == ["--write"]:
        write_until_told(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load(folder, 1_000)
        app = create_app(own_settings(folder), extensions=[])
        with app.app_context(), writer(folder) as waits:
            parts = list(measured(count))
        for words, began, ended in parts:
            longest = max((took for at, took in waits if at < ended and at + took > began), default=0.0)
            print(f"{words}; others waited at most {longest:.2f} s")


def measured(count: int) -> Iterator[tuple[str, float, float]]:
    """For each part of an import of so many rows: words, when it began, when it ended."""
    record_type, source = catalog()["lead"], Source("screen", "bench")
    content = table(count)
    began = perf_counter()
    run_id = sending.receive(member(IMPORTER), record_type, "leads.csv", io.BytesIO(content))
    yield _part("read", count, began)
    actor = member(IMPORTER)
    run = store.get(run_id)
    said = {"mapping": run.mapping, "options": run.options}
    for state in (CHECKING, RUNNING, UNDOING):
        began = perf_counter()
        if state == UNDOING:
            require_free(tasks.running.task_of(run_id, actor.id))
        tasks.begin(store.get(run_id), actor.id, state, source, **(said if state == CHECKING else {}))
        jobs.work_off()
        yield _part(state, count, began)
    assert store.get(run_id).state == UNDONE


def _part(name: str, count: int, began: float) -> tuple[str, float, float]:
    ended = perf_counter()
    return (
        f"{name}: {count:,} rows in {ended - began:.1f} s, {count / (ended - began):,.0f} a second",
        began,
        ended,
    )


def table(count: int) -> bytes:
    """A file as a marketing department sends it: every tenth row is there twice."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEADS)
    for number in range(count):
        n = number - 1 if number % 10 == 9 else number
        mobile = f"138 {n // 10_000 % 10_000:04d} {n % 10_000:04d}"
        company = f"杭州第{n}电梯有限公司"
        rows.writerow(
            [
                *(f"王{n}", company, "采购经理", mobile, f"0571-{80_000_000 + n}", f"w{n}@lifts.cn"),
                *("网站", "杭州", "浙江", "展会上留下名片"),
            ]
        )
    return out.getvalue().encode("gb18030")


def member(key: str) -> Actor:
    sandbox = db.session.scalars(select(Sandbox)).one()
    query = select(Membership.id).where(Membership.key == key)
    return actor_of(sandbox, db.session.scalars(query).one())


# -- the other process -----------------------------------------------------------------------------------------------


@contextmanager
def writer(folder: Path) -> Iterator[list[tuple[float, float]]]:
    """Another process that writes all the time; afterwards when each write began and how long it took."""
    command = [sys.executable, "-m", "benchmarks.import_bench", "--write", str(folder)]
    waits: list[tuple[float, float]] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield waits
        process.stdin.close()
        lines = process.stdout.read().splitlines()
        waits += [(float(at), float(took)) for at, took in map(str.split, lines)]


def write_until_told(folder: Path) -> None:
    """Create a lead every so often until the input ends; print how long each took."""
    import select as waiting

    app = create_app(own_settings(folder), extensions=[])
    took: list[tuple[float, float]] = []
    with app.app_context():
        write_one(0)
        print("ready", flush=True)
        while not waiting.select([sys.stdin], [], [], EVERY)[0]:
            began = perf_counter()
            write_one(len(took))
            took.append((began, perf_counter() - began))
    print(*(f"{at} {seconds}" for at, seconds in took), sep="\n")


def write_one(number: int) -> Any:
    actor = member(OTHER)
    with Work(actor, "lead.create", source=Source("screen", f"w{number}")) as work:
        return work.create(Lead, name="Wu Min", company=f"Ningbo Cranes {number} Ltd")


if __name__ == "__main__":
    main()
