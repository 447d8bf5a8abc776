"""The files of a scenario, wherever they are: a folder on this machine, or texts that are kept in the database."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Protocol

from labapp.scenario.problems import Place, Problems
from labapp.values import dataclass

LARGEST_FILE = 2 * 1024 * 1024
MOST_FILES = 40
REQUIRED = ("scenario.yaml", "records.yaml", "rubric.yaml", "brief.en.md", "brief.zh.md", "walkthrough.yaml")
OPTIONAL = ("timeline.yaml", "exam.yaml")
BESIDES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}(\.[a-z0-9]{1,10})?\.(csv|md|txt)")


class Files(Protocol):
    """A scenario's files by name. `name` is what the folder is called, which must be its key; '' for none."""

    @property
    def name(self) -> str: ...

    @property
    def stamp(self) -> str:
        """Another one whenever anything in the files is."""

    def __hash__(self) -> int: ...

    def names(self) -> list[str]: ...

    def read(self, name: str, problems: Problems) -> bytes | None:
        """What is in a file; None, noted, if it is missing, too large or outside the folder."""


@dataclass(frozen=True)
class FolderFiles:
    """A folder on this machine."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @property
    def stamp(self) -> str:
        files = sorted(file for file in self.path.iterdir() if file.is_file())
        return " ".join(f"{file.name}:{file.stat().st_mtime_ns}:{file.stat().st_size}" for file in files)

    def names(self) -> list[str]:
        if not self.path.is_dir():
            return []
        return sorted(file.name for file in self.path.iterdir() if file.is_file() or file.is_symlink())

    def read(self, name: str, problems: Problems) -> bytes | None:
        path, here = self.path / name, Place(name, 1)
        if not path.resolve().is_relative_to(self.path.resolve()):
            problems.add(here, "leads out of the scenario's folder", "指向了场景文件夹之外")
        elif not path.is_file():
            problems.add(here, "this file is missing", "缺少此文件")
        elif path.stat().st_size > LARGEST_FILE:
            problems.add(here, "larger than 2 MiB", "文件超过 2 MiB")
        else:
            return path.read_bytes()
        return None


@dataclass(frozen=True)
class KeptFiles:
    """Texts that are kept. Two with the same `stamp`, the SHA-256 of everything in them, are equal."""

    name: str
    stamp: str
    texts: Mapping[str, str] = field(compare=False)

    def names(self) -> list[str]:
        return sorted(self.texts)

    def read(self, name: str, problems: Problems) -> bytes | None:
        text = self.texts.get(name)
        if text is None:
            problems.add(Place(name, 1), "this file is missing", "缺少此文件")
        elif len(text.encode()) > LARGEST_FILE:
            problems.add(Place(name, 1), "larger than 2 MiB", "文件超过 2 MiB")
        else:
            return text.encode()
        return None


def as_files(source: "Path | Files") -> Files:
    return FolderFiles(source) if isinstance(source, Path) else source


def kept_files(name: str, texts: Mapping[str, str]) -> KeptFiles:
    """Texts as a scenario's files."""
    return KeptFiles(name, digest_of(texts), dict(texts))


def digest_of(texts: Mapping[str, str]) -> str:
    """The SHA-256 of file names and texts."""
    said = json.dumps(dict(texts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def is_scenario_file(name: str) -> bool:
    """Whether a scenario may have a file of this name: its own ones, and tables and texts beside them."""
    return name in REQUIRED or name in OPTIONAL or BESIDES.fullmatch(name) is not None


def decoded(content: bytes, name: str, problems: Problems) -> str | None:
    """The text of a file; None, noted with its line, if it is not UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.add(
            Place(name, line), "not UTF-8; save the file as UTF-8", "不是 UTF-8 编码，请另存为 UTF-8"
        )
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problems.add(Place(name, line), "a zero byte; this is no text", "包含零字节，不是文本")
        return None
    return text
