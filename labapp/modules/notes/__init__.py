"""Notes 便条 on any record."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.modules.notes.models import Note
from labapp.records.describe import RecordType, Rules
from labapp.records.hanging import needed_parent


def check(work: Any, record: Note | None, values: dict[str, Any]) -> None:
    """A note is written on a record that the author may edit."""
    if record is None:
        needed_parent(work, values)


RECORD_TYPES = [
    RecordType(
        Note,
        _l("Note"),
        _l("Notes"),
        "notes",
        columns=("body", "related_id", "owner_id", "created_at"),
        icon="sticky",
        title="body",
        rules=Rules(check=check),
    ),
]
