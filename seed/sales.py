"""Opportunities and products: stage, amount and dates that go together."""

from datetime import date, timedelta
from decimal import Decimal

from labapp.values import dataclass
from seed.draw import Draw, Weights
from seed.tables import Ware
from seed.times import last_working_day, working_day


@dataclass(frozen=True)
class Stage:
    """A stage with its probability, its weight among open ones and the days until the deal is closed."""

    key: str
    probability: int
    weight: int
    soonest: int
    latest: int


OPEN_STAGES = (
    Stage("contact", 10, 35, 45, 90),
    Stage("needs", 30, 30, 30, 60),
    Stage("quote", 50, 22, 14, 35),
    Stage("contract", 70, 13, 5, 20),
)
CLOSED_STAGES = (Stage("won", 100, 60, -14, -1), Stage("lost", 0, 40, -14, -1))
OPEN, CLOSED = (Weights((stage, stage.weight) for stage in stages) for stages in (OPEN_STAGES, CLOSED_STAGES))
TYPES = Weights((("new_business", 60), ("existing_business", 30), ("renewal", 10)))
LOST_REASONS = Weights(
    (("price", 34), ("competitor", 26), ("timing", 16), ("budget", 14), ("no_contact", 10))
)
CENT = Decimal("0.01")
USUAL_DEAL = (12_000, 160_000)


def any_stage(chance: Draw, closed: bool) -> Stage:
    """A stage, as common as it is in a healthy pipeline."""
    return chance.weighted(CLOSED if closed else OPEN)


def close_date(chance: Draw, stage: Stage, today: date) -> date:
    """A working day: the later the stage, the sooner; in the past when it is closed."""
    day = today + timedelta(days=chance.between(stage.soonest, stage.latest))
    return working_day(day) if stage.soonest > 0 else last_working_day(day)


def price(chance: Draw, ware: Ware) -> Decimal:
    """A list price within the range, as round as price lists are."""
    step = 10 if ware.lowest >= 1000 else 1
    return Decimal(chance.between(ware.lowest, ware.highest) // step * step).quantize(CENT)


@dataclass(frozen=True)
class Offer:
    """Something the company sells: what it is called and what one of it costs."""

    name: str
    price: Decimal


def amount(chance: Draw, offer: Offer, odd: int) -> Decimal:
    """What such a deal brings: many of what is cheap, one of what is dear; `odd` is what is left above thousands."""
    aim = chance.between(*USUAL_DEAL)
    quantity = max(1, int(aim / offer.price))
    return Decimal(int(quantity * offer.price) // 1000 * 1000 + odd).quantize(CENT)


def floor_price(chance: Draw, listed: Decimal) -> Decimal:
    """The lowest price that may be asked: 78 to 90 per cent of the list."""
    return (listed * chance.between(78, 90) / 100).quantize(CENT)
