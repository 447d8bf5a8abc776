"""Reminders by the sandbox clock: of an activity at its time, and of customers nobody followed up (003 two-4)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, exists, func, literal, select
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor, actor_of
from labapp.db import db
from labapp.modules.activities.models import Activity
from labapp.notices.board import Words, tell
from labapp.notices.models import Notice
from labapp.people.models import ACTIVE, STUDENT, Sandbox
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.question import Question, hour_of, question_of
from labapp.records.sweeps import Automation, Sweep, enough, give_back, portions
from labapp.records.work import writing

REMINDER, NEGLECTED, NEGLECTED_SWEEP = "reminder", "neglected", "neglected.remind"
QUIET_DAYS, USUAL_DAYS = "reminders.quiet_days", 7
AT_ONCE, COUNTED, PORTION = 200, 100, 100
QUIET = ("lead", "customer", "opportunity")
HOUR = timedelta(hours=1)
LATE = timedelta(days=60)  # what should have been told longer ago than this is not told any more


# -- of an activity, at the time its owner chose ---------------------------------------------------


def remind(house: Actor) -> int:
    """Tell the owners of open activities whose reminder has come, once for each time chosen. Returns how many."""
    count = 0
    for row in query.answers(due(house), house):
        with Automation(house, "activity.remind") as work:
            work.header.record, work.header.label = row.serial, row.subject
            tell(
                house.sandbox_id, [row.owner_id], REMINDER, words_for(row), work.now, f"/activities/{row.id}"
            )
        count += 1
        if enough():
            break
    return count


def due(house: Actor) -> Any:
    """The activities to remind of: their owner was not told since the time chosen."""
    a: Any = Activity
    address = literal("/activities/") + cast(a.id, String)
    known = exists().where(
        Notice.membership_id == a.owner_id,
        Notice.url == address,
        Notice.topic == REMINDER,
        Notice.at >= a.reminder_at,
    )
    now = house.lab_now
    return (
        select(a.id, a.serial, a.subject, a.owner_id, a.starts_at, a.due_at)
        .where(a.reminder_at <= now, a.reminder_at > now - LATE, a.status == "open", ~known)
        .order_by(a.reminder_at, a.id)
        .limit(AT_ONCE)
    )


def next_reminder(house: Actor) -> datetime | None:
    """When the next reminder of an open activity comes."""
    a: Any = Activity
    found = select(func.min(a.reminder_at)).where(a.reminder_at > house.lab_now, a.status == "open")
    moment: datetime | None = query.answers(found, house)[0][0]
    return moment


def words_for(row: Any) -> Words:
    when = row.starts_at or row.due_at
    at = f" ({when.strftime('%Y-%m-%d %H:%M')})" if when else ""
    return Words(f"Reminder: “{row.subject}”{at}", f"提醒：“{row.subject}”{at}")


# -- of what nobody followed up --------------------------------------------------------------------


def remind_of_neglected(house: Actor) -> int:
    """Tell every student which leads, customers and sales nobody followed up for so many days, once a period.

    The first time a period after the sandbox began: what was left lying before is nobody's fault. A hundred students
    are asked about at a time: all others of a faculty would wait for a question about everybody.
    """
    days = quiet_days(house)
    sandbox = db.session.get_one(Sandbox, house.sandbox_id)
    since = house.lab_now - timedelta(days=days)
    if not days or sandbox.starts_at > since:
        return 0
    quiet, count = hour_of(since), 0
    for students in portions(NEGLECTED_SWEEP, lambda: untold_since(house, since), PORTION):
        told = set(
            db.session.scalars(told_since(house.sandbox_id, since).where(Notice.membership_id.in_(students)))
        )
        concerned = {owner for kind in QUIET for owner in _quiet_owners(house, kind, students, quiet)}
        left = sorted(concerned - told)
        while left:
            count += _tell_of(actor_of(sandbox, left.pop(0)).at(house.lab_now), days)
            if left and enough():
                give_back(NEGLECTED_SWEEP, left)
                break
    return count


def untold_since(house: Actor, since: datetime) -> list[int]:
    """The students who were not told of something neglected since then, by membership id."""
    told = set(db.session.scalars(told_since(house.sandbox_id, since)))
    students = (m for m in house.directory.members.values() if m.role == STUDENT and m.state == ACTIVE)
    return sorted(member.id for member in students if member.id not in told)


def next_neglected(house: Actor) -> datetime | None:
    """When the next student will have something that nobody followed up, and was not told of it for a period.

    That is at the full hour from which on the lists of what is quiet show it.
    """
    days = quiet_days(house)
    if not days:
        return None
    now, period = house.lab_now, timedelta(days=days)
    starts_at = db.session.get_one(Sandbox, house.sandbox_id).starts_at
    if starts_at > now - period:
        return starts_at + period
    known = select(func.max(Notice.at).label("at")).where(
        Notice.sandbox_id == house.sandbox_id, Notice.topic == NEGLECTED, Notice.at > now - period
    )
    last = known.group_by(Notice.membership_id).subquery()
    again = db.session.scalar(select(func.min(last.c.at)))
    untold = untold_since(house, now - period)
    found = [_next_quiet(house, kind, untold, hour_of(now) - period) for kind in QUIET]
    moments = [hour_of(moment) + period + HOUR for moment in found if moment is not None]
    return min([*moments, *((again + period,) if again is not None else ())], default=None)


def _chosen(house: Actor, kind: str, owners: list[int], column: Any, *where: Any) -> list[Any]:
    model: Any = catalog()[kind].model
    name, values = states(house)[kind]
    fitting = [getattr(model, name).in_(values)] if name else []
    asked = select(column).where(model.owner_id.in_(owners), *fitting, *where)
    return [row[0] for row in query.answers(asked.distinct(), house)]


def _quiet_since(kind: str) -> Any:
    """Since when a record of this kind is quiet, as the filter "nobody followed up for so many days" has it."""
    model: Any = catalog()[kind].model
    if not hasattr(model, "last_contacted_at"):
        return model.updated_at
    return func.coalesce(model.last_contacted_at, model.created_at)


def _quiet_owners(house: Actor, kind: str, owners: list[int], since: datetime) -> list[int]:
    """Which of these members have something of this kind that nobody followed up since then."""
    model: Any = catalog()[kind].model
    return _chosen(house, kind, owners, model.owner_id, _quiet_since(kind) < since)


def _next_quiet(house: Actor, kind: str, owners: list[int], since: datetime) -> datetime | None:
    """The oldest contact since then."""
    quiet = _quiet_since(kind)
    found = _chosen(house, kind, owners, func.min(quiet), quiet >= since)
    return found[0] if found else None


def quiet_days(house: Actor) -> int:
    """After how many lab days without contact a reminder comes (003: seven); 0 for never."""
    return int(house.settings.get(QUIET_DAYS, USUAL_DAYS))


def told_since(sandbox_id: int, since: Any) -> Any:
    """The members who were told of something neglected since then."""
    return (
        select(Notice.membership_id)
        .where(Notice.sandbox_id == sandbox_id, Notice.topic == NEGLECTED, Notice.at > since)
        .distinct()
    )


def _tell_of(member: Actor, days: int) -> int:
    found = [
        (question, count) for question in questions(member, days) if (count := counted(question, member))
    ]
    with writing():
        for question, count in found:
            words = neglected_words(question, count, days)
            tell(member.sandbox_id, [member.id], NEGLECTED, words, member.lab_now, question.address())
    return len(found)


def questions(member: Actor, days: int) -> list[Question]:
    """The lists of what is neglected: my open leads, my customers, my open sales."""
    known = catalog()
    return [
        question_of(
            known[kind],
            member,
            MultiDict([("mine", "1"), ("quiet_days", str(days)), *((name, value) for value in values)]),
        )
        for kind, (name, values) in states(member).items()
        if kind in known and kind in member.writes
    ]


def states(actor: Actor) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What of each kind has to be followed up: a field and its values."""
    stages = codes_of(actor.sandbox_id, actor.stamp).values("stage")
    return {
        "lead": ("status", ("new", "contacted", "qualified")),
        "customer": ("", ()),
        "opportunity": ("stage", tuple(stage.key for stage in stages if stage.outcome == "open")),
    }


def counted(question: Question, member: Actor) -> int:
    """How many there are, counted to a hundred."""
    chosen = select(question.record_type.model.id).where(*question.where).limit(COUNTED)
    return len(query.answers(chosen, member))


PLURALS = {
    "lead": ("leads", "条线索"),
    "customer": ("customers", "个客户"),
    "opportunity": ("opportunities", "个销售机会"),
}


def neglected_words(question: Question, count: int, days: int) -> Words:
    english, chinese = PLURALS[question.record_type.name]
    more = "+" if count == COUNTED else ""
    zh_more = "以上" if count == COUNTED else ""
    return Words(
        f"Nobody has followed up {count}{more} of your {english} for {days} days.",
        f"你有{count}{zh_more}{chinese}已超过 {days} 天未跟进。",
    )


SWEEPS = (
    Sweep("activity.remind", remind, next_reminder),
    Sweep(NEGLECTED_SWEEP, remind_of_neglected, next_neglected),
)
