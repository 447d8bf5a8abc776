"""Reads a workbook from standard input and writes its first filled sheet: the name, then a line of JSON per row.

Run by `workbook` as a process of its own; it bounds its own memory and time where the system can do that.
"""

import io
import json
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY, SECONDS = 1024 * 1024 * 1024, 50
MOST_ROWS = 101_000


def main() -> None:
    """Read, write, end. Any trouble is an exit status that is not 0."""
    bound()
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    out = sys.stdout.buffer
    name, rows = first_filled(book)
    out.write(json.dumps(name).encode())
    for row in rows:
        out.write(b"\n" + json.dumps([as_text(cell) for cell in row]).encode())


def bound() -> None:
    """At most so much memory and processor time, on systems that know such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def first_filled(book: Any) -> tuple[str, list[list[Any]]]:
    """The first sheet that holds anything, its merged cells filled from their first one."""
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS)
        if any(cell != "" for row in rows for cell in row):
            fill_across(rows, sheet.merged_cell_ranges or ())
            return name, rows
    return "", []


def fill_across(rows: list[list[Any]], merged: Any) -> None:
    """A heading merged over several columns stands over each of them; downwards nothing is repeated."""
    for (top, left), (_bottom, right) in merged:
        if top < len(rows) and left < len(rows[top]):
            for column in range(left + 1, min(right + 1, len(rows[top]))):
                rows[top][column] = rows[top][left]


def as_text(value: Any) -> str:
    """A cell as a person would type it: no decimals where there are none, dates in ISO 8601."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, (time, timedelta)) else str(value or "")


if __name__ == "__main__":
    main()
