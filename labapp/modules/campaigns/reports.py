"""Reports on campaigns: what each brought for its cost, and the tasks and events of all (004 §2.7, 003 §2-1)."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp.modules.campaigns.models import Campaign
from labapp.modules.campaigns.results import NUMBERS, Result, filters, made, return_on
from labapp.records import query
from labapp.records.describe import ELSEWHERE, Column, Filters, Report, ReportRow
from labapp.records.figure_sums import Sums
from labapp.records.figures import added_up
from labapp.records.report_kinds import COUNT, Measure, amount, grouped
from labapp.records.reports import Ask
from labapp.records.values import CENT

MOST = 200
SHOWN = ("members", "responses", "leads", "opportunities", "won", "revenue")
KINDS = {"members": "campaign_member", "responses": "campaign_member", "leads": "lead"}


def effect_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(_l("Campaign")),
        Column(_l("Members"), numeric=True, counts=True),
        Column(_l("Responses"), numeric=True, counts=True),
        Column(_l("Leads"), numeric=True, counts=True),
        Column(_l("Opportunities"), numeric=True, counts=True),
        Column(_l("Won"), numeric=True, counts=True),
        Column(_l("Revenue won"), numeric=True, money=True),
        Column(_l("Actual cost"), numeric=True, money=True),
        Column(_l("Return on cost"), numeric=True, percent=True),
    )


def effect_rows(ask: Ask) -> list[ReportRow]:
    """One line per campaign, the newest first, at most 200, and the total of these."""
    columns = Campaign.id, Campaign.name, Campaign.actual_cost
    asked = select(*columns).where(*ask.where(ask.filters)).order_by(Campaign.id.desc()).limit(MOST)
    campaigns = query.answers(asked, ask.actor)
    if not campaigns:
        return []
    numbers = numbers_of(ask, [row.id for row in campaigns])
    results = [made(row.id, row.actual_cost, numbers.get(row.id, {})) for row in campaigns]
    rows = [line(row.name, result) for row, result in zip(campaigns, results, strict=True)]
    return [*rows, total(results)]


def numbers_of(ask: Ask, ids: list[int]) -> dict[int, dict[str, Any]]:
    """The numbers of these campaigns that the reader sees: one statement per kind."""
    found: dict[int, dict[str, Any]] = {}
    for model in dict.fromkeys(model for model, _number in NUMBERS.values()):
        names = [name for name, (kind, _number) in NUMBERS.items() if kind is model]
        wanted = model.campaign_id.in_(ids)
        sums = Sums(model, model.campaign_id, [NUMBERS[name][1]() for name in names], (wanted,))
        for campaign_id, numbers in added_up(ask.actor, sums):
            found.setdefault(campaign_id, {}).update(zip(names, numbers, strict=True))
    return found


def line(name: str, result: Result) -> ReportRow:
    values = [getattr(result, shown) for shown in SHOWN]
    links = [behind(shown, result.campaign_id) for shown in SHOWN]
    return ReportRow(
        (name, *values, result.cost, result.roi), (None, *links), url=f"/campaigns/{result.campaign_id}"
    )


def behind(shown: str, campaign_id: int) -> Filters:
    """The list of another kind that a number counts."""
    return {ELSEWHERE: (KINDS.get(shown, "opportunity"),), **filters(shown, campaign_id)}


def total(results: list[Result]) -> ReportRow:
    counts = [sum(getattr(result, shown) for result in results) for shown in SHOWN[:-1]]
    revenue = sum((result.revenue for result in results), Decimal(0)).quantize(CENT)
    cost = sum((result.cost or Decimal(0) for result in results), Decimal(0)).quantize(CENT)
    return ReportRow((_("Total"), *counts, revenue, cost, return_on(revenue, cost)), records=None, total=True)


effect = Report(
    "effect",
    _l("What campaigns brought"),
    effect_rows,
    effect_columns,
    series=(6, 7),
    conditions=("from", "to", "owner", "campaign_type", "status", "industry"),
    dated="start_date",
    explain=_l("Members, leads and sales that you may see, revenue won and what came back on the cost."),
)
by_status = grouped(
    "status",
    _l("Campaigns by status"),
    (
        COUNT,
        Measure(_l("Budget"), value=lambda model: func.coalesce(model.budget, 0)),
        Measure(_l("Actual cost"), value=lambda model: func.coalesce(model.actual_cost, 0)),
    ),
    groups=("status", "campaign_type", "industry", "owner", "month"),
    conditions=("from", "to", "owner", "campaign_type", "status", "industry"),
    dated="start_date",
    explain=_l("How many campaigns there are in each state, with budget and cost."),
)
REPORTS = (effect, by_status)


def of_campaigns(ask: Ask) -> Filters:
    return {"related_kind": ("campaign",)}


activity_report = grouped(
    "campaign-tasks",
    _l("Tasks and events of campaigns"),
    (
        COUNT,
        Measure(_l("Open"), {"status": ("open",)}),
        Measure(_l("Done"), {"status": ("done",)}),
        Measure(_l("Cancelled"), {"status": ("cancelled",)}),
        Measure(_l("Share done"), share=(2, 0)),
    ),
    groups=("related", "status", "activity_type", "owner", "month"),
    conditions=("from", "to", "owner", "status", "activity_type", "priority"),
    base=of_campaigns,
    dated="due_at",
    series=(2, 3),
    explain=_l("Tasks and events that belong to campaigns, by campaign, status, type, person or month."),
    family="leads",
)
CONDITIONS = ("from", "to", "owner", "source")
leads_report = grouped(
    "campaign",
    _l("Leads by campaign"),
    (
        COUNT,
        Measure(_l("Converted"), {"status": ("converted",)}),
        Measure(_l("Conversion rate"), share=(1, 0)),
    ),
    groups=("campaign", "status", "owner", "month"),
    conditions=("from", "to", "owner", "source", "status"),
    series=(1, 2),
    explain=_l("How many leads each campaign brought, and how many became customers."),
)
sales_report = grouped(
    "campaign",
    _l("Sales by campaign"),
    (COUNT, Measure(_l("Won"), {"stage": ("won",)}), amount(_l("Amount won"), stage=("won",))),
    groups=("campaign", "stage", "owner", "month"),
    conditions=CONDITIONS,
    dated="close_date",
    series=(3,),
    family="sales",
    explain=_l("Which opportunities and which revenue each campaign brought."),
)
