"""My day on the first page: what is overdue, what today holds, what comes next (004 §2.10, product.md M14)."""

from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, func, select

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.db.detached import detached
from labapp.modules.activities.models import Activity
from labapp.records.codes import codes_of
from labapp.records.words import language
from labapp.values import dataclass

SHOWN = 12


@dataclass(frozen=True)
class Task:
    """An open activity of mine. `when` says its time in few words; `is_task`: it has no beginning."""

    id: int
    title: str
    url: str
    when: str
    tone: str
    label: str
    late: bool


@dataclass(frozen=True)
class Section:
    """Activities that belong together: overdue, today, coming, without a time."""

    name: str
    title: str
    tasks: list[Task]


AT = func.coalesce(Activity.due_at, Activity.starts_at)
MINE_AND_OPEN = Activity.owner_id == bindparam("me"), Activity.status == "open"


def _day(visible: Visible) -> Any:
    columns = Activity.__table__.c
    return (
        select(*columns).where(*MINE_AND_OPEN, visible(Activity)).order_by(AT.asc().nulls_last()).limit(SHOWN)
    )


def _overdue(visible: Visible) -> Any:
    return select(func.count(Activity.id)).where(*MINE_AND_OPEN, bindparam("now") > AT, visible(Activity))


def sections(actor: Actor) -> list[Section]:
    """My open activities, the most urgent first; those without a time last. One statement."""
    found = [detached(Activity, row) for row in read(actor, "my day", _day, me=actor.id).all()]
    titles = {"late": _("Overdue"), "today": _("Today"), "next": _("Coming"), "some": _("Without a time")}
    parts: dict[str, list[Task]] = {name: [] for name in titles}
    for row in found:
        parts[part_of(row, actor.lab_now)].append(task_of(row, actor))
    return [Section(name, titles[name], tasks) for name, tasks in parts.items() if tasks]


def part_of(row: Activity, now: datetime) -> str:
    at = row.due_at or row.starts_at
    if at is None:
        return "some"
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time())
    over = row.ends_at or at
    if over < now and not (row.starts_at and at.date() == now.date()):
        return "late"
    return "today" if at < tomorrow else "next"


def task_of(row: Activity, actor: Actor) -> Task:
    now, word = actor.lab_now, language()
    at = row.due_at or row.starts_at
    label = codes_of(actor.sandbox_id, actor.stamp).label("activity_type", row.activity_type, word)
    late = part_of(row, now) == "late"
    return Task(
        row.id, row.subject, f"/activities/{row.id}", words_of(at, now), row.activity_type, label, late
    )


def words_of(at: datetime | None, now: datetime) -> str:
    """The hour today, the day at other times."""
    if at is None:
        return ""
    hour = "" if (at.hour, at.minute) in {(0, 0), (23, 59)} else at.strftime("%H:%M")
    if at.date() == now.date():
        return hour or _("today")
    day = at.strftime("%m-%d" if at.year == now.year else "%Y-%m-%d")
    return f"{day} {hour}".rstrip()


def late_count(actor: Actor) -> int:
    """How many of my open activities are overdue."""
    return int(read(actor, "my overdue", _overdue, me=actor.id, now=actor.lab_now).one()[0])
