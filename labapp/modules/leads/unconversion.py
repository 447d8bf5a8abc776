"""Taking a conversion back: on the same lab day, while what it made is untouched (product.md §5.14)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.modules.customers.rules import names
from labapp.modules.leads.models import Lead, is_converted
from labapp.oplog.models import Operation
from labapp.records import past
from labapp.records.dependents import dependents, hanging
from labapp.records.describe import action
from labapp.records.snapshot import kind_of


@action(
    _l("Take conversion back"),
    offered=is_converted,
    icon="arrow-counterclockwise",
    explain=_l("Possible on the same day, as long as nobody added or changed anything on what was made."),
)
def unconvert(work: Any, lead: Lead, answers: dict[str, Any]) -> Lead:
    """Delete what the conversion made, move activities and notes back, and give the lead its status back."""
    step = todays_conversion(work, lead)
    made = made_by(work, step)
    refuse_if_touched(work, step, lead, made)
    move_back(work, step, lead)
    work.update(lead, status=status_before(step), customer_id=None, contact_id=None, opportunity_id=None)
    for row in reversed(made):
        work.delete(row)
    return lead


def todays_conversion(work: Any, lead: Lead) -> Operation:
    """The step that converted this lead today, in lab time. Refuses where there is none."""
    step = past.last_step(lead, "convert")
    if step is None or step.lab_at.date() != work.now.date():
        work.refuse(_l("A conversion can be taken back on the day it was made only."))
    assert step is not None
    return step


def made_by(work: Any, step: Operation) -> list[Any]:
    """What the step created, in its order. Refuses where something of it is gone."""
    changes = [change for change in step.changes if change["what"] == "created"]
    rows = [past.row_of(work.actor.sandbox_id, past.named(change)) for change in changes]
    if any(row is None or row.deleted_at is not None for row in rows):
        work.refuse(_l("Something that this conversion made was deleted since. Restore it first."))
    return rows


def refuse_if_touched(work: Any, step: Operation, lead: Lead, made: list[Any]) -> None:
    """Stop where anybody changed what was made or added to it, naming what."""
    keys = [(kind_of(row), row.serial) for row in made]
    changed = set(past.changed_since(step, keys))
    touched = [row for row in made if (kind_of(row), row.serial) in changed]
    known = {past.named(change) for change in step.changes} | {(lead.kind, lead.serial)}
    for row in made:
        added = (other for other in dependents(row) if (kind_of(other), other.serial) not in known)
        touched += [other for other in added if other not in touched]
    if touched:
        work.refuse(
            _(
                "This conversion cannot be taken back any more: somebody added or changed %(what)s.",
                what=names(work.actor, touched),
            )
        )


def move_back(work: Any, step: Operation, lead: Lead) -> None:
    """Activities, notes and attachments that moved over hang on the lead again."""
    moved = {past.named(change) for change in step.changes if change["what"] == "changed"}
    customer = after_conversion(work, step)
    for row in hanging(customer) if customer is not None else ():
        if (kind_of(row), row.serial) in moved:
            work.update(row, related_kind=lead.kind, related_id=lead.id)


def after_conversion(work: Any, step: Operation) -> Any:
    """The customer that the lead became, also one that the actor does not see any more."""
    return past.row_of(work.actor.sandbox_id, ("customer", lead_change(step)["after"]["customer"]))


def lead_change(step: Operation) -> dict[str, Any]:
    """What the conversion changed in the lead itself."""
    return next(change for change in step.changes if past.named(change) == (step.kind, step.record))


def status_before(step: Operation) -> str:
    """The status that the conversion ended."""
    return str(lead_change(step)["before"]["status"])
