"""The records that the visibility matrix is tried on: the newest of each kind around one owner."""

from typing import Any

from sqlalchemy import select

from labapp.access.actor import Actor
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.attachments.models import Attachment
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.values import dataclass

WITH_A_MODE = ("lead", "customer", "contact", "opportunity", "document", "ticket")
OWNED = ("forecast", "quota", "competitor", "campaign", "announcement", "product", "category")


@dataclass(frozen=True)
class Sample:
    """One record of a kind, with its owner; `parent` is the customer whose page lists it, if any does."""

    record_type: RecordType
    record: Any
    parent: Any = None
    attachment: Any = None


def samples(actor: Actor, owner_id: int) -> list[Sample]:
    """The newest record of each kind that this member owns, and what hangs on the customer and the sale among them."""
    found: dict[str, Sample] = {}
    customer = newest(actor, "customer", owner_id=owner_id)
    for kind in WITH_A_MODE:
        inside = customer is not None and kind in {"contact", "opportunity"}
        more = {"customer_id": customer.id} if inside else {}
        record = customer if kind == "customer" else newest(actor, kind, owner_id=owner_id, **more)
        if record is not None:
            parent = customer if more else None
            found[kind] = Sample(catalog()[kind], record, parent, attachment_of(actor, kind, record.id))
    for kind, where in around(found, owner_id):
        record = newest(actor, kind, **where)
        if record is not None:
            found[kind] = Sample(catalog()[kind], record)
    return list(found.values())


def around(known: dict[str, Sample], owner_id: int) -> list[tuple[str, dict[str, Any]]]:
    """(kind, what narrows it) of the other kinds: the owner's, or upon the customer or sale that was found."""
    wanted: list[tuple[str, dict[str, Any]]] = [(kind, {"owner_id": owner_id}) for kind in OWNED]
    wanted.append(("article", {"owner_id": owner_id, "status": "published"}))
    customer, sale, contact = (
        known[k].record if k in known else None for k in ("customer", "opportunity", "contact")
    )
    if customer is not None:
        upon = {"related_kind": "customer", "related_id": customer.id}
        wanted.append(("activity", {**upon, "owner_id": owner_id}))
        wanted += [("note", upon), ("document_link", upon)]
        wanted.append(("survey", {"customer_id": customer.id, "owner_id": owner_id}))
    if customer is not None and contact is not None:
        wanted.append(("relation", {"from_customer_id": customer.id, "to_contact_id": contact.id}))
    if sale is not None:
        wanted += [
            (kind, {"opportunity_id": sale.id}) for kind in ("line", "contact_role", "partner", "rival")
        ]
    return wanted


def newest(actor: Actor, kind: str, **where: Any) -> Any:
    """The newest live record of a kind that is so; a customer with sales and a ticket with an assignee go before."""
    model: Any = catalog()[kind].model
    chosen = select(model).filter_by(sandbox_id=actor.sandbox_id, deleted_at=None, **where)
    if kind == "customer":
        sales: Any = catalog()["opportunity"].model
        sold = select(sales.customer_id).filter_by(sandbox_id=actor.sandbox_id, deleted_at=None, **where)
        chosen = chosen.order_by(model.id.in_(sold).desc())
    if kind == "ticket":
        chosen = chosen.order_by(model.assignee_id.is_(None))
    chosen = chosen.order_by(model.id.desc()).limit(1)
    return db.session.scalars(chosen, execution_options={"seen_by": EVERYONE}).first()


def attachment_of(actor: Actor, kind: str, record_id: int) -> Any:
    chosen = select(Attachment).filter_by(
        sandbox_id=actor.sandbox_id, related_kind=kind, related_id=record_id, deleted_at=None
    )
    return db.session.scalars(chosen.limit(1), execution_options={"seen_by": EVERYONE}).first()
