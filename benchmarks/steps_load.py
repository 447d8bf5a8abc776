"""A sandbox with a long log: so many steps of a hundred students, numbered and chained, a hundred of each a day.

    python -m benchmarks.steps_load FOLDER STEPS

Behind the steps of `load`: six of ten look at a list or a record, the others change a lead of the member's own. A few
leads (`often`) are touched thirty times each, however long the log is. At the end the leads stand as the log leaves
them, the heads as the chains do, and the coach has put away what it knows of everybody.
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from benchmarks.load import DEPARTMENTS, SIZE, load, own_settings
from labapp.access.everyone import EVERYONE
from labapp.app import create_app
from labapp.clock import now
from labapp.db import db
from labapp.gradebook import state
from labapp.modules.leads.models import Lead
from labapp.oplog.chain import digest, lab, utc
from labapp.oplog.models import LOOKS, Operation, Touch
from labapp.people.models import Membership, Sandbox

LEADS, MEMBERS, CHUNK = 10_000, DEPARTMENTS * SIZE, 5_000
A_DAY = MEMBERS * 100
OFTEN, TOUCHES = 5, 30
TURN = timedelta(hours=8) / A_DAY
REST = {"answers": {}, "origin": "screen", "outcome": "done", "address": "192.0.2.7"}


class Diary:
    """The steps one after another, each chained to the last one of its member."""

    def __init__(self, sandbox: Sandbox, heads: dict[str | None, str], leads: list[Any]) -> None:
        self.first, self.start = sandbox.last_step + 1, sandbox.last_lab_at
        self.heads = heads
        self.at = utc(now())
        self.leads = leads
        self.employees: dict[int, int | None] = {lead.id: lead.employees for lead in leads}
        self.of_owner: dict[int, list[Any]] = {}
        for lead in leads[OFTEN:]:
            self.of_owner.setdefault(lead.owner_id, []).append(lead)
        self.last = self.start

    def steps(self, count: int) -> Iterator[dict[str, Any]]:
        chance = random.Random(4)
        every = max(1, count // (OFTEN * TOUCHES))
        for number in range(count):
            self.last = self.start + timedelta(days=number // A_DAY) + TURN * (number % A_DAY)
            if number % every == 0:
                lead = self.leads[number // every % OFTEN]
                yield self.edit(self.first + number, lead)
                continue
            lead = chance.choice(self.of_owner[2 + number % MEMBERS])
            act = chance.random()
            if act < 0.4:
                yield self.edit(self.first + number, lead)
            else:
                yield self.look(self.first + number, lead, "list" if act < 0.65 else "open")

    def look(self, number: int, lead: Any, verb: str) -> dict[str, Any]:
        record = (
            {"record": lead.serial, "label": lead.name} if verb == "open" else {"record": None, "label": ""}
        )
        return self.step(number, lead, verb, {**record, "changes": []})

    def edit(self, number: int, lead: Any) -> dict[str, Any]:
        change: dict[str, Any] = {"what": "changed", "kind": "lead", "id": lead.serial}
        change |= {"before": {"employees": self.employees[lead.id]}, "after": {"employees": number}}
        self.employees[lead.id] = number
        answers = {"employees": str(number)}
        return self.step(
            number,
            lead,
            "edit",
            {"record": lead.serial, "label": lead.name, "changes": [change], "answers": answers},
        )

    def step(self, number: int, lead: Any, verb: str, more: dict[str, Any]) -> dict[str, Any]:
        member = f"s{lead.owner_id - 1:03}"
        row = {**REST, "id": number, "member": member, "at": self.at, "lab_at": lab(self.last)}
        row |= {"kind": "lead", "verb": verb, "request": f"{number:032x}", "prev": self.heads[member], **more}
        row["hash"] = self.heads[member] = digest(row)
        return row


def stored(row: dict[str, Any]) -> dict[str, Any]:
    """A step as its table takes it."""
    at = datetime.fromisoformat(row["at"].removesuffix("Z"))
    return {**row, "sandbox_id": 1, "at": at, "lab_at": datetime.fromisoformat(row["lab_at"])}


def touch(row: dict[str, Any]) -> dict[str, Any]:
    look = int(row["verb"] in LOOKS)
    return {"sandbox_id": 1, "kind": "lead", "serial": row["record"], "step": row["id"], "look": look}


def fill(count: int) -> None:
    """Write so many steps, and what follows from them."""
    sandbox = db.session.get_one(Sandbox, 1)
    heads = {member.key: member.last_hash for member in db.session.scalars(select(Membership))}
    columns = select(Lead.id, Lead.serial, Lead.owner_id, Lead.name, Lead.employees).order_by(Lead.id)
    leads: Any = db.session.execute(columns, execution_options={"seen_by": EVERYONE}).all()
    diary = Diary(sandbox, heads, list(leads))
    last = sandbox.last_step + count
    db.session.rollback()
    rows = diary.steps(count)
    while chunk := list(islice(rows, CHUNK)):
        with db.engine.begin() as connection:
            connection.execute(insert(Operation), [stored(row) for row in chunk])
            touches = [touch(row) for row in chunk if row["record"] is not None]
            connection.execute(insert(Touch), touches)
    lead: Any
    member: Any
    box: Any
    lead, member, box = (model.__table__ for model in (Lead, Membership, Sandbox))
    with db.engine.begin() as connection:
        values = [{"k": number, "v": value} for number, value in diary.employees.items()]
        connection.execute(
            update(lead).where(lead.c.id == bindparam("k")).values(employees=bindparam("v")), values
        )
        chains = [{"k": key, "v": value} for key, value in heads.items()]
        connection.execute(
            update(member).where(member.c.key == bindparam("k")).values(last_hash=bindparam("v")), chains
        )
        ends = datetime.combine(diary.last.date() + timedelta(days=1), diary.last.time())
        connection.execute(update(box).values(last_step=last, last_lab_at=diary.last, clock_base=ends))
    state.keep_up(db.session.get_one(Sandbox, 1, populate_existing=True), seconds=3600)


def main() -> None:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    if (folder / "steps").exists():
        return
    load(folder, LEADS)
    app = create_app({**own_settings(folder), "TESTING": True}, extensions=[])
    with app.app_context():
        fill(count)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engine.dispose()
    (folder / "steps").touch()


if __name__ == "__main__":
    main()
