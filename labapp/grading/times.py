"""Times on the sandbox clock, and durations (grading.md 2, Times)."""

import re
from datetime import date, datetime, time, timedelta
from functools import cached_property

from labapp.values import dataclass

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_AFTER_START = re.compile(r"\+([0-9]{1,5})d ([0-9]{2}:[0-9]{2})")
_DURATION = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class LabTime:
    """A point on the sandbox clock: a fixed one, or a clock time some days after the lab starts."""

    fixed: datetime | None = None
    days: int = 0
    clock: time = time(0)

    def on(self, starts_at: datetime) -> datetime:
        """The time in a lab that starts then."""
        if self.fixed is not None:
            return self.fixed
        return datetime.combine(starts_at.date() + timedelta(days=self.days), self.clock)


def lab_time(text: str) -> LabTime:
    """Read ``2026-09-08T18:00:00`` or ``+10d 18:00``.

    Raises ValueError for anything else; a clock time is required, a zone is not allowed.
    """
    after = _AFTER_START.fullmatch(text)
    if after:
        return LabTime(days=int(after[1]), clock=time.fromisoformat(after[2]))
    if _ISO.fullmatch(text):
        return LabTime(fixed=datetime.fromisoformat(text))
    raise ValueError(f"{text!r} is no time")


def field_time(value: object) -> datetime | None:
    """A field of a record as a time without zone; a date is its 00:00. None for anything else."""
    if not isinstance(value, str) or value[4:5] != "-":
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo is None else None


def field_date(value: object) -> date | None:
    """The date of a field that holds a date or a time."""
    read = field_time(value)
    return read.date() if read else None


@dataclass(frozen=True)
class Duration:
    """A span of lab time as the rubric wrote it."""

    count: int
    unit: str

    @cached_property
    def span(self) -> timedelta:
        return self.count * _UNITS[self.unit]


def duration(text: str) -> Duration:
    """Read ``30m``, ``4h`` or ``2d`` (a day is 24 hours). Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no duration")
    return Duration(int(found[1]), found[2])
