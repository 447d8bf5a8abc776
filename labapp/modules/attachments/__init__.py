"""Attachments 附件 on any record."""

from flask_babel import lazy_gettext as _l

from labapp.modules.attachments.models import Attachment
from labapp.modules.attachments.pages import BLUEPRINT
from labapp.modules.attachments.rules import check
from labapp.records.describe import RecordType, Rules

__all__ = ["BLUEPRINT", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Attachment,
        _l("Attachment"),
        _l("Attachments"),
        "attachments",
        columns=("file_name", "size", "related_id", "owner_id", "created_at"),
        icon="paperclip",
        title="file_name",
        sortable=("file_name",),
        rules=Rules(check=check),
    ),
]
