"""From service to marketing and sales: a lead or a task out of a ticket; and service planned from a customer."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.modules.tickets.models import SERVICE, Ticket
from labapp.modules.tickets.passing import person_field
from labapp.modules.tickets.routing import worker
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType, action
from labapp.records.forms import WIDGETS, LabForm, LongField, Needed, Typed, input_for
from labapp.records.standard import create


def lead_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """Who may become a customer of what, and who is to follow it up."""
    lead = catalog()["lead"].fields
    return type(
        "lead_form",
        (LabForm,),
        {
            "name": Typed(lead["name"].label, [Needed()]),
            "company": Typed(lead["company"].label, [Needed()]),
            "mobile": Typed(lead["mobile"].label, [Optional()], shape="mobile", widget=WIDGETS["mobile"]),
            "description": LongField(lead["description"].label, [Optional()], shape="prose"),
            "assignee_id": person_field(None, actor, chosen=actor.id),
        },
    )


@action(
    _l("Create a lead"),
    form=lead_form,
    icon="person-plus",
    explain=_l("For marketing and sales: what the customer said shows a need that is worth following up."),
)
def create_lead(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Lead:
    """A lead of the member chosen, out of this ticket (004 §3.3 协助完成市场调查和拓广)."""
    owner = worker(work.actor, answers.get("assignee_id"))
    said = {name: answers.get(name) for name in ("name", "company", "mobile", "description")}
    found: Lead = create(work, catalog()["lead"], {**said, "source": "other", "owner_id": owner.id})
    return found


def task_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """What is to be done for marketing, by whom and by when."""
    asked = catalog()["activity"].fields
    return type(
        "task_form",
        (LabForm,),
        {
            "task": Typed(asked["subject"].label, [Needed()]),
            "due_at": Typed(asked["due_at"].label, [Optional()], shape="moment", widget=WIDGETS["moment"]),
            "description": LongField(asked["description"].label, [Optional()], shape="prose"),
            "assignee_id": person_field(None, actor, chosen=actor.id),
        },
    )


@action(
    _l("Create a task"),
    form=task_form,
    icon="list-task",
    explain=_l("For marketing or anybody else, about this ticket."),
)
def create_task(work: Any, ticket: Ticket, answers: dict[str, Any]) -> Ticket:
    """A task of the member chosen, about this ticket; whoever reads the ticket reads it."""
    owner = worker(work.actor, answers.get("assignee_id"))
    values = {
        "subject": answers["task"],
        "activity_type": "task",
        "due_at": answers.get("due_at"),
        "description": answers.get("description"),
        "related_kind": "ticket",
        "related_id": ticket.id,
        "owner_id": owner.id,
    }
    create(work, catalog()["activity"], values)
    return ticket


def service_form(actor: Any, record_type: RecordType, record: Any) -> type[LabForm]:
    """What is to be done for the customer, and when."""
    asked = catalog()["ticket"].fields
    return type(
        "service_form",
        (LabForm,),
        {
            "subject": Typed(asked["subject"].label, [Needed()]),
            "planned_at": Typed(
                asked["planned_at"].label, [Optional()], shape="moment", widget=WIDGETS["moment"]
            ),
            "product_id": input_for(asked["product_id"], actor),
            "content": LongField(_l("What is to be done"), [Optional()], shape="prose"),
        },
    )


@action(
    _l("Schedule service"),
    form=service_form,
    icon="headset",
    explain=_l("A service ticket for this customer; with a time it stands in the calendar."),
)
def schedule_service(work: Any, customer: Customer, answers: dict[str, Any]) -> Ticket:
    """A service task of the customer's (004 §2.3 安排新的服务)."""
    said: dict[str, Any] = {
        name: answers.get(name) for name in ("subject", "planned_at", "product_id", "content")
    }
    values = {**said, "kind": SERVICE, "customer_id": customer.id}
    found: Ticket = create(work, catalog()["ticket"], values)
    return found
