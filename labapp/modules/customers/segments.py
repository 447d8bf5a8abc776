"""Segments of customers by rule: who is worth most, who may be, who is slipping away (003 one, 004 §2.3).

They are computed when asked, of what the reader sees, by thresholds of the sandbox. So nothing has to be kept up to
date, a change of a rule counts at once, and no hidden sale shows in a segment.
"""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, case, false, func, not_, or_, select, true

from labapp.access.actor import Actor
from labapp.modules.customers.models import Customer
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.cells import money
from labapp.records.describe import Derived
from labapp.records.figure_changes import inside
from labapp.records.figures import by_reports
from labapp.values import dataclass

DEFAULTS: Mapping[str, int] = {
    "segments.high_amount": 500_000,
    "segments.potential_amount": 100_000,
    "segments.risk_days": 60,
    "segments.lost_days": 180,
}
SEGMENTS: Mapping[str, Any] = {
    "high_value": _l("High value"),
    "potential": _l("Potential"),
    "at_risk": _l("At risk"),
    "lost": _l("Lost customer"),
    "ordinary": _l("Ordinary"),
}
OTHERWISE = "ordinary"
TONES = {"high_value": "success", "potential": "info", "at_risk": "warning", "lost": "danger"}
PURCHASES: Mapping[str, Any] = {
    "none": _l("No purchase"),
    "once": _l("Bought once"),
    "repeat": _l("Bought again"),
}
WON, CLOSED = "won", ("won", "lost")
A_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Standing:
    """The segment of a customer and why; purchases and their sum over all time."""

    key: str
    reasons: tuple[str, ...]
    purchases: int
    value: str

    @property
    def label(self) -> str:
        return str(SEGMENTS[self.key])

    @property
    def tone(self) -> str:
        return TONES.get(self.key, "secondary")


def thresholds(actor: Actor) -> dict[str, int]:
    """The thresholds of the sandbox, by the last word of their setting."""
    return {path.partition(".")[2]: int(actor.settings.get(path, n)) for path, n in DEFAULTS.items()}


def segment_key(actor: Actor, only: int | None = None) -> Any:
    """SQL: the segment of a customer (of one alone: `only`). The first rule that holds decides."""
    return case(*((rule, key) for key, rule in rules(actor, only).items()), else_=OTHERWISE)


def in_segments(actor: Actor, keys: list[str]) -> Any:
    """SQL: the customer is in one of these segments. What no rule up to theirs asks for is not looked up."""
    return _in_segments(rules(actor), keys)


def each_in_segments(actor: Actor, keys: list[str]) -> Any:
    """SQL: the same, asked of one customer after another."""
    return _in_segments(rules(actor, each=True), keys)


def _in_segments(found_by: Mapping[str, Any], keys: list[str]) -> Any:
    ordered = [*found_by.items(), (OTHERWISE, true())]
    found = []
    for place, (key, rule) in enumerate(ordered):
        if key in keys:
            found.append(and_(rule, *(not_(earlier) for _key, earlier in reversed(ordered[:place]))))
    return or_(false(), *found)


def rules(actor: Actor, only: int | None = None, *, each: bool = False) -> dict[str, Any]:
    """SQL: the rule of each segment but the last, in their order. Each begins with what is cheapest to say.

    `only`: of this customer alone; `each`: of one after another.
    """
    limits, sale = thresholds(actor), _sale()
    last_year = sale.close_date > actor.lab_now.date() - A_YEAR
    among = (
        partial(_each_among if each else _among, actor) if only is None else partial(_one_among, actor, only)
    )
    bought = among(sale.stage == WON, last_year)
    worth = among(sale.stage == WON, last_year, least=limits["high_amount"])
    in_play = among(sale.stage.not_in(CLOSED))
    promising = among(sale.stage.not_in(CLOSED), least=limits["potential_amount"])
    return {
        "lost": and_(_quiet(actor, limits["lost_days"]), not_(bought), not_(in_play)),
        "at_risk": _quiet(actor, limits["risk_days"]),
        "high_value": worth,
        "potential": promising,
    }


def purchases_key(actor: Actor) -> Any:
    """SQL: whether a customer has bought never, once or again."""
    won = _sale().stage == WON
    return case((_among(actor, won, times=2), "repeat"), (_among(actor, won), "once"), else_="none")


def _sale() -> Any:
    return catalog()["opportunity"].model


