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
from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.modules.customers.models import Customer
from labapp.records.catalog import catalog
from labapp.records.cells import money
from labapp.records.describe import Derived
from labapp.records.figure_sums import by_reports
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
BY_CUSTOMER = "INDEXED BY ix_opportunity_customer_id"


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


@dataclass(frozen=True)
class Terms:
    """What the rules compare with: a day, two moments of last contact, two amounts; or names for them."""

    year_ago: Any
    risk_before: Any
    lost_before: Any
    high_amount: Any
    potential_amount: Any


@dataclass(frozen=True)
class Sales:
    """SQL: what the rules ask of the sales of a customer, those won within a year and those still open."""

    bought: Any
    worth: Any
    in_play: Any
    promising: Any


def thresholds(actor: Actor) -> dict[str, int]:
    """The thresholds of the sandbox, by the last word of their setting."""
    return {path.partition(".")[2]: int(actor.settings.get(path, n)) for path, n in DEFAULTS.items()}


def terms(actor: Actor) -> dict[str, Any]:
    """What the rules compare with, by its name in `Terms`."""
    limits, now = thresholds(actor), actor.lab_now
    hour = now.replace(minute=0, second=0, microsecond=0)  # within one the answers are the same
    return {
        "year_ago": now.date() - A_YEAR,
        "risk_before": hour - timedelta(days=limits["risk_days"]),
        "lost_before": hour - timedelta(days=limits["lost_days"]),
        "high_amount": limits["high_amount"],
        "potential_amount": limits["potential_amount"],
    }


def segment_key(actor: Actor, *, each: bool = False) -> Any:
    """SQL: the segment of a customer; `each`: asked of one customer after another."""
    return _decided(rules(actor, each=each))


def _decided(found_by: Mapping[str, Any]) -> Any:
    """The first rule that holds decides."""
    return case(*((rule, key) for key, rule in found_by.items()), else_=OTHERWISE)


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


def rules(actor: Actor, *, each: bool = False) -> dict[str, Any]:
    """SQL: the rule of each segment but the last, in their order; `each`: asked of one customer after another."""
    said, sale = Terms(**terms(actor)), _sale()
    among = partial(_each_among if each else _among, actor)
    of_year, in_play = _of_year(sale, said), sale.stage.not_in(CLOSED)
    found = Sales(
        among(of_year),
        among(of_year, least=said.high_amount),
        among(in_play),
        among(in_play, least=said.potential_amount),
    )
    return _rules(said, found)


def _rules(said: Terms, sales: Sales) -> dict[str, Any]:
    """Each begins with what is cheapest to say."""
    return {
        "lost": and_(_quiet(said.lost_before), not_(sales.bought), not_(sales.in_play)),
        "at_risk": _quiet(said.risk_before),
        "high_value": sales.worth,
        "potential": sales.promising,
    }


def purchases_key(actor: Actor) -> Any:
    """SQL: whether a customer has bought never, once or again."""
    won = _sale().stage == WON
    return case((_among(actor, won, times=2), "repeat"), (_among(actor, won), "once"), else_="none")


def each_purchases_key(actor: Actor) -> Any:
    """SQL: the same, asked of one customer after another."""
    if "opportunity" not in actor.reads:
        return literal("none")
    times = _looked_up(actor, func.count(), _sale().stage == WON)
    return case((times >= 2, "repeat"), (times >= 1, "once"), else_="none")


def each_in_purchases(actor: Actor, keys: list[str]) -> Any:
    """SQL: the customer has bought so, asked of one customer after another."""
    return each_purchases_key(actor).in_(keys)


def _sale() -> Any:
    return catalog()["opportunity"].model


def _of_year(sale: Any, said: Terms) -> Any:
    return and_(sale.stage == WON, sale.close_date > said.year_ago)


def _quiet(before: Any) -> Any:
    return func.coalesce(Customer.last_contacted_at, Customer.created_at) < before


def _among(actor: Actor, *where: Any, least: int | None = None, times: int = 1) -> Any:
    """SQL: the customer has such sales, so many of them, and of so much in all. False for who reads no sales."""
    if "opportunity" not in actor.reads:
        return false()
    sale = _sale()
    own = sale.sandbox_id == actor.sandbox_id, *where
    found = by_reports(select(sale.customer_id).where(*own), sale)
    return Customer.id.in_(_enough(found, sale, least, times))


