"""Import 50,000 rows of 10 columns, leads and then customers, while another process writes; then take it all back.

    python -m benchmarks.import_bench [ROWS]

The rows hold twins of each kind: of rows above them, of records that are there (leads are changed, customers left out).
The work is done by a process of its own, which is killed half-way through the leads' writing and undoing; another goes
on. Prints the time of each part, the processor time of a row, and the longest time that a `lead.create` of somebody
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
from resource import RUSAGE_CHILDREN, getrusage
from threading import Event
from time import perf_counter, process_time
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import func, select

from benchmarks.load import load, own_settings
from labapp import jobs
from labapp.access.actor import Actor, actor_of
from labapp.access.everyone import EVERYONE
from labapp.app import create_app
from labapp.db import db
from labapp.modules.leads.models import Lead
from labapp.people.models import Membership, Sandbox
from labapp.records.catalog import catalog
from labapp.records.imports import pages, sending, store, tasks
from labapp.records.imports.models import CHECKING, DONE, RUNNING, SKIP, UNDOING, UNDONE, UPDATE
from labapp.records.imports.running import task_of
from labapp.records.imports.undoing import require_free
from labapp.records.work import Source, Work

ROWS, EVERY, LOADED = 50_000, 0.05, 10_000
LEAD_HEADS = "姓名 公司名称 职务 手机 电话 邮箱 来源 城市 省份 备注".split()
CUSTOMER_HEADS = "客户名称 电话 邮箱 网址 来源 行业 城市 省份 地址 备注".split()
IMPORTER, OTHER = (
    "s001",
    "s012",
)  # a manager, who sees a tenth of the leads that are there; somebody else's staff
TWINS = {"lead": UPDATE, "customer": SKIP}
ITSELF = [sys.executable, "-m", "benchmarks.import_bench"]


class Part(NamedTuple):
    """What was done: words for it, when it began and ended, and how much processor time it took."""

    name: str
    rows: int
    began: float
    ended: float
    processor: float

    def line(self, longest: float) -> str:
        seconds, each = self.ended - self.began, self.processor / self.rows * 1000
        return (
            f"{self.name}: {self.rows:,} rows in {seconds:.1f} s, {each:.2f} ms of processor time a row; "
            f"others waited at most {longest:.2f} s"
        )


def main() -> None:
    if sys.argv[1:2] == ["--write"]:
        write_until_told(Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["--work"]:
        with create_app(own_settings(Path(sys.argv[2])), extensions=[]).app_context():
            jobs.requeue()
            jobs.work_off()
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load(folder, LOADED)
        app = create_app(own_settings(folder), extensions=[])
        with app.app_context(), writer(folder) as waits:
            parts = [part for kind in TWINS for part in imported(app, folder, kind, count)]
        for part in parts:
            inside = (took for at, took in waits if at < part.ended and at + took > part.began)
            print(part.line(max(inside, default=0.0)))


def imported(app: Flask, folder: Path, kind: str, count: int) -> Iterator[Part]:
    """For each part of an import of so many rows of this kind: what it took. Nothing of it is left at the end."""
    record_type, source = catalog()[kind], Source("screen", "bench")
    content, there = table(kind, count), live(kind)
    began, spent = perf_counter(), process_time()
    run_id = sending.receive(member(IMPORTER), record_type, f"{kind}.csv", io.BytesIO(content))
    yield Part(f"{kind} read", count, began, perf_counter(), process_time() - spent)
    actor, run = member(IMPORTER), store.get(run_id)
    said = {"mapping": run.mapping, "options": {**run.options, "twins": TWINS[kind]}}
    for state in (CHECKING, RUNNING, UNDOING):
        began, spent = perf_counter(), process_time() + children()
        if state == UNDOING:
            require_free(task_of(run_id, actor.id))
        tasks.begin(store.get(run_id), actor.id, state, source, **(said if state == CHECKING else {}))
        work(folder, store.get(run_id).job_id, killed=kind == "lead" and state != CHECKING)
        yield Part(f"{kind} {state}", count, began, perf_counter(), process_time() + children() - spent)
        if state == CHECKING:
            yield from shown(app, actor, run_id, count)
        assert state != RUNNING or (store.get(run_id).state == DONE and live(kind) > there)
    assert store.get(run_id).state == UNDONE
    assert live(kind) == there


def shown(app: Flask, actor: Actor, run_id: int, count: int) -> Iterator[Part]:
    """The preview of such a run, and its report with every row."""
    run = store.get(run_id)
    with app.test_request_context():
        for name in ("preview", "report"):
            began, spent = perf_counter(), process_time()
            if name == "preview":
                pages.preview(actor, catalog()[run.kind], run)
            else:
                answer: Any = pages.report(run, "csv", only_errors=False)
                assert sum(map(len, answer.response)) == answer.content_length
            yield Part(f"{run.kind} {name}", count, began, perf_counter(), process_time() - spent)


def live(kind: str) -> int:
    """How many records of a kind there are, of those that the other process does not make."""
    db.session.remove()
    model: Any = catalog()[kind].model
    others = model.owner_id != member(OTHER).id
    query = select(func.count()).select_from(model).where(model.deleted_at.is_(None), others)
    return int(db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one())


def work(folder: Path, job_id: int | None, *, killed: bool) -> None:
    """Have a job done by a process of its own; `killed`: by two, as the first is killed half-way.

    This process reads nothing meanwhile: whoever keeps an old state open keeps SQLite from beginning its log of writes
    (WAL) anew.
    """
    command = [*ITSELF, "--work", str(folder)]
    db.session.remove()
    if killed:
        with subprocess.Popen(command) as process:
            while process.poll() is None and progress_of(job_id) < 0.5:
                Event().wait(0.05)
            process.kill()
    subprocess.run(command, check=True)
    db.session.remove()


def progress_of(job_id: int | None) -> float:
    job = db.session.get_one(jobs.Job, job_id)
    db.session.remove()
    return job.progress / job.total if job.total else 0.0


def children() -> float:
    """The processor time of the processes that have ended."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(kind: str, count: int) -> bytes:
    """A file as a marketing department sends it: every tenth row is there twice."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(LEAD_HEADS if kind == "lead" else CUSTOMER_HEADS)
    for number in range(count):
        n = number - 1 if number % 10 == 9 else number
        rows.writerow(lead_row(n) if kind == "lead" else customer_row(n))
    return out.getvalue().encode("gb18030")


def lead_row(n: int) -> list[str]:
    mobile = f"138 {n // 10_000 % 10_000:04d} {n % 10_000:04d}"
    reach = [mobile, f"0571-{80_000_000 + n}", f"w{n}@lifts.cn"]
    return [f"王{n}", f"杭州第{n}电梯有限公司", "采购经理", *reach, "网站", "杭州", "浙江", "展会上留下名片"]


def customer_row(n: int) -> list[str]:
    reach = [f"0571-{80_000_000 + n}", f"w{n}@lifts.cn", f"www.lift{n}.cn"]
    place = ["杭州", "浙江", f"文三路 {n} 号"]
    return [f"杭州第{n}电梯有限公司", *reach, "网站", "制造业", *place, "展会上留下名片"]


def member(key: str) -> Actor:
    sandbox = db.session.scalars(select(Sandbox)).one()
    query = select(Membership.id).where(Membership.key == key)
    return actor_of(sandbox, db.session.scalars(query).one())


# -- the other process -----------------------------------------------------------------------------------------------


@contextmanager
def writer(folder: Path) -> Iterator[list[tuple[float, float]]]:
    """Another process that writes all the time; afterwards when each write began and how long it took."""
    command = [*ITSELF, "--write", str(folder)]
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
