"""Grading 60 members x 5,000 steps x 30 checks in one process, against reading and decoding the same rows.

    python benchmarks/grade_bench.py [MEMBERS STEPS ROUNDS]

Prints the median of both, measured alternately, and their ratio (to reach: at most 3). Processor time,
for it is one process that waits for nothing.
"""

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from labapp.cli.grade import graded_file, machine_vocabulary

START = datetime.fromisoformat("2026-09-07T09:00:00")
ACTS = (
    ("lead", "create", 14),
    ("lead", "edit", 10),
    ("lead", "qualify", 6),
    ("lead", "convert", 4),
    ("customer", "edit", 6),
    ("contact", "edit", 4),
    ("opportunity", "edit", 6),
    ("opportunity", "advance", 6),
    ("opportunity", "win", 3),
    ("opportunity", "lose", 2),
    ("ticket", "create", 6),
    ("ticket", "resolve", 5),
    ("lead", "open", 12),
    ("lead", "list", 8),
    ("customer", "open", 6),
    ("session", "sign_in", 2),
)
RUBRIC = """
rubric: 1
title: {en: Benchmark, zh: 基准}
pass: 60
tasks:
  - key: acts
    title: {en: Acts, zh: 操作}
    points: 40
    checks:
      - did: {what: lead.create, times: 100}
      - did: {what: lead.convert, times: 50, distinct: record}
      - did: {what: opportunity.win, times: 30, distinct: day}
      - did: {what: "customer.*", times: 200}
      - did: {what: "*.edit", times: 500, outcome: [done, refused]}
      - did: {what: lead.edit, where: {status: {in: [new, contacted]}}, times: 10}
      - did: {what: ticket.create, since: "+1d 09:00", until: "+9d 18:00"}
      - did: {what: session.sign_in, times: 5, distinct: day}
      - never: {what: lead.delete}
      - never: {what: "customer.*", outcome: [refused]}
      - in_order: {steps: [lead.create, lead.convert, opportunity.win], times: 20}
      - in_order: {steps: [lead.create, lead.qualify, lead.convert], within: 8h}
      - in_order: {steps: [session.sign_in, lead.create, ticket.resolve], on: any, within: 2h}
  - key: records
    title: {en: Records, zh: 记录}
    points: 40
    checks:
      - holds: {kind: opportunity, where: {amount: {gte: 10000}, stage: won}, times: 20}
      - holds: {kind: lead, where: {status: converted}, times: 50, made_by: me}
      - holds: {kind: customer, where: {name: {matches: "公司$"}}, times: 10}
      - holds: {kind: customer, where: {phone: {filled: true}}, owner: anyone, made_by: me}
      - holds: {kind: opportunity, where: {close_date: {lt: "2026-12-01T00:00:00"}}, times: 5}
      - filled: {kind: customer, fields: [name, phone, level]}
      - filled: {kind: lead, fields: [name, phone, source], share: 0.8}
      - valid: {kind: customer, field: phone, rule: mobile_cn}
      - valid: {kind: customer, field: name, rule: full_name}
      - valid: {kind: customer, field: name, rule: unique}
      - setting: {path: sharing.lead, where: private}
  - key: figures
    title: {en: Figures, zh: 指标}
    points: 20
    checks:
      - within: {start: ticket.create, finish: ticket.resolve, limit: 8h, share: 0.9, least: 5}
      - within: {start: lead.create, finish: lead.qualify, limit: 4h, clock: working}
      - measure: {name: won_amount, full: 1000000, zero: 0, quarter: 2026Q4}
      - measure: {name: win_rate, full: 0.5, zero: 0}
      - measure: {name: lead_conversion, full: 0.5, zero: 0}
      - measure: {name: resolution_hours, full: 4, zero: 48}
"""


