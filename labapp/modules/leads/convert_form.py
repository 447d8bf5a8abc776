"""What is asked when a lead is converted: into whom, and which sale begins with it."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.db.fields import Field, fields_of
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.candidates import same_people, similar_customers
from labapp.modules.leads.models import Lead
from labapp.modules.opportunities.models import Opportunity
from labapp.records import query
from labapp.records.describe import RecordType
from labapp.records.forms import LabForm, LinkPick, Typed, input_for, remote

CLOSES_IN = timedelta(days=30)


def convert_form(actor: Actor, record_type: RecordType, lead: Lead | None) -> type[LabForm] | None:
    """The form for one lead; None for many at once, where each becomes a new customer and contact."""
    if lead is None:
        return None
    sale = fields_of(Opportunity)
    inputs: dict[str, Any] = {
        "customer_id": LinkPick(
            _l("Customer"),
            [Optional()],
            load=lambda now: customers(actor, lead, now),
            description=_l("Alike ones are offered first; type to search among all that you can see."),
            render_kw=remote("customer"),
        ),
        "contact_id": LinkPick(
            _l("Contact"),
            [Optional()],
            load=lambda now: contacts(actor, lead, now),
            render_kw=remote("contact"),
        ),
        "opportunity": Typed(
            _l("Opportunity name"), [Optional()], description=_l("Left empty, no opportunity is made.")
        ),
        "amount": optional(sale["amount"], actor),
        "close_date": optional(sale["close_date"], actor),
        "opportunity_type": optional(sale["opportunity_type"], actor),
    }
    return type("convert_form", (LabForm,), inputs)


def optional(shape: Field, actor: Actor) -> Any:
    """The input of an opportunity's field that may stay empty here."""
    return input_for(Field(shape.name, shape.shape, shape.label, codes=shape.codes), actor)


def customers(actor: Actor, lead: Lead, now: int | None) -> list[SelectChoice]:
    """A new one, the alike ones, and the one that was chosen."""
    found = similar_customers(actor, lead.company)
    chosen = query.one(Customer, actor, now) if now and all(i != now for i, _name in found) else None
    more = [(chosen.id, chosen.name)] if chosen is not None else []
    new = SelectChoice("", _("New customer: %(name)s", name=lead.company))
    return [new] + [SelectChoice(str(row_id), name) for row_id, name in [*found, *more]]


def contacts(actor: Actor, lead: Lead, now: int | None) -> list[SelectChoice]:
    """A new one, people of the same name, mobile or e-mail, and the one that was chosen."""
    found = same_people(actor, lead)
    chosen = query.one(Contact, actor, now) if now and all(c.id != now for c in found) else None
    new = SelectChoice("", _("New contact: %(name)s", name=lead.name))
    return [new] + [
        SelectChoice(str(contact.id), words(contact))
        for contact in [*found, *([chosen] if chosen is not None else [])]
    ]


def words(contact: Contact) -> str:
    return " · ".join(part for part in (contact.name, contact.title, contact.mobile) if part)
