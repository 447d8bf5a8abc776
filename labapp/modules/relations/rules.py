"""What relations ask of the standard verbs."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from labapp.access.errors import Invalid, Refused
from labapp.access.rules import EDIT, model_of, reachable
from labapp.db import db
from labapp.modules.relations.models import Relation

ENDS = [name for end in Relation.ends for name in end]


def check(work: Any, record: Relation | None, values: dict[str, Any]) -> None:
    """Two different ends, one of which one may edit, and not the same relation twice."""
    if record is not None:
        return
    pairs = [end_of(values, names) for names in Relation.ends]
    if pairs[0] == pairs[1]:
        raise Invalid(_l("Nothing is related to itself: choose two different ones."))
    if not any(editable(work, kind, row_id) for kind, row_id in pairs):
        raise Refused(_l("You read both, but change neither: one of the two must be yours to edit."))
    if known(work, values):
        raise Invalid(_l("This relation is on record already."))


def end_of(values: dict[str, Any], names: tuple[str, str]) -> tuple[str, int]:
    """(kind, id) of one end. Raises Invalid unless it is one customer or one contact."""
    found = [(kind, values.get(name)) for kind, name in zip(("customer", "contact"), names, strict=True)]
    said = [(kind, row_id) for kind, row_id in found if row_id]
    if len(said) != 1:
        sentence = _l("Each end is one customer or one contact.")
        raise Invalid(sentence, {names[0]: sentence})
    kind, row_id = said[0]
    return kind, int(row_id or 0)


def editable(work: Any, kind: str, row_id: int) -> bool:
    """Whether the actor may edit this end. Raises NotFound where it is not visible."""
    model = model_of(kind)
    work.get(model, row_id)
    where = model.id == row_id, reachable(work.actor, model, EDIT)
    return not work.asks or bool(
        db.session.execute(select(model.id).where(*where), execution_options={"seen_by": work.actor}).first()
    )


def known(work: Any, values: dict[str, Any]) -> bool:
    """Whether the same two are related so already, as far as the actor sees."""
    same = [getattr(Relation, name) == values.get(name) for name in ENDS if values.get(name)]
    return bool(work.rows(Relation, Relation.relation_type == values.get("relation_type"), *same))
