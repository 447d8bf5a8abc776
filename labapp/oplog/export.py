"""The log as a file: JSON Lines, the header first, oldest step first (grading.md §1)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ColumnElement, DateTime, Text, cast, func, select, type_coerce

from labapp.db import connection, is_sqlite
from labapp.oplog.chain import FIELDS, digest_of, halves, lab
from labapp.oplog.models import Operation
from labapp.people.directory import Directory, Member, read_directory
from labapp.people.models import SIMULATED, Sandbox

FISCAL_YEAR, HOURS, HOLIDAYS = (
    f"organisation.{name}" for name in ("fiscal_year_start", "working_hours", "holidays")
)
OFFICE_HOURS = {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}
AT_ONCE = 1000
AT, LAB_AT = (FIELDS.index(name) for name in ("at", "lab_at"))


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
    from labapp.oplog.swift import dumps

    yield dumps(header(sandbox)) + "\n"
    for row in _rows(sandbox.id, sandbox.last_step):
        yield _line(row)


def _line(row: dict[str, Any]) -> str:
    """A step as a line, its keys in their order all the way down: what is hashed, and the hash within.

    Most of it is written into the log so; the hash says whether it was. What was not is taken apart and put in order.
    """
    from labapp.oplog.swift import line

    first, rest = halves(row, row["answers"], row["changes"])
    if row["hash"] == digest_of(first, rest):
        return f'{first}"hash":"{row["hash"]}",{rest}\n'
    return line(_taken_apart(row))


def steps(sandbox_id: int, last: int, after: int = 0) -> Iterator[dict[str, Any]]:
    """The steps behind `after` up to `last` as the file carries them, read in portions."""
    for row in _rows(sandbox_id, last, after):
        yield _taken_apart(row)


def _taken_apart(row: dict[str, Any]) -> dict[str, Any]:
    from labapp.oplog.swift import loads

    row["answers"], row["changes"] = loads(row["answers"]), loads(row["changes"])
    return row


def _rows(sandbox_id: int, last: int, after: int = 0) -> Iterator[dict[str, Any]]:
    """The same, `answers` and `changes` still as the texts that the database has.

    A log is long: the columns are asked for as texts, which cost a fraction of the values that SQLAlchemy makes.
    """
    row: Any = Operation.__table__.c
    query = (
        select(*(_as_text(row[name]) for name in FIELDS))
        .where(row.sandbox_id == sandbox_id, row.id > after, row.id <= last)
        .order_by(row.id)
        .execution_options(yield_per=AT_ONCE)
    )
    with connection().execute(query) as rows:  # whoever stops at a step closes it
        for found in (row for some in rows.partitions(AT_ONCE) for row in some):
            values = list(found)
            values[AT] = f"{values[AT][:10]}T{values[AT][11:19]}Z"
            values[LAB_AT] = f"{values[LAB_AT][:10]}T{values[LAB_AT][11:19]}"
            yield dict(zip(FIELDS, values, strict=True))


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the log as the text in which the database has it; moments as 2026-09-12 10:15:00."""
    if isinstance(column.type, JSON):
        return type_coerce(column, Text) if is_sqlite() else cast(column, Text)
    if isinstance(column.type, DateTime):
        return type_coerce(column, Text) if is_sqlite() else func.to_char(column, "YYYY-MM-DD HH24:MI:SS")
    return column


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
