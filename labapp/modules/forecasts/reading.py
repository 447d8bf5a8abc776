"""Reading the figures of a quarter for many members at once: four statements, however many they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.modules.forecasts.figures import Figures, Standing, Word, cents, height_above
from labapp.modules.forecasts.models import Adjustment, Forecast, Quota
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stages import CLOSED, WON
from labapp.records import query
from labapp.records.fiscal import Quarter, fiscal_calendar


def standings(actor: Actor, quarter: Quarter, owners: Iterable[int]) -> dict[int, Standing]:
    """The standing of each of these members, as far as the actor sees it."""
    wanted = sorted(set(owners))
    found = {owner: Figures() for owner in wanted}
    for owner, amount in quotas(actor, quarter, wanted):
        found[owner] = replace(found[owner], quota=cents(amount))
    for owner, completed, weighted in sales(actor, quarter, wanted):
        found[owner] = replace(found[owner], completed=cents(completed), weighted=cents(weighted))
    forecasts = {row.owner_id: row for row in submitted(actor, quarter, wanted)}
    words = words_on(actor, list(forecasts.values()))
    return {owner: standing(owner, found[owner], forecasts.get(owner), words) for owner in wanted}


def standing(owner: int, figures: Figures, forecast: Any, said: Mapping[int, tuple[Word, ...]]) -> Standing:
    """A member's standing; the last of the words, the highest superior's, is the adjusted figure."""
    if forecast is None:
        return Standing(owner, figures)
    expected, best = cents(forecast.expected_amount), cents(forecast.best_case_amount)
    words = said.get(forecast.id, ())
    last = words[-1] if words else None
    figures = replace(
        figures,
        expected=expected,
        best=best,
        adjusted_expected=last.expected if last else expected,
        adjusted_best=last.best if last else best,
    )
    return Standing(owner, figures, forecast.id, forecast.updated_at, words)


def of(model: Any) -> tuple[Any, ...]:
    """Those of a quarter and of some members."""
    owned = model.owner_id.in_(bindparam("owners", expanding=True))
    return model.year == bindparam("year"), model.quarter == bindparam("quarter"), owned


def quotas(actor: Actor, quarter: Quarter, owners: Sequence[int]) -> Sequence[Any]:
    """(member, quota) of those who have one."""
    return read(
        actor, "quotas of a quarter", _quotas, year=quarter.year, quarter=quarter.quarter, owners=owners
    )


def _quotas(visible: Visible) -> Any:
    chosen = select(Quota.owner_id, func.sum(Quota.amount)).where(*of(Quota), visible(Quota))
    return chosen.group_by(Quota.owner_id)


def sales(actor: Actor, quarter: Quarter, owners: Sequence[int]) -> Sequence[Any]:
    """(member, completed, weighted pipeline): opportunities that close in the quarter (product.md §5.5)."""
    calendar = fiscal_calendar(actor)
    days = {"first": calendar.first_day(quarter), "last": calendar.last_day(quarter)}
    return read(actor, "sales of a quarter", _sales, owners=owners, **days)


def _sales(visible: Visible) -> Any:
    o = Opportunity
    amount = func.coalesce(o.amount, 0)
    weighted = amount * func.coalesce(o.probability, 0) / 100
    chosen = select(
        o.owner_id,
        func.sum(case((o.stage == WON, amount), else_=0)),
        func.sum(case((o.stage.not_in(CLOSED), weighted), else_=0)),
    ).where(
        o.owner_id.in_(bindparam("owners", expanding=True)),
        o.close_date.between(bindparam("first"), bindparam("last")),
        visible(o),
    )
    return chosen.group_by(o.owner_id)


def submitted(actor: Actor, quarter: Quarter, owners: Sequence[int]) -> Sequence[Any]:
    """The forecasts of these members for the quarter, oldest first."""
    return read(
        actor, "forecasts of a quarter", _submitted, year=quarter.year, quarter=quarter.quarter, owners=owners
    )


def _submitted(visible: Visible) -> Any:
    columns = Forecast.id, Forecast.owner_id, Forecast.expected_amount, Forecast.best_case_amount
    chosen = select(*columns, Forecast.updated_at).where(*of(Forecast), visible(Forecast))
    return chosen.order_by(Forecast.id)


def words_on(actor: Actor, forecasts: Sequence[Any]) -> dict[int, tuple[Word, ...]]:
    """Superiors' words by the id of the forecast they are about, the highest superior's last.

    The word of somebody who does not stand above the member any more counts no longer.
    """
    if not forecasts:
        return {}
    by_id = {row.id: row for row in forecasts}
    columns = Adjustment.id, Adjustment.forecast_id, Adjustment.owner_id, Adjustment.expected_amount
    more = Adjustment.best_case_amount, Adjustment.reason, Adjustment.updated_at
    chosen = select(*columns, *more).where(Adjustment.forecast_id.in_(sorted(by_id)))
    found: dict[int, list[Word]] = {}
    for row in query.answers(chosen, actor):
        forecast = by_id[row.forecast_id]
        height = height_above(actor.directory, row.owner_id, forecast.owner_id)
        if height is not None:
            found.setdefault(forecast.id, []).append(word(row, forecast, height))
    return {forecast_id: tuple(sorted(said, key=_lowest_first)) for forecast_id, said in found.items()}


def word(row: Any, forecast: Any, height: int) -> Word:
    amounts = cents(row.expected_amount), cents(row.best_case_amount)
    late = forecast.updated_at > row.updated_at
    return Word(row.id, row.owner_id, *amounts, row.reason, row.updated_at, late, height)


def _lowest_first(said: Word) -> tuple[int, datetime, int]:
    return -said.height, said.at, said.id
