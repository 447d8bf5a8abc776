"""A sandbox with a long log: archived, read back, restored; how long each takes, and how much memory.

    python -m benchmarks.archive_bench FOLDER [STEPS]

The database is made in FOLDER/STEPS where it is not there already: 60 members, a record for every ten steps, the other
steps change them. Archiving here is writing alone; reading back is `check`; restoring is into an empty database and
reads everything back on its way, as it always does. Each runs in a process of its own, which says its greatest memory.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import insert, update

from benchmarks.load import own_settings
from labapp.app import create_app
from labapp.clock import now
from labapp.db import db, migrate
from labapp.lifecycle import archive, check, unarchive
from labapp.lifecycle.taking import taken_in
from labapp.modules.leads.models import Lead
from labapp.oplog.chain import CANONICAL, digest, lab, utc
from labapp.people.models import Account, Course, Membership, Position, Sandbox
from labapp.records.snapshot import Serials, snapshot

START = datetime.fromisoformat("2026-09-07T09:00:00")
MEMBERS, CHUNK, EVERY = 60, 5_000, 10
REST = {"answers": {}, "label": "Lead", "origin": "screen", "outcome": "done", "request": "", "address": ""}


class Story:
    """A log that adds up, and the leads as it leaves them."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.heads: dict[str | None, str] = {}
        self.count = 0
        self.at = utc(now())
        self.made: list[Lead] = []
        self.serials = Serials()
        self.serials.known[("position", 1)] = 1
        self.serials.known |= {("membership", 1 + n): f"s{n:03}" for n in range(1, MEMBERS + 1)}
        self.serials.known["membership", 1] = "t001"

    def set_up(self, rows: list[Any]) -> Iterator[dict[str, Any]]:
        """The steps that made positions and members."""
        for row in rows:
            after = snapshot(row, self.serials)
            yield self.step(
                None, row.__tablename__, "create", row.serial, [_change("created", row, {}, after)], "setup"
            )

    def leads(self) -> Iterator[dict[str, Any]]:
        """The steps after the set-up."""
        made = self.made
        for number in range(self.steps):
            if number % EVERY == 0:
                owner = 2 + number // EVERY % MEMBERS
                lead = _lead(len(made) + 1, owner, START + timedelta(seconds=number))
                made.append(lead)
                change = _change("created", lead, {}, snapshot(lead, self.serials))
                yield self.step(self.serials.of("membership", owner), "lead", "create", lead.serial, [change])
                continue
            lead = made[number * 7919 % len(made)]
            before, lead.title = lead.title, f"Title {number}"
            change = _change("changed", lead, {"title": before}, {"title": lead.title})
            lead.version += 1
            yield self.step(
                self.serials.of("membership", lead.owner_id), "lead", "edit", lead.serial, [change]
            )

    def step(
        self,
        member: str | None,
        kind: str,
        verb: str,
        record: int,
        changes: list[Any],
        origin: str = "screen",
    ) -> dict[str, Any]:
        self.count += 1
        when = lab(START + timedelta(seconds=self.count))
        row = {
            **REST,
            "id": self.count,
            "member": member,
            "at": self.at,
            "lab_at": when,
            "kind": kind,
            "verb": verb,
        }
        changes = json.loads(CANONICAL(changes))  # in the order in which the application keeps them
        row |= {"record": record, "changes": changes, "origin": origin, "prev": self.heads.get(member, "")}
        row["hash"] = self.heads[member] = digest(row)
        return row


def _change(what: str, row: Any, before: Any, after: Any) -> dict[str, Any]:
    return {"what": what, "kind": row.__tablename__, "id": row.serial, "before": before, "after": after}


def _lead(serial: int, owner: int, moment: datetime) -> Lead:
    return Lead(
        id=serial, sandbox_id=1, serial=serial, owner_id=owner, created_at=moment, updated_at=moment, version=1,
        name=f"Grace Hopper {serial}", company=f"杭州第{serial}电梯有限公司", status="new", mobile="13800001234",
        email=f"grace{serial}@example.test", tags=["hot"], extra={}, title="Title",
    )  # fmt: skip


