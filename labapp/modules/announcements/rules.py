"""What announcements ask of the standard verbs."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.announcements.models import Announcement


def check(work: Any, record: Announcement | None, values: dict[str, Any]) -> None:
    """The last day is not before the first."""
    first, last = (values.get(name, getattr(record, name, None)) for name in ("start_date", "end_date"))
    if first and last and last < first:
        sentence = _l("The last day must not come before the first.")
        raise Invalid(sentence, {"end_date": sentence})
