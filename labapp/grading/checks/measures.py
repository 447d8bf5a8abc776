"""The measures of a sales year and of service (grading.md 2, Measures).

Each takes a ``Books`` and returns a ``Value``; where there is nothing to divide by or to average
it raises ``Undefined`` with the reason.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Case
from labapp.grading.numbers import fraction, number
from labapp.grading.predicates import is_filled
from labapp.grading.replay import Record
from labapp.grading.text import Text
from labapp.grading.times import field_date, field_time
from labapp.values import dataclass

Quarter = tuple[int, int]
MICROSECONDS_AN_HOUR = 3_600_000_000


class Undefined(ValueError):
    """The measure has no value, and why."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


@dataclass(frozen=True)
class Value:
    """What a measure comes to, and the records that enter it."""

    value: Fraction
    counted: list[Record]


@dataclass(frozen=True)
class Books:
    """One member's records, those of a quarter where one is asked for."""

    case: Case
    quarter: Quarter | None

    def opportunities(self) -> list[Record]:
        """My opportunities that close in the quarter."""
        return self._mine("opportunity", lambda record: field_date(record.fields.get("close_date")))

    def won(self) -> list[Record]:
        return [record for record in self.opportunities() if record.fields.get("stage") == "won"]

    def open(self) -> list[Record]:
        return [
            record for record in self.opportunities() if record.fields.get("stage") not in ("won", "lost")
        ]

    def leads(self) -> list[Record]:
        """My leads that were created in the quarter."""
        return self._mine("lead", _created_on)

    def tickets(self) -> list[Record]:
        """The tickets in my charge that were created in the quarter."""
        tickets = self.case.replay.in_charge("ticket", self.case.me)
        return [record for record in tickets if self._in_quarter(_created_on(record))]

    def quota(self) -> Record:
        """My quota of the quarter, with an amount to divide by."""
        found = self._of_quarter("quota")
        if found is None or not _amount(found):
            raise Undefined("there is no quota for the quarter", "该季度没有销售配额")
        return found

    def forecast(self) -> Record:
        """My forecast of the quarter, with an expected amount."""
        found = self._of_quarter("forecast")
        if found is None or not is_filled(found.fields.get("expected_amount")):
            raise Undefined("there is no forecast for the quarter", "该季度没有销售预测")
        return found

    def _mine(self, kind: str, day: Callable[[Record], date | None]) -> list[Record]:
        return [
            record for record in self.case.replay.owned(kind, self.case.me) if self._in_quarter(day(record))
        ]

    def _in_quarter(self, day: date | None) -> bool:
        if self.quarter is None:
            return True
        return (
            day is not None and fiscal_quarter(day, self.case.replay.header.fiscal_year_start) == self.quarter
        )

    def _of_quarter(self, kind: str) -> Record | None:
        for record in self.case.replay.owned(kind, self.case.me):
            year, quarter = (number(record.fields.get(name)) for name in ("year", "quarter"))
            if self.quarter and year == self.quarter[0] and quarter == self.quarter[1]:
                return record
        return None


def fiscal_quarter(day: date, first_month: int) -> Quarter:
    """Fiscal year, named by the calendar year in which it begins, and quarter 1 to 4."""
    year = day.year if day.month >= first_month else day.year - 1
    return year, (day.month - first_month) % 12 // 3 + 1


def won_amount(books: Books) -> Value:
    won = books.won()
    return Value(_total(won), won)


def won_count(books: Books) -> Value:
    won = books.won()
    return Value(Fraction(len(won)), won)


def win_rate(books: Books) -> Value:
    closed = [record for record in books.opportunities() if record.fields.get("stage") in ("won", "lost")]
    if not closed:
        raise Undefined("no opportunity is won or lost yet", "还没有赢单或输单的销售机会")
    return Value(Fraction(len(books.won()), len(closed)), closed)


def lead_conversion(books: Books) -> Value:
    leads = books.leads()
    if not leads:
        raise Undefined("there are no leads", "没有线索")
    converted = sum(record.fields.get("status") == "converted" for record in leads)
    return Value(Fraction(converted, len(leads)), leads)


def quota_attainment(books: Books) -> Value:
    quota, won = books.quota(), books.won()
    return Value(_total(won) / _amount(quota), [*won, quota])


def forecast_error(books: Books) -> Value:
    forecast, won = books.forecast(), books.won()
    actual = _total(won)
    if not actual:
        return Value(Fraction(1), [*won, forecast])
    expected = fraction(forecast.fields["expected_amount"])
    return Value(abs(expected - actual) / actual, [*won, forecast])


def pipeline_coverage(books: Books) -> Value:
    quota, waiting = books.quota(), books.open()
    return Value(_total(waiting) / _amount(quota), [*waiting, quota])


def first_response_hours(books: Books) -> Value:
    return _mean_hours(books, "first_response_at")


def resolution_hours(books: Books) -> Value:
    return _mean_hours(books, "resolved_at")


def satisfaction(books: Books) -> Value:
    rated = [record for record in books.tickets() if is_filled(record.fields.get("satisfaction"))]
    return Value(_mean([fraction(record.fields["satisfaction"]) for record in rated]), rated)


def _mean_hours(books: Books, field: str) -> Value:
    spans = [
        (record, field_time(record.fields.get(field)), record.created_at)
        for record in books.tickets()
        if is_filled(record.fields.get(field))
    ]
    return Value(_mean([_hours(end, start) for _, end, start in spans]), [record for record, _, _ in spans])


def _hours(end: datetime | None, start: datetime | None) -> Fraction:
    if end is None or start is None:
        raise ValueError("a ticket has no readable time")
    span = end - start
    return Fraction((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds, MICROSECONDS_AN_HOUR)


def _mean(values: list[Fraction]) -> Fraction:
    if not values:
        raise Undefined("there is nothing to average", "没有可平均的数据")
    return sum(values, Fraction(0)) / len(values)


def _total(records: Iterable[Record]) -> Fraction:
    return sum((_amount(record) for record in records), Fraction(0))


def _amount(record: Record) -> Fraction:
    amount: Any = record.fields.get("amount")
    return fraction(amount) if is_filled(amount) else Fraction(0)


def _created_on(record: Record) -> date | None:
    return record.created_at.date() if record.created_at else None


MEASURES: dict[str, Callable[[Books], Value]] = {
    measure.__name__: measure
    for measure in (
        won_amount,
        won_count,
        win_rate,
        lead_conversion,
        quota_attainment,
        forecast_error,
        pipeline_coverage,
        first_response_hours,
        resolution_hours,
        satisfaction,
    )
}
BOOKS = frozenset(("opportunity", "lead", "ticket", "quota", "forecast"))
NEED_QUARTER = ("quota_attainment", "forecast_error", "pipeline_coverage")
