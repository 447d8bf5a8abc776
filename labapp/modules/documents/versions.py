"""The versions of a document: the newest stands in its fields, the earlier ones in a list beside them."""

from datetime import datetime
from typing import Any

from labapp.access.actor import Actor
from labapp.modules.documents.models import Document
from labapp.values import dataclass

FILE = ("file_name", "size", "content_type", "sha256")


@dataclass(frozen=True)
class Version:
    """One version; `at` is lab time, `by` the name of who sent it."""

    edition: int
    file_name: str
    size: int
    content_type: str
    sha256: str
    by: str
    at: datetime | None
    change: str


def replaced(work: Any, document: Document, values: dict[str, Any]) -> dict[str, Any]:
    """The columns after a new file came: the present version joins the earlier ones."""
    return {
        **values,
        "edition": document.edition + 1,
        "uploaded_by_id": work.actor.id or None,
        "uploaded_at": work.now,
        "versions": [*(document.versions or []), earlier_entry(work, document)],
    }


def earlier_entry(work: Any, document: Document) -> dict[str, str | int | None]:
    """The present version as an earlier one keeps it; who sent it by the key that the log uses."""
    member = work.actor.directory.members.get(document.uploaded_by_id or document.owner_id)
    at = document.uploaded_at or document.created_at
    return {
        "edition": document.edition,
        **{name: getattr(document, name) for name in FILE},
        "by": member.key if member is not None else None,
        "at": at.isoformat(),
        "change": document.change,
    }


def versions_of(document: Document, actor: Actor) -> list[Version]:
    """All versions, the newest first."""
    members, by_key = actor.directory.members, actor.directory.by_key
    sender = members.get(document.uploaded_by_id or document.owner_id)
    newest = Version(
        edition=document.edition,
        by=sender.name if sender is not None else "",
        at=document.uploaded_at or document.created_at,
        change=document.change or "",
        **{name: getattr(document, name) for name in FILE},
    )
    earlier = [past_version(entry, by_key) for entry in document.versions or ()]
    return [newest, *reversed(earlier)]


def past_version(entry: dict[str, Any], by_key: Any) -> Version:
    """An earlier version as it was kept."""
    sender = by_key.get(entry["by"] or "")
    return Version(
        edition=entry["edition"],
        by=sender.name if sender is not None else "",
        at=datetime.fromisoformat(entry["at"]),
        change=entry["change"] or "",
        **{name: entry[name] for name in FILE},
    )
