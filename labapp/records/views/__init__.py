"""The pages every record type has: list, detail, create, one page per verb, bulk, export, recycle bin."""

from labapp.records.views import (
    binned,
    bulk,
    detail,
    duplicates,
    filters,
    importing,
    listing,
    quality,
    tagging,
    writing,
)
from labapp.records.views.common import bp

__all__ = [
    "binned",
    "bp",
    "bulk",
    "detail",
    "duplicates",
    "filters",
    "importing",
    "listing",
    "quality",
    "tagging",
    "writing",
]
