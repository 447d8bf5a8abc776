"""What people do with customers besides the ordinary: look after them."""

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.access.errors import Invalid, NotFound
from labapp.access.rules import model_of
from labapp.db.fields import SHORT, fields_of
from labapp.modules.activities.models import Activity
from labapp.modules.customers.models import Customer
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LinkPick, LongField, Needed, Typed, input_for, remote, targets
from labapp.records.standard import create


def care_form(actor: Actor, record_type: RecordType, record: Customer | None) -> type[LabForm]:
    """What is to be done, of which type, by when."""
    asked = fields_of(Activity)
    return type(
        "care_form",
        (LabForm,),
        {
            "subject": Typed(asked["subject"].label, [Needed()]),
            "activity_type": input_for(replace(asked["activity_type"], default="follow_up"), actor),
            "due_at": input_for(asked["due_at"], actor),
            "description": LongField(asked["description"].label, [Optional()], shape="prose"),
            "campaign_id": LinkPick(
                _l("Campaign"),
                [Optional()],
                load=lambda now: targets("campaign", actor, now),
                description=_l("Chosen, the activity becomes a task of this care campaign."),
                render_kw=remote("campaign"),
            ),
        },
    )


@action(
    _l("Customer care"),
    form=care_form,
    icon="telephone",
    bulk=True,
    explain=_l("Plans one activity for each of these customers."),
)
def care(work: Any, customer: Customer, answers: dict[str, Any]) -> Customer:
    """Plan a call or visit to this customer: one activity (004 §2.3, care for many at once)."""
    values = {
        "subject": answers["subject"],
        "activity_type": answers.get("activity_type") or "follow_up",
        "due_at": answers.get("due_at"),
        "description": answers.get("description"),
        "related_kind": customer.__tablename__,
        "related_id": customer.id,
    }
    if answers.get("campaign_id"):
        values |= as_task_of(work, customer, answers)
    create(work, catalog()["activity"], values)
    return customer


def as_task_of(work: Any, customer: Customer, answers: dict[str, Any]) -> dict[str, Any]:
    """What makes the activity a task of the chosen campaign: with a contact of the customer, named after it."""
    try:
        campaign = work.get(model_of("campaign"), answers["campaign_id"])
    except NotFound:
        sentence = _l("There is no such record, or it is not visible to you.")
        raise Invalid(sentence, {"campaign_id": sentence}) from None
    work.header.answers.pop("campaign_id", None)
    work.header.answers["campaign"] = campaign.serial
    contact: Any = model_of("contact")
    people = work.rows(contact, contact.customer_id == customer.id)
    return {
        "subject": f"{answers['subject']} · {customer.name}"[:SHORT],
        "contact_id": people[0].id if people else None,
        "related_kind": "campaign",
        "related_id": campaign.id,
    }
