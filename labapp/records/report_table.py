"""The table of a report as HTML, drawn in Python: a template takes several times as long for five hundred lines."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from html import escape
from typing import Any

from markupsafe import Markup

from labapp.records import cells
from labapp.records.describe import Column, ReportRow
from labapp.records.reports import Ask


def lines_of(ask: Ask, columns: Sequence[Column], rows: Sequence[ReportRow]) -> Markup:
    """The lines of the table; every number leads to the records behind it, the first cell heads its line."""
    draw = [_drawer(column) for column in columns]
    return Markup("\n".join(_line(ask, draw, row) for row in rows))  # noqa: S704 - `_drawer` escapes the values


def _line(ask: Ask, draw: Sequence[Callable[[Any], str]], row: ReportRow) -> str:
    links = [*row.links, *[None] * (len(draw) - len(row.links))]
    urls = ["" if link is None else ask.address(link) for link in links]
    if row.url:
        urls[0] = row.url
    shown = [
        f'<a href="{escape(url)}">{show(value)}</a>' if url else show(value)
        for show, value, url in zip(draw, row.values, urls, strict=True)
    ]
    mark = f' <span class="badge tone-warning">{escape(str(row.mark))}</span>' if row.mark else ""
    name = "total" if row.total else "marked" if row.mark else ""
    numeric = [' class="num"' if show in NUMERIC else "" for show in draw[1:]]
    cells_ = "".join(f"<td{num}>{text}</td>" for num, text in zip(numeric, shown[1:], strict=True))
    return f'<tr{f" class={QUOTE}{name}{QUOTE}" if name else ""}><th scope="row">{shown[0]}{mark}</th>{cells_}</tr>'


QUOTE = '"'


def _drawer(column: Column) -> Callable[[Any], str]:
    """What makes a value of this column HTML."""
    if column.money:
        return _money
    if column.percent:
        return _share
    return _number if column.numeric else _text


def _money(value: Any) -> str:
    return "" if value is None else escape(str(cells.money(value)))


def _share(value: Any) -> str:
    return "" if value is None else f"{value}%"


def _number(value: Any) -> str:
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return _text(value)


def _text(value: Any) -> str:
    """What is text; what was drawn with markup stays as it is."""
    if value is None:
        return ""
    return str(value) if isinstance(value, Markup) else escape(str(value))


NUMERIC = frozenset({_money, _share, _number})