def load(folder: Path, steps: int) -> None:
    """Make the database in this folder. What is there already stays as it is."""
    if (folder / "loaded").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with create_app(own_settings(folder), extensions=[]).app_context():
        migrate.create_all()
        story, people = Story(steps), _people()
        last = len(people) + steps
        with db.engine.begin() as connection:
            connection.execute(
                insert(Course), [{"name": "bench", "title": "Bench", "scenario": "x", "join_code": "B"}]
            )
            sandbox = {"course_id": 1, "name": "bench", "scenario": "x", "state": "open", "starts_at": START}
            sandbox |= {"clock_base": START + timedelta(days=9), "last_lab_at": START, "last_step": last}
            connection.execute(insert(Sandbox), [sandbox])
            connection.execute(
                insert(Account), [{"number": str(n), "name": "Somebody"} for n in range(MEMBERS + 1)]
            )
            for row in people:
                connection.execute(insert(row.__table__), [_columns(row)])
        for _step in taken_in(story.set_up(people), 1):
            pass
        for _step in taken_in(story.leads(), 1):
            pass
        with db.engine.begin() as connection:
            leads = iter(story.made)
            while chunk := list(islice(leads, CHUNK)):
                connection.execute(insert(Lead), [_columns(row) for row in chunk])
            for member, head in story.heads.items():
                whose = update(Membership).where(Membership.key == member).values(last_hash=head)
                connection.execute(whose if member else update(Sandbox).values(null_hash=head))
    (folder / "loaded").touch()


def _people() -> list[Any]:
    top = Position(
        id=1,
        sandbox_id=1,
        serial=1,
        path="/1/",
        position_kind="staff",
        sort=1,
        name_en="Staff",
        name_zh="员工",
    )
    keys = ["t001", *(f"s{number:03}" for number in range(1, MEMBERS + 1))]
    members = [
        Membership(
            id=n, sandbox_id=1, serial=n, course_id=1, account_id=n, key=key, number=key, name=key,
            role="instructor" if n == 1 else "student", state="active", positions=[1],
        )
        for n, key in enumerate(keys, start=1)
    ]  # fmt: skip
    return [top, *members]


def _columns(row: Any) -> dict[str, Any]:
    found = {column.key: getattr(row, column.key) for column in row.__table__.columns}
    return {name: value for name, value in found.items() if value is not None}


def measured(folder: Path, what: str) -> str:
    """One of the three, timed, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.archive_bench", str(folder), "--", what],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def do(folder: Path, what: str) -> None:
    """Do it, and say how many seconds it took and how many MiB it held at most."""
    file, other = folder / "bench.zip", folder / "restored"
    settings = own_settings(other if what == "restore" else folder)
    with create_app(settings, extensions=[]).app_context():
        if what == "restore":
            migrate.create_all()
        began, worked = perf_counter(), process_time()
        if what == "archive":
            archive.write(1, file)
            archive.beside(file).replace(file)
        elif what == "check":
            check.check(file)
        else:
            unarchive.restore(file, unarchive.Wish())
        spent, worked = perf_counter() - began, process_time() - worked
    print(f"{what} {spent:.1f} s, of a processor {worked:.1f} s, {most_held():.0f} MiB")


def most_held() -> float:
    """The greatest memory of this program in MiB, not counting that of the process which started it."""
    said = Path("/proc/self/status").read_text("ascii")
    return int(said.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    folder = Path(sys.argv[1])
    if "--" in sys.argv:
        do(folder, sys.argv[-1])
        return
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    folder = folder / str(steps)
    load(folder, steps)
    for name in ("labapp.sqlite", "labapp.sqlite-wal", "labapp.sqlite-shm"):
        (folder / "restored" / name).unlink(missing_ok=True)
    for what in ("archive", "check", "restore"):
        print(measured(folder, what), flush=True)


if __name__ == "__main__":
    main()
