"""The two kinds of report nearly all are: numbers by group, and one line per record."""

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import and_, case, func, select

from labapp.db.fields import NUMERIC
from labapp.records import query
from labapp.records.cells import formatter
from labapp.records.describe import Column, Filters, Report, ReportRow
from labapp.records.figure_sums import NO_KEY, Sums, summed
from labapp.records.figures import added_up
from labapp.records.links import Links
from labapp.records.question import shown_columns
from labapp.records.report_groups import Line, Numbers, add, group_of, nothing
from labapp.records.reports import AT_ONCE, Ask, merged
from labapp.records.values import CENT
from labapp.values import dataclass

MOST_LINES = 5_000  # of a file; a page has `AT_ONCE`


@dataclass(frozen=True)
class Measure:
    """A number of a report: how many records, or the sum of `value(model)` over them.

    Only records that also match `narrow` are taken. `share` = (a, b) makes it the number in place a per cent
    of that in place b, among the measures.
    """

    label: Any
    narrow: Filters = field(default_factory=dict)
    value: Callable[[Any], Any] | None = None
    share: tuple[int, int] | None = None


def amount(label: Any, **narrow: tuple[str, ...]) -> Measure:
    """The sum of the amounts."""
    return Measure(label, narrow, lambda model: func.coalesce(model.amount, 0))


def grouped(name: str, label: Any, measures: Sequence[Measure], **more: Any) -> Report:
    """A report of numbers by group, with a total."""
    return Report(
        name,
        label,
        rows=lambda ask: group_rows(ask, measures),
        columns=lambda ask: group_columns(ask, measures),
        **more,
    )


def listed(name: str, label: Any, columns: Sequence[str], measures: Sequence[Measure], **more: Any) -> Report:
    """A report of one line per record with these columns; or of numbers, once a group is asked for."""
    more["groups"] = ("", *more.get("groups", ()))
    return Report(
        name,
        label,
        rows=lambda ask: group_rows(ask, measures) if ask.group else record_rows(ask, columns),
        columns=lambda ask: group_columns(ask, measures) if ask.group else record_columns(ask, columns),
        **more,
    )


def group_columns(ask: Ask, measures: Sequence[Measure]) -> tuple[Column, ...]:
    return (Column(group_of(ask, ask.group).label), *(_column(measure) for measure in measures))


def _column(measure: Measure) -> Column:
    if measure.share:
        return Column(measure.label, numeric=True, percent=True)
    return Column(measure.label, numeric=True, money=measure.value is not None, counts=measure.value is None)


def group_rows(ask: Ask, measures: Sequence[Measure]) -> list[ReportRow]:
    """One line per group and one for all, by one statement."""
    group = group_of(ask, ask.group)
    walked = group.walked(ask.model) if group.walked is not None else None
    found = measured(ask, measures, group.key(ask.model), ask.filters, walked)
    if not found:
        return []
    total = nothing(found)
    for _key, numbers in found:
        total = add(total, numbers)
    lines = group.lines(ask, found)
    rows = [row_of(ask, measures, line) for line in lines]
    return [*rows, row_of(ask, measures, Line(_("Total"), {}, total), total=True)]


def measured(
    ask: Ask, measures: Sequence[Measure], key: Any, filters: Filters, walked: Any = None
) -> list[tuple[Any, Numbers]]:
    """(key, numbers) for every key; first how many records, then the measures in turn (shares left out).

    `walked` is the key in the form for few records, where it has another there.
    """
    related = filters.get("related_kind", ()) if ask.model.reach in {"related", "hanging"} else ()

    def sums(by: Any, *, few: bool) -> Sums:
        numbers = [_sql(ask, measure, walked=few) for measure in measures if not measure.share]
        where = ask.where(filters, walked=few)
        return Sums(ask.model, by, (func.count(), *numbers), where, related=related)

    whole = sums(key, few=False)
    by_one = partial(sums, key if walked is None else walked, few=True)
    return added_up(ask.actor, replace(whole, walked=by_one))


