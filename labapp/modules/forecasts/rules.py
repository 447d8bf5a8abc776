"""What holds for quotas, forecasts and adjustments whenever one is written (004 §2.6, §2.11-1)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.access.rules import may_give
from labapp.modules.forecasts.models import Adjustment, Forecast, Quota
from labapp.notices.board import Words, tell
from labapp.records.cells import money
from labapp.records.dependents import dependents
from labapp.records.describe import Rules
from labapp.records.fiscal import FIRST_YEAR, LAST_YEAR, QUARTERS, Quarter, fiscal_calendar, is_year
from labapp.records.past import bring_back


def wrong(name: str, sentence: Any) -> None:
    raise Invalid(sentence, {name: sentence})


def quarter_said(values: Mapping[str, Any]) -> Quarter:
    """The quarter of a new quota or forecast. Raises Invalid."""
    year, quarter = values.get("year"), values.get("quarter")
    if not is_year(year):
        span = {"first": str(FIRST_YEAR), "last": str(LAST_YEAR)}
        wrong("year", _l("Give a fiscal year from %(first)s to %(last)s.", **span))
    if quarter not in QUARTERS:
        wrong("quarter", _l("A fiscal year has the quarters 1 to 4."))
    return Quarter(int(year or 0), int(quarter or 0))


def of_quarter(model: Any, owner_id: int, quarter: Quarter) -> tuple[Any, ...]:
    """The conditions on the rows of one member for one quarter."""
    return model.owner_id == owner_id, model.year == quarter.year, model.quarter == quarter.quarter


def quota_checked(work: Any, quota: Quota | None, values: dict[str, Any]) -> None:
    """An amount, and for a new one a member the actor may give it to, who has none for that quarter yet."""
    amount = values.get("amount")
    if amount is not None and amount <= 0:
        wrong("amount", _l("A quota is more than nothing."))
    if quota is not None or not work.asks:
        return
    quarter, owner_id = quarter_said(values), values.get("owner_id")
    if owner_id == work.actor.id:
        work.refuse(_l("Nobody gives a quota to themselves. Your superior or the instructor does."))
    if owner_id not in may_give(work.actor):
        wrong("owner_id", _l("Choose a member below you: quotas are given by superiors and the instructor."))
    require_only_quota(work, int(owner_id or 0), quarter)


def require_only_quota(work: Any, owner_id: int, quarter: Quarter) -> None:
    """Raises Invalid where the member has a quota for the quarter already (F127)."""
    work.sandbox()
    if work.rows(Quota, *of_quarter(Quota, owner_id, quarter)):
        words = {"name": work.actor.directory.members[owner_id].name, "quarter": quarter.label}
        wrong(
            "quarter", _l("%(name)s has a quota for %(quarter)s already. Change that one instead.", **words)
        )


def tell_of_quota(work: Any, quota: Quota, _moved: Any = None) -> None:
    """The member hears what is asked of them."""
    if not work.asks:
        return
    giver, amount = work.actor.name, money(quota.amount)
    words = Words(
        f"{giver} set your quota for {quota.name} to {amount}.",
        f"{giver}将你 {quota.name} 的配额定为 {amount}。",
    )
    url = f"/forecasts/?year={quota.year}&quarter={quota.quarter}"
    tell(work.actor.sandbox_id, [quota.owner_id], "quota", words, work.now, url)


def quota_restored(work: Any, quota: Quota) -> None:
    """Back from the bin only while no other took its place."""
    others = work.rows(Quota, *of_quarter(Quota, quota.owner_id, Quarter(quota.year, quota.quarter)))
    if any(other.id != quota.id for other in others):
        raise Invalid(_l("Another quota was given for this quarter meanwhile."))


def amounts_checked(values: Mapping[str, Any], standing: Any = None) -> None:
    """The best case is never below what is expected (F125). Raises Invalid."""
    expected, best = (
        values.get(name, getattr(standing, name, None)) for name in ("expected_amount", "best_case_amount")
    )
    if expected is not None and best is not None and Decimal(best) < Decimal(expected):
        wrong("best_case_amount", _l("The best case is not below the expected revenue."))


def forecast_checked(work: Any, forecast: Forecast | None, values: dict[str, Any]) -> None:
    """One per member and quarter; amounts stand still once the quarter is over (F116)."""
    amounts_checked(values, forecast)
    if not work.asks:
        return
    if forecast is None:
        quarter = quarter_said(values)
        require_running(work.actor, quarter)
        require_only_forecast(work, quarter)
    elif any(values.get(n, getattr(forecast, n)) != getattr(forecast, n) for n in AMOUNTS):
        require_running(work.actor, Quarter(forecast.year, forecast.quarter))


AMOUNTS = ("expected_amount", "best_case_amount")


def require_running(actor: Actor, quarter: Quarter) -> None:
    """Raises Invalid for a quarter that is over: a forecast made afterwards is none."""
    if fiscal_calendar(actor).is_over(quarter, actor.lab_now.date()):
        wrong(
            "quarter",
            _l("%(quarter)s is over: what was forecast for it stays as it was.", quarter=quarter.label),
        )


def require_only_forecast(work: Any, quarter: Quarter) -> None:
    """Raises Invalid where the actor has a forecast for the quarter already."""
    work.sandbox()
    if work.rows(Forecast, *of_quarter(Forecast, work.actor.id, quarter)):
        sentence = _l(
            "You have a forecast for %(quarter)s already. Submit it again instead: its history is kept.",
            quarter=quarter.label,
        )
        wrong("quarter", sentence)


def forecast_deleting(work: Any, forecast: Forecast) -> None:
    """Not after the end of its quarter; adjustments, notes and the like go along."""
    if work.asks and not work.actor.is_instructor:
        require_running(work.actor, Quarter(forecast.year, forecast.quarter))
    for row in dependents(forecast):
        work.delete(row)


def forecast_restored(work: Any, forecast: Forecast) -> None:
    quarter = Quarter(forecast.year, forecast.quarter)
    others = work.rows(Forecast, *of_quarter(Forecast, forecast.owner_id, quarter))
    if any(other.id != forecast.id for other in others):
        raise Invalid(_l("Another forecast was submitted for this quarter meanwhile."))
    bring_back(work, forecast)


def adjustment_checked(work: Any, adjustment: Adjustment | None, values: dict[str, Any]) -> None:
    """By a superior of the forecast's owner, once each, while the quarter runs."""
    amounts_checked(values, adjustment)
    if not work.asks:
        return
    forecast_id = adjustment.forecast_id if adjustment is not None else values.get("forecast_id")
    forecast: Forecast = work.get(Forecast, forecast_id or 0)
    require_superior(work, forecast)
    require_running(work.actor, Quarter(forecast.year, forecast.quarter))
    if adjustment is None:
        work.sandbox()
        mine = Adjustment.forecast_id == forecast.id, Adjustment.owner_id == work.actor.id
        if work.rows(Adjustment, *mine):
            raise Invalid(_l("You adjusted this forecast already. Change that adjustment instead."))


