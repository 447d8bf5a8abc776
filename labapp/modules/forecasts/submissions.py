"""What a member submitted for a quarter, and when: read from the log, where every submission stands (F116)."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from labapp.access.actor import Actor
from labapp.modules.forecasts.figures import cents, minus
from labapp.modules.forecasts.models import Forecast
from labapp.records.history import steps_of
from labapp.values import dataclass

FIELDS = ("expected_amount", "best_case_amount", "comment")
MOST = 200


@dataclass(frozen=True)
class Submission:
    """One submission. `moved` is what the expected revenue moved by since the one before; None for the first."""

    number: int
    at: datetime
    by: str
    expected: Decimal
    best: Decimal
    comment: str
    moved: Decimal | None


def submissions(actor: Actor, forecast: Forecast) -> list[Submission]:
    """All submissions of a forecast, the newest first. One statement."""
    found: list[Submission] = []
    for step, values in _values(actor, forecast):
        expected = cents(values["expected_amount"])
        moved = minus(expected, found[-1].expected) if found else None
        best, comment = cents(values["best_case_amount"]), str(values["comment"] or "")
        member = actor.directory.by_key.get(step.member or "")
        by = member.name if member else ""
        found.append(Submission(len(found) + 1, step.lab_at, by, expected, best, comment, moved))
    return found[::-1]


def _values(actor: Actor, forecast: Forecast) -> Iterator[tuple[Any, dict[str, Any]]]:
    """(step, what the forecast said after it) for every step that moved one of its fields, oldest first."""
    stands: dict[str, Any] = dict.fromkeys(FIELDS)
    for step in reversed(steps_of(forecast, actor, MOST)):
        changes = [c for c in step.changes if (c["kind"], c["id"]) == (forecast.kind, forecast.serial)]
        after = {name: value for change in changes for name, value in change["after"].items()}
        moved = {name: value for name, value in after.items() if name in FIELDS}
        if moved and not moved.items() <= stands.items():
            stands = {**stands, **moved}
            yield step, stands
