"""Writing the parts of an archive one after the other, each hashed and counted on its way."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from labapp.clock import now

BLOCK = 1 << 16


class Hashed(io.RawIOBase):
    """A file that is written, and what was written so far."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.file = file
        self.sum = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.file.write(content)
        self.sum.update(content)
        count = len(content)
        self.size += count
        return count


class Parcel:
    """A zip in the making. `parts` is SHA-256 and size of what it holds."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.parts: dict[str, tuple[str, int]] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[io.TextIOWrapper]:
        """A text file inside, in UTF-8."""
        with self._entry(name) as entry, io.BufferedWriter(entry, BLOCK) as buffered:
            text = io.TextIOWrapper(buffered, "utf-8", newline="\n", write_through=False)
            yield text
            text.flush()
            buffered.flush()
            self.parts[name] = (entry.sum.hexdigest(), entry.size)
            text.detach()

    def texts(self, name: str, texts: Iterable[str]) -> None:
        with self.part(name) as file:
            file.writelines(texts)

    def copy(self, name: str, path: Path) -> None:
        """A file as it is; most are packed already. Raises OSError."""
        with path.open("rb") as source, self._entry(name, packed=False) as entry:
            while block := source.read(BLOCK):
                entry.write(block)
            self.parts[name] = (entry.sum.hexdigest(), entry.size)

    @contextmanager
    def _entry(self, name: str, *, packed: bool = True) -> Iterator[Hashed]:
        info = ZipInfo(name, date_time=now().timetuple()[:6])
        info.compress_type = self.archive.compression if packed else ZIP_STORED
        info.external_attr = 0o600 << 16
        with self.archive.open(info, "w", force_zip64=True) as file:
            yield Hashed(file)
