"""Reports of the service desk, by month and by fiscal year (004 §2.8, 003 二-1)."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, func

from labapp.modules.tickets.models import COMPLAINT, FEEDBACK, HANDLED, SERVICE
from labapp.records.describe import Column, Filters, Report, ReportRow
from labapp.records.report_kinds import COUNT, Measure, group_columns, group_rows, grouped
from labapp.records.reports import Ask
from labapp.values import dataclass

CONDITIONS = ("from", "to", "owner", "kind", "priority", "status", "channel")
GROUPS = (
    *("month", "fiscal_year", "status", "priority", "channel"),
    *("customer", "product", "assignee", "owner", "position"),
)
TENTH = Decimal("0.1")
HOURS = _l("Mean times are hours of working time, waiting for the customer left out.")


def of_kind(*kinds: str, handled: bool = False) -> Callable[[Ask], Filters]:
    """The filters of tickets of these kinds, all or those that are done."""
    found: dict[str, tuple[str, ...]] = {"kind": kinds}
    return lambda ask: {**found, "status": HANDLED} if handled else found


@dataclass(frozen=True)
class Mean:
    """The mean of a column over the records that have it, in units of `per`."""

    label: Any
    column: str
    per: int = 60

    def total(self, model: Any) -> Any:
        return func.coalesce(getattr(model, self.column), 0)

    def filled(self, model: Any) -> Any:
        return case((getattr(model, self.column).is_not(None), 1), else_=0)


RESPONSE = Mean(_l("First response (h)"), "response_minutes")
RESOLUTION = Mean(_l("Resolution (h)"), "resolution_minutes")
SATISFACTION = Mean(_l("Satisfaction"), "satisfaction", per=1)


def averaged(
    name: str, label: Any, measures: Sequence[Measure], means: Sequence[Mean], **more: Any
) -> Report:
    """A report of numbers by group like any other, with columns of means behind them."""
    hidden = [Measure("", value=part) for mean in means for part in (mean.total, mean.filled)]
    everything = (*measures, *hidden)

    def columns(ask: Ask) -> tuple[Column, ...]:
        shown = group_columns(ask, measures)
        return (*shown, *(Column(mean.label, numeric=True) for mean in means))

    def rows(ask: Ask) -> list[ReportRow]:
        return [_with_means(row, len(measures) + 1, means) for row in group_rows(ask, everything)]

    return Report(name, label, rows, columns, **more)


def _with_means(row: ReportRow, shown: int, means: Sequence[Mean]) -> ReportRow:
    """The row with means in the place of the sums and counts behind its shown numbers."""
    found = []
    for number, mean in enumerate(means):
        total, count = row.values[shown + 2 * number : shown + 2 * number + 2]
        found.append(_quotient(total, count, mean.per))
    links = (*row.links[:shown], *(None for _mean in means))
    return ReportRow((*row.values[:shown], *found), links, row.url, row.records, row.total)


def _quotient(total: Any, count: Any, per: int) -> Decimal | None:
    if not count:
        return None
    return (Decimal(total) / Decimal(count) / per).quantize(TENTH, ROUND_HALF_UP)


HANDLED_COUNT = Measure(_l("Handled"), {"status": HANDLED})
OVERDUE_COUNT = Measure(_l("Overdue"), {"overdue": ("1",)})
EVERYTHING = (
    COUNT,
    Measure(_l("Feedback"), {"kind": (FEEDBACK,)}),
    Measure(_l("Feedback handled"), {"kind": (FEEDBACK,), "status": HANDLED}),
    Measure(_l("Complaints"), {"kind": (COMPLAINT,)}),
    Measure(_l("Complaints handled"), {"kind": (COMPLAINT,), "status": HANDLED}),
    Measure(_l("Service tasks"), {"kind": (SERVICE,)}),
    OVERDUE_COUNT,
)
COMMON: dict[str, Any] = {"groups": GROUPS, "conditions": CONDITIONS, "dated": "submitted_at"}

overview = averaged(
    "overview",
    _l("Service by month and fiscal year"),
    EVERYTHING,
    (RESPONSE, RESOLUTION, SATISFACTION),
    series=(2, 4, 6),
    explain=HOURS,
    **COMMON,
)
feedback = grouped(
    "feedback",
    _l("Feedback"),
    (COUNT, HANDLED_COUNT, Measure(_l("Handled (%)"), share=(1, 0))),
    base=of_kind(FEEDBACK),
    series=(1, 2),
    **COMMON,
    explain=_l("Feedback that came in, by customer, product and channel."),
)
complaints = grouped(
    "complaints",
    _l("Complaints"),
    (COUNT, HANDLED_COUNT, OVERDUE_COUNT, Measure(_l("Handled (%)"), share=(1, 0))),
    base=of_kind(COMPLAINT),
    series=(1, 2),
    **COMMON,
    explain=_l("Complaints that came in, by customer, product and channel."),
)
handled_feedback = averaged(
    "handled-feedback",
    _l("Handled feedback"),
    (COUNT,),
    (RESPONSE, RESOLUTION, SATISFACTION),
    base=of_kind(FEEDBACK, handled=True),
    explain=HOURS,
    **COMMON,
)
handled_complaints = averaged(
    "handled-complaints",
    _l("Handled complaints"),
    (COUNT, OVERDUE_COUNT),
    (RESPONSE, RESOLUTION, SATISFACTION),
    base=of_kind(COMPLAINT, handled=True),
    explain=HOURS,
    **COMMON,
)
complaint_time = averaged(
    "complaint-time",
    _l("How long complaints take"),
    (COUNT, OVERDUE_COUNT),
    (RESOLUTION, RESPONSE),
    base=of_kind(COMPLAINT, handled=True),
    series=(3,),
    explain=HOURS,
    **COMMON,
)
team = averaged(
    "team",
    _l("Service by assignee"),
    (COUNT, Measure(_l("Handled"), {"status": HANDLED}), OVERDUE_COUNT),
    (RESPONSE, RESOLUTION, SATISFACTION),
    series=(1, 2),
    explain=HOURS,
    **{**COMMON, "groups": ("assignee", *(g for g in GROUPS if g != "assignee"))},
)
REPORTS = (overview, feedback, complaints, handled_feedback, handled_complaints, complaint_time, team)

satisfaction = averaged(
    "satisfaction",
    _l("Customer care survey"),
    (COUNT,),
    (
        Mean(_l("Satisfied with us"), "satisfaction", per=1),
        Mean(_l("Products"), "product_quality", per=1),
        Mean(_l("Service"), "service_quality", per=1),
        Mean(_l("Would recommend us"), "recommend", per=1),
    ),
    groups=("month", "fiscal_year", "customer", "channel", "owner", "position"),
    conditions=("from", "to", "owner", "channel"),
    dated="asked_on",
    series=(2, 3, 4),
    explain=_l("Marks from 1 to 5 that customers gave when they were asked."),
)
SURVEY_REPORTS = (satisfaction,)
