"""What happened while the clock went on, in words: "3 days passed: 4 tickets arrived, 2 reminders"."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from labapp.db import db
from labapp.oplog.models import Operation

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BY_ITSELF = ("timeline", "automation")


def _tickets(count: int) -> str:
    return ngettext("%(num)s ticket arrived", "%(num)s tickets arrived", count)


def _leads(count: int) -> str:
    return ngettext("%(num)s lead came in", "%(num)s leads came in", count)


def _records(count: int) -> str:
    return ngettext("%(num)s record arrived", "%(num)s records arrived", count)


def _reminders(count: int) -> str:
    return ngettext("%(num)s reminder", "%(num)s reminders", count)


def _overdue(count: int) -> str:
    return ngettext("%(num)s ticket became overdue", "%(num)s tickets became overdue", count)


def _changed(count: int) -> str:
    return ngettext("%(num)s record changed", "%(num)s records changed", count)


def _told(count: int) -> str:
    return ngettext("%(num)s piece of news", "%(num)s pieces of news", count)


SAID: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("ticket", _tickets),
    ("lead", _leads),
    ("record", _records),
    ("remind", _reminders),
    ("escalate", _overdue),
    ("changed", _changed),
    ("told", _told),
)
GROUPS = {"remind": "remind", "escalate": "escalate", "tell": "told", "quarter_end": "told"}


def passed(length: timedelta, counts: Counter[tuple[str, str]]) -> str:
    """The sentence. `length` is lab time, `counts` are the steps by kind and verb."""
    happened = _(", ").join(_happened(counts))
    if not happened:
        return _("%(time)s passed; nothing fell due.", time=span(length))
    return _("%(time)s passed: %(happened)s.", time=span(length), happened=happened)


def span(length: timedelta) -> str:
    """A length of lab time in its largest unit, and the next where it matters."""
    days, rest = divmod(length, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = int(rest.total_seconds()) // 60
    parts = []
    if days:
        parts.append(ngettext("%(num)s day", "%(num)s days", days))
    if hours and days < 3:
        parts.append(ngettext("%(num)s hour", "%(num)s hours", hours))
    if (minutes and not days) or not parts:
        parts.append(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    return " ".join(parts)


def _happened(counts: Counter[tuple[str, str]]) -> Iterator[str]:
    groups: Counter[str] = Counter()
    for (kind, verb), count in counts.items():
        groups[group_of(kind, verb)] += count
    for name, say in SAID:
        if groups[name]:
            yield say(groups[name])


def group_of(kind: str, verb: str) -> str:
    """Under which words a step is counted."""
    if verb == "create":
        return kind if kind in {"ticket", "lead"} else "record"
    return GROUPS.get(verb, "changed")


def counted(sandbox_id: int, after: int) -> Counter[tuple[str, str]]:
    """How many steps of which kind and verb the timeline and the sweeps wrote after this step."""
    query = (
        select(Operation.kind, Operation.verb, func.count())
        .where(
            Operation.sandbox_id == sandbox_id,
            Operation.id > after,
            Operation.origin.in_(BY_ITSELF),
            Operation.outcome == "done",
        )
        .group_by(Operation.kind, Operation.verb)
    )
    return Counter({(kind, verb): number for kind, verb, number in db.session.execute(query)})
