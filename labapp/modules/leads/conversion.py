"""Converting a lead into customer, contact and opportunity, and taking that back (004 §2.2 升级)."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound, Refused
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.convert_form import CLOSES_IN, convert_form
from labapp.modules.leads.models import Lead, is_converted, is_open
from labapp.modules.opportunities.models import Opportunity
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.dependents import hanging
from labapp.records.describe import action
from labapp.records.standard import create

SHARED = ("phone", "email", "address")
COMPANY = (
    *("industry", "source", "website", "employees", "annual_revenue", "province", "city", "description"),
    *("next_follow_up_at", "last_contacted_at"),
)
PERSON = ("title", "mobile")
MADE: dict[str, Any] = {"customer_id": Customer, "contact_id": Contact, "opportunity_id": Opportunity}


def refusal(actor: Actor, lead: Lead) -> Refused:
    """Why a lead that is not open cannot be converted; with links to what it became, if visible."""
    if not is_converted(lead):
        return Refused(_("An unqualified lead is not converted. Contact or qualify it first."))
    error = Refused(_("This lead was converted already; see what it became. It cannot be done twice."))
    became = [query.one(model, actor, getattr(lead, column) or 0) for column, model in MADE.items()]
    error.links = tuple(
        (row.name, f"/{catalog()[row.kind].slug}/{row.id}") for row in became if row is not None
    )
    return error


@action(
    _l("Convert"),
    form=convert_form,
    offered=is_open,
    icon="rocket",
    tone="primary",
    bulk=True,
    explain=_l("Makes a customer and a contact, and an opportunity if you name one."),
    refusal=refusal,
)
def convert(work: Any, lead: Lead, answers: dict[str, Any]) -> Customer:
    """Make a customer, a contact and, if named, an opportunity; activities and notes move over."""
    if not is_open(lead):
        raise refusal(work.actor, lead)
    owner_id = owner_of(work, lead)
    customer, contact = attach_or_make(work, lead, answers, owner_id)
    sale = begin_sale(work, lead, customer, {**answers, "owner_id": owner_id})
    for row in hanging(lead):
        work.update(row, related_kind=customer.kind, related_id=customer.id)
    work.update(
        lead,
        status="converted",
        customer_id=customer.id,
        contact_id=contact.id,
        opportunity_id=sale.id if sale is not None else None,
    )
    return customer


def owner_of(work: Any, lead: Lead) -> int:
    """Whose it will be: the lead's owner's, where the actor reaches the owner's records; else the actor's."""
    actor = work.actor
    reached = actor.sees_all or lead.owner_id in actor.circle
    return int(lead.owner_id if reached else actor.id)


def attach_or_make(work: Any, lead: Lead, answers: dict[str, Any], owner_id: int) -> tuple[Customer, Contact]:
    """The chosen customer and contact, or new ones. Raises Invalid where they do not fit."""
    contact = chosen(work, Contact, answers, "contact_id")
    customer = chosen(work, Customer, answers, "customer_id")
    if contact is not None and (customer is None or contact.customer_id != customer.id):
        sentence = _l("This contact belongs to another customer. Choose that one, or make a new contact.")
        raise Invalid(sentence, {"contact_id": sentence})
    if customer is None:
        values = {name: getattr(lead, name) for name in (*SHARED, *COMPANY)}
        customer = make(work, Customer, name=lead.company, owner_id=owner_id, **values)
    if contact is None:
        values = {name: getattr(lead, name) for name in (*SHARED, *PERSON)}
        contact = make(work, Contact, customer_id=customer.id, name=lead.name, owner_id=owner_id, **values)
    return customer, contact


def chosen(work: Any, model: Any, answers: dict[str, Any], column: str) -> Any:
    """The record that was chosen, if any; the log names it by serial. Raises Invalid if not visible."""
    row_id = answers.get(column)
    if row_id is None:
        return None
    try:
        row = work.get(model, row_id)
    except NotFound:
        sentence = _l("There is no such record, or it is not visible to you.")
        raise Invalid(sentence, {column: sentence}) from None
    work.header.answers.pop(column, None)
    work.header.answers[column.removesuffix("_id")] = row.serial
    return row


def begin_sale(work: Any, lead: Lead, customer: Customer, answers: dict[str, Any]) -> Opportunity | None:
    """The opportunity that was named, if any, in the first stage."""
    if not answers.get("opportunity"):
        return None
    sale: Opportunity = make(
        work,
        Opportunity,
        name=answers["opportunity"],
        customer_id=customer.id,
        amount=answers.get("amount"),
        close_date=answers.get("close_date") or (work.now + CLOSES_IN).date(),
        opportunity_type=answers.get("opportunity_type"),
        source=lead.source,
        campaign_id=lead.campaign_id,
        owner_id=answers["owner_id"],
    )
    return sale


def make(work: Any, model: Any, **values: Any) -> Any:
    """A new record by the rules of its own module."""
    return create(work, catalog()[model.__tablename__], values)
