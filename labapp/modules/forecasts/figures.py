"""The figures of a fiscal quarter: quota, completed, pipeline, forecast, and what superiors reckon with (004 §2.6).

How forecasts roll up (docs/decisions/0013): the figure of a member is the forecast as submitted; where superiors
adjusted it, the word of the highest of them stands in its place. A position and the whole are the sums of their
members, so that every reader sees the same number for the same person, and every sum can be added up by hand.
"""

from dataclasses import field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from labapp.people.directory import Directory
from labapp.people.models import INSTRUCTOR
from labapp.records.values import CENT
from labapp.values import dataclass, fields

NOTHING = Decimal("0.00")
TENTH = Decimal("0.1")
HIGHEST = -1


@dataclass(frozen=True)
class Figures:
    """Amounts of a quarter, of one member or summed. `quota` None: none given; the forecast None: none submitted."""

    quota: Decimal | None = None
    completed: Decimal = NOTHING
    weighted: Decimal = NOTHING
    expected: Decimal | None = None
    best: Decimal | None = None
    adjusted_expected: Decimal | None = None
    adjusted_best: Decimal | None = None

    def __add__(self, other: "Figures") -> "Figures":
        sums: dict[str, Any] = {name: plus(getattr(self, name), getattr(other, name)) for name in AMOUNTS}
        return Figures(**sums)

    @property
    def attainment(self) -> Decimal | None:
        """Completed by quota, in per cent; None without quota (F121)."""
        return per_cent(self.completed, self.quota)

    @property
    def remaining(self) -> Decimal | None:
        """What is missing to the quota, never negative (F123)."""
        return None if self.quota is None else max(self.quota - self.completed, NOTHING)

    @property
    def adjustment(self) -> Decimal | None:
        """What superiors added to the expected revenue, or took from it."""
        return minus(self.adjusted_expected, self.expected)

    @property
    def bias(self) -> Decimal | None:
        """Forecast less actual: above nothing too hopeful, below nothing too careful."""
        return minus(self.expected, self.completed)

    @property
    def error(self) -> Decimal | None:
        """|forecast − actual| by actual, in per cent; 100 where nothing was sold (grading.md, forecast_error)."""
        return error_of(self.expected, self.completed)

    @property
    def adjusted_error(self) -> Decimal | None:
        return error_of(self.adjusted_expected, self.completed)


AMOUNTS = tuple(each.name for each in fields(Figures))


def plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """The sum; what is not there adds nothing, and nothing at all stays nothing at all."""
    return other if one is None else one if other is None else one + other


def minus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def per_cent(part: Decimal, whole: Decimal | None) -> Decimal | None:
    """With one decimal; None where there is no whole."""
    return (part * 100 / whole).quantize(TENTH, ROUND_HALF_UP) if whole else None


def error_of(expected: Decimal | None, actual: Decimal) -> Decimal | None:
    """In per cent; None without forecast."""
    if expected is None:
        return None
    return per_cent(abs(expected - actual), actual) if actual else Decimal("100.0")


def cents(value: Any) -> Decimal:
    """A sum as the database gives it, to the cent."""
    return Decimal(value or 0).quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Word:
    """What one superior reckons with for a member. `late`: the member submitted anew after it."""

    id: int
    by: int
    expected: Decimal
    best: Decimal
    reason: str
    at: datetime
    late: bool
    height: int


@dataclass(frozen=True)
class Standing:
    """One member in a quarter: figures, the forecast's id and last submission, superiors' words, the lowest first."""

    owner_id: int
    figures: Figures
    forecast_id: int | None = None
    submitted_at: datetime | None = None
    words: tuple[Word, ...] = field(default=())

    def word_of(self, member_id: int) -> Word | None:
        """The adjustment that this member made."""
        return next((word for word in self.words if word.by == member_id), None)


def height_above(directory: Directory, superior_id: int, member_id: int) -> int | None:
    """How near to the top the superior stands above the member: the depth of the position; instructors highest.

    None for one who does not stand above.
    """
    superior, member = directory.members.get(superior_id), directory.members.get(member_id)
    if superior is None or member is None or superior_id == member_id:
        return None
    if superior.role == INSTRUCTOR:
        return HIGHEST
    above = {place.id for i in member.positions for place in directory.above(i)}
    held = [directory.places[i].path.count("/") for i in superior.positions if i in above]
    return min(held, default=None)
