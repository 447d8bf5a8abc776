"""Working time: the hours of a working day, on days that are no holidays."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class WorkingHours:
    """When the company works: weekdays (1 = Monday), from and to as time since midnight."""

    days: frozenset[int]
    opens: timedelta
    closes: timedelta
    holidays: frozenset[date]

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time between two points of the sandbox clock."""
        total = timedelta()
        day = start.date()
        while day <= end.date():
            if day.isoweekday() in self.days and day not in self.holidays:
                total += self._on(day, start, end)
            day += timedelta(days=1)
        return total

    def _on(self, day: date, start: datetime, end: datetime) -> timedelta:
        midnight = datetime.combine(day, datetime.min.time())
        begin = max(start, midnight + self.opens)
        finish = min(end, midnight + self.closes)
        return max(finish - begin, timedelta())


def working_hours(header: dict[str, Any]) -> WorkingHours:
    """Working hours and holidays of a log's header. Raises KeyError where it has none."""
    hours = header["working_hours"]
    return WorkingHours(
        days=frozenset(hours["days"]),
        opens=_since_midnight(hours["from"]),
        closes=_since_midnight(hours["to"]),
        holidays=frozenset(date.fromisoformat(day) for day in header.get("holidays") or ()),
    )


def _since_midnight(clock: str) -> timedelta:
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=rest[0] if rest else 0)
