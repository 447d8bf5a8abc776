"""Telling, counting and reading notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, insert, select, update

from labapp.clock import now
from labapp.db import begin_write, db
from labapp.db.detached import detached
from labapp.db.quick import Quick
from labapp.notices.models import Notice
from labapp.values import dataclass

SHOWN = 100
HINT = "hint"  # the topic of what an instructor tells a student from the wall
_notice = Notice.__table__


def unread_of(membership_id: Any) -> Select[Any]:
    """The question how many notices a member has not read; of a column, a part of another question."""
    mine = _notice.c.membership_id == membership_id, _notice.c.read_at.is_(None)
    return select(func.count(_notice.c.id)).where(*mine)


UNREAD = Quick(unread_of(bindparam("member")))

LAST = Quick(
    select(*_notice.c)
    .where(_notice.c.membership_id == bindparam("member"))
    .order_by(_notice.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


@dataclass(frozen=True)
class Words:
    """A text in both languages."""

    en: str
    zh: str


def tell(
    sandbox_id: int, members: Sequence[int], topic: str, words: Words, at: datetime, url: str = ""
) -> None:
    """Add a notice for each of these members (membership ids), in the running transaction. `at` is lab time."""
    rows = [
        {
            "sandbox_id": sandbox_id,
            "membership_id": member,
            "at": at,
            "topic": topic,
            "text_en": words.en[:1000],
            "text_zh": words.zh[:1000],
            "url": url[:300],
        }
        for member in members
    ]
    if rows:
        db.session.execute(insert(Notice), rows)


def unread(membership_id: int) -> int:
    """How many notices this member has not read."""
    return int(UNREAD({"member": membership_id}).one()[0])


def notices_of(membership_id: int, most: int = SHOWN) -> list[Notice]:
    """The last notices of a member, newest first. For reading."""
    return [detached(Notice, row) for row in LAST({"member": membership_id, "most": most})]


def of_topic(membership_id: int, topic: str, limit: int) -> list[Notice]:
    """The last notices of a member about one topic, newest first."""
    query = select(Notice).where(Notice.membership_id == membership_id, Notice.topic == topic)
    return list(db.session.scalars(query.order_by(Notice.id.desc()).limit(limit)))


def mark_read(membership_id: int) -> None:
    """Everything of this member is read now."""
    begin_write()
    db.session.execute(
        update(Notice)
        .where(Notice.membership_id == membership_id, Notice.read_at.is_(None))
        .values(read_at=now())
    )
    db.session.commit()