def require_superior(work: Any, forecast: Forecast) -> None:
    """Raises Refused unless the actor stands above the forecast's owner."""
    actor: Actor = work.actor
    if forecast.owner_id != actor.id and (actor.is_instructor or forecast.owner_id in actor.below):
        return
    name = actor.directory.members[forecast.owner_id].name
    work.refuse(_l("Only a superior of %(name)s or the instructor adjusts this forecast.", name=name))


def tell_of_adjustment(work: Any, adjustment: Adjustment, _moved: Any = None) -> None:
    """The member hears of it and may read why."""
    if not work.asks:
        return
    forecast: Forecast = work.get(Forecast, adjustment.forecast_id)
    by, amount = work.actor.name, money(adjustment.expected_amount)
    words = Words(
        f"{by} adjusted your forecast for {forecast.name} to {amount}; yours stays as it is.",
        f"{by}把你 {forecast.name} 的销售预期调整为 {amount}；你提交的原值保持不变。",
    )
    tell(work.actor.sandbox_id, [forecast.owner_id], "forecast", words, work.now, f"/forecasts/{forecast.id}")


def adjustment_restored(work: Any, adjustment: Adjustment) -> None:
    mine = Adjustment.forecast_id == adjustment.forecast_id, Adjustment.owner_id == adjustment.owner_id
    if any(other.id != adjustment.id for other in work.rows(Adjustment, *mine)):
        raise Invalid(_l("This forecast was adjusted anew meanwhile."))


QUOTA_RULES = Rules(
    check=quota_checked,
    created=tell_of_quota,
    changed=tell_of_quota,
    restored=quota_restored,
    dealt=lambda work, values: {},
)
FORECAST_RULES = Rules(check=forecast_checked, deleting=forecast_deleting, restored=forecast_restored)
ADJUSTMENT_RULES = Rules(
    check=adjustment_checked,
    created=tell_of_adjustment,
    changed=tell_of_adjustment,
    restored=adjustment_restored,
)
