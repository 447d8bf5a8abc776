"""Folders: parts of a text divided by slashes, shown as a tree with what one sees in each."""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.modules.documents.models import Document
from labapp.values import dataclass


@dataclass(frozen=True)
class Folder:
    """A folder in the tree: its last part, how deep it lies (0 at the top), and how many documents are right in it."""

    path: str
    name: str
    depth: int
    count: int

    @property
    def url(self) -> str:
        return f"/documents/?{urlencode({'folder': self.path})}"


def _counts(visible: Visible) -> Any:
    asked = select(Document.folder, func.count().label("many")).where(visible(Document))
    return asked.where(Document.folder.is_not(None)).group_by(Document.folder)


def tree_of(actor: Actor) -> list[Folder]:
    """Every folder that holds something the actor sees, and those above it, in the order of a tree. One statement."""
    counts = {row.folder: row.many for row in read(actor, "document folders", _counts)}
    known: dict[tuple[str, ...], int] = {}
    for path, count in counts.items():
        parts = tuple(path.split("/"))
        for depth in range(1, len(parts)):
            known.setdefault(parts[:depth], 0)
        known[parts] = count
    return [Folder("/".join(p), p[-1], len(p) - 1, known[p]) for p in sorted(known)]
