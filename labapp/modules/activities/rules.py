"""What activities ask of the standard verbs."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.access.rules import READ
from labapp.modules.activities.models import Activity
from labapp.records.hanging import parent_of


def check(work: Any, record: Activity | None, values: dict[str, Any]) -> None:
    """A new activity is open and about something one sees; its times follow one another."""
    if record is None:
        if values.get("status") not in (None, "open"):
            sentence = _l("A new activity is open. Complete or cancel it afterwards.")
            raise Invalid(sentence, {"status": sentence})
        parent_of(work, values, READ)
    check_times(record, values)


def check_times(record: Activity | None, values: dict[str, Any]) -> None:
    """Raises Invalid where an end is before its beginning or a reminder comes too late."""

    def at(name: str) -> datetime | None:
        return values.get(name) if name in values else getattr(record, name, None)

    starts, ends, reminder = at("starts_at"), at("ends_at"), at("reminder_at")
    moment = starts or at("due_at")
    if ends is not None and (starts is None or ends < starts):
        sentence = _l("An activity ends after it starts: give both times, the end not before the start.")
        raise Invalid(sentence, {"ends_at": sentence})
    if reminder is not None and moment is not None and reminder > moment:
        sentence = _l("The reminder must not come after the start or the due time.")
        raise Invalid(sentence, {"reminder_at": sentence})
