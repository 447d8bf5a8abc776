"""The log as a file: JSON Lines, the header first, oldest step first (grading.md §1)."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from labapp.db import db
from labapp.oplog.chain import FIELDS, as_carried, lab
from labapp.oplog.models import Operation
from labapp.people.directory import Directory, Member, read_directory
from labapp.people.models import SIMULATED, Sandbox

FISCAL_YEAR, HOURS, HOLIDAYS = (
    f"organisation.{name}" for name in ("fiscal_year_start", "working_hours", "holidays")
)
OFFICE_HOURS = {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}
AT_ONCE = 2000
WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def export(sandbox: Sandbox, file: Path) -> int:
    """Write the log of a sandbox, as it stands, to a file. Returns the number of steps.

    Written beside it first and renamed, so that a file of this name is always whole.
    """
    aside = file.with_name(f".{file.name}.part")
    count = -1
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as out:
            for line in lines(sandbox):
                out.write(line)
                count += 1
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    return count


def lines(sandbox: Sandbox) -> Iterator[str]:
    """The lines of the file, each with its end."""
    yield _line(header(sandbox))
    for step in steps(sandbox.id, sandbox.last_step):
        yield _line(step)


def steps(sandbox_id: int, last: int, after: int = 0) -> Iterator[dict[str, Any]]:
    """The steps behind `after` up to `last` as the file carries them, read in portions."""
    row: Any = (
        Operation.__table__.c
    )  # the columns themselves: a log is long, and rows of the ORM cost as much again
    query = (
        select(*(row[name] for name in FIELDS))
        .where(row.sandbox_id == sandbox_id, row.id > after, row.id <= last)
        .order_by(row.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for found in db.session.execute(query):
        yield as_carried(found)


def header(sandbox: Sandbox) -> dict[str, Any]:
    """The first line: settings as before the first step, members as now."""
    first = sandbox.first_settings
    return {
        "log": 1,
        "sandbox": sandbox.name,
        "scenario": sandbox.scenario,
        "starts_at": lab(sandbox.starts_at),
        "fiscal_year_start": first.get(FISCAL_YEAR) or 1,
        "working_hours": first.get(HOURS) or OFFICE_HOURS,
        "holidays": first.get(HOLIDAYS) or [],
        "settings": dict(sorted(first.items())),
        "members": _members(read_directory(sandbox.id), sandbox.language),
    }


def _members(directory: Directory, language: str) -> list[dict[str, Any]]:
    return [
        {
            "member": member.key,
            "number": member.number or "",
            "name": member.name,
            "role": SIMULATED if member.state == SIMULATED else member.role,
            "position": position_label(directory, member, language),
        }
        for member in sorted(directory.members.values(), key=lambda member: member.serial)
    ]


def position_label(directory: Directory, member: Member, language: str) -> str | None:
    """The first position of a member by the names from the top, as `user approve --position` takes it."""
    for place_id in member.positions:
        if place_id in directory.places:
            chain = [*reversed(directory.above(place_id)), directory.places[place_id]]
            return "/".join(place.name(language) for place in chain)
    return None


def _line(value: dict[str, Any]) -> str:
    return WRITTEN(value) + "\n"
