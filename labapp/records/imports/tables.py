"""A table out of a file: CSV in the encodings that Excel writes, XLSX and XLS. Pure: bytes in, rows of text out."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import field
from itertools import islice
from typing import Any

from flask_babel import gettext as _

from labapp.records.imports.workbook import BookRefused, sheet_rows
from labapp.values import dataclass

TEXT_FILES, BOOK_FILES = ("csv", "txt", "tsv"), ("xlsx", "xlsm", "xls")
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 100_000, 500, 20_000
DELIMITERS = ",;\t|"
SAMPLE = 60
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PROGRAMS = (b"MZ", b"\x7fELF", b"%PDF-", b"PK", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")


class BadTable(Exception):
    """The file holds no table that can be read; carries a sentence for the person."""


@dataclass(frozen=True)
class Row:
    """A row of the file: its number as a spreadsheet shows it, and its cells as text without spaces around them."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True)
class Table:
    """The rows of a file that hold anything, in their order. `width`: the cells of the widest."""

    rows: Sequence[Row]
    width: int
    sheet: str = field(default="")


def read_table(content: bytes, name: str) -> Table:
    """The table in a file. In: its bytes and its name, whose ending says the format. Raises BadTable."""
    suffix = name.rpartition(".")[2].lower()
    if not content:
        raise BadTable(_("This file is empty (0 bytes). Choose another one."))
    if suffix in BOOK_FILES:
        sheet, raw = _book(content, suffix)
    elif suffix in TEXT_FILES:
        sheet, raw = "", _lines(content)
    else:
        raise BadTable(_("Only CSV, XLSX and XLS files can be read."))
    rows = list(_kept(raw))
    if not rows:
        raise BadTable(_("There is nothing in this file but blank lines."))
    return Table(rows, max(len(row.cells) for row in rows), sheet)


def _kept(raw: Iterator[Sequence[Any]]) -> Iterator[Row]:
    """Rows that hold anything, with the number they have in the file. Raises BadTable for too many."""
    for number, cells in enumerate(raw, 1):
        texts = [_cell(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        if len(texts) > MOST_COLUMNS:
            raise BadTable(_("Row %(row)s has more than %(most)s columns.", row=number, most=MOST_COLUMNS))
        if number > MOST_ROWS + SAMPLE:
            raise BadTable(_("This file has more than %(most)s rows. Send it in parts.", most=MOST_ROWS))
        yield Row(number, tuple(texts))


def _cell(value: Any) -> str:
    text = str(value).strip().strip("\ufeff\u200b\xa0").strip()
    return text[:LONGEST_CELL]


def _book(content: bytes, suffix: str) -> tuple[str, Iterator[Sequence[str]]]:
    try:
        return sheet_rows(content, suffix)
    except BookRefused as error:
        raise BadTable(str(error)) from error


def _lines(content: bytes) -> Iterator[Sequence[str]]:
    """The records of a text file. Raises BadTable where it is no text or no table."""
    text = decoded(content)
    delimiter = delimiter_of(text)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise BadTable(_("This is no CSV file: a quotation mark or a line end is out of place.")) from error


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or the Chinese national encoding GB18030. Raises BadTable."""
    if content.startswith(PROGRAMS):
        raise BadTable(_("The content of this file is no text. Save the table as CSV or XLSX and send that."))
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not NOT_TEXT.search(text):
            return text
    raise BadTable(_("The content of this file is no text. Save the table as CSV or XLSX and send that."))


def _encodings(content: bytes) -> Iterator[str]:
    """What it may be written in, likeliest first."""
    for mark, encoding in BOMS:
        if content.startswith(mark):
            yield encoding
            return
    head = content[:2000]
    if b"\x00" in head:
        little = head[1::2].count(0) >= head[0::2].count(0)
        yield "utf-16-le" if little else "utf-16-be"
        return
    yield "utf-8"
    yield "gb18030"


def delimiter_of(text: str) -> str:
    """The sign that parts the cells: the one by which most of the first lines have the same many cells."""
    if text.startswith("sep=") and len(text) > 5:
        return text[4]

    def quality(delimiter: str) -> tuple[int, int]:
        try:
            reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=delimiter)
            widths = [len(row) for row in islice(reader, SAMPLE) if row]
        except csv.Error:
            return 0, 0
        wide = [width for width in widths if width > 1]
        if not wide:
            return 0, 0
        usual = max(set(wide), key=wide.count)
        return wide.count(usual), usual

    return max(DELIMITERS, key=quality)
