"""Tags of one's own on records (003 two-3): which are in use, putting them on and taking them off."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.records import query
from labapp.records.describe import RecordType

READ_AT_MOST, OFFERED, MOST = 5_000, 20, 20


def has_tags(record_type: RecordType) -> bool:
    """Whether records of this kind carry tags."""
    field = record_type.fields.get("tags")
    return field is not None and field.shape == "tags"


def in_use(actor: Actor, record_type: RecordType, begun: str = "") -> list[str]:
    """The tags on the newest 5,000 tagged records that the actor sees, those used most first."""
    model: Any = record_type.model
    tagged = select(model.tags).where(func.json_array_length(model.tags) > 0)
    rows = query.answers(tagged.order_by(model.id.desc()).limit(READ_AT_MOST), actor)
    words = begun.strip().casefold()
    known = Counter(tag for row in rows for tag in row[0] if words in tag.casefold())
    return [tag for tag, _count in sorted(known.items(), key=lambda item: (-item[1], item[0]))[:OFFERED]]


def with_tags(record: Any, more: Iterable[str]) -> list[str]:
    """The record's tags with more at their end. Raises Invalid beyond twenty."""
    found = list(dict.fromkeys([*(record.tags or ()), *more]))
    if len(found) > MOST:
        raise Invalid(_("A record carries at most %(most)s tags.", most=MOST))
    return found


def without_tags(record: Any, fewer: Iterable[str]) -> list[str]:
    """The record's tags without these."""
    return [tag for tag in record.tags or () if tag not in set(fewer)]


def changed(record: Any, more: Iterable[str], fewer: Iterable[str]) -> list[str]:
    """The record's tags with some more and without some."""
    gone = set(fewer)
    return [tag for tag in with_tags(record, more) if tag not in gone]
