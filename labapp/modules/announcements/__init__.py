"""Announcements 公告: what the instructor and managers tell everybody (001 §5.9)."""

from flask_babel import lazy_gettext as _l

from labapp.modules.announcements.board import BLUEPRINT, HOME_CARDS
from labapp.modules.announcements.models import Announcement
from labapp.modules.announcements.rules import check
from labapp.records.describe import RecordType, Rules

__all__ = ["BLUEPRINT", "HOME_CARDS", "RECORD_TYPES"]

RECORD_TYPES = [
    RecordType(
        Announcement,
        _l("Announcement"),
        _l("Announcements"),
        "announcements",
        columns=("title", "start_date", "end_date", "pinned", "owner_id", "created_at"),
        icon="megaphone",
        title="title",
        sortable=("start_date", "end_date"),
        rules=Rules(check=check),
    ),
]