def _sql(ask: Ask, measure: Measure, *, walked: bool) -> Any:
    narrow = ask.where(measure.narrow, walked=walked)
    if measure.value is None:
        return func.count(case((and_(*narrow), 1))) if narrow else func.count()
    value = measure.value(ask.model)
    return summed(case((and_(*narrow), value), else_=0) if narrow else value)


def row_of(ask: Ask, measures: Sequence[Measure], line: Line, *, total: bool = False) -> ReportRow:
    """A line with its numbers and, for each, the list of the records behind it."""
    here = merged(ask.filters, line.filters)
    records, *rest = line.numbers
    values: list[Any] = [line.label]
    links: list[Filters | None] = [here]
    plain = iter(rest)
    for measure in measures:
        values.append(None if measure.share else _number(measure, next(plain)))
        links.append(None if measure.share or here is None else merged(here, measure.narrow))
    for place, measure in enumerate(measures, 1):
        if measure.share:
            values[place] = share(values[measure.share[0] + 1], values[measure.share[1] + 1])
    return ReportRow(tuple(values), tuple(links), records=records, total=total)


def _number(measure: Measure, found: Any) -> Any:
    return found if measure.value is None else Decimal(found).quantize(CENT, ROUND_HALF_UP)


def share(part: Any, whole: Any) -> int | None:
    """`part` of `whole` in whole per cent; None where there is no whole."""
    if not whole:
        return None
    return int((Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(1), ROUND_HALF_UP))


def record_columns(ask: Ask, columns: Sequence[str]) -> tuple[Column, ...]:
    shapes = shown_columns(ask.record_type)
    return tuple(
        Column(shapes[name].label, numeric=shapes[name].shape in NUMERIC, money=shapes[name].shape == "money")
        for name in columns
    )


def record_rows(ask: Ask, columns: Sequence[str]) -> list[ReportRow]:
    """One line per record, newest first, those of the page; the last line says how many there are, with sums."""
    where, model = ask.where(ask.filters), ask.model
    chosen = select(model.id, *(getattr(model, name) for name in columns)).where(*where)
    part = chosen.order_by(model.id.desc()).limit(AT_ONCE if ask.page else MOST_LINES).offset(ask.before)
    found = query.answers(part, ask.actor)
    draw = drawers(ask, columns, found)
    rows = [
        ReportRow(
            tuple(show(value) for show, value in zip(draw, row[1:], strict=True)),
            url=f"/{ask.record_type.slug}/{row[0]}",
        )
        for row in found
    ]
    return [*rows, _sums(ask, columns, where)] if rows else []


def drawers(ask: Ask, columns: Sequence[str], found: Sequence[Any]) -> list[Callable[[Any], Any]]:
    """For each column a function from its value to text; numbers stay numbers."""
    shapes, links = shown_columns(ask.record_type), Links(ask.actor)
    for place, name in enumerate(columns, 1):
        if shapes[name].shape == "link":
            links.want(shapes[name].target or "", [row[place] for row in found])
    return [_drawer(ask, shapes[name], links) for name in columns]


def _drawer(ask: Ask, shape: Any, links: Links) -> Callable[[Any], Any]:
    if shape.shape in NUMERIC:
        return lambda value: value
    shown = formatter(shape, ask.actor, links, in_list=True)
    return lambda value: words_of(shown(value))


def words_of(shown: Any) -> Any:
    """What is shown, without its markup."""
    return shown.striptags() if isinstance(shown, Markup) else shown


def _sums(ask: Ask, columns: Sequence[str], where: Sequence[Any]) -> ReportRow:
    shapes, model = shown_columns(ask.record_type), ask.model
    adding = [name for name in columns if shapes[name].shape == "money"]
    sums = [summed(getattr(model, name)) for name in adding]
    ((_key, found),) = added_up(ask.actor, Sums(model, NO_KEY, (func.count(), *sums), where))
    count, by_name = found[0], dict(zip(adding, found[1:], strict=True))
    values = [Decimal(by_name[name]).quantize(CENT) if name in by_name else None for name in columns[1:]]
    label = _("Total: %(count)s", count=f"{count:,}")
    links = (ask.filters, *(ask.filters if name in by_name else None for name in columns[1:]))
    return ReportRow((label, *values), links, records=count, total=True)


COUNT = Measure(_l("Count"))