def _quiet(actor: Actor, days: int) -> Any:
    touched = func.coalesce(Customer.last_contacted_at, Customer.created_at)
    hour = actor.lab_now.replace(minute=0, second=0, microsecond=0)  # within one the answers are the same
    return touched < hour - timedelta(days=days)


def _among(actor: Actor, *where: Any, least: int | None = None, times: int = 1) -> Any:
    """SQL: the customer has such sales, so many of them, and of so much in all. False for who reads no sales."""
    if "opportunity" not in actor.reads:
        return false()
    sale = _sale()
    own = sale.sandbox_id == actor.sandbox_id, inside(sale.customer_id), *where
    found = by_reports(select(sale.customer_id).where(*own), sale)
    return Customer.id.in_(_enough(found, sale, least, times))


def _one_among(actor: Actor, only: int, *where: Any, least: int | None = None) -> Any:
    """SQL: the same of this customer alone."""
    if "opportunity" not in actor.reads:
        return false()
    sale = _sale()
    found = select(sale.customer_id).where(
        sale.sandbox_id == actor.sandbox_id, *where, sale.customer_id == only
    )
    return Customer.id.in_(_enough(found, sale, least, 1))


def _each_among(actor: Actor, *where: Any, least: int | None = None) -> Any:
    """SQL: the same, looked up for each customer by the index of its sales."""
    if "opportunity" not in actor.reads:
        return false()
    sale = _sale()
    own = (sale.customer_id == Customer.id, sale.sandbox_id == actor.sandbox_id, *where)
    by_customer = "INDEXED BY ix_opportunity_customer_id"
    if least is None:
        some = select(sale.id).where(*own).correlate(Customer).with_hint(sale, by_customer, "sqlite")
        return some.exists()
    total = select(func.coalesce(func.sum(func.coalesce(sale.amount, 0)), -1)).where(*own).correlate(Customer)
    return total.with_hint(sale, by_customer, "sqlite").scalar_subquery() >= least


def _enough(found: Any, sale: Any, least: int | None, times: int) -> Any:
    """So much in all, or so many."""
    if least is not None:
        found = found.group_by(sale.customer_id).having(func.sum(func.coalesce(sale.amount, 0)) >= least)
    if times > 1:
        found = found.group_by(sale.customer_id).having(func.count() >= times)
    return found


SEGMENT = Derived(
    *("segment", _l("Segment"), lambda actor: list(SEGMENTS.items())),
    *(segment_key, in_segments, each_in_segments),
)
BOUGHT = Derived("purchases", _l("Purchases"), lambda actor: list(PURCHASES.items()), purchases_key)


def won_total(model: Any) -> Any:
    """SQL: what a customer has bought in all."""
    sale = _sale()
    total = select(func.coalesce(func.sum(sale.amount), 0)).where(
        sale.customer_id == model.id, sale.stage == WON
    )
    return total.correlate(model).scalar_subquery()


def standing(actor: Actor, customer: Any) -> Standing:
    """The segment of one customer with the reasons in words: one statement."""
    sale = _sale()
    last_year = sale.close_date > actor.lab_now.date() - A_YEAR
    won, in_play = sale.stage == WON, sale.stage.not_in(CLOSED)
    numbers = select(
        segment_key(actor, customer.id),
        func.count(case((won, 1))),
        *(
            func.coalesce(func.sum(case((one, sale.amount), else_=0)), 0)
            for one in (won, and_(won, last_year), in_play)
        ),
    )
    own = and_(sale.customer_id == Customer.id, true() if "opportunity" in actor.reads else false())
    statement = numbers.select_from(Customer).outerjoin(sale, own).where(Customer.id == customer.id)
    (row,) = query.answers(statement.group_by(Customer.id), actor)
    total, year, pipeline = (Decimal(number) for number in row[2:])
    return Standing(row[0], reasons(actor, customer, year, pipeline), row[1], money(total))


def reasons(actor: Actor, customer: Any, year: Decimal, pipeline: Decimal) -> tuple[str, ...]:
    """The facts that the rules look at, in words."""
    days = (actor.lab_now - (customer.last_contacted_at or customer.created_at)).days
    return (
        _("No contact for %(days)s days", days=max(0, days)),
        _("Won in the last 12 months: %(amount)s", amount=money(year)),
        _("Open pipeline: %(amount)s", amount=money(pipeline)),
    )
