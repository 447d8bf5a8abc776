"""Which events of the timeline have happened, and to whom."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp.db import Model, db

ONCE = ""


class TimelineEvent(Model):
    """An event that happened, to a member (by key) or once for all (empty): written in the transaction of its acts.

    `due_at` is when it was to happen, `at` when it did, both lab time; they differ for those who joined later. `kind`
    and `serial` name the record that arrived or changed. `failed`: it could not be done, and is not tried again.
    """

    __tablename__ = "timeline_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    key: Mapped[str] = mapped_column(String(60))
    member: Mapped[str] = mapped_column(String(20), default=ONCE)
    due_at: Mapped[datetime]
    at: Mapped[datetime]
    kind: Mapped[str | None] = mapped_column(String(40))
    serial: Mapped[int | None]
    failed: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index(None, "sandbox_id", "key", "member", unique=True),)


def happened(sandbox_id: int, keys: Collection[str] | None = None) -> set[tuple[str, str]]:
    """(event, member) of what has happened; of these events only, if they are given."""
    query = select(TimelineEvent.key, TimelineEvent.member).where(TimelineEvent.sandbox_id == sandbox_id)
    if keys is not None:
        query = query.where(TimelineEvent.key.in_(sorted(keys)))
    return {(row.key, row.member) for row in db.session.execute(query)}


def arrived(sandbox_id: int, key: str, member: str) -> tuple[str, int] | None:
    """(kind, serial) of the record that an event brought."""
    query = select(TimelineEvent.kind, TimelineEvent.serial).filter_by(
        sandbox_id=sandbox_id, key=key, member=member
    )
    row = db.session.execute(query).first()
    return (row.kind, row.serial) if row is not None and row.serial is not None else None
