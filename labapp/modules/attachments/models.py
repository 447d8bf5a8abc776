"""A file on a record (004 §2.3 附件)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Attachment(Record):
    """The file itself lies in the data folder under its SHA-256; who reaches the record reaches it."""

    __tablename__ = "attachment"
    reach = "hanging"

    file_name: Mapped[str] = f.text(
        _l("File name"), required=True, search=True, on_create=False, on_edit=False
    )
    size: Mapped[int] = f.number(_l("Size in bytes"), required=True, on_create=False, on_edit=False)
    content_type: Mapped[str] = f.text(_l("File type"), required=True, on_create=False, on_edit=False)
    sha256: Mapped[str] = f.text(_l("Fingerprint (SHA-256)"), required=True, on_create=False, on_edit=False)
    related_kind: Mapped[str] = f.related_kind(_l("Kind of record"), required=True)
    related_id: Mapped[int] = f.related(_l("About"), required=True)

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return (
            Index(None, "sandbox_id", "related_kind", "related_id", "id"),
            Index(None, "sandbox_id", "file_name", "id"),
        )

    @property
    def name(self) -> str:
        """As the log names it."""
        return self.file_name
