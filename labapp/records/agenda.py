"""What modules put into the calendar (004 §2.10).

A module exports `AGENDAS`; the calendar asks each of them for the entries of a stretch of lab time and knows no module.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from labapp.access.actor import Actor
from labapp.values import dataclass

MOST = 1_000


@dataclass(frozen=True)
class Stretch:
    """A question to an agenda: what there is from `start` on and before `end` that `actor` sees.

    `owners` are membership ids (None: anybody's), `about` the records it is about, (kind, id) (None: anything).
    """

    actor: Actor
    start: datetime
    end: datetime
    owners: Collection[int] | None = None
    about: Collection[tuple[str, int]] | None = None


@dataclass(frozen=True)
class Entry:
    """Something in the calendar, between two moments of lab time.

    `end` is None for what only begins or is due; `tone` names its colour, `label` says the same in words.
    `version` is that of a record which may be moved (None: it stays where it is).
    """

    kind: str
    id: int
    title: str
    url: str
    start: datetime
    end: datetime | None
    tone: str
    label: str
    owner_id: int
    is_task: bool = False
    is_over: bool = False
    is_cancelled: bool = False
    version: int | None = None
    serial: int = 0
    about: tuple[str, int] | None = None
    reminder: datetime | None = None
    text: str = ""

    @property
    def whole_day(self) -> bool:
        """Whether it has no hour: from midnight, or due by the end of a day."""
        begins = is_midnight(self.start) or (self.end is None and is_last_minute(self.start))
        return begins and (self.end is None or is_midnight(self.end) or is_last_minute(self.end))


@dataclass(frozen=True)
class Agenda:
    """A source of entries. `entries(stretch)` gives at most MOST of them, the earliest first, in a fixed number of
    statements. One that is not `always` shown can be added by the reader."""

    name: str
    label: Any
    entries: Callable[[Stretch], Sequence[Entry]]
    always: bool = False


def is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute) == (0, 0)


def is_last_minute(moment: datetime) -> bool:
    return (moment.hour, moment.minute) == (23, 59)
