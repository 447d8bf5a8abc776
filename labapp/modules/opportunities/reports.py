"""Reports on sales: the pipeline, what was won and lost and why, how long and how well (004 §2.4, §2.9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp.modules.opportunities.stages import LOST, WON, book_of
from labapp.records import query
from labapp.records.describe import Column, Filters, Report, ReportRow
from labapp.records.report_kinds import COUNT, Measure, amount, grouped, listed
from labapp.records.reports import Ask, merged
from labapp.records.words import language

CONDITIONS = ("from", "to", "owner", "source", "opportunity_type")
GROUPS = ("owner", "position", "month", "source", "opportunity_type", "customer")
DAY = 86_400
TENTH = Decimal("0.1")


def weighted(model: Any) -> Any:
    """Amount times probability: what the pipeline is worth (001 §5.4)."""
    return func.coalesce(model.amount, 0) * func.coalesce(model.probability, 0) / 100


def open_ones(ask: Ask) -> Filters:
    stages = (s.key for s in book_of(ask.actor).values("stage") if s.outcome == "open")
    return {"stage": tuple(key for key in stages if key not in (WON, LOST))}


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


@dataclass
class Stays:
    """How long opportunities stay in one stage: those there now, and stays that are over. Seconds."""

    now: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)


def dwell_columns(ask: Ask) -> tuple[Column, ...]:
    return (
        Column(_l("Stage")),
        Column(_l("There now"), numeric=True, counts=True),
        Column(_l("Days so far, average"), numeric=True),
        Column(_l("Days so far, longest"), numeric=True),
        Column(_l("Stays that are over"), numeric=True),
        Column(_l("Days stayed, average"), numeric=True),
    )


def dwell_rows(ask: Ask) -> list[ReportRow]:
    """Per open stage how many stand in it and for how long, and how long the stays took that are over."""
    found = stays_of(ask)
    known = [s for s in book_of(ask.actor).values("stage") if s.key in open_ones(ask)["stage"]]
    rows = []
    for stage in known:
        stays, here = found.get(stage.key, Stays()), merged(ask.filters, {"stage": (stage.key,)})
        rows.append(_dwell_row(stage.name(language()), stays, here))
    everything = Stays(
        [s for key in found for s in found[key].now], [s for key in found for s in found[key].over]
    )
    return [*rows, _dwell_row(_("Total"), everything, merged(ask.filters, open_ones(ask)), total=True)]


def _dwell_row(label: Any, stays: Stays, here: Filters | None, *, total: bool = False) -> ReportRow:
    longest = days(max(stays.now)) if stays.now else None
    values = (label, len(stays.now), mean(stays.now), longest, len(stays.over), mean(stays.over))
    return ReportRow(values, (here, here), records=len(stays.now), total=total)


def stays_of(ask: Ask) -> dict[str, Stays]:
    """The stays of all opportunities asked for, by open stage. One statement."""
    model, now, wanted = ask.model, ask.actor.lab_now, set(open_ones(ask)["stage"])
    columns = (model.stage, func.coalesce(model.stage_since, model.created_at), model.stage_history)
    found: dict[str, Stays] = {key: Stays() for key in wanted}
    for stage, since, history in query.answers(select(*columns).where(*ask.where(ask.filters)), ask.actor):
        if stage in wanted:
            found[stage].now.append((now - since).total_seconds())
        for key, seconds in past_stays(history or ()):
            if key in wanted:
                found[key].over.append(seconds)
    return found


def past_stays(history: Sequence[dict[str, str]]) -> Iterable[tuple[str, float]]:
    """(stage, seconds) of stays that are over."""
    for stay in history:
        start, end = (datetime.fromisoformat(stay[name]) for name in ("entered_at", "left_at"))
        yield stay["stage"], (end - start).total_seconds()


def days(seconds: float) -> Decimal:
    """Days with one decimal."""
    return (Decimal(int(seconds)) / DAY).quantize(TENTH, ROUND_HALF_UP)


def mean(seconds: Sequence[float]) -> Decimal | None:
    return days(sum(seconds) / len(seconds)) if seconds else None


dwell = Report(
    "dwell",
    _l("Time in each stage"),
    dwell_rows,
    dwell_columns,
    conditions=("from", "to", "owner", "source", "opportunity_type"),
    series=(2, 5),
    explain=_l("Days on the clock of the sandbox. From and to speak of the day the opportunity was created."),
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

REPORTS = (pipeline, sales, won, lost, win_rate, dwell, team, personal, by_tag)
