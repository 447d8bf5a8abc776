"""The result of a run as a table: CSV and XLSX, one row a member, never a formula."""

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from labapp.formulas import safe
from labapp.grading.grade import MemberResult, Results
from labapp.grading.result import plain_number

Cell = str | int | float | None


def table(results: Results) -> list[list[Cell]]:
    """Header and rows: ``member number name``, the task keys, ``points max passed``."""
    keys = [task.key for task in results.rubric.tasks]
    head: list[Cell] = ["member", "number", "name", *keys, "points", "max", "passed"]
    return [head, *(_row(result) for result in results.members)]


def _row(result: MemberResult) -> list[Cell]:
    member = result.member
    points = [plain_number(task.points) for task in result.tasks]
    passed = None if result.passed is None else str(result.passed).lower()
    total = [plain_number(result.points), plain_number(result.max)]
    return [member.member, member.number, member.name, *points, *total, passed]


def csv_text(results: Results) -> str:
    """The table as CSV. Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(map(_guarded, table(results)))
    return lines.getvalue()


def write_xlsx(results: Results, out: BinaryIO) -> None:
    """Write the table as a workbook with one sheet."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet("grades")
    for place, row in enumerate(table(results)):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(place, column, cell)
            elif cell is not None:
                sheet.write_number(place, column, cell)
    book.close()


def _guarded(row: Iterable[Cell]) -> list[Cell]:
    return [safe(cell) for cell in row]
