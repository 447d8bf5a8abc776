"""What time it is: for the machine (UTC) and in a sandbox (lab time). Nothing else asks the machine."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class LabClock(Protocol):
    """What a sandbox says about its time."""

    @property
    def clock_mode(self) -> str: ...
    @property
    def clock_base(self) -> datetime: ...
    @property
    def clock_set_at(self) -> datetime: ...
    @property
    def clock_pace(self) -> int: ...
    @property
    def clock_goal(self) -> datetime | None: ...


_ahead = timedelta(0)


def now() -> datetime:
    """Real time in UTC, to the second, without zone. Many machines all go by the database's (`db.timing`)."""
    return (datetime.now(UTC) + _ahead).replace(tzinfo=None, microsecond=0)


def set_ahead(ahead: timedelta) -> None:
    """By how much the clock that counts is ahead of this machine's."""
    global _ahead
    _ahead = ahead


def monotonic() -> float:
    """Seconds that only go forward, for measuring how long something took."""
    return time.monotonic()


def lab_now(sandbox: LabClock) -> datetime:
    """The sandbox clock, without zone, to the second.

    `real` runs on from `clock_base`, which was set at the UTC moment `clock_set_at`; `stepped` runs only
    to the end of the day of `clock_base`, until somebody ends that day (product.md L2). Both run `clock_pace`
    times as fast as real time. While the clock is on its way to `clock_goal` it stands at `clock_base`.
    """
    if sandbox.clock_goal is not None:
        return sandbox.clock_base
    pace = 1 if sandbox.clock_pace is None else sandbox.clock_pace  # a row that was not written yet has none
    elapsed = max(now() - sandbox.clock_set_at, timedelta(0)) * pace
    lab = sandbox.clock_base + elapsed
    if sandbox.clock_mode == "stepped":
        lab = min(lab, end_of_day(sandbox.clock_base))
    return lab


def end_of_day(moment: datetime) -> datetime:
    """The last second of that day."""
    return moment.replace(hour=23, minute=59, second=59, microsecond=0)
