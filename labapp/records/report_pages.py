"""The lines of a report in pages: a table of thousands of lines is drawn a hundred at a time."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from labapp.records.describe import ReportRow
from labapp.records.reports import AT_ONCE, Ask
from labapp.values import dataclass


@dataclass(frozen=True)
class Page:
    """The lines of one page, and where the others are; `first` and `last` are their numbers among `count`."""

    lines: list[ReportRow]
    first: int
    last: int
    count: int
    first_url: str
    previous_url: str
    next_url: str

    @property
    def is_part(self) -> bool:
        return bool(self.next_url or self.first_url)


def page_of(ask: Ask, rows: Sequence[ReportRow], path: str, args: MultiDict[str, str]) -> Page:
    """The page that is asked for. A report with a line per record has read no more than that itself."""
    lines, before = [row for row in rows if not row.total], ask.before
    if ask.by_record:
        count = next((row.records or 0 for row in rows if row.total), before + len(lines))
    else:
        count, lines = len(lines), lines[before : before + AT_ONCE]
    last = before + len(lines)
    urls = (
        _url(path, args, 1) if ask.page > 1 else "",
        _url(path, args, ask.page - 1) if ask.page > 2 else "",
        _url(path, args, ask.page + 1) if last < count else "",
    )
    return Page(lines, before + 1, last, count, *urls)


def _url(path: str, args: MultiDict[str, str], page: int) -> str:
    """The same question, from another page on."""
    pairs: list[tuple[str, Any]] = [pair for pair in args.items(multi=True) if pair[0] != "page"]
    return f"{path}?{urlencode([*pairs, ('page', page)] if page > 1 else pairs)}"
