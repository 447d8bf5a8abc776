"""Activities in the calendar: events where they happen, tasks where they are due (004 §2.10)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, or_, select

from labapp.access.rules import EDIT, granted, reachable
from labapp.modules.activities.models import Activity
from labapp.records import query
from labapp.records.agenda import MOST, Agenda, Entry, Stretch
from labapp.records.codes import codes_of
from labapp.records.words import language

LONGEST = timedelta(days=31)
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
    start, end = stretch.start, stretch.end
    happens = and_(
        A.starts_at >= start - LONGEST, A.starts_at < end, or_(A.starts_at >= start, A.ends_at > start)
    )
    due = and_(A.starts_at.is_(None), A.due_at >= start, A.due_at < end)
    found = [*_rows(stretch, happens, A.starts_at), *_rows(stretch, due, A.due_at)]
    made = sorted(map(_maker(stretch), found), key=lambda entry: (entry.start, entry.id))
    return made[:MOST]


def _rows(stretch: Stretch, when: ColumnElement[bool], order: Any) -> Sequence[Any]:
    chosen = select(*COLUMNS, reachable(stretch.actor, A, EDIT).label("movable")).where(when)
    return query.answers(_narrowed(chosen, stretch).order_by(order, A.id).limit(MOST), stretch.actor)


def _narrowed(chosen: Select[*tuple[Any, ...]], stretch: Stretch) -> Select[*tuple[Any, ...]]:
    """Only these people's, and only what is about these records."""
    if stretch.owners is not None:
        chosen = chosen.where(A.owner_id.in_(sorted(stretch.owners)))
    if stretch.about is not None:
        by_kind: dict[str, list[int]] = {}
        for kind, record_id in sorted(stretch.about):
            by_kind.setdefault(kind, []).append(record_id)
        parts = [and_(A.related_kind == kind, A.related_id.in_(ids)) for kind, ids in by_kind.items()]
        parts.append(A.contact_id.in_(by_kind.get("contact", [])))
        chosen = chosen.where(or_(*parts))
    return chosen


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
