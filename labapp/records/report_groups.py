"""What a report can be grouped by: each group says its key in SQL and how keys become lines with filters."""

import json
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Text, cast, func

from labapp.db import is_sqlite
from labapp.db.fields import Field
from labapp.records.codes import codes_of
from labapp.records.describe import Derived, Filters
from labapp.records.fiscal import Quarter, fiscal_calendar
from labapp.records.links import Links
from labapp.records.question import NONE
from labapp.records.reports import Ask, merged
from labapp.records.words import language
from labapp.values import dataclass

FLOWS = frozenset({"stage", "status"})  # shown whole, empty ones too, in their order
MOST_MONTHS = 120
Numbers = list[Any]


@dataclass(frozen=True)
class Line:
    """A group with its numbers, and the list filters of its records."""

    label: Any
    filters: Filters
    numbers: Numbers


@dataclass(frozen=True)
class Group:
    """`key(model)` is the SQL to group by; `lines(ask, answers)` makes lines of (key, numbers) pairs.

    `walked(model)` is the key in the form for few records, where it has another there.
    """

    label: Any
    key: Callable[[Any], Any]
    lines: Callable[[Ask, Sequence[tuple[Any, Numbers]]], list[Line]]
    walked: Callable[[Any], Any] | None = None


def group_of(ask: Ask, name: str) -> Group:
    """The group of this name: owner, position, month, or a field of the kind."""
    if name == "month":
        return Group(_l("Month"), lambda model: month_of(getattr(model, ask.report.dated)), _months)
    if name == "fiscal_year":
        return Group(
            _l("Fiscal year"), lambda model: month_of(getattr(model, ask.report.dated)), _fiscal_years
        )
    if name in SPECIAL:
        return SPECIAL[name]
    derived = ask.record_type.derived_by(name)
    if derived is not None:
        return _by_derived(ask, derived)
    field = ask.record_type.fields.get(name) or ask.record_type.fields[f"{name}_id"]
    if field.shape == "tags":
        return Group(field.label, lambda model: cast(getattr(model, field.name), Text), _tags)
    fold = {"choice": _choices, "link": _links, "related": _links, "member": _people}.get(field.shape, _texts)
    return Group(
        field.label, lambda model: getattr(model, field.name), lambda ask, found: fold(ask, field, found)
    )


def _by_derived(ask: Ask, one: Derived) -> Group:
    few = one.walked_key or one.key
    folded = partial(_derived, one=one)
    return Group(one.label, lambda model: one.key(ask.actor), folded, lambda model: few(ask.actor))


def month_of(column: Any) -> Any:
    """'2026-09' of a day or moment."""
    return func.strftime("%Y-%m", column) if is_sqlite() else func.to_char(column, "YYYY-MM")


def add(one: Numbers, other: Numbers) -> Numbers:
    return [a + b for a, b in zip(one, other, strict=True)]


def nothing(found: Sequence[tuple[Any, Numbers]]) -> Numbers:
    """Zeros as wide as the numbers found."""
    return [Decimal(0) if isinstance(n, Decimal) else 0 for n in found[0][1]] if found else []


def biggest_first(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.numbers[0], str(line.label)))


