"""The first sheet with anything on it of an XLSX or XLS file, read by a process of its own.

A workbook is a program's input from a stranger: a few kilobytes can claim a sheet of billions of cells. So it is
unpacked and read beside the server, with bounds on memory and time; what goes wrong there is a sentence here.
"""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

SECONDS = 60
MOST_UNPACKED = 256 * 1024 * 1024
MOST_PARTS = 2_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class BookRefused(Exception):
    """The workbook cannot be read; carries a sentence for the person."""


def sheet_rows(content: bytes, suffix: str) -> tuple[str, Iterator[Sequence[str]]]:
    """(name of the sheet, its rows from the first on). In: the bytes and xlsx, xlsm or xls. Raises BookRefused."""
    if suffix == "xls":
        if not content.startswith(OLE):
            raise _foreign(suffix)
    else:
        _check_archive(content, suffix)
    lines = _read_beside(content).split(b"\n")
    return json.loads(lines[0]), (json.loads(line) for line in lines[1:] if line)


def _foreign(suffix: str) -> BookRefused:
    return BookRefused(_("The content of this file does not fit its ending .%(suffix)s.", suffix=suffix))


def _check_archive(content: bytes, suffix: str) -> None:
    """Raises BookRefused for what is no workbook, and for one that swells when it is unpacked."""
    if content.startswith(OLE):
        raise BookRefused(_("This workbook is locked by a password. Save it without one."))
    if not content.startswith(ZIP):
        raise _foreign(suffix)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _foreign(suffix) from error
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise _foreign(suffix)
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BookRefused(_("This workbook is too large when it is unpacked. Send it in parts or as CSV."))


def _read_beside(content: bytes) -> bytes:
    command = [sys.executable, "-P", "-m", "labapp.records.imports.beside"]
    try:
        done = subprocess.run(  # noqa: S603 (a fixed command of our own)
            command, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _damaged() from error
    if done.returncode != 0 or not done.stdout:
        raise _damaged()
    return done.stdout


def _damaged() -> BookRefused:
    return BookRefused(_("This workbook cannot be read: it is damaged, too large or locked by a password."))