class Generator:
    """Writes believable steps for some members, always the same."""

    def __init__(self, members: int, steps: int) -> None:
        self.random = random.Random(7)
        self.members = [f"s{number:03}" for number in range(1, members + 1)]
        self.total = members * steps
        self.serials = dict.fromkeys(("lead", "customer", "contact", "opportunity", "ticket"), 0)
        self.mine: dict[tuple[str, str], list[int]] = {}
        self.acts = [(kind, verb) for kind, verb, count in ACTS for _ in range(count)]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The steps, oldest first, as the log holds them."""
        for number in range(self.total):
            member = self.random.choice(self.members)
            kind, verb = self.random.choice(self.acts)
            yield self.row(number + 1, member, self.moment(number), kind, verb)

    def moment(self, number: int) -> datetime:
        """The lab time of a step: they are spread over two weeks."""
        return START + timedelta(seconds=number * 14 * 86_400 // self.total)

    def row(self, number: int, member: str, lab_at: datetime, kind: str, verb: str) -> dict[str, Any]:
        record, changes = self.act(member, kind, verb)
        return {
            "id": number,
            "member": member,
            "at": "2026-11-21T02:30:11Z",
            "lab_at": lab_at.isoformat(),
            "kind": kind,
            "verb": verb,
            "record": record,
            "label": "华信科技有限公司",
            "origin": "screen",
            "outcome": "done",
            "answers": {"status": self.random.choice(["new", "contacted", "qualified"])},
            "changes": changes,
            "request": f"{number:032x}",
            "address": "192.0.2.7",
            "prev": f"{number:064x}",
            "hash": f"{number + 1:064x}",
        }

    def act(self, member: str, kind: str, verb: str) -> tuple[int | None, list[dict[str, Any]]]:
        owned = self.mine.setdefault((member, kind), [])
        if verb == "create" and kind in self.serials:
            return self.create(member, kind)
        if verb in ("list", "sign_in") or not owned:
            return None, []
        record = self.random.choice(owned)
        return record, [] if verb == "open" else self.change(member, kind, verb, record)

    def create(self, member: str, kind: str) -> tuple[int, list[dict[str, Any]]]:
        self.serials[kind] += 1
        serial = self.serials[kind]
        self.mine.setdefault((member, kind), []).append(serial)
        after = {
            "name": f"华信科技{serial}有限公司",
            "owner": member,
            "phone": f"138{serial:08}",
            "level": self.random.choice(["key", "normal", None]),
            "source": "web",
            "status": "new",
            "stage": "contact",
            "amount": f"{self.random.randint(1000, 90000)}.00",
            "close_date": "2026-10-15",
            "description": "",
        }
        return serial, [{"what": "created", "kind": kind, "id": serial, "before": {}, "after": after}]

    def change(self, member: str, kind: str, verb: str, record: int) -> list[dict[str, Any]]:
        after = {
            "convert": {"status": "converted"},
            "win": {"stage": "won"},
            "lose": {"stage": "lost"},
            "resolve": {"resolved_at": "2026-09-12T10:00:00"},
        }.get(verb, {"description": "called", "level": "key"})
        changed = {
            "what": "changed",
            "kind": kind,
            "id": record,
            "before": dict.fromkeys(after),
            "after": after,
        }
        if verb != "convert":
            return [changed]
        made = [self.create(member, made_kind)[1][0] for made_kind in ("customer", "contact", "opportunity")]
        return [*made, changed]


def write_log(path: Path, members: int, steps: int) -> None:
    """Write a log file of so many members and steps each."""
    generator = Generator(members, steps)
    header = {
        "log": 1,
        "sandbox": "bench",
        "scenario": "bench",
        "starts_at": START.isoformat(),
        "fiscal_year_start": 1,
        "working_hours": {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"},
        "holidays": [],
        "settings": {"sharing.lead": "private"},
        "members": [
            {"member": member, "number": member, "name": member, "role": "student"}
            for member in generator.members
        ],
    }
    with path.open("w", encoding="utf-8") as file:
        for row in (header, *generator.rows()):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def decode(path: Path) -> float:
    """Seconds of processor time to read and decode every row, keeping none."""
    start = process_time()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            json.loads(line)
    return process_time() - start


def graded(log: Path, rubric: Path) -> float:
    """Seconds of processor time to read the log and the rubric, and to grade everybody, as the command does."""
    start = process_time()
    results = graded_file(str(log), str(rubric))
    spent = process_time() - start
    assert not results.could_not_tell(), results.could_not_tell()
    return spent


def main() -> None:
    members, steps, rounds = (*map(int, sys.argv[1:]), *(60, 5000, 5)[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory() as folder:
        log, rubric = Path(folder) / "bench.jsonl", Path(folder) / "rubric.yaml"
        write_log(log, members, steps)
        rubric.write_text(RUBRIC, encoding="utf-8")
        machine_vocabulary()  # the modules are imported once, before anything is measured
        pairs = [(decode(log), graded(log, rubric)) for _ in range(rounds)]
    floor, whole = (median(column) for column in zip(*pairs, strict=True))
    print(f"{members} members x {steps} steps x 30 checks, {rounds} rounds, medians")
    print(f"read and decode      {floor:6.2f} s")
    print(f"read, decode, grade  {whole:6.2f} s")
    print(f"ratio                {whole / floor:6.2f}")


if __name__ == "__main__":
    main()
