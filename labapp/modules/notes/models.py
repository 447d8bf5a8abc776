"""A note on a record: what somebody wrote down, with author and time (004 §2.3 便条)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f

SHOWN = 60


class Note(Record):
    """The owner is its author; who reaches the record reaches its notes (product.md §5.18)."""

    __tablename__ = "note"
    reach = "hanging"

    body: Mapped[str] = f.prose(_l("Note"), required=True, search=True)
    related_kind: Mapped[str] = f.related_kind(_l("Kind of record"), required=True)
    related_id: Mapped[int] = f.related(_l("About"), required=True)

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return (Index(None, "sandbox_id", "related_kind", "related_id", "id"),)

    @property
    def title(self) -> str:
        """The beginning of the text, as the log names the note."""
        line = " ".join(self.body.split())
        return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
