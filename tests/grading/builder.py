"""Small logs and rubrics, written the short way.

The cast: Ada and Ben are students, Ines instructs. The lab starts on Monday, 7 September 2026, 09:00;
every step comes a minute after the one before unless told otherwise.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from labapp.grading import Log, Results, Rubric, grade, log_of, read_rubric
from labapp.grading.checks.base import Finding

START = "2026-09-07T09:00:00"
MEMBERS = [
    {"member": "ada", "number": "20260001", "name": "Ada", "role": "student", "position": "Sales"},
    {"member": "ben", "number": "20260002", "name": "Ben", "role": "student", "position": "Sales"},
    {"member": "ines", "number": "", "name": "Ines", "role": "instructor", "position": None},
]
HEADER: dict[str, Any] = {
    "log": 1,
    "sandbox": "autumn-a",
    "scenario": "sales-basics",
    "starts_at": START,
    "fiscal_year_start": 1,
    "working_hours": {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"},
    "holidays": ["2026-10-01"],
    "settings": {"sharing.lead": "private"},
    "members": MEMBERS,
}


class Lab:
    """A log in the making. Every method that writes a step returns the step's id."""

    def __init__(self, **header: Any) -> None:
        self.header = {**HEADER, **header}
        self.rows: list[dict[str, Any]] = []
        self.now = datetime.fromisoformat(START)

    def at(self, moment: str) -> "Lab":
        """Set the clock for the next step: ``09-08 10:30``."""
        self.now = datetime.fromisoformat(f"2026-{moment.replace(' ', 'T')}")
        return self

    def does(self, who: str | None, act: str, record: Any = None, **rest: Any) -> int:
        """One step. ``rest``: changes, answers, origin, outcome."""
        kind, _, verb = act.partition(".")
        row = {
            "id": len(self.rows) + 1,
            "member": who,
            "lab_at": self.now.isoformat(),
            "kind": kind,
            "verb": verb,
            "record": record,
            "origin": "screen",
            "outcome": "done",
            "answers": {},
            "changes": [],
            **rest,
        }
        self.rows.append(row)
        self.now += timedelta(minutes=1)
        return len(self.rows)

    def creates(self, who: str | None, kind: str, serial: int, origin: str = "screen", **fields: Any) -> int:
        """Create a record; its owner is who creates it unless the fields say otherwise."""
        after = {"owner": who, **fields}
        changes = [change("created", kind, serial, after)]
        return self.does(who, f"{kind}.create", serial, changes=changes, origin=origin)

    def changes(self, who: str | None, act: str, serial: int, **fields: Any) -> int:
        """Change a record's fields by some verb."""
        kind = act.partition(".")[0]
        return self.does(who, act, serial, changes=[change("changed", kind, serial, fields)])

    def deletes(self, who: str | None, kind: str, serial: int) -> int:
        return self.does(who, f"{kind}.delete", serial, changes=[change("deleted", kind, serial, {})])

    def converts(self, who: str, lead: int, origin: str = "screen", **made: int) -> int:
        """Convert a lead into new records: ``customer=9, opportunity=4``."""
        changes = [change("created", kind, serial, {"owner": who}) for kind, serial in made.items()]
        changes.append(change("changed", "lead", lead, {"status": "converted"}))
        return self.does(who, "lead.convert", lead, changes=changes, origin=origin)

    def sets(self, who: str, path: str, value: Any) -> int:
        changes = [
            {
                "what": "changed",
                "kind": "setting",
                "id": path,
                "before": {"value": None},
                "after": {"value": value},
            }
        ]
        return self.does(who, "setting.change", changes=changes)

    @property
    def log(self) -> Log:
        return log_of(self.header, self.rows)

    def write(self, path: Path) -> Path:
        """The log as a file."""
        lines = [json.dumps(row, ensure_ascii=False) for row in (self.header, *self.rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def change(what: str, kind: str, serial: Any, after: dict[str, Any]) -> dict[str, Any]:
    return {"what": what, "kind": kind, "id": serial, "before": {}, "after": after}


def task(key: str, *checks: str, points: float = 10, rest: str = "") -> str:
    """A task of a rubric, of checks in one line each. ``rest`` holds further keys."""
    lines = [f"  - key: {key}", f"    title: {{en: {key}, zh: {key}}}", f"    points: {points}"]
    lines += [f"    {line}" for line in rest.splitlines()]
    lines += ["    checks:", *(f"      - {{{check}}}" for check in checks)]
    return "\n".join(lines)


def rubric_text(*tasks: str, rest: str = "") -> str:
    """A rubric file of tasks. ``rest`` holds further keys of the rubric."""
    return "\n".join(["rubric: 1", "title: {en: Test, zh: 测试}", rest, "tasks:", *tasks, ""])


def rubric(*tasks: str, rest: str = "") -> Rubric:
    return read_rubric(rubric_text(*tasks, rest=rest).encode(), "rubric.yaml")


def found(lab: Lab, check: str, who: str = "ada", cutoff: str | None = None, mark: Any = None) -> Finding:
    """What one check sees of one member."""
    marks = {} if mark is None else {(who, "only", 0): mark}
    results = grade(lab.log, rubric(task("only", check)), moment(cutoff), marks)
    return next(result for result in results.members if result.member.member == who).tasks[0].findings[0]


def share(lab: Lab, check: str, who: str = "ada", cutoff: str | None = None) -> Any:
    """How much one check gives one member."""
    return found(lab, check, who, cutoff).share


def shown(lab: Lab, check: str, who: str = "ada", cutoff: str | None = None) -> list[int]:
    """The ids of the steps one check shows."""
    return [step.id for step in found(lab, check, who, cutoff).steps]


def results_of(lab: Lab, *tasks: str, rest: str = "", cutoff: str | None = None) -> Results:
    return grade(lab.log, rubric(*tasks, rest=rest), moment(cutoff))


def moment(text: str | None) -> datetime | None:
    """``09-08 10:30`` as a lab time."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}") if text else None
