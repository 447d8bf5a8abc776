"""What customers ask of the standard verbs."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField

from labapp.access.errors import Invalid, NotFound
from labapp.access.rules import COMMAND, model_of, reachable, record_models
from labapp.db import db
from labapp.modules.customers.models import Customer
from labapp.records.catalog import catalog
from labapp.records.codes import codes_of
from labapp.records.dependents import linked, take_along
from labapp.records.forms import LabForm
from labapp.records.snapshot import kind_of

OVER = frozenset({"resolved", "closed"})
NAMED = 5


class AlongForm(LabForm):
    """What a transfer offers to take along, taken by default (product.md §5.13)."""

    take_contacts = BooleanField(_l("Take along the contacts"), default=True)
    take_opportunities = BooleanField(_l("Take along the open opportunities"), default=True)
    take_activities = BooleanField(_l("Take along the open activities"), default=True)


def check(work: Any, record: Customer | None, values: dict[str, Any]) -> None:
    """No company is its own parent, not by a detour either."""
    if record is None or values.get("parent_id") is None:
        return
    if is_above(work, record, values["parent_id"]):
        sentence = _l("A company is not its own parent, and not in a circle.")
        raise Invalid(sentence, {"parent_id": sentence})


def is_above(work: Any, record: Customer, parent_id: int) -> bool:
    """Whether the chain upwards from `parent_id` meets the record."""
    seen: set[int] = set()
    above: int | None = parent_id
    while above is not None and above not in seen:
        if above == record.id:
            return True
        seen.add(above)
        try:
            above = work.get(Customer, above).parent_id
        except NotFound:
            return False
    return False


def deleting(work: Any, record: Customer) -> None:
    """Refused while something is open with the customer; else all it has goes along (product.md §5.19)."""
    still_open = open_rows(work, record)
    if still_open:
        work.refuse(
            _(
                "This customer cannot be deleted while something is open with it: %(what)s. "
                "Close it or give it to another customer first.",
                what=names(work.actor, still_open),
            )
        )
    contacts = linked(record, "contact")
    take_along(work, *contacts, record)
    for contact in contacts:
        work.delete(contact)


def open_rows(work: Any, record: Customer) -> list[Any]:
    """Open opportunities and tickets of the customer, anyone's."""
    codes = codes_of(work.actor.sandbox_id, work.actor.stamp)
    sales = [o for o in linked(record, "opportunity") if codes.outcome(o.stage) == "open"]
    return sales + [t for t in linked(record, "ticket") if t.status not in OVER]


def names(actor: Any, rows: list[Any]) -> str:
    """The titles of these rows; those the reader may not see without a name (product.md §5.3)."""
    shown = [name_of(actor, row) for row in rows[:NAMED]]
    more = [_("%(count)s more", count=len(rows) - NAMED)] if len(rows) > NAMED else []
    return ", ".join(shown + more)


def name_of(actor: Any, row: Any) -> str:
    """Kind and title of a row, or that it is not visible."""
    record_type = catalog()[kind_of(row)]
    model: Any = record_type.model
    query = select(model.id).where(model.id == row.id)
    if db.session.execute(query, execution_options={"seen_by": actor}).first() is None:
        return str(_("%(kind)s not visible to you", kind=record_type.label))
    return f"{record_type.label} “{record_type.title_of(row)}”"


def follow_ups(work: Any, record: Customer, answers: dict[str, Any]) -> list[tuple[str, int]]:
    """(kind, id) of what goes along with a transfer, as far as the giver may give it (product.md §5.13)."""
    found: list[tuple[str, int]] = []
    if answers.get("take_contacts", True):
        found += givable(work, "contact", record, lambda row: True)
    if answers.get("take_opportunities", True):
        codes = codes_of(work.actor.sandbox_id, work.actor.stamp)
        found += givable(work, "opportunity", record, lambda row: codes.outcome(row.stage) == "open")
    if answers.get("take_activities", True):
        found += givable(work, "activity", record, lambda row: row.status == "open")
    return found


def givable(work: Any, kind: str, record: Customer, wanted: Any) -> list[tuple[str, int]]:
    """The customer's rows of this kind that the actor may transfer and that are not the taker's already."""
    if kind not in record_models():
        return []
    model: Any = model_of(kind)
    of_customer = (
        (model.related_kind == "customer") & (model.related_id == record.id)
        if kind == "activity"
        else model.customer_id == record.id
    )
    query = select(model).where(
        of_customer, model.owner_id != record.owner_id, reachable(work.actor, model, COMMAND)
    )
    rows = db.session.scalars(query.order_by(model.id), execution_options={"seen_by": work.actor})
    return [(kind, row.id) for row in rows if wanted(row)]
