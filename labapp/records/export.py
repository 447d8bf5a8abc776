"""Tables as files: CSV (UTF-8 with a mark, so that Excel reads Chinese) and XLSX. No cell is a live formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import IO, Any
from urllib.parse import quote

from flask import Response, current_app, send_file
from flask.typing import ResponseReturnValue
from markupsafe import escape

from labapp.access.actor import Actor
from labapp.db.fields import Field
from labapp.formulas import safe
from labapp.records.cells import formatter
from labapp.records.links import Links, getter
from labapp.records.listing import read_page
from labapp.records.question import Question, shown_columns
from labapp.records.values import plain

BATCH = 500
IN_MEMORY, BLOCK = 1024 * 1024, 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(question: Question, actor: Actor, form: str) -> ResponseReturnValue:
    """The rows of a question in its order, at most EXPORT_ROWS of them."""
    known = shown_columns(question.record_type, actor)
    shapes = [known[name] for name in question.columns]
    heads = [str(shape.label) for shape in shapes]
    rows = _rows(question, actor, shapes, int(current_app.config["EXPORT_ROWS"]))
    return table_file(form, str(question.record_type.plural), heads, rows)


def table_file(
    form: str, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> ResponseReturnValue:
    """A file to download from heads and rows."""
    return _xlsx(name, heads, rows) if form == "xlsx" else _csv(name, heads, rows)


def _rows(question: Question, actor: Actor, shapes: Sequence[Field], most: int) -> Iterator[list[Any]]:
    left, after = most, ""
    while left > 0:
        found = read_page(replace(question, after=after), actor, min(BATCH, left))
        links = Links(actor)
        links.want_for(shapes, found.rows)
        drawers = [(getter(shape), _drawer(shape, actor, links)) for shape in shapes]
        for row in found.rows:
            yield [draw(read(row)) for read, draw in drawers]
        left -= len(found.rows)
        after = found.after
        if not after:
            return


def _drawer(shape: Field, actor: Actor, links: Links) -> Any:
    if shape.shape == "link":
        return lambda value: links.title(shape.target or "", value)
    if shape.shape == "related":
        return lambda value: links.title(value[0] or "", value[1])
    if shape.shape in {"choice", "member", "check"}:
        draw = formatter(shape, actor, links)
        return lambda value: escape(draw(value)).striptags()
    if shape.shape == "tags":
        return lambda value: ", ".join(value or [])
    return lambda value: "" if value is None else plain(value)


def _csv(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> ResponseReturnValue:
    """Written to a file of its own beyond a mebibyte, and sent from there in blocks: as long as one likes."""
    out: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (`_blocks` closes it)
    words = io.TextIOWrapper(out, "utf-8-sig", newline="")
    writer = csv.writer(words)
    writer.writerow([safe(head) for head in heads])
    writer.writerows([safe(value) for value in row] for row in rows)
    words.flush()
    words.detach()
    size = out.tell()
    out.seek(0)
    answer = Response(_blocks(out), mimetype="text/csv")
    answer.content_length = size
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
    return answer


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


def _xlsx(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> ResponseReturnValue:
    from xlsxwriter import Workbook

    out = tempfile.TemporaryFile()  # noqa: SIM115 (send_file closes it)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(out, options)
    sheet = book.add_worksheet()
    for number, row in enumerate(chain([heads], rows)):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, safe(value) if value.startswith("'") else value)
            else:
                sheet.write(number, column, value)
    book.close()
    out.seek(0)
    return send_file(out, XLSX, as_attachment=True, download_name=f"{name}.xlsx")
