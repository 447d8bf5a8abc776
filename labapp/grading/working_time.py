"""Working time: the hours of a working day, on days that are no holidays."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any


@dataclass(frozen=True)
class WorkingHours:
    """When the company works: weekdays (1 = Monday), from and to as time since midnight."""

    days: frozenset[int]
    opens: timedelta
    closes: timedelta
    holidays: frozenset[date]
    _before: dict[date, tuple[timedelta, bool]] = field(default_factory=dict, compare=False, repr=False)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two points of the sandbox clock, the earlier first."""
        return self._until(end) - self._until(start)

    def works_on(self, day: date) -> bool:
        """Whether the company works on that day."""
        return day.isoweekday() in self.days and day not in self.holidays

    def _until(self, moment: datetime) -> timedelta:
        """The working time from the year 1 to a moment."""
        day = moment.date()
        known = self._before.get(day)
        if known is None:
            known = self._before[day] = (
                self._days_before(day) * (self.closes - self.opens),
                self.works_on(day),
            )
        before, today = known
        if not today:
            return before
        return before + min(max(moment - datetime.combine(day, time()), self.opens), self.closes) - self.opens

    def _days_before(self, day: date) -> int:
        """How many working days there are before a day."""
        weeks, rest = divmod(day.toordinal() - 1, 7)  # 1 January of the year 1 is a Monday
        weekdays = weeks * len(self.days) + sum(weekday in self.days for weekday in range(1, rest + 1))
        return weekdays - sum(
            holiday < day and holiday.isoweekday() in self.days for holiday in self.holidays
        )


def working_hours(header: dict[str, Any]) -> WorkingHours:
    """Working hours and holidays of a log's header. Raises KeyError where it has none."""
    hours = header["working_hours"]
    opens = _since_midnight(hours["from"])
    return WorkingHours(
        days=frozenset(day for day in hours["days"] if day in range(1, 8)),
        opens=opens,
        closes=max(opens, _since_midnight(hours["to"])),
        holidays=frozenset(date.fromisoformat(day) for day in header.get("holidays") or ()),
    )


def _since_midnight(clock: str) -> timedelta:
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=rest[0] if rest else 0)
