"""The fiscal year of the organisation and its quarters (004 §2.6, product.md §5.8).

A fiscal year is named by the calendar year in which it begins; the month it begins in is a setting.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.values import dataclass

QUARTERS = (1, 2, 3, 4)
FIRST_YEAR, LAST_YEAR = 2001, 2098
SETTING = "organisation.fiscal_year_start"


@dataclass(frozen=True, order=True)
class Quarter:
    """A fiscal quarter, 1 to 4, of the fiscal year that begins in calendar year `year`."""

    year: int
    quarter: int

    def plus(self, quarters: int) -> "Quarter":
        """The quarter so many quarters later, or earlier where it is negative."""
        place = self.year * 4 + self.quarter - 1 + quarters
        return Quarter(place // 4, place % 4 + 1)

    @property
    def key(self) -> str:
        """2026Q3, as rubrics write it (grading.md §2)."""
        return f"{self.year}Q{self.quarter}"

    @property
    def label(self) -> str:
        """The quarter in the reader's language."""
        return _("FY%(year)s Q%(quarter)s", year=self.year, quarter=self.quarter)


@dataclass(frozen=True)
class FiscalCalendar:
    """The quarters of an organisation whose fiscal year begins with the first day of `first_month` (1 to 12)."""

    first_month: int = 1

    def quarter_of(self, day: date) -> Quarter:
        """The quarter that a day lies in."""
        year = day.year if day.month >= self.first_month else day.year - 1
        return Quarter(year, (day.month - self.first_month) % 12 // 3 + 1)

    def first_day(self, quarter: Quarter) -> date:
        months = self.first_month - 1 + 3 * (quarter.quarter - 1)
        return date(quarter.year + months // 12, months % 12 + 1, 1)

    def last_day(self, quarter: Quarter) -> date:
        return self.first_day(quarter.plus(1)) - timedelta(days=1)

    def months(self, quarter: Quarter) -> Iterator[str]:
        """The three months of a quarter as 2026-09."""
        first = self.first_day(quarter)
        for place in range(first.month - 1, first.month + 2):
            yield f"{first.year + place // 12:04d}-{place % 12 + 1:02d}"

    def is_over(self, quarter: Quarter, today: date) -> bool:
        return self.last_day(quarter) < today


def fiscal_calendar(actor: Actor) -> FiscalCalendar:
    """The fiscal calendar of the actor's organisation."""
    return FiscalCalendar(int(actor.settings.get(SETTING) or 1))


def this_quarter(actor: Actor) -> Quarter:
    """The quarter that the sandbox's clock stands in."""
    return fiscal_calendar(actor).quarter_of(actor.lab_now.date())


def is_year(value: object) -> bool:
    """Whether this is a fiscal year that can be spoken of."""
    return isinstance(value, int) and FIRST_YEAR <= value <= LAST_YEAR
