"""Activities in the calendar: events where they happen, tasks where they are due (004 §2.10)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, Select, and_, bindparam, or_, select

from labapp.access.prepared import Builder, Visible, read
from labapp.access.rules import EDIT, granted, reachable
from labapp.modules.activities.models import Activity
from labapp.records import query
from labapp.records.agenda import MOST, Agenda, Entry, Stretch
from labapp.records.codes import codes_of
from labapp.records.words import language

LONGEST = timedelta(days=31)
HAPPENS, DUE = "happens", "due"
A = Activity
COLUMNS = (
    A.id,
    A.serial,
    A.version,
    A.owner_id,
    A.subject,
    A.activity_type,
    A.status,
    A.starts_at,
    A.ends_at,
    A.due_at,
    A.reminder_at,
    A.related_kind,
    A.related_id,
    A.description,
)


def entries(stretch: Stretch) -> list[Entry]:
    """What happens or is due in that time: two statements. Events longer than a month are met at their start."""
    found = [row for which in (HAPPENS, DUE) for row in _rows(stretch, which)]
    made = sorted(map(_maker(stretch), found), key=lambda entry: (entry.start, entry.id))
    return made[:MOST]


def _rows(stretch: Stretch, which: str) -> Sequence[Any]:
    """Those of one sort. Whose they are and when is asked by a prepared statement; about what is asked rarely."""
    times = {"since": stretch.start - LONGEST, "start": stretch.start, "until": stretch.end}
    if stretch.about is None:
        by_owner = stretch.owners is not None
        owners = {"owners": sorted(stretch.owners or ())} if by_owner else {}
        return read(stretch.actor, ("agenda", which, by_owner), _asked(which, by_owner), **times, **owners)
    movable = reachable(stretch.actor, A, EDIT)
    return query.answers(_about(_chosen(which, movable, times), stretch), stretch.actor)


def _asked(which: str, by_owner: bool) -> Builder:
    """The statement for all, or only for the people among `owners`."""

    def build(visible: Visible) -> Any:
        times = {name: bindparam(name, type_=DateTime) for name in ("since", "start", "until")}
        chosen = _chosen(which, visible(A, EDIT), times).where(visible(A))
        return chosen.where(A.owner_id.in_(bindparam("owners", expanding=True))) if by_owner else chosen

    return build


def _chosen(which: str, movable: Any, times: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    """What happens between two moments, or is due."""
    since, start, until = (times[name] for name in ("since", "start", "until"))
    order: Any = A.starts_at if which == HAPPENS else A.due_at
    when = (
        and_(A.starts_at >= since, A.starts_at < until, or_(A.starts_at >= start, A.ends_at > start))
        if which == HAPPENS
        else and_(A.starts_at.is_(None), A.due_at >= start, A.due_at < until)
    )
    return select(*COLUMNS, movable.label("movable")).where(when).order_by(order, A.id).limit(MOST)


def _about(chosen: Select[*tuple[Any, ...]], stretch: Stretch) -> Select[*tuple[Any, ...]]:
    """Only what is about these records, and only these people's."""
    if stretch.owners is not None:
        chosen = chosen.where(A.owner_id.in_(sorted(stretch.owners)))
    by_kind: dict[str, list[int]] = {}
    for kind, record_id in sorted(stretch.about or ()):
        by_kind.setdefault(kind, []).append(record_id)
    parts = [and_(A.related_kind == kind, A.related_id.in_(ids)) for kind, ids in by_kind.items()]
    return chosen.where(or_(*parts, A.contact_id.in_(by_kind.get("contact", []))))


def _maker(stretch: Stretch) -> Any:
    actor = stretch.actor
    book, word = codes_of(actor.sandbox_id, actor.stamp), language()
    may = granted(actor, "activity", "edit")

    def made(row: Any) -> Entry:
        open_, task = row.status == "open", row.starts_at is None
        return Entry(
            "activity",
            row.id,
            row.subject,
            f"/activities/{row.id}",
            row.due_at if task else row.starts_at,
            None if task else row.ends_at,
            row.activity_type,
            book.label("activity_type", row.activity_type, word),
            row.owner_id,
            is_task=task,
            is_over=not open_,
            is_cancelled=row.status == "cancelled",
            version=row.version if may and open_ and row.movable else None,
            serial=row.serial,
            about=(row.related_kind, row.related_id) if row.related_kind and row.related_id else None,
            reminder=row.reminder_at if open_ else None,
            text=row.description or "",
        )

    return made


AGENDA = Agenda("activities", _l("Activities"), entries, always=True)
