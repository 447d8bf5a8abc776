"""The rows of a list as markup. In Python, because a template takes ten times as long for 400 cells."""

import html
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Protocol

from markupsafe import Markup, escape

BETWEEN = "\x1f"  # between texts that are escaped together


class Row(Protocol):
    """One row: `cells` in the order of the headers; Markup is taken as it is, all else is escaped."""

    id: int
    url: str | None
    cells: Sequence[object]


class Header(Protocol):
    numeric: bool
    whole: bool


def table_rows(headers: Iterable[Header], rows: Iterable[Row], form: str | None, pick_label: str) -> Markup:
    """`<tr>` elements. With `form`, each begins with a check box `ids` belonging to the form of that id.

    A row that has a `markup` keeps there what was made of it, and for what.
    """
    known = list(rows)
    way = (tuple([style_of(header) for header in headers]), form, pick_label)
    made: list[Any] = [getattr(row, "markup", {}).get(way) for row in known]
    new = [row for row, markup in zip(known, made, strict=True) if markup is None]
    drawn = iter(_drawn(new, *way) if new else ())
    for place, markup in enumerate(made):
        if markup is None:
            made[place] = next(drawn)
            getattr(known[place], "markup", {})[way] = made[place]
    return Markup("\n".join(made))  # noqa: S704 - escaped


def _drawn(rows: Sequence[Row], styles: Sequence[str], form: str | None, pick_label: str) -> Iterable[str]:
    """The elements of these rows."""
    columns = list(zip(*(row.cells for row in rows), strict=True))[: len(styles)]
    first, *others = map(column_markup, columns)
    urls = column_markup([row.url or "" for row in rows])
    box = PICK % (html.escape(form), html.escape(pick_label)) if form else ""
    starts = [
        (f'<tr data-href="{url}">' if url else "<tr>") + (box % (row.id, plain(cell)) if form else "")
        for row, url, cell in zip(rows, urls, first, strict=True)
    ]
    titles = [
        f'<a href="{url}">{cell}</a>' if url and "<a " not in cell else cell
        for url, cell in zip(urls, first, strict=True)
    ]
    rest = "".join(f"<td{style}>%s</td>" for style in styles[1:])
    pattern = f'%s<th scope="row"{styles[0]}>%s</th>{rest}</tr>'
    return map(pattern.__mod__, zip(starts, titles, *others, strict=True))


class PlainTable(Protocol):
    caption: str
    headers: Sequence[Any]
    rows: Sequence[Row]


def plain_table(table: PlainTable) -> Markup:
    """A list under a record: no order to choose, nothing to pick, no further pages. Has rows."""
    heads = "".join(
        f'<th scope="col"{style_of(head)}>{known(str(head.label))}</th>' for head in table.headers
    )
    return Markup(  # noqa: S704 - escaped here and there
        '<div class="table-frame" data-table>\n<table class="table table-hover data-table">'
        f'<caption class="visually-hidden">{known(table.caption)}</caption><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{table_rows(table.headers, table.rows, None, '')}</tbody></table>\n</div>"
    )


@lru_cache(5_000)
def known(text: str) -> str:
    """The name of a field, a kind or a list as markup: there are few, and every page has dozens of them."""
    return html.escape(text)


def style_of(header: Header) -> str:
    """The class of a column's cells."""
    return ' class="num"' if header.numeric else ' class="whole"' if header.whole else ""


PICK = (
    '<td class="pick"><input class="form-check-input" type="checkbox" name="ids" value="%%s" form="%s"'
    ' aria-label="%s %%s"></td>'
)


def column_markup(cells: Sequence[object]) -> list[str]:
    """A column's cells as markup. Plain texts are escaped at once: one by one takes several times as long."""
    if set(map(type, cells)) == {str}:
        escaped = html.escape(BETWEEN.join(cells)).split(BETWEEN)  # type: ignore[arg-type]
        if len(escaped) == len(cells):
            return escaped
    return [markup_of(cell) for cell in cells]


def markup_of(cell: object) -> str:
    """A cell as markup. `html.escape`, as making a Markup of every cell takes longer than escaping it."""
    if type(cell) is str:
        return html.escape(cell)
    if type(cell) is Markup:
        return cell
    if cell is None:
        return ""
    return str(cell.__html__()) if hasattr(cell, "__html__") else html.escape(str(cell))


def plain(markup: str) -> str:
    """Text of an escaped cell, fit for an attribute."""
    if "<" in markup or '"' in markup:
        return escape(Markup(markup).striptags())  # noqa: S704 - already escaped
    return markup
