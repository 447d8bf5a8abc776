"""The rows of a table as they are drawn. A row that says what it said before is not drawn again."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row as ResultRow

from labapp.access.actor import Actor
from labapp.db.fields import Field
from labapp.records.cells import formatter
from labapp.records.describe import RecordType
from labapp.records.links import LINKS, Links, getter

KEPT = 4_000
CHANGEABLE = frozenset(
    {"tags", "data"}
)  # shapes whose values are lists and the like, by which nothing is found again


class TableRow(NamedTuple):
    """One row; its cells in the order of the columns."""

    id: int
    url: str | None
    cells: Sequence[Any]


class DrawnRow(TableRow):
    """A row as it was drawn before. `markup` is what tables made of it, by the way they draw; see `web.rows`."""

    markup: dict[Hashable, str]


_known: dict[Hashable, DrawnRow] = {}


def cells_of(
    record_type: RecordType, rows: Sequence[Any], columns: Sequence[Field], actor: Actor
) -> list[TableRow]:
    """Rows with their cells drawn. Linked titles are read together, one statement per kind.

    What a row looks like hangs on its values, on the titles behind its links as this actor sees them, on the reader's
    language, and on the names of members and codes, which no two stamps share.
    """
    links = Links(actor)
    links.want_for(columns, rows)
    if not rows or not _found_again(rows[0], columns):
        return list(_drawn(record_type, rows, columns, links))
    names = tuple(shape.name for shape in columns)
    about = (record_type.slug, names, actor.sandbox_id, actor.stamp, links.language)
    linked = [shape for shape in columns if shape.shape in LINKS]
    keys = [(about, tuple(row), *[links.seen(shape, row) for shape in linked]) for row in rows]
    found = [_known.get(key) for key in keys]
    new = [place for place, row in enumerate(found) if row is None]
    if new:
        if len(_known) + len(new) > KEPT:
            _known.clear()
        drawn = _drawn(record_type, [rows[place] for place in new], columns, links)
        for place, row in zip(new, drawn, strict=True):
            found[place] = _known[keys[place]] = row
    return [row for row in found if row is not None]


def _found_again(row: Any, columns: Sequence[Field]) -> bool:
    """Whether its values, all of which were read, are a key: a record itself is found again by nothing."""
    return isinstance(row, (tuple, ResultRow)) and not any(
        shape.custom or shape.shape in CHANGEABLE for shape in columns
    )


def _drawn(
    record_type: RecordType, rows: Sequence[Any], columns: Sequence[Field], links: Links
) -> list[DrawnRow]:
    drawn = []
    for shape in columns:
        draw = formatter(shape, links.actor, links, in_list=True)
        drawn.append([draw(value) for value in map(getter(shape), rows)])
    base = f"/{record_type.slug}/"
    made = [
        DrawnRow(row.id, f"{base}{row.id}", cells)
        for row, cells in zip(rows, zip(*drawn, strict=True), strict=True)
    ]
    for row in made:
        row.markup = {}
    return made
