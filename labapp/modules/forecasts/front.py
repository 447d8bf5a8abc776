"""The first page of forecasts: a quarter with the reader's own figures and the roll-up of everybody in scope."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.rules import granted
from labapp.modules.forecasts.figures import Standing
from labapp.modules.forecasts.models import Forecast
from labapp.modules.forecasts.reading import standings
from labapp.modules.forecasts.rollup import MEMBER, PLACE, Line, rolled_up, scope, works_here
from labapp.modules.forecasts.rules import of_quarter
from labapp.modules.forecasts.submissions import Submission, submissions
from labapp.records import query
from labapp.records.fiscal import QUARTERS, Quarter, fiscal_calendar, is_year, this_quarter
from labapp.records.question import Question
from labapp.values import dataclass

DRAWN = 24
YEARS_BACK, YEARS_ON = 3, 1


@dataclass(frozen=True)
class Span:
    """A quarter as the page names it: its days, where it lies from today, and its neighbours."""

    quarter: Quarter
    first: date
    last: date
    over: bool
    running: bool

    def address(self, quarters: int) -> str:
        return address_of(self.quarter.plus(quarters))


@dataclass(frozen=True)
class Front:
    """What the page shows of a quarter. `mine` is None for readers who sell nothing themselves."""

    span: Span
    mine: Standing | None
    forecast: Forecast | None
    history: Sequence[Submission]
    lines: Sequence[Line]
    chart: dict[str, Any] | None
    may_submit: bool

    @property
    def team(self) -> bool:
        """Whether there is anybody but the reader to roll up."""
        return sum(line.kind == MEMBER for line in self.lines) > (1 if self.mine else 0)


def address_of(quarter: Quarter) -> str:
    return f"/forecasts/?year={quarter.year}&quarter={quarter.quarter}"


def span_of(actor: Actor, quarter: Quarter) -> Span:
    calendar, today = fiscal_calendar(actor), actor.lab_now.date()
    first, last = calendar.first_day(quarter), calendar.last_day(quarter)
    return Span(quarter, first, last, last < today, first <= today <= last)


def quarter_asked(actor: Actor, question: Question) -> Quarter | None:
    """The quarter of the address, else the one that runs; None where the list was asked for something else."""
    said = dict(question.pairs)
    plain = not question.q and not question.after and question.sort == "-id"
    if not plain or said.keys() - {"year", "quarter"} or len(said) != len(question.pairs):
        return None
    now = this_quarter(actor)
    try:
        asked = Quarter(int(said.get("year", now.year)), int(said.get("quarter", now.quarter)))
    except ValueError:
        return None
    return asked if is_year(asked.year) and asked.quarter in QUARTERS else None


def front_of(actor: Actor, question: Question) -> Front | None:
    """The page above the list; None where the list was asked for something else than a quarter."""
    quarter = quarter_asked(actor, question)
    if quarter is None:
        return None
    span = span_of(actor, quarter)
    sells = works_here(actor.member)
    found = standings(actor, quarter, [*scope(actor), *([actor.id] if sells else [])])
    mine = found.get(actor.id) if sells else None
    forecast = mine_of(actor, quarter) if mine and mine.forecast_id else None
    lines = rolled_up(actor, found)
    return Front(
        span,
        mine,
        forecast,
        submissions(actor, forecast) if forecast else [],
        lines,
        chart_of(lines),
        sells and not span.over and granted(actor, "forecast", "create"),
    )


def mine_of(actor: Actor, quarter: Quarter) -> Forecast | None:
    """The actor's own forecast of the quarter."""
    return next(iter(query.rows(Forecast, actor, *of_quarter(Forecast, actor.id, quarter), limit=1)), None)


def years_offered(actor: Actor, quarter: Quarter) -> list[int]:
    now = this_quarter(actor).year
    return sorted({quarter.year, *range(now - YEARS_BACK, now + YEARS_ON + 1)})


def chart_of(lines: Sequence[Line]) -> dict[str, Any] | None:
    """Bars per member, or per position where members are too many to be told apart; None for one person alone."""
    members = [line for line in lines if line.kind == MEMBER]
    drawn = members if len(members) <= DRAWN else [line for line in lines if line.kind == PLACE][:DRAWN]
    if len(members) < 2:
        return None
    series = (
        (_("Quota"), "quota"),
        (_("Completed"), "completed"),
        (_("Expected, adjusted"), "adjusted_expected"),
        (_("Best case, adjusted"), "adjusted_best"),
    )
    return {
        "labels": [line.label for line in drawn],
        "series": [
            {"label": label, "values": [float(getattr(line.figures, name) or 0) for line in drawn]}
            for label, name in series
        ],
        "urls": None,
        "unit": "wan",
    }


def accuracy_chart(lines: Sequence[Line]) -> dict[str, Any] | None:
    """Forecast beside actual, per member who submitted one."""
    told = [line for line in lines if line.kind == MEMBER and line.figures.expected is not None][:DRAWN]
    if not told:
        return None
    series = ((_("Forecast"), "expected"), (_("Adjusted"), "adjusted_expected"), (_("Actual"), "completed"))
    return {
        "labels": [line.label for line in told],
        "series": [
            {"label": label, "values": [float(getattr(line.figures, name) or 0) for line in told]}
            for label, name in series
        ],
        "urls": None,
        "unit": "wan",
    }
