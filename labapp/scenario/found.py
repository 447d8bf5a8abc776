"""The record that a scenario planned, found again after people have worked on it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.db import db
from labapp.oplog.models import Operation, Touch
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.values import plain
from labapp.scenario.fired import arrived

if TYPE_CHECKING:
    from labapp.scenario.deal import Plan


def record_of(house: Actor, plan: "Plan") -> Any:
    """The row of a plan, whoever owns it now and whatever it is called; None where it was deleted.

    One that the timeline brought is noted there. Any other was made at the moment planned, and its first step says
    for whom: moments and steps are never changed.
    """
    record_type = catalog()[plan.kind]
    model: Any = record_type.model
    noted = arrived(house.sandbox_id, plan.ref.key, plan.ref.member)
    if noted is not None:
        return next(iter(query.rows(model, house, model.serial == noted[1])), None)
    made = query.rows(model, house, model.created_at == plan.at)
    return next((row for row in made if len(made) == 1 or _was_made_for(house, row, plan)), None)


def _was_made_for(house: Actor, row: Any, plan: "Plan") -> bool:
    """Whether the step that made a record gave it the plan's owner and title."""
    title = catalog()[plan.kind].title
    first = (
        select(Operation.changes)
        .join(Touch, (Touch.sandbox_id == Operation.sandbox_id) & (Touch.step == Operation.id))
        .where(Touch.sandbox_id == house.sandbox_id, Touch.kind == plan.kind, Touch.serial == row.serial)
        .order_by(Touch.step)
        .limit(1)
    )
    for change in db.session.scalar(first) or ():
        if change["kind"] == plan.kind and change["id"] == row.serial and change["what"] == "created":
            after = change["after"]
            named = title not in plan.values or after.get(title) == plain(plan.values[title])
            return named and (not plan.owner or after.get("owner") == plan.owner)
    return False
