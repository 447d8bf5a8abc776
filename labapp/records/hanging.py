"""The record that a note, an attachment or an activity hangs on."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.access.rules import EDIT, record_models


def parent_of(work: Any, values: dict[str, Any], need: str) -> Any:
    """The record that `related_kind` and `related_id` name, reached with `need`; None without both.

    Raises NotFound where it is not visible, Refused where it is but `need` is not met, Invalid for a kind
    on which nothing hangs.
    """
    kind, row_id = values.get("related_kind"), values.get("related_id")
    if not kind and not row_id:
        return None
    model = record_models().get(str(kind))
    if model is None or model.reach in {"related", "hanging"} or not row_id:
        raise Invalid(_l("Nothing can be added to that kind of record."))
    parent = work.get(model, row_id)
    if need == EDIT:
        work.require("edit", parent)
    return parent


def needed_parent(work: Any, values: dict[str, Any]) -> Any:
    """The record a new note or attachment is for; only who may edit it adds to it (product.md §5.18)."""
    parent = parent_of(work, values, EDIT)
    if parent is None:
        raise Invalid(_l("Open the record this belongs to and add it there."))
    return parent
