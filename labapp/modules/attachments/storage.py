"""Where files lie: DATA/uploads/<sandbox id>/<first two signs of the SHA-256>/<SHA-256>.

One content is one file, however many rows name it.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from flask_babel import gettext as _

from labapp.modules.attachments.upload import Upload, bad


def folder_of(sandbox_id: int) -> Path:
    return Path(current_app.config["DATA"]) / "uploads" / str(sandbox_id)


def path_of(sandbox_id: int, sha256: str) -> Path:
    """Where the content with this digest lies, whether it is there or not."""
    return folder_of(sandbox_id) / sha256[:2] / sha256


def used(sandbox_id: int) -> int:
    """How many bytes the sandbox's files take."""
    return sum(path.stat().st_size for path in folder_of(sandbox_id).glob("??/*"))


@contextmanager
def waiting(sandbox_id: int, upload: Upload, stream: BinaryIO) -> Iterator[Path]:
    """The content written beside its place, to be put there by `settle`; gone afterwards if it was not.

    Raises Invalid where the sandbox has no room.
    """
    if used(sandbox_id) + upload.size > current_app.config["SANDBOX_LIMIT"]:
        most = current_app.config["SANDBOX_LIMIT"] // (1024 * 1024)
        raise bad(_("This sandbox has no room for more files: at most %(most)s MiB together.", most=most))
    target = path_of(sandbox_id, upload.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder_of(sandbox_id))
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            stream.seek(0)
            shutil.copyfileobj(stream, file)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        path.unlink(missing_ok=True)


def settle(path: Path, sandbox_id: int, upload: Upload) -> None:
    """Put the waiting content into its place, at once and whole."""
    path.replace(path_of(sandbox_id, upload.sha256))
