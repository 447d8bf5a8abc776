"""Reports on quarters: how far quotas are reached, and what forecasts were worth (004 §2.6, §2.9)."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp.modules.forecasts.figures import NOTHING, cents, error_of, per_cent
from labapp.modules.forecasts.models import Forecast, Quota
from labapp.modules.forecasts.reading import words_on
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stages import WON
from labapp.records import query
from labapp.records.describe import ELSEWHERE, Column, Filters, Report, ReportRow
from labapp.records.figure_sums import by_reports
from labapp.records.fiscal import QUARTERS, FiscalCalendar, Quarter, fiscal_calendar, is_year, this_quarter
from labapp.records.report_groups import Line, Numbers, add, group_of, month_of
from labapp.records.reports import Ask, merged
from labapp.values import dataclass

GROUPS = ("owner", "position", "year", "quarter")
CONDITIONS = ("year", "quarter", "owner")
Sold = dict[tuple[int, Quarter], Decimal]


@dataclass(frozen=True)
class Entry:
    """A quota or forecast with its numbers, how many it is first."""

    owner_id: int
    quarter: Quarter
    numbers: Numbers


def running(ask: Ask) -> Filters:
    """Unless another is asked for: the quarter that the sandbox's clock stands in."""
    return quarter_filters(ask, this_quarter(ask.actor))


def last_over(ask: Ask) -> Filters:
    """Unless another is asked for: the last quarter that is over."""
    return quarter_filters(ask, this_quarter(ask.actor).plus(-1))


def quarter_filters(ask: Ask, quarter: Quarter) -> Filters:
    if "year" in ask.said:
        return {}
    year: Filters = {"year": (str(quarter.year),)}
    return year if "quarter" in ask.said else {**year, "quarter": (str(quarter.quarter),)}


def sold(ask: Ask, wanted: Iterable[tuple[int, Quarter]]) -> Sold:
    """What each of these members sold in each of these quarters: one statement."""
    pairs = set(wanted)
    if not pairs:
        return {}
    calendar, o = fiscal_calendar(ask.actor), Opportunity
    quarters = sorted({quarter for _owner, quarter in pairs})
    month = month_of(o.close_date)
    days = o.close_date.between(calendar.first_day(quarters[0]), calendar.last_day(quarters[-1]))
    owners = o.owner_id.in_(sorted({owner for owner, _quarter in pairs}))
    chosen = select(o.owner_id, month, func.sum(func.coalesce(o.amount, 0)))
    chosen = by_reports(chosen.where(o.stage == WON, days, owners), o)
    by_month = months_between(calendar, quarters[0], quarters[-1])
    found: Sold = {}
    for owner, name, amount in query.answers(chosen.group_by(o.owner_id, month), ask.actor):
        key = owner, by_month[name]
        if key in pairs:
            found[key] = found.get(key, NOTHING) + cents(amount)
    return found


def months_between(calendar: FiscalCalendar, first: Quarter, last: Quarter) -> dict[str, Quarter]:
    """The months from the first quarter to the last, each with its quarter."""
    found: dict[str, Quarter] = {}
    quarter = first
    while quarter <= last:
        found |= dict.fromkeys(calendar.months(quarter), quarter)
        quarter = quarter.plus(1)
    return found


def lines_of(ask: Ask, entries: Sequence[Entry]) -> list[Line]:
    """The entries folded by the group asked for."""
    if not entries:
        return []
    folded: dict[Any, Numbers] = {}
    for entry in entries:
        key = {"year": entry.quarter.year, "quarter": entry.quarter.quarter}.get(ask.group, entry.owner_id)
        folded[key] = add(folded[key], entry.numbers) if key in folded else list(entry.numbers)
    lines = group_of(ask, ask.group).lines(ask, list(folded.items()))
    return sorted(lines, key=lambda line: str(line.label)) if ask.group in {"year", "quarter"} else lines


def table(ask: Ask, entries: Sequence[Entry], row: Callable[..., ReportRow]) -> list[ReportRow]:
    """A line per group and the total."""
    lines = lines_of(ask, entries)
    if not lines:
        return []
    numbers = entries[0].numbers
    for entry in entries[1:]:
        numbers = add(numbers, entry.numbers)
    members = ask.actor.directory.members
    everybody = tuple(sorted({members[entry.owner_id].key for entry in entries}))
    total = row(ask, Line(_("Total"), {}, numbers), everybody, total=True)
    return [*(row(ask, line, line.filters.get("owner", ())) for line in lines), total]


def quarter_in(filters: Filters) -> Quarter | None:
    """The one quarter that the filters name."""
    said = [filters.get(name, ()) for name in ("year", "quarter")]
    if any(len(values) != 1 or not values[0].isascii() or not values[0].isdigit() for values in said):
        return None
    one = Quarter(int(said[0][0][:5]), int(said[1][0][:2]))
    return one if is_year(one.year) and one.quarter in QUARTERS else None


def sales_of(ask: Ask, owners: Sequence[str]) -> Filters | None:
    """The won opportunities behind a completed amount, where one quarter and its members are known."""
    one = quarter_in(ask.filters)
    if not owners or one is None:
        return None
    calendar = fiscal_calendar(ask.actor)
    days = {
        "close_date_from": (calendar.first_day(one).isoformat(),),
        "close_date_to": (calendar.last_day(one).isoformat(),),
    }
    return {ELSEWHERE: ("opportunity",), "stage": (WON,), "owner": tuple(owners), **days}


