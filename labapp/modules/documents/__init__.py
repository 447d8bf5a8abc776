"""Documents 文档: the company's files with versions, shared by a mode of their own (004 §2.11-6)."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.modules.documents.attaching import attach
from labapp.modules.documents.models import Document, DocumentLink
from labapp.modules.documents.pages import BLUEPRINT
from labapp.modules.documents.rules import DOCUMENT_RULES, LINK_RULES
from labapp.records.describe import Action, RecordType

__all__ = ["BLUEPRINT", "RECORD_TYPES"]


def by_its_page(work: Any, document: Document, answers: dict[str, Any]) -> Document:
    """A file comes by the page of `pages.upload` only; here nothing is sent."""
    return document


RECORD_TYPES = [
    RecordType(
        Document,
        _l("Document"),
        _l("Documents"),
        "documents",
        columns=("title", "folder", "edition", "file_name", "size", "uploaded_at", "owner_id"),
        icon="file-earmark-text",
        title="title",
        sortable=("title", "folder", "uploaded_at"),
        actions=(Action("upload", _l("Upload new version"), by_its_page, icon="upload"), attach),
        rules=DOCUMENT_RULES,
    ),
    RecordType(
        DocumentLink,
        _l("Attached document"),
        _l("Attached documents"),
        "document-links",
        columns=("document_id", "related_id", "comment", "owner_id"),
        icon="file-earmark",
        title="serial",
        rules=LINK_RULES,
        parent="document_id",
    ),
]
