"""Moments of a working week."""

from datetime import date, datetime, time, timedelta

from seed.draw import Draw

OPENS, CLOSES = 9, 17
SATURDAY = 5


def working_day(day: date) -> date:
    """That day, or the Monday after it when it is a weekend."""
    ahead = 7 - day.weekday() if day.weekday() >= SATURDAY else 0
    return day + timedelta(days=ahead)


def last_working_day(day: date) -> date:
    """That day, or the Friday before it when it is a weekend."""
    return day - timedelta(days=max(0, day.weekday() - SATURDAY + 1))


def _at(chance: Draw, day: date) -> datetime:
    return datetime.combine(day, time(chance.between(OPENS, CLOSES), 5 * chance.below(12)))


def past(chance: Draw, now: datetime, fewest: int, most: int) -> datetime:
    """A moment in office hours so many days back; `fewest` must be 1 or more."""
    return _at(chance, last_working_day(now.date() - timedelta(days=chance.between(fewest, most))))


def coming(chance: Draw, now: datetime, fewest: int, most: int) -> datetime:
    """A moment in office hours so many days ahead; `fewest` must be 1 or more."""
    return _at(chance, working_day(now.date() + timedelta(days=chance.between(fewest, most))))
