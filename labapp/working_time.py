"""Working time: the hours of a working day, on days that are no holidays.

Pure arithmetic on the sandbox clock, for the grader and for what the product itself promises by the hour.
"""

from dataclasses import field
from datetime import date, datetime, time, timedelta
from typing import Any

from labapp.values import dataclass

DAY, WIDENINGS = 86_400, 10  # seconds; ten of them look some eighty years ahead


@dataclass(frozen=True)
class WorkingHours:
    """When the company works: weekdays (1 = Monday), from and to as time since midnight.

    `workdays` are days that are worked although they are no weekdays of these.
    """

    days: frozenset[int]
    opens: timedelta
    closes: timedelta
    holidays: frozenset[date]
    workdays: frozenset[date] = frozenset()
    _before: dict[date, tuple[timedelta, bool]] = field(default_factory=dict, compare=False, repr=False)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two points of the sandbox clock, the earlier first."""
        return self._until(end) - self._until(start)

    def works_on(self, day: date) -> bool:
        """Whether the company works on that day."""
        return day not in self.holidays and (day.isoweekday() in self.days or day in self.workdays)

    def after(self, start: datetime, length: timedelta) -> datetime:
        """The first moment by which so much working time has passed since `start`. Raises ValueError for never."""
        wanted, low, high = self._until(start) + length, 0, int(length.total_seconds()) + 1
        for _attempt in range(WIDENINGS):
            if self._until(start + timedelta(seconds=high)) >= wanted:
                break
            low, high = high, 3 * high + DAY
        else:
            raise ValueError("the company never works")
        while high - low > 1:
            middle = (low + high) // 2
            enough = self._until(start + timedelta(seconds=middle)) >= wanted
            low, high = (low, middle) if enough else (middle, high)
        return start + timedelta(seconds=high)

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
        lost = sum(holiday < day and holiday.isoweekday() in self.days for holiday in self.holidays)
        return weekdays - lost + sum(more < day for more in self._more)

    @property
    def _more(self) -> list[date]:
        return [d for d in self.workdays if d.isoweekday() not in self.days and d not in self.holidays]


def working_hours(header: dict[str, Any]) -> WorkingHours:
    """Working hours and holidays of a log's header; `workdays` if given. Raises KeyError where it has no hours."""
    hours = header["working_hours"]
    opens = _since_midnight(hours["from"])
    return WorkingHours(
        days=frozenset(day for day in hours["days"] if day in range(1, 8)),
        opens=opens,
        closes=max(opens, _since_midnight(hours["to"])),
        holidays=frozenset(date.fromisoformat(day) for day in header.get("holidays") or ()),
        workdays=frozenset(date.fromisoformat(day) for day in header.get("workdays") or ()),
    )


def _since_midnight(clock: str) -> timedelta:
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=rest[0] if rest else 0)
