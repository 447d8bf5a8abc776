"""What leads ask of the standard verbs."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.leads.models import CLOSED, Lead, is_converted
from labapp.records.dependents import take_along


def check(work: Any, record: Lead | None, values: dict[str, Any]) -> None:
    """A new lead begins open; a converted one is read only (004 §2.2)."""
    if record is None:
        if values.get("status", "new") in CLOSED:
            sentence = _l("A new lead is new, contacted or qualified. The rest happens by its verbs.")
            raise Invalid(sentence, {"status": sentence})
    elif is_converted(record):
        work.refuse(_l("A converted lead is read only. Work on with the customer it became."))


def deleting(work: Any, record: Lead) -> None:
    """Notes, attachments and activities go along."""
    take_along(work, record)


def merging(work: Any, record: Lead, other: Lead) -> None:
    """What a lead became stays with it: two are made one while both are open or given up."""
    if is_converted(record) or is_converted(other):
        work.refuse(_l("A converted lead is not merged. Merge the customers or contacts instead."))
