"""What records point at, as the reader may see it: a title and an address, or 'not visible to you'."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy import bindparam, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.db.fields import Field
from labapp.records import custom
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.words import language

LINKS = frozenset({"link", "related"})  # shapes that lead to a record


def getter(shape: Field) -> Callable[[Any], Any]:
    """Reads the value of a field from a row; for what the row hangs on: (kind, id)."""
    if shape.custom:
        return custom.reader(shape)
    names = ("related_kind", "related_id") if shape.shape == "related" else (shape.name,)
    return attrgetter(*names)


def _titles(record_type: RecordType) -> Builder:
    """Id, serial and title of the visible ones among `ids`."""

    def build(visible: Visible) -> Any:
        model: Any = record_type.model
        wanted = model.id.in_(bindparam("ids", expanding=True))
        return select(model.id, model.serial, getattr(model, record_type.title)).where(wanted, visible(model))

    return build


class Links:
    """Titles and serials of linked records, one statement per kind (product.md §5.3)."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.wanted: dict[str, set[int]] = {}
        self.found: dict[str, dict[int, tuple[int, str]]] = {}

    @cached_property
    def language(self) -> str:
        """The reader's language, asked once for all that is drawn."""
        return language()

    def want(self, kind: str, ids: Iterable[int | None]) -> None:
        """Say beforehand which records will be asked for, so that they are read together."""
        self.wanted.setdefault(kind, set()).update(i for i in ids if i is not None)

    def want_for(self, shapes: Iterable[Field], rows: Sequence[Any]) -> None:
        """Say it for every link in these columns of these rows."""
        for shape in shapes:
            if shape.shape == "link":
                self.want(shape.target or "", [getattr(row, shape.name) for row in rows])
            elif shape.shape == "related":
                for row in rows:
                    self.want(row.related_kind or "", [row.related_id])

    def _read(self, kind: str) -> dict[int, tuple[int, str]]:
        if kind not in self.found:
            self.found[kind] = self._ask(kind, self.wanted.get(kind, set()))
        return self.found[kind]

    def _ask(self, kind: str, ids: set[int]) -> dict[int, tuple[int, str]]:
        record_type = catalog().get(kind)
        if record_type is None or not ids or kind not in self.actor.reads:
            return {}
        rows = read(self.actor, ("links", kind), _titles(record_type), ids=sorted(ids))
        return {row[0]: (row[1], str(row[2] or f"#{row[1]}")) for row in rows}

    def shown(self, kind: str, record_id: int | None) -> Any:
        """A link to the record; a sentence where it is not visible; nothing where there is none."""
        if record_id is None:
            return ""
        found = self._read(kind).get(record_id)
        if found is None:
            return Markup('<span class="text-body-secondary">{}</span>').format(_("not visible to you"))
        return Markup(f'<a href="/{catalog()[kind].slug}/{record_id}">{escape(found[1])}</a>')  # noqa: S704

    def seen(self, shape: Field, row: Any) -> tuple[int, str] | None:
        """Serial and title of what a link of this row leads to; None where it is not visible, or leads nowhere."""
        value = getter(shape)(row)
        kind, record_id = value if shape.shape == "related" else (shape.target, value)
        return self._read(kind or "").get(record_id) if record_id is not None else None

    def serial(self, kind: str, record_id: int | None) -> int | None:
        """The serial of a visible record, as JSON says it."""
        found = self._read(kind).get(record_id) if record_id is not None else None
        return found[0] if found else None

    def title(self, kind: str, record_id: int | None) -> str:
        found = self._read(kind).get(record_id) if record_id is not None else None
        return found[1] if found else ""