def _each_among(actor: Actor, *where: Any, least: int | None = None) -> Any:
    """SQL: the same, looked up for each customer."""
    if "opportunity" not in actor.reads:
        return false()
    if least is None:
        return _looked_up(actor, None, *where).exists()
    total = func.coalesce(func.sum(func.coalesce(_sale().amount, 0)), -1)
    return _looked_up(actor, total, *where) >= least


def _looked_up(actor: Actor, number: Any, *where: Any) -> Any:
    """SQL: a number of such sales of the customer at hand, by their index; the sales themselves where it is None."""
    sale = _sale()
    chosen = select(sale.id if number is None else number)
    chosen = chosen.where(sale.customer_id == Customer.id, sale.sandbox_id == actor.sandbox_id, *where)
    chosen = chosen.correlate(Customer).with_hint(sale, BY_CUSTOMER, "sqlite")
    return chosen if number is None else chosen.scalar_subquery()


def _enough(found: Any, sale: Any, least: int | None, times: int) -> Any:
    """So much in all, or so many."""
    if least is not None:
        found = found.group_by(sale.customer_id).having(func.sum(func.coalesce(sale.amount, 0)) >= least)
    if times > 1:
        found = found.group_by(sale.customer_id).having(func.count() >= times)
    return found


SEGMENT = Derived(
    *("segment", _l("Segment"), lambda actor: list(SEGMENTS.items()), segment_key),
    where=in_segments,
    walked=each_in_segments,
    walked_key=partial(segment_key, each=True),
)
BOUGHT = Derived(
    *("purchases", _l("Purchases"), lambda actor: list(PURCHASES.items()), purchases_key),
    walked=each_in_purchases,
    walked_key=each_purchases_key,
)


def won_total(model: Any) -> Any:
    """SQL: what a customer has bought in all."""
    sale = _sale()
    total = select(func.coalesce(func.sum(sale.amount), 0)).where(
        sale.customer_id == model.id, sale.stage == WON
    )
    return total.correlate(model).scalar_subquery()


def standing(actor: Actor, customer: Any) -> Standing:
    """The segment of one customer with the reasons in words: one statement."""
    reads = "opportunity" in actor.reads
    row = read(
        actor, ("standing of a customer", reads), _standing(reads=reads), customer=customer.id, **terms(actor)
    ).one()
    year, pipeline = Decimal(row.year), Decimal(row.pipeline)
    return Standing(
        row.segment, reasons(actor, customer, year, pipeline), row.purchases, money(Decimal(row.value))
    )


def _standing(*, reads: bool) -> Builder:
    """The segment of the customer `customer` and what it follows from, by the rules of all; `reads`: sales."""

    def build(visible: Visible) -> Any:
        sale = _sale()
        said = Terms(
            bindparam("year_ago", type_=Date),
            *(bindparam(name, type_=DateTime) for name in ("risk_before", "lost_before")),
            *(bindparam(name, type_=Integer) for name in ("high_amount", "potential_amount")),
        )
        won, in_play = sale.stage == WON, sale.stage.not_in(CLOSED)
        of_year = _of_year(sale, said)
        bought, open_ones = _count(of_year) > 0, _count(in_play) > 0
        found = Sales(
            bought,
            and_(bought, _total(of_year) >= said.high_amount),
            open_ones,
            and_(open_ones, _total(in_play) >= said.potential_amount),
        )
        columns = {
            "segment": _decided(_rules(said, found)),
            "purchases": _count(won),
            "value": _total(won),
            "year": _total(of_year),
            "pipeline": _total(in_play),
        }
        theirs = and_(sale.customer_id == Customer.id, visible(sale)) if reads else false()
        chosen = select(*(column.label(name) for name, column in columns.items())).select_from(Customer)
        chosen = chosen.outerjoin(sale, theirs).with_hint(sale, BY_CUSTOMER, "sqlite")
        return chosen.where(Customer.id == bindparam("customer"), visible(Customer)).group_by(Customer.id)

    return build


def _count(which: Any) -> Any:
    return func.count(case((which, 1)))


def _total(which: Any) -> Any:
    return func.coalesce(func.sum(case((which, func.coalesce(_sale().amount, 0)), else_=0)), 0)


def reasons(actor: Actor, customer: Any, year: Decimal, pipeline: Decimal) -> tuple[str, ...]:
    """The facts that the rules look at, in words."""
    days = (actor.lab_now - (customer.last_contacted_at or customer.created_at)).days
    return (
        _("No contact for %(days)s days", days=max(0, days)),
        _("Won in the last 12 months: %(amount)s", amount=money(year)),
        _("Open pipeline: %(amount)s", amount=money(pipeline)),
    )
