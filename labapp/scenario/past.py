"""A past that holds together: when a deal went through its stages, what was done before what (product.md L1).

Pure, and decided by the numbers it is given: the same always make the same past.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from typing import Any

Values = dict[str, Any]
PATH = ("contact", "needs", "quote", "contract")
AGES = {
    "contact": (1, 6),
    "needs": (3, 9),
    "quote": (6, 14),
    "contract": (9, 20),
}  # days a deal in that stage is old
CLOSED_AGE = (10, 60)
FIRST_HOUR, LAST_HOUR, SATURDAY = 9, 17, 5
CLOSES_AT = time(15, 30)
LATER = timedelta(hours=1)


def age_of(stage: str) -> tuple[int, int]:
    """How many days ago a deal that stands there was begun."""
    return AGES.get(stage, CLOSED_AGE)


def with_stages(values: Values, made: datetime, now: datetime, chance: Callable[[int], float]) -> Values:
    """The values of a deal made then, with the stages it has gone through.

    `chance(turn)` gives numbers from 0 to 1, five at most; the first says how far a lost deal had come.
    """
    stage = values["stage"]
    if stage in PATH:
        passed, end, open_now = PATH[: PATH.index(stage)], now, True
    else:
        passed = PATH if stage == "won" else PATH[: 1 + int(chance(0) * len(PATH))]
        values = {**values, "close_date": max(values["close_date"], made.date())}
        end, open_now = max(datetime.combine(values["close_date"], CLOSES_AT), made + LATER), False
    if not passed:
        return values
    moves = _moves(made, end, map(chance, range(1, 1 + len(passed))))
    moves = moves if open_now else [*moves[:-1], end]
    starts = [made, *moves[:-1]]
    stays = [
        {"stage": name, "entered_at": _said(entered), "left_at": _said(left)}
        for name, entered, left in zip(passed, starts, moves, strict=True)
    ]
    return {**values, "stage_history": stays, "stage_since": moves[-1]}


def _moves(begin: datetime, end: datetime, chances: Iterable[float]) -> list[datetime]:
    """As many moments of working days between the two, in their order."""
    moments = sorted(_in_hours(begin + (end - begin) * chance) for chance in chances)
    return [min(max(moment, begin), end) for moment in moments]


def _in_hours(moment: datetime) -> datetime:
    """That moment or one shortly before, in working hours and to five minutes."""
    day = moment.date() - timedelta(days=max(0, moment.weekday() - SATURDAY + 1))
    hour = min(max(moment.hour, FIRST_HOUR), LAST_HOUR)
    return datetime.combine(day, time(hour, moment.minute // 5 * 5))


def _said(moment: datetime) -> str:
    return moment.isoformat()


def when_done(values: Values) -> datetime | None:
    """When an activity was done; None for one that is not."""
    moment: datetime | None = values.get("starts_at") or values.get("due_at")
    return moment if values.get("status") == "done" else None


def not_before(values: Values, known: datetime) -> Values:
    """The values of an activity that cannot have been done before what it is about was known."""
    done = when_done(values)
    if done is None or done >= known:
        return values
    late = _next_hour(known) - done
    moved = {name: values[name] + late for name in ("starts_at", "ends_at", "due_at") if values.get(name)}
    return {**values, **moved}


def _next_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0) + LATER


def heard_of(values: Values, done: datetime) -> Values:
    """The values of a lead or customer with whom something was done then."""
    before: datetime | None = values.get("last_contacted_at")
    return values if before is not None and before >= done else {**values, "last_contacted_at": done}
