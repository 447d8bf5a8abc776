"""The rows of a list as markup. In Python, because a template takes ten times as long for 400 cells."""

import html
from collections.abc import Iterable, Sequence
from typing import Protocol

from markupsafe import Markup, escape


class Row(Protocol):
    """One row: `cells` in the order of the headers; Markup is taken as it is, all else is escaped."""

    id: int
    url: str | None
    cells: Sequence[object]


class Header(Protocol):
    numeric: bool


def table_rows(headers: Iterable[Header], rows: Iterable[Row], form: str | None, pick_label: str) -> Markup:
    """`<tr>` elements. With `form`, each begins with a check box `ids` belonging to the form of that id."""
    styles = [' class="num"' if header.numeric else "" for header in headers]
    return Markup("\n".join(row_markup(row, styles, form, pick_label) for row in rows))  # noqa: S704 - escaped below


def row_markup(row: Row, styles: Sequence[str], form: str | None, pick_label: str) -> str:
    first, *others = [markup_of(cell) for cell in row.cells]
    url = html.escape(row.url) if row.url else ""
    start = f'<tr data-href="{url}">' if url else "<tr>"
    picked = pick_box(row.id, form, f"{pick_label} {plain(first)}") if form else ""
    linked = f'<a href="{url}">{first}</a>' if url and "<a " not in first else first
    cells = "".join([f"<td{style}>{cell}</td>" for style, cell in zip(styles[1:], others, strict=False)])
    return f'{start}{picked}<th scope="row"{styles[0]}>{linked}</th>{cells}</tr>'


def pick_box(number: int, form: str, label: str) -> str:
    return (
        '<td class="pick"><input class="form-check-input" type="checkbox" name="ids"'
        f' value="{number}" form="{form}" aria-label="{label}"></td>'
    )


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
