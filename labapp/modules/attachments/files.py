"""Taking a file that was sent, and giving one back; what attachments and documents share."""

from typing import Any

from flask import Response, abort, request, send_file
from flask_babel import gettext as _

from labapp.access.errors import Invalid
from labapp.modules.attachments import storage
from labapp.modules.attachments.upload import Upload, checked

SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def sent_file() -> tuple[Upload, Any]:
    """The file of this request, checked, and its stream. Raises Invalid where there is none or it may not stay."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid(_("Choose a file."), {"file": _("Choose a file.")})
    stream: Any = sent.stream
    return checked(sent.filename, stream), stream


def sent_name() -> str:
    """What the sent file is called, for the log of an attempt."""
    sent = request.files.get("file")
    return str(sent.filename or "")[:255] if sent is not None else ""


def columns_of(upload: Upload) -> dict[str, Any]:
    """What a row says of its file."""
    return {
        "file_name": upload.name,
        "size": upload.size,
        "content_type": upload.content_type,
        "sha256": upload.sha256,
    }


def given_back(sandbox_id: int, sha256: str, content_type: str, file_name: str) -> Response:
    """The file, byte for byte, to be saved and never shown; 404 where it is gone from the disk."""
    path = storage.path_of(sandbox_id, sha256)
    if not path.is_file():
        abort(404)
    answer = send_file(path, mimetype=content_type, as_attachment=True, download_name=file_name, etag=False)
    answer.headers.update(SAFE)
    return answer
