"""Reading the parts of an archive back: every byte against the manifest, every row as its table's values."""

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from flask_babel import gettext as _

from labapp.db import migrate
from labapp.lifecycle import manifest as said
from labapp.lifecycle.cells import into
from labapp.lifecycle.manifest import BadArchive, Manifest
from labapp.lifecycle.tables import Cell, Part
from labapp.values import dataclass

BLOCK = 1 << 16
MANIFEST_LIMIT = 16 << 20
LONGEST_LINE = 64 << 20
FOLDED = 300  # what a text of this program is never packed to: so many bytes in one
SMALL = 1 << 20


@dataclass
class Opened:
    """An archive that is being read. Every question raises BadArchive for what is not as it was packed."""

    archive: ZipFile
    manifest: Manifest

    def check_parts(self, told: Callable[[], object] = lambda: None) -> None:
        """Nothing lacks, nothing is too much, and every byte is as it was packed."""
        for name, (sha256, _size) in self.manifest.parts.items():
            found = hashlib.sha256()
            for block in self.blocks(name):
                found.update(block)
            if found.hexdigest() != sha256:
                raise BadArchive(not_as_packed(name))
            told()

    def blocks(self, name: str) -> Iterator[bytes]:
        """The content of a part, in pieces; never more than the manifest says there is."""
        with reading_zip(name), self.archive.open(name) as file:
            while block := file.read(BLOCK):
                yield block

    def raw_lines(self, name: str) -> Iterator[bytes]:
        """A text, line by line, as it was packed."""
        with reading_zip(name), self.archive.open(name) as file:
            text = io.BufferedReader(file, BLOCK)  # type: ignore[type-var]  # an opened part reads like a raw file
            while line := text.readline(LONGEST_LINE):
                if len(line) == LONGEST_LINE:
                    raise BadArchive(_("%(name)s in it has a line that is too long.", name=name))
                yield line

    def lines(self, name: str) -> Iterator[str]:
        """A text, line by line."""
        with reading_zip(name):
            for line in self.raw_lines(name):
                yield line.decode("utf-8")

    def text(self, name: str) -> str:
        """A text as a whole: no rubric and no brief is as long as one that fills the memory."""
        if self.manifest.parts[name][1] > MANIFEST_LIMIT:
            raise BadArchive(_("%(name)s in it cannot be read.", name=name))
        return "".join(self.lines(name))

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            raise BadArchive(_("%(name)s in it cannot be read.", name=name)) from error

    def sheet(self, name: str) -> Iterator[dict[str, str]]:
        """The rows of a CSV file by its heads."""
        for heads, cells in self._cells(name):
            if len(cells) == len(heads):
                yield dict(zip(heads, cells, strict=True))

    def _cells(self, name: str) -> Iterator[tuple[list[str], list[str]]]:
        """The rows of a CSV file with its heads; lines of nothing are none."""
        with wide_cells(), reading_zip(name), self.archive.open(name) as file:
            rows = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""), strict=True)
            try:
                heads = next(rows, [])
                yield from ((heads, cells) for cells in rows if cells)
            except csv.Error as error:
                raise BadArchive(_("%(name)s in it cannot be read.", name=name)) from error

    def rows(self, part: Part) -> Iterator[dict[str, Any]]:
        """The rows of a table by column; links still say what the rows they lead to are called."""
        if part.path not in self.manifest.parts:
            return
        ways: list[tuple[str, int, Callable[[str], Any]]] | None = None
        for number, (heads, cells) in enumerate(self._cells(part.path), start=2):
            if len(cells) != len(heads):
                raise BadArchive(
                    _("%(name)s in it, line %(line)s, is not a row.", name=part.path, line=number)
                )
            if ways is None:
                ways = list(_ways(part, heads))
            try:
                row = {name: way(cells[place]) for name, place, way in ways}
            except (ValueError, OverflowError, RecursionError) as error:
                sentence = _("%(name)s in it, row %(row)s: %(why)s", name=part.path, row=number, why=error)
                raise BadArchive(sentence) from error
            yield row


def _ways(part: Part, heads: Sequence[str]) -> Iterator[tuple[str, int, Callable[[str], Any]]]:
    """Column, place in the file and way in of every cell of a table that the file has."""
    places = {head: place for place, head in enumerate(heads)}
    for cell in part.cells:
        if cell.head in places:
            yield cell.column.name, places[cell.head], _way_of(cell)


def _way_of(cell: Cell) -> Callable[[str], Any]:
    """A member is called by a key, whatever number the column holds."""
    if cell.target == "membership" and not cell.many:
        return lambda text: text or None
    return into(cell.column)


@contextmanager
def opened(file: Path) -> Iterator[Opened]:
    """An archive whose table of contents was read and found right. Raises BadArchive."""
    try:
        with ZipFile(file) as archive:
            manifest = _manifest(archive)
            _check_contents(archive, manifest)
            yield Opened(archive, manifest)
    except (OSError, BadZipFile, EOFError) as error:
        raise BadArchive(_("It is no archive, or a part of it is missing.")) from error


@contextmanager
def reading_zip(name: str) -> Iterator[None]:
    """What a spoilt zip raises, as a sentence."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise BadArchive(not_as_packed(name)) from error


@contextmanager
def wide_cells() -> Iterator[None]:
    """The result of a run is one cell, and longer than the csv module expects."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _manifest(archive: ZipFile) -> Manifest:
    try:
        info = archive.getinfo(said.MANIFEST)
    except KeyError:
        raise BadArchive(_("It is no archive of a sandbox: it has no manifest.")) from None
    if info.file_size > MANIFEST_LIMIT:
        raise BadArchive(_("It is no archive of a sandbox: its manifest cannot be read."))
    with reading_zip(said.MANIFEST):
        manifest = said.read_manifest(archive.read(info).decode("utf-8"))
    if manifest.revision > migrate.head():
        raise BadArchive(said.later({"program": manifest.program}))
    return manifest


def _check_contents(archive: ZipFile, manifest: Manifest) -> None:
    """The files inside are those of the manifest: none lacks, none is there twice or besides."""
    seen: set[str] = set()
    for info in archive.infolist():
        if info.filename in seen or info.flag_bits & 1:
            raise BadArchive(not_as_packed(info.filename))
        seen.add(info.filename)
        if info.filename != said.MANIFEST:
            _check_size(info, manifest)
    for name in manifest.parts:
        if name not in seen:
            raise BadArchive(_("%(name)s is missing in it.", name=name))


def _check_size(info: ZipInfo, manifest: Manifest) -> None:
    name = info.filename
    if name not in manifest.parts:
        raise BadArchive(_("%(name)s is in it and not in its manifest.", name=name))
    if info.file_size != manifest.parts[name][1]:
        raise BadArchive(not_as_packed(name))
    if info.file_size > SMALL and info.file_size > FOLDED * info.compress_size:
        raise BadArchive(_("%(name)s in it would unpack to far more than an archive holds.", name=name))


def not_as_packed(name: str) -> str:
    return _("%(name)s in it is not as it was packed.", name=name)
