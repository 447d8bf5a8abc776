"""A scenario as a zip: made, and read with nothing trusted of what the file says about itself.

Nothing is unpacked to a disk. What is read is counted as it comes, so that a zip which says it is small and is not
ends at the same border as one that says it is large.
"""

import io
import stat
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from labapp.scenario.files import LARGEST_FILE, MOST_FILES, OPTIONAL, REQUIRED, decoded, is_scenario_file
from labapp.scenario.problems import BadScenario, Place, Problems, listed

MOST_BYTES = 8 * 1024 * 1024
MOST_ENTRIES = 200
ENCRYPTED = 0x1
LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
ARCHIVES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".jar")
MOMENT = (1980, 1, 1, 0, 0, 0)
# What the reader of zips raises for one that was not made as zips are.
BROKEN = (
    BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def zipped(name: str, texts: Mapping[str, str]) -> bytes:
    """A zip with one folder of that name; the same texts give the same bytes."""
    made = io.BytesIO()
    with ZipFile(made, "w") as file:
        for each in sorted(texts):
            entry = ZipInfo(f"{name}/{each}", MOMENT)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
            file.writestr(entry, texts[each])
    return made.getvalue()


def unzipped(content: bytes, called: str = "upload.zip") -> dict[str, str]:
    """The texts of the scenario in a zip, by file name. Raises BadScenario with everything that is wrong with it."""
    return _Unzipping(called).texts(content)


class _Unzipping:
    """One reading of one zip. `called` is the name of the zip in messages."""

    def __init__(self, called: str) -> None:
        self.called = called
        self.problems = Problems()
        self.left = MOST_BYTES

    def texts(self, content: bytes) -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            with ZipFile(io.BytesIO(content)) as file:
                entries = self._entries(file.infolist())
                found = dict(self._read(file, entries))
        except BadScenario:
            raise
        except BROKEN:
            self._wrong(self.called, "this is no zip, or it is broken", "不是有效的 zip 文件，或文件已损坏")
        self.problems.stop_if_any()
        return found

    def _wrong(self, name: str, en: str, zh: str) -> None:
        self.problems.add(Place(name or self.called, 1), en, zh)

    def _entries(self, infos: list[ZipInfo]) -> dict[str, ZipInfo]:
        """What is to be read, by file name. Raises BadScenario before anything is."""
        if len(infos) > MOST_ENTRIES:
            self._wrong(
                self.called, f"more than {MOST_ENTRIES} entries", f"压缩包中的条目超过 {MOST_ENTRIES} 个"
            )
            self.problems.stop_if_any()
        infos = [info for info in infos if not info.is_dir() and not _is_litter(info.filename)]
        for info in infos:
            self._harmless(info)
        self.problems.stop_if_any()
        folders = {str(PurePosixPath(info.filename).parent) for info in infos}
        if len(folders) > 1 or any("/" in folder for folder in folders):
            self._wrong(
                self.called,
                f"a scenario is one folder with nothing below it; found: {listed(sorted(folders))}",
                f"场景是一个不含子文件夹的文件夹；发现：{listed(sorted(folders))}",
            )
        if len(infos) > MOST_FILES:
            self._wrong(self.called, f"more than {MOST_FILES} files", f"文件超过 {MOST_FILES} 个")
        found = self._named(infos)
        self.problems.stop_if_any()
        return found

    def _named(self, infos: list[ZipInfo]) -> dict[str, ZipInfo]:
        found: dict[str, ZipInfo] = {}
        possible = listed((*REQUIRED, *OPTIONAL))
        for info in infos:
            name = PurePosixPath(info.filename).name
            if name in found:
                self._wrong(name, "is in the zip twice", "在压缩包中出现了两次")
            elif not is_scenario_file(name):
                self._wrong(
                    name,
                    f"no scenario has such a file; possible: {possible}",
                    f"场景中没有这样的文件；可用：{possible}",
                )
            found[name] = info
        return found

    def _harmless(self, info: ZipInfo) -> None:
        """Note an entry that leads elsewhere, hides something, or is too large by its own word."""
        name = info.orig_filename
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or "\0" in name:
            self._wrong(name, "its path leads out of the zip", "路径指向压缩包之外")
        elif "\\" in name or name.startswith("/") or ":" in parts[0]:
            self._wrong(name, "its path is absolute", "路径是绝对路径")
        elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            self._wrong(name, "is a link or a device, not a file", "是链接或设备，不是普通文件")
        elif info.flag_bits & ENCRYPTED:
            self._wrong(name, "is protected by a password", "设有密码保护")
        elif name.lower().endswith(ARCHIVES):
            self._wrong(name, "an archive inside the zip", "压缩包中含有另一个压缩包")
        elif info.file_size > LARGEST_FILE:
            self._wrong(name, "larger than 2 MiB", "文件超过 2 MiB")

    def _read(self, file: ZipFile, entries: Mapping[str, ZipInfo]) -> Iterator[tuple[str, str]]:
        for name, info in entries.items():
            with file.open(info) as stream:
                content = stream.read(min(LARGEST_FILE, self.left) + 1)
            self.left -= len(content)
            if len(content) > LARGEST_FILE:
                self._wrong(name, "larger than 2 MiB", "文件超过 2 MiB")
            elif self.left < 0:
                self._wrong(self.called, "more than 8 MiB when unpacked", "解压后的内容超过 8 MiB")
                return
            else:
                text = decoded(content, name, self.problems)
                if text is not None:
                    yield name, text


def _is_litter(name: str) -> bool:
    """What file managers leave in a zip."""
    return name.startswith(LITTER[0]) or PurePosixPath(name).name in LITTER[1:]
