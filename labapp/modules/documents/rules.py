"""What documents and their places ask of the standard verbs."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.documents.models import Document, DocumentLink
from labapp.records.dependents import dependents
from labapp.records.describe import Rules
from labapp.records.hanging import needed_parent
from labapp.records.past import bring_back

SLASHES = re.compile(r"\s*[/\\]+\s*")


def tidy_folder(folder: str | None) -> str | None:
    """One slash between the parts, none at the ends: `Contracts / 2026/` is `Contracts/2026`."""
    return SLASHES.sub("/", (folder or "").strip()).strip("/ ") or None


def document_checked(work: Any, document: Document | None, values: dict[str, Any]) -> None:
    """A document has a file; its folder is written the same way by everybody."""
    if document is None and not values.get("sha256"):
        sentence = _l("Choose a file.")
        raise Invalid(sentence, {"file": sentence})
    if "folder" in values:
        values["folder"] = tidy_folder(values["folder"])


def document_deleting(work: Any, document: Document) -> None:
    """Its places, and what hangs on it, go along and come back with it."""
    for row in dependents(document):
        work.delete(row)


def link_checked(work: Any, link: DocumentLink | None, values: dict[str, Any]) -> None:
    """Only who may edit a record attaches to it, and a document stands there once."""
    if link is not None:
        return
    parent = needed_parent(work, values)
    if isinstance(parent, Document):
        sentence = _l("A document is not attached to a document. Choose another record.")
        raise Invalid(sentence, {"document_id": sentence})
    here = DocumentLink.related_kind == parent.__tablename__, DocumentLink.related_id == parent.id
    if work.rows(DocumentLink, DocumentLink.document_id == values.get("document_id"), *here):
        sentence = _l("This document is attached to that record already.")
        raise Invalid(sentence, {"document_id": sentence})


DOCUMENT_RULES = Rules(check=document_checked, deleting=document_deleting, restored=bring_back)
LINK_RULES = Rules(check=link_checked)
