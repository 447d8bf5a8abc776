"""The result of a run as JSON, and what makes two runs the same."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Finding
from labapp.grading.grade import Marks, MemberResult, Results, TaskResult
from labapp.grading.numbers import fraction, half_up
from labapp.values import dataclass


@dataclass(frozen=True)
class Run:
    """What a run is known by: the same again stores nothing new."""

    rubric: str
    cutoff: str | None
    last_step: int | None
    marks: str


def run_of(rubric: str, cutoff: datetime | None, last_step: int | None, marks: Marks) -> Run:
    """The identity of a run: digest of the rubric, cut-off, last step's id, and the marks in force."""
    listed = sorted(
        [member, task, place, str(fraction(mark))] for (member, task, place), mark in marks.items()
    )
    written = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(written.encode()).hexdigest()
    return Run(rubric, cutoff.isoformat() if cutoff else None, last_step, digest)


def as_json(results: Results) -> dict[str, Any]:
    """The result of a run as grading.md lays it down, of plain values."""
    return {
        "rubric": results.rubric.digest,
        "cutoff": results.cutoff.isoformat() if results.cutoff else None,
        "results": [member_json(result) for result in results.members],
    }


def member_json(result: MemberResult) -> dict[str, Any]:
    """One member's part of it."""
    return {
        "member": result.member.member,
        "points": plain_number(result.points),
        "max": plain_number(result.max),
        "passed": result.passed,
        "tasks": [_task(task) for task in result.tasks],
    }


def _task(result: TaskResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "key": result.task.key,
        "points": plain_number(result.points),
        "max": plain_number(result.task.points),
        "share": share_number(result.share),
    }
    if result.state:
        found["state"] = result.state
    if result.reason:
        found["reason"] = result.reason.json()
    found["checks"] = [
        _check(line.name, finding) for line, finding in zip(result.task.lines, result.findings, strict=True)
    ]
    return found


def _check(name: str, finding: Finding) -> dict[str, Any]:
    return {
        "check": name,
        "share": share_number(finding.share),
        "reason": finding.reason.json(),
        "steps": [step.id for step in finding.steps],
    }


def share_number(share: Fraction | None) -> int | float | None:
    """A share to four decimals, for display."""
    return None if share is None else plain_number(half_up(share, 4))


def plain_number(value: Fraction | Decimal | None) -> int | float | None:
    """A number for JSON: whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
