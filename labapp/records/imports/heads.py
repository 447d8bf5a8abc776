"""Where the titles of the columns stand: below title rows and blank lines, in one row or in two merged ones."""

from collections.abc import Mapping, Sequence

from labapp.records.imports.tables import Row, Table
from labapp.records.imports.targets import plain_word
from labapp.values import dataclass

LOOKED_AT = 30


@dataclass(frozen=True)
class Heads:
    """The titles by column, and the number of the row under which the data begins."""

    titles: tuple[str, ...]
    last_row: int


def find_heads(table: Table, names: Mapping[str, str]) -> Heads:
    """The row, or two rows, that name most fields; where none names any, the first row with the most cells."""
    rows = list(table.rows[:LOOKED_AT])
    best, marked = heads_at(table, widest(rows).number), 0
    for above, row in zip([None, *rows], rows, strict=False):
        alone = _padded(row.cells, table.width)
        options = [alone] if above is None else [alone, _joined(above, row, table.width)]
        for titles in options:
            mark = known(titles, names)
            if mark > marked:
                best, marked = Heads(titles, row.number), mark
    return best


def heads_at(table: Table, number: int) -> Heads:
    """The titles as they stand in this row of the file."""
    row = next((row for row in table.rows if row.number >= number), table.rows[0])
    return Heads(_padded(row.cells, table.width), row.number)


def widest(rows: Sequence[Row]) -> Row:
    """The first of the rows with the most different cells."""
    return max(rows, key=lambda row: len({cell for cell in row.cells if cell}))


def known(titles: Sequence[str], names: Mapping[str, str]) -> int:
    """How many different fields these titles name."""
    return len({names[word] for word in map(plain_word, titles) if word in names})


def _joined(above: Row, row: Row, width: int) -> tuple[str, ...]:
    """Titles in two rows: the lower one counts; where it is empty, the upper one."""
    upper, lower = _padded(above.cells, width), _padded(row.cells, width)
    return tuple(low or up for up, low in zip(upper, lower, strict=True))


def _padded(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells, *[""] * (width - len(cells)))
