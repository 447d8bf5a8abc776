"""Reports on sales: the pipeline, what was won and lost and why, how long and how well (004 §2.4, §2.9)."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l

from labapp.modules.opportunities.dwell import bottleneck, dwell, open_ones, weighted
from labapp.modules.opportunities.stages import LOST, WON
from labapp.records.describe import Filters
from labapp.records.report_kinds import COUNT, Measure, amount, grouped, listed
from labapp.records.reports import Ask

CONDITIONS = ("from", "to", "owner", "source", "opportunity_type")
GROUPS = ("owner", "position", "month", "source", "opportunity_type", "customer")
DAY = 86_400
TENTH = Decimal("0.1")


def won_ones(ask: Ask) -> Filters:
    return {"stage": (WON,)}


def lost_ones(ask: Ask) -> Filters:
    return {"stage": (LOST,)}


def closed_ones(ask: Ask) -> Filters:
    return {"stage": (WON, LOST)}


def my_own(ask: Ask) -> Filters:
    return {"mine": ("1",)}


WON_COUNT = Measure(_l("Won"), {"stage": (WON,)})
LOST_COUNT = Measure(_l("Lost"), {"stage": (LOST,)})
PERFORMANCE = (
    WON_COUNT,
    amount(_l("Amount won"), stage=(WON,)),
    LOST_COUNT,
    Measure(_l("Win rate"), share=(0, 4)),
    Measure(_l("Closed"), {"stage": (WON, LOST)}),
)

pipeline = grouped(
    "pipeline",
    _l("Pipeline by stage"),
    (COUNT, amount(_l("Amount")), Measure(_l("Weighted amount"), value=weighted)),
    groups=("stage", *GROUPS),
    conditions=CONDITIONS,
    base=open_ones,
    dated="close_date",
    chart="funnel",
    series=(2, 3),
    explain=_l("Open opportunities. The weighted amount is the amount times the probability of its stage."),
)

won = listed(
    "won",
    _l("Won opportunities"),
    ("name", "customer_id", "amount", "close_date", "source", "owner_id"),
    (COUNT, amount(_l("Amount"))),
    groups=GROUPS,
    conditions=CONDITIONS,
    base=won_ones,
    dated="close_date",
    series=(2,),
    explain=_l("Every opportunity that was won, with customer, amount and close date."),
    family="sales",
)

lost = listed(
    "lost",
    _l("Lost opportunities and why"),
    ("name", "customer_id", "amount", "lost_reason", "close_date", "owner_id"),
    (COUNT, amount(_l("Amount"))),
    groups=("lost_reason", *GROUPS),
    conditions=(*CONDITIONS, "lost_reason"),
    base=lost_ones,
    dated="close_date",
    explain=_l("What was lost and for which reason."),
)

win_rate = grouped(
    "win-rate",
    _l("Win rate"),
    (WON_COUNT, LOST_COUNT, Measure(_l("Closed")), Measure(_l("Win rate"), share=(0, 2))),
    groups=GROUPS,
    conditions=CONDITIONS,
    base=closed_ones,
    dated="close_date",
    series=(1, 2),
    explain=_l("Won and lost against each other."),
)

sales = grouped(
    "sales",
    _l("Sales amount over time"),
    (amount(_l("Amount won")), Measure(_l("Won"))),
    groups=("month", "owner", "position", "source", "opportunity_type", "customer"),
    conditions=CONDITIONS,
    base=won_ones,
    dated="close_date",
    chart="line",
    explain=_l("What was won in each month, and whether it grows."),
    family="sales",
)

personal = grouped(
    "personal",
    _l("My sales performance"),
    PERFORMANCE,
    groups=("month", "stage", "source", "customer", "opportunity_type"),
    conditions=("from", "to", "source", "opportunity_type"),
    base=my_own,
    dated="close_date",
    series=(2,),
    explain=_l("Your own opportunities only."),
    family="sales",
)

team = grouped(
    "team",
    _l("Sales performance by person and department"),
    PERFORMANCE,
    groups=("owner", "position", "month", "stage"),
    conditions=CONDITIONS,
    dated="close_date",
    series=(2,),
    explain=_l("Everybody whose opportunities you may see, and the total."),
    family="sales",
)


by_tag = grouped(
    "tags",
    _l("Opportunities by tag"),
    (COUNT, amount(_l("Amount"))),
    groups=("tags", *GROUPS),
    conditions=CONDITIONS,
    series=(1,),
    explain=_l("What is in the making, by tag."),
)

REPORTS = (pipeline, sales, won, lost, win_rate, bottleneck, dwell, team, personal, by_tag)
