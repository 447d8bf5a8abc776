"""Who was contacted by an activity: what it is about, or the customer of that (product.md M11)."""

from collections.abc import Iterator
from typing import Any

from labapp.access.errors import NotFound
from labapp.access.rules import record_models
from labapp.modules.activities.models import Activity
from labapp.records.snapshot import kind_of


def contacted_by(work: Any, activity: Activity) -> list[Any]:
    """The visible leads and customers that were contacted: what it is about, or the customer of that."""
    found = {}
    for kind, row_id in about(activity):
        record = customer_of(work, visible(work, kind, row_id))
        if record is not None:
            found[kind_of(record), record.id] = record
    return list(found.values())


def about(activity: Activity) -> Iterator[tuple[str, int]]:
    """(kind, id) of the record and of the contact it is about."""
    if activity.related_kind and activity.related_id:
        yield activity.related_kind, activity.related_id
    if activity.contact_id:
        yield "contact", activity.contact_id


def customer_of(work: Any, record: Any) -> Any:
    """The record itself if it says when it was last contacted, else its customer."""
    if record is None or hasattr(record, "last_contacted_at"):
        return record
    return visible(work, "customer", getattr(record, "customer_id", None))


def visible(work: Any, kind: str, row_id: int | None) -> Any:
    """The record as the actor sees it; None where it is hidden, deleted or of an unknown kind."""
    model = record_models().get(kind)
    try:
        return work.get(model, row_id) if model is not None and row_id is not None else None
    except NotFound:
        return None
