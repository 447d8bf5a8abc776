"""Documents of the company: files with earlier versions, in folders, attached to records (004 §2.11-6)."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Document(Record):
    """See product.md M10. `edition` and the fields of the file speak of the newest version.

    `versions` holds the earlier ones, oldest first: {"edition", "file_name", "size", "content_type", "sha256",
    "by", "at", "change"}, `by` a member's key and `at` lab time.
    """

    __tablename__ = "document"
    setting = "document"

    title: Mapped[str] = f.text(_l("Title"), required=True, search=True)
    folder: Mapped[str | None] = f.text(
        _l("Folder"), search=True, help=_l("Parts are divided by a slash: Contracts/2026.")
    )
    description: Mapped[str | None] = f.prose(_l("Description"))
    edition: Mapped[int] = f.number(_l("Version"), required=True, default=1, on_create=False, on_edit=False)
    file_name: Mapped[str] = f.text(
        _l("File name"), required=True, search=True, on_create=False, on_edit=False
    )
    size: Mapped[int] = f.number(_l("Size in bytes"), required=True, on_create=False, on_edit=False)
    content_type: Mapped[str] = f.text(_l("File type"), required=True, on_create=False, on_edit=False)
    sha256: Mapped[str] = f.text(_l("Fingerprint (SHA-256)"), required=True, on_create=False, on_edit=False)
    uploaded_by_id: Mapped[int | None] = f.member(_l("Uploaded by"), on_create=False, on_edit=False)
    uploaded_at: Mapped[datetime | None] = f.moment(_l("Uploaded at"), on_create=False, on_edit=False)
    change: Mapped[str | None] = f.text(_l("What changed"), on_create=False, on_edit=False)
    versions: Mapped[list[dict[str, str | int | None]]] = f.data(_l("Earlier versions"), default=list)

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("title", "folder", "uploaded_at")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)


class DocumentLink(Record):
    """A document on a record: who reads the record sees that it is there; the document keeps its own readers."""

    __tablename__ = "document_link"
    reach = "hanging"

    document_id: Mapped[int] = f.link(_l("Document"), "document", required=True, on_edit=False, index=True)
    related_kind: Mapped[str] = f.related_kind(_l("Kind of record"), required=True)
    related_id: Mapped[int] = f.related(_l("About"), required=True)
    comment: Mapped[str | None] = f.text(_l("What for"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return (Index(None, "sandbox_id", "related_kind", "related_id", "id"),)
