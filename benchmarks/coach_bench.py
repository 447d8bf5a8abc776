"""A class of 60 members x 5,000 steps x 30 checks in a database: graded as a whole, and one student's coach.

    python -m benchmarks.coach_bench FOLDER [ROUNDS]

The database is made in FOLDER where it is not there already. Prints medians: processor time to read and decode every
row, and to read and grade everybody; then the time from a new step of one member until the coach shows it, in a
process that has kept nothing of that member, and in one that has.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert, select, update

from benchmarks.grade_bench import RUBRIC, START, Generator
from benchmarks.load import own_settings
from labapp.access.actor import actor_of
from labapp.app import create_app
from labapp.clock import now
from labapp.db import begin_write, db, migrate
from labapp.gradebook import coach, live, state
from labapp.gradebook.runs import results_of
from labapp.oplog.append import Step, append
from labapp.oplog.export import steps
from labapp.oplog.models import Operation
from labapp.people.models import Account, Course, Membership, Position, Sandbox

MEMBERS, STEPS, CHUNK = 60, 5_000, 10_000
ASKED = 15  # students whose coach is timed in a round


def load(members: int, count: int) -> None:
    """A sandbox with these members and a log of so many steps each."""
    generator = Generator(members, count)
    with db.engine.begin() as connection:
        course = {"name": "bench", "title": "Bench", "scenario": "bench", "join_code": "BENCH1"}
        connection.execute(insert(Course), [{**course, "rubric": RUBRIC}])
        sandbox = {"course_id": 1, "name": "bench", "scenario": "bench", "state": "open", "starts_at": START}
        sandbox |= {"clock_base": START, "last_lab_at": START, "first_settings": {"sharing.lead": "private"}}
        connection.execute(insert(Sandbox), [{**sandbox, "settings": sandbox["first_settings"]}])
        position = {"sandbox_id": 1, "serial": 1, "path": "/1/", "position_kind": "staff", "sort": 1}
        connection.execute(insert(Position), [{**position, "name_en": "Staff", "name_zh": "员工"}])
        for number, key in enumerate(generator.members, start=1):
            connection.execute(insert(Account), [{"number": key, "name": key}])
            member = {"sandbox_id": 1, "serial": number, "course_id": 1, "account_id": number, "key": key}
            member |= {"number": key, "name": key, "role": "student", "state": "active", "positions": [1]}
            connection.execute(insert(Membership), [member])
        rows = stored_rows(generator)
        while chunk := list(islice(rows, CHUNK)):
            connection.execute(insert(Operation), chunk)
        last = {"last_step": members * count, "last_lab_at": generator.moment(members * count - 1)}
        connection.execute(update(Sandbox).values(**last))


def stored_rows(generator: Generator) -> Iterator[dict[str, Any]]:
    """The generator's steps as the table takes them."""
    at = now()
    for number, row in enumerate(generator.rows()):
        yield {**row, "sandbox_id": 1, "at": at, "lab_at": generator.moment(number)}


def the_sandbox() -> Sandbox:
    db.session.rollback()
    return db.session.get_one(Sandbox, 1, populate_existing=True)


def decoded() -> float:
    """Seconds of processor time to read and decode every row, keeping none."""
    sandbox = the_sandbox()
    start = process_time()
    for _ in steps(sandbox.id, sandbox.last_step):
        pass
    return process_time() - start


def graded() -> float:
    """Seconds of processor time to read the log and to grade everybody."""
    live.forget()
    sandbox = the_sandbox()
    start = process_time()
    results = results_of(sandbox)
    spent = process_time() - start
    assert not results.could_not_tell(), results.could_not_tell()
    live.forget()
    return spent


def shown(membership_id: int, *, anew: bool) -> tuple[float, float]:
    """Milliseconds from a new step of this member until the coach has it, by the clock and of processor time."""
    if anew:
        coach.forget()
    begin_write()
    sandbox = db.session.get_one(Sandbox, 1, populate_existing=True)
    member = db.session.get_one(Membership, membership_id)
    step = Step(1, "lead", "edit", member.id, member.key, 1, answers={"status": "contacted"})
    append(step, sandbox.last_lab_at)
    db.session.commit()
    start, worked = perf_counter(), process_time()
    sandbox = the_sandbox()
    head = db.session.scalar(select(Membership.last_hash).where(Membership.id == membership_id))
    view = coach.known(sandbox, actor_of(sandbox, membership_id), head or "", fresh=0)
    spent = (perf_counter() - start) * 1000, (process_time() - worked) * 1000
    assert view is not None
    return spent


def measured(rounds: int) -> dict[str, float]:
    """The medians, by name."""
    start = perf_counter()
    state.keep_up(the_sandbox(), seconds=3600)
    kept = perf_counter() - start
    anew = [shown(number, anew=True) for _ in range(rounds) for number in range(1, ASKED + 1)]
    again = [shown(number, anew=False) for _ in range(rounds) for number in range(1, ASKED + 1)]
    pairs = [(decoded(), graded()) for _ in range(rounds)]
    floor, whole = (median(column) for column in zip(*pairs, strict=True))
    return {
        "kept in": kept,
        "decode": floor,
        "grade": whole,
        "shown anew": median(spent for spent, _worked in anew),
        "worked anew": median(worked for _spent, worked in anew),
        "shown again": median(spent for spent, _worked in again),
    }


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app({**own_settings(folder), "TESTING": True}, extensions=[])
    with app.app_context():
        migrate.upgrade()
        if not (folder / "loaded").exists():
            load(MEMBERS, STEPS)
            (folder / "loaded").touch()
        print(json.dumps(measured(rounds)))


if __name__ == "__main__":
    main()
