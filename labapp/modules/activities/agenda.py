"""Activities in the calendar: events where they happen, tasks where they are due (004 §2.10)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, Select, and_, bindparam, or_, select

from labapp.access.prepared import Builder, Visible, read
from labapp.access.rules import EDIT, granted
from labapp.modules.activities.models import Activity
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
    """Those of one sort, by a prepared statement."""
    said: dict[str, Any] = {"since": stretch.start - LONGEST, "start": stretch.start, "until": stretch.end}
    if stretch.owners is not None:
        said["owners"] = sorted(stretch.owners)
    about = _by_kind(stretch.about) if stretch.about is not None else None
    for kind, ids in (about or {}).items():
        said[f"{kind}_ids"] = ids
    kinds = tuple(about) if about is not None else None
    asked = _asked(which, kinds, by_owner=stretch.owners is not None)
    return read(stretch.actor, ("agenda", which, kinds, stretch.owners is not None), asked, **said)


def _by_kind(about: Collection[tuple[str, int]]) -> dict[str, list[int]]:
    """The ids of the records by kind, contacts always; filled up with nothing to one of few lengths.

    A prepared statement is compiled for each length of its lists.
    """
    found: dict[str, list[int]] = {"contact": []}
    for kind, record_id in sorted(about):
        found.setdefault(kind, []).append(record_id)
    return {kind: ids + [0] * (_length(len(ids)) - len(ids)) for kind, ids in found.items()}


def _length(count: int) -> int:
    return next(length for length in (4, 32, 256, count) if length >= count)


def _asked(which: str, kinds: Sequence[str] | None, *, by_owner: bool) -> Builder:
    """The statement for all, or only for the people among `owners`; about anything, or records of these kinds."""

    def build(visible: Visible) -> Any:
        times = {name: bindparam(name, type_=DateTime) for name in ("since", "start", "until")}
        chosen = _chosen(which, visible(A, EDIT), times).where(visible(A))
        if by_owner:
            chosen = chosen.where(A.owner_id.in_(bindparam("owners", expanding=True)))
        if kinds is None:
            return chosen
        ids: dict[str, Any] = {kind: bindparam(f"{kind}_ids", expanding=True) for kind in kinds}
        parts = [and_(A.related_kind == kind, A.related_id.in_(ids[kind])) for kind in kinds]
        return chosen.where(or_(*parts, A.contact_id.in_(ids["contact"])))

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
