"""What people do with customers besides the ordinary: look after them."""

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from labapp.access.actor import Actor
from labapp.db.fields import fields_of
from labapp.modules.activities.models import Activity
from labapp.modules.customers.models import Customer
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.forms import LabForm, LongField, Needed, Typed, input_for
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
    create(work, catalog()["activity"], values)
    return customer