def _choices(ask: Ask, field: Field, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    book, word, table = codes_of(ask.actor.sandbox_id, ask.actor.stamp), language(), field.codes or ""
    by_key = dict(found)
    order = [value.key for value in book.values(table)] or [key for key, label in book.choices(table, word)]
    if field.name in FLOWS and found:
        for value in book.values(table):
            if not value.retired and merged(ask.filters, {field.name: (value.key,)}) is not None:
                by_key.setdefault(value.key, nothing(found))
    known = [key for key in order if key in by_key]
    others = sorted((key for key in by_key if key not in order and key is not None), key=str)
    lines = [
        Line(book.label(table, key, word), {field.name: (key,)}, by_key[key]) for key in [*known, *others]
    ]
    return lines + _empty(field, by_key)


def _empty(field: Field, by_key: dict[Any, Numbers]) -> list[Line]:
    return [Line(_("(not filled in)"), {field.name: (NONE,)}, by_key[None])] if None in by_key else []


def _links(ask: Ask, field: Field, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    links, by_key = Links(ask.actor), dict(found)
    kind = field.target or ask.filters.get("related_kind", ("",))[0]
    links.want(kind, by_key)
    lines = [
        Line(
            links.title(kind, key) or _("not visible to you"),
            {field.name: (str(key),)},
            numbers,
        )
        for key, numbers in found
        if key is not None
    ]
    return biggest_first(lines) + _empty(field, by_key)


def _derived(ask: Ask, found: Sequence[tuple[Any, Numbers]], one: Derived) -> list[Line]:
    """One line for each word that some record has, in the order of the words."""
    by_key = dict(found)
    return [
        Line(str(label), {one.name: (key,)}, by_key[key])
        for key, label in one.options(ask.actor)
        if key in by_key
    ]


def _tags(ask: Ask, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    """One line a tag: a record with two tags is in both lines, in the total once."""
    by_tag: dict[Any, Numbers] = {}
    for said, numbers in found:
        for tag in json.loads(said or "[]") or [NONE]:
            by_tag[tag] = add(by_tag[tag], numbers) if tag in by_tag else numbers
    empty = by_tag.pop(NONE, None)
    lines = biggest_first([Line(tag, {"tags": (tag,)}, numbers) for tag, numbers in by_tag.items()])
    return lines + ([Line(_("(not filled in)"), {"tags": (NONE,)}, empty)] if empty is not None else [])


def _texts(ask: Ask, field: Field, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    by_key = dict(found)
    lines = [Line(key, {field.name: (str(key),)}, numbers) for key, numbers in found if key is not None]
    return biggest_first(lines) + _empty(field, by_key)


def _people(ask: Ask, field: Field, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    """One line per member that a field names, and one for nobody."""
    members, by_key = ask.actor.directory.members, dict(found)
    lines = [
        Line(members[key].name, {field.log: (members[key].key,)}, numbers)
        for key, numbers in found
        if key in members
    ]
    nobody = [Line(_("(nobody)"), {field.log: (NONE,)}, by_key[None])] if None in by_key else []
    return biggest_first(lines) + nobody


def _owners(ask: Ask, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    members = ask.actor.directory.members
    lines = [Line(members[key].name, {"owner": (members[key].key,)}, numbers) for key, numbers in found]
    return biggest_first(lines)


def _positions(ask: Ask, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    """One line per department that owns something, with everybody in it and below; then who is in none."""
    directory, by_owner = ask.actor.directory, dict(found)
    places = [place for place in directory.tree() if place.kind == "department"]
    lines, placed = [], set()
    for place in places:
        people = [owner for owner in by_owner if owner in directory.people_in(place.id)]
        placed.update(people)
        if people:
            lines.append(_team(ask, place.name(language()), people, by_owner, place.id))
    rest = [owner for owner in by_owner if owner not in placed]
    return lines + ([_team(ask, _("In no department"), rest, by_owner)] if rest else [])


def _team(
    ask: Ask, label: Any, people: list[int], by_owner: dict[Any, Numbers], place_id: int | None = None
) -> Line:
    numbers = [by_owner[people[0]], *(by_owner[owner] for owner in people[1:])]
    summed = numbers[0]
    for more in numbers[1:]:
        summed = add(summed, more)
    if place_id is not None and not {"owner", "position"} & set(ask.filters):
        return Line(label, {"position": (str(place_id),)}, summed)
    keys = tuple(sorted(ask.actor.directory.members[owner].key for owner in people))
    return Line(label, {"owner": keys}, summed)


def _months(ask: Ask, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    """Every month from the first to the last that has something, those between too."""
    by_key = {key: numbers for key, numbers in found if key is not None}
    lines = [
        Line(month, days_of(ask, month), by_key.get(month) or nothing(found))
        for month in span(sorted(by_key))
    ]
    field = ask.record_type.fields.get(ask.report.dated)
    return lines + (_empty(field, dict(found)) if field is not None else [])


def _fiscal_years(ask: Ask, found: Sequence[tuple[Any, Numbers]]) -> list[Line]:
    """The months put together by fiscal year, which is named by the calendar year in which it begins."""
    years: dict[int, Numbers] = {}
    calendar = fiscal_calendar(ask.actor)
    for month, numbers in found:
        if month is not None:
            year = calendar.quarter_of(date.fromisoformat(f"{month}-01")).year
            years[year] = add(years[year], numbers) if year in years else numbers
    lines = []
    for year, numbers in sorted(years.items()):
        first, last = calendar.first_day(Quarter(year, 1)), calendar.last_day(Quarter(year, 4))
        days = {
            f"{ask.report.dated}_from": (first.isoformat(),),
            f"{ask.report.dated}_to": (last.isoformat(),),
        }
        lines.append(Line(_("Fiscal year %(year)s", year=year), days, numbers))
    field = ask.record_type.fields.get(ask.report.dated)
    return lines + (_empty(field, dict(found)) if field is not None else [])


def days_of(ask: Ask, month: str) -> Filters:
    """The list filters of one month of the report's date."""
    first, last = month_days(month)
    return {f"{ask.report.dated}_from": (first,), f"{ask.report.dated}_to": (last,)}


def month_days(month: str) -> tuple[str, str]:
    """First and last day of '2026-09'."""
    year, number = (int(part) for part in month.split("-"))
    return f"{month}-01", date(year, number, monthrange(year, number)[1]).isoformat()


def span(months: list[str]) -> list[str]:
    """All months from the first to the last, at most ten years; beyond that only those given."""
    if not months:
        return []
    start, end = (int(m[:4]) * 12 + int(m[5:]) - 1 for m in (months[0], months[-1]))
    if end - start > MOST_MONTHS:
        return months
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


SPECIAL = {
    "owner": Group(_l("Owner"), lambda model: model.owner_id, _owners),
    "position": Group(_l("Department"), lambda model: model.owner_id, _positions),
}
