"""Reports on customers: whose, since when, how reached, how they grow (004 §2.3, §2.9)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.modules.customers.segments import won_total
from labapp.records.describe import Column, Filters, Report, ReportRow
from labapp.records.report_groups import days_of, month_days, month_of, span
from labapp.records.report_kinds import COUNT, Measure, grouped, listed, measured
from labapp.records.reports import Ask, merged

CONDITIONS = ("from", "to", "owner", "industry", "source", "level", "customer_type", "nature")
GROUPS = ("level", "industry", "source", "nature", "customer_type", "province", "owner", "position", "month")
RECENT = ("days", "owner", "industry", "source", "level", "customer_type", "nature")


def my_own(ask: Ask) -> Filters:
    return {"mine": ("1",)}


def quiet(ask: Ask) -> Filters:
    return {"quiet_days": (str(ask.days),)}


def new(ask: Ask) -> Filters:
    """Made within the last so many days of lab time, today among them."""
    first = ask.actor.lab_now.date() - timedelta(days=ask.days - 1)
    return {"created_at_from": (first.isoformat(),)}


mine = listed(
    "mine",
    _l("My customers"),
    ("number", "name", "level", "industry", "city", "phone", "last_contacted_at"),
    (COUNT,),
    groups=GROUPS,
    conditions=tuple(name for name in CONDITIONS if name != "owner"),
    base=my_own,
    explain=_l("Your own customers with how to reach them."),
)
neglected = listed(
    "neglected",
    _l("Neglected customers"),
    ("number", "name", "level", "phone", "last_contacted_at", "created_at", "owner_id"),
    (COUNT,),
    groups=("owner", *(name for name in GROUPS if name != "owner")),
    conditions=RECENT,
    base=quiet,
    explain=_l("Nobody was in contact with them for so many days, nor are they newer than that."),
)
by_owner = grouped(
    "owner",
    _l("Customers by owner"),
    (COUNT,),
    groups=("owner", *(name for name in GROUPS if name != "owner")),
    conditions=CONDITIONS,
    explain=_l("How many customers each person looks after."),
)
newest = listed(
    "new",
    _l("New customers"),
    ("number", "name", "source", "level", "phone", "created_at", "owner_id"),
    (COUNT,),
    groups=GROUPS,
    conditions=RECENT,
    base=new,
    explain=_l("Open the list behind the total to select customers and take care of them."),
)
contact_methods = listed(
    "contact-methods",
    _l("How to reach customers"),
    ("number", "name", "phone", "fax", "email", "website", "province", "city", "address", "postcode"),
    (COUNT,),
    groups=GROUPS,
    conditions=CONDITIONS,
    explain=_l("Telephone, fax, e-mail and address of every customer in sight."),
)


def analysis(field: str, label: Any) -> Report:
    """Customers by one field."""
    groups = (field, *(name for name in GROUPS if name != field))
    told = _l("How many customers there are of each, also by owner, department and month.")
    name = field.replace("_", "-")
    return grouped(name, label, (COUNT,), groups=groups, conditions=CONDITIONS, explain=told)


def trend_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(_l("Month")),
        Column(_l("Newly added"), numeric=True, counts=True),
        Column(_l("All so far"), numeric=True, counts=True),
    )


def trend_rows(ask: Ask) -> list[ReportRow]:
    """Per month the new customers and all there were at its end (004 §2.3)."""
    before = {name: values for name, values in ask.filters.items() if name != "created_at_from"}
    found = measured(ask, (COUNT,), month_of(ask.model.created_at), before)
    made = {month: numbers[0] for month, numbers in found}
    return [_month_row(ask, made, month, before) for month in months_shown(ask, sorted(made))]


def months_shown(ask: Ask, months: Sequence[str]) -> list[str]:
    """From the first month that is asked for, or that has something, to the last that has something."""
    start = ask.filters.get("created_at_from", ("",))[0][:7]
    return [month for month in span(list(months)) if month >= start]


def _month_row(ask: Ask, made: dict[str, int], month: str, before: Filters) -> ReportRow:
    last = {"created_at_to": (month_days(month)[1],)}
    inside = merged(ask.filters, days_of(ask, month))
    total = sum(number for other, number in made.items() if other <= month)
    first = ask.filters.get("created_at_from", ("",))[0]
    new_here = made.get(month, 0) if first <= f"{month}-01" else counted(ask, inside or {})
    return ReportRow((month, new_here, total), (inside, inside, merged(before, last)), records=new_here)


def counted(ask: Ask, filters: Filters) -> int:
    """How many there are in a month that is asked for from its middle."""
    found = measured(ask, (COUNT,), month_of(ask.model.created_at), filters)
    return sum(numbers[0] for _month, numbers in found)


trend = Report(
    "trend",
    _l("Growth of customers"),
    trend_rows,
    trend_columns,
    chart="line",
    series=(1, 2),
    conditions=CONDITIONS,
    explain=_l("How many customers came each month, and how many there are in all."),
)

VALUE = (
    COUNT,
    Measure(_l("With a purchase"), {"purchases": ("once", "repeat")}),
    Measure(_l("Bought again"), {"purchases": ("repeat",)}),
    Measure(_l("Repeat rate"), share=(2, 1)),
    Measure(_l("Lifetime value"), value=won_total),
)
by_segment = grouped(
    "segment",
    _l("Customers by segment"),
    (COUNT,),
    groups=("segment", *GROUPS),
    conditions=CONDITIONS,
    explain=_l(
        "Segments follow rules: at risk and lost by the days without contact, high value by what was won in the "
        "last 12 months, potential by the open pipeline. The first rule that holds decides, in the order lost, at "
        "risk, high value, potential. Sales that you cannot see do not count."
    ),
)
by_value = grouped(
    "value",
    _l("Repeat rate and lifetime value"),
    VALUE,
    groups=("level", *(name for name in GROUPS if name != "level"), "segment"),
    conditions=CONDITIONS,
    series=(2, 3),
    explain=_l(
        "How many bought at all, how many of these bought again, and what all of it comes to. Sales that you cannot "
        "see do not count."
    ),
)
by_tag = grouped(
    "tags",
    _l("Customers by tag"),
    (COUNT,),
    groups=("tags", *GROUPS),
    conditions=CONDITIONS,
    explain=_l("A customer with two tags is in both lines, in the total once."),
)

REPORTS = (
    mine,
    neglected,
    by_owner,
    newest,
    contact_methods,
    analysis("source", _l("Customers by source")),
    analysis("industry", _l("Customers by industry")),
    analysis("nature", _l("Customers by nature of company")),
    analysis("level", _l("Customers by level")),
    trend,
    by_segment,
    by_value,
    by_tag,
)
