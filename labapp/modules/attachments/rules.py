"""What attachments ask of the standard verbs."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.attachments.models import Attachment
from labapp.records.hanging import needed_parent


def check(work: Any, record: Attachment | None, values: dict[str, Any]) -> None:
    """An attachment has a file, and hangs on a record that its author may edit."""
    if record is not None:
        return
    needed_parent(work, values)
    if not values.get("sha256"):
        sentence = _l("Choose a file.")
        raise Invalid(sentence, {"file": sentence})
