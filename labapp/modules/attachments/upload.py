"""A file that was sent, and whether it may stay: name, size, type and beginning (product.md §5.15)."""

import hashlib
import re
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO

from flask import current_app
from flask_babel import gettext as _

from labapp.access.errors import Invalid
from labapp.values import dataclass

LONGEST_NAME = 200
CHUNK = 1024 * 1024
HEAD = 1024
UNWANTED = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
    "pdf": (b"%PDF-",),
    "doc": (OLE,),
    "xls": (OLE,),
    "ppt": (OLE,),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "pptx": (b"PK\x03\x04",),
}
INSIDE = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"%PDF-", ZIP, OLE)
OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": OFFICE + "wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": OFFICE + "spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": OFFICE + "presentationml.presentation",
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/markdown",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "zip": "application/zip",
}


@dataclass(frozen=True)
class Upload:
    """A checked file: its tidy name, size in bytes, type and SHA-256."""

    name: str
    size: int
    content_type: str
    sha256: str


def checked(raw_name: str, stream: BinaryIO) -> Upload:
    """Read the stream once and say what it is. Raises Invalid with the reason where it may not stay."""
    name = tidy(raw_name)
    suffix = suffix_of(name)
    if suffix not in current_app.config["UPLOAD_TYPES"]:
        allowed = ", ".join(sorted(current_app.config["UPLOAD_TYPES"]))
        raise bad(_("Files of this type cannot be kept. Allowed are: %(types)s.", types=allowed))
    size, sha256 = measured(stream)
    if size == 0:
        raise bad(_("This file is empty (0 bytes). Choose another one."))
    if size > current_app.config["UPLOAD_LIMIT"]:
        most = current_app.config["UPLOAD_LIMIT"] // (1024 * 1024)
        raise bad(_("This file is too large: at most %(most)s MiB.", most=most))
    if not fits(suffix, stream):
        raise bad(_("The content of this file does not fit its ending .%(suffix)s.", suffix=suffix))
    stream.seek(0)
    return Upload(name, size, TYPES.get(suffix, "application/octet-stream"), sha256)


def bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})


def tidy(raw_name: str) -> str:
    """The name without folders, control and direction characters; cut to 200, its ending kept."""
    last = UNWANTED.sub("", raw_name).replace("\\", "/").rpartition("/")[2]
    name = " ".join(last.split()).lstrip(".").strip()
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return name[:LONGEST_NAME]
    return f"{(stem.strip() or 'file')[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def suffix_of(name: str) -> str:
    """The ending in small letters, without the dot."""
    return PurePosixPath(name).suffix.removeprefix(".").lower()


def measured(stream: BinaryIO) -> tuple[int, str]:
    """(bytes, SHA-256) of the whole stream."""
    digest, size = hashlib.sha256(), 0
    stream.seek(0)
    while part := stream.read(CHUNK):
        digest.update(part)
        size += len(part)
    return size, digest.hexdigest()


def fits(suffix: str, stream: BinaryIO) -> bool:
    """Whether the content is what the ending says."""
    stream.seek(0)
    head = stream.read(HEAD)
    if suffix not in BEGINNINGS:
        return is_text(head, stream)
    if not head.startswith(BEGINNINGS[suffix]) or (suffix == "webp" and head[8:12] != b"WEBP"):
        return False
    return suffix not in INSIDE or is_office(suffix, stream)


def is_text(head: bytes, stream: BinaryIO) -> bool:
    """No program, no other format, no NUL, and readable as UTF-8 or as the Chinese national encoding."""
    if head.startswith(PROGRAMS) or (head[:2] in {b"\xff\xfe", b"\xfe\xff"}):
        return False
    stream.seek(0)
    content = stream.read()
    return b"\x00" not in content and (decodes(content, "utf-8") or decodes(content, "gb18030"))


def decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def is_office(suffix: str, stream: BinaryIO) -> bool:
    """Whether the archive holds such a document, and no macros."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    inside = any(name.startswith(INSIDE[suffix]) for name in names)
    return "[Content_Types].xml" in names and inside and not any("vbaProject" in name for name in names)