def here(ask: Ask, line: Line) -> Filters | None:
    return merged(ask.filters, line.filters)


# -- quotas ------------------------------------------------------------------------------------------


def quota_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(group_of(ask, ask.group).label),
        Column(_l("Quotas given"), numeric=True, counts=True),
        Column(_l("Quota"), numeric=True, money=True),
        Column(_l("Completed"), numeric=True, money=True),
        Column(_l("Quota reached"), numeric=True, percent=True),
        Column(_l("Remaining"), numeric=True, money=True),
    )


def quota_rows(ask: Ask) -> list[ReportRow]:
    """Two statements: the quotas, and what was sold in their quarters."""
    q = Quota
    columns = q.owner_id, q.year, q.quarter, func.count(q.id), func.sum(q.amount)
    of_each = q.owner_id, q.year, q.quarter
    chosen = select(*columns).where(*ask.where(ask.filters)).group_by(*of_each).order_by(*of_each)
    found = query.answers(chosen, ask.actor)
    done = sold(ask, ((row[0], Quarter(row[1], row[2])) for row in found))
    entries = []
    for owner, year, quarter, count, amount in found:
        key = owner, Quarter(year, quarter)
        entries.append(Entry(*key, [count, cents(amount), done.get(key, NOTHING)]))
    return table(ask, entries, quota_row)


def quota_row(ask: Ask, line: Line, owners: Sequence[str], *, total: bool = False) -> ReportRow:
    count, amount, completed = line.numbers
    values = (
        line.label,
        count,
        amount,
        completed,
        per_cent(completed, amount),
        max(amount - completed, NOTHING),
    )
    link = here(ask, line)
    links = (link, link, link, sales_of(ask, owners))
    return ReportRow(values, links, records=count, total=total)


# -- forecasts ---------------------------------------------------------------------------------------


def forecast_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(group_of(ask, ask.group).label),
        Column(_l("Forecasts submitted"), numeric=True, counts=True),
        Column(_l("Expected revenue"), numeric=True, money=True),
        Column(_l("Expected, adjusted"), numeric=True, money=True),
        Column(_l("Best-case revenue"), numeric=True, money=True),
        Column(_l("Actual"), numeric=True, money=True),
        Column(_l("Error"), numeric=True, percent=True),
        Column(_l("Error, adjusted"), numeric=True, percent=True),
        Column(_l("Bias"), numeric=True, money=True),
    )


def forecast_rows(ask: Ask) -> list[ReportRow]:
    """Three statements: the forecasts, superiors' words on them, and what was sold in their quarters."""
    f, calendar, today = Forecast, fiscal_calendar(ask.actor), ask.actor.lab_now.date()
    columns = f.id, f.owner_id, f.year, f.quarter, f.expected_amount, f.best_case_amount, f.updated_at
    found = query.answers(select(*columns).where(*ask.where(ask.filters)).order_by(f.id), ask.actor)
    words = words_on(ask.actor, found)
    done = sold(ask, ((row.owner_id, Quarter(row.year, row.quarter)) for row in found))
    entries = []
    for row in found:
        key = row.owner_id, Quarter(row.year, row.quarter)
        said = words.get(row.id)
        expected = cents(row.expected_amount)
        adjusted = said[-1].expected if said else expected
        open_ = 0 if calendar.is_over(key[1], today) else 1
        numbers = [1, expected, adjusted, cents(row.best_case_amount), done.get(key, NOTHING), open_]
        entries.append(Entry(*key, numbers))
    return table(ask, entries, forecast_row)


def forecast_row(ask: Ask, line: Line, owners: Sequence[str], *, total: bool = False) -> ReportRow:
    """Error and bias only where every quarter in the line is over."""
    count, expected, adjusted, best, actual, open_ = line.numbers
    errors = error_of(expected, actual), error_of(adjusted, actual), expected - actual
    judged = errors if not open_ else (None, None, None)
    link = here(ask, line)
    values = (line.label, count, expected, adjusted, best, actual, *judged)
    links = (link, link, link, link, link, sales_of(ask, owners))
    return ReportRow(values, links, records=count, total=total)


attainment = Report(
    "attainment",
    _l("Quota attainment"),
    quota_rows,
    quota_columns,
    series=(2, 3),
    groups=GROUPS,
    conditions=CONDITIONS,
    base=running,
    explain=_l("Completed are won opportunities whose close date lies in the quarter of the quota."),
)

accuracy = Report(
    "accuracy",
    _l("Forecast against actual"),
    forecast_rows,
    forecast_columns,
    series=(2, 3, 5),
    groups=GROUPS,
    conditions=CONDITIONS,
    base=last_over,
    explain=_l(
        "Unless you ask for another, the last fiscal quarter that is over. The error is |forecast − actual| by "
        "actual; the bias is forecast less actual. Both are shown once the quarter is over."
    ),
)

QUOTA_REPORTS = (attainment,)
FORECAST_REPORTS = (accuracy,)
