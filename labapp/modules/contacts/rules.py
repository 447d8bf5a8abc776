"""What contacts ask of the standard verbs."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid, NotFound
from labapp.modules.contacts.models import Contact
from labapp.records.dependents import take_along


def check(work: Any, record: Contact | None, values: dict[str, Any]) -> None:
    """Nobody reports to themselves, not by a detour either."""
    if record is None or values.get("reports_to_id") is None:
        return
    if is_below(work, record, values["reports_to_id"]):
        sentence = _l("Nobody reports to themselves, and not in a circle.")
        raise Invalid(sentence, {"reports_to_id": sentence})


def is_below(work: Any, record: Contact, superior_id: int) -> bool:
    """Whether the chain upwards from `superior_id` meets the record."""
    seen: set[int] = set()
    above: int | None = superior_id
    while above is not None and above not in seen:
        if above == record.id:
            return True
        seen.add(above)
        try:
            above = work.get(Contact, above).reports_to_id
        except NotFound:
            return False
    return False


def deleting(work: Any, record: Contact) -> None:
    """Notes, attachments and activities go along."""
    take_along(work, record)
