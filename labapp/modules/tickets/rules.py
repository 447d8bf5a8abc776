"""What holds for tickets and surveys whenever one is written."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.contacts.models import Contact
from labapp.modules.tickets.models import (
    ASSIGNED,
    CLOSED,
    COMPLAINT,
    FEEDBACK,
    NEW,
    Survey,
    Ticket,
    urgency_of,
)
from labapp.modules.tickets.operations import require_between
from labapp.modules.tickets.promises import deadlines
from labapp.modules.tickets.routing import chosen, tell_assignee
from labapp.records.dependents import dependents
from labapp.records.describe import Rules
from labapp.records.past import bring_back

GIVEN = frozenset({"kind", "priority", "submitted_at", "status"})


def ticket_checked(work: Any, ticket: Ticket | None, values: dict[str, Any]) -> None:
    """A contact belongs to its customer; a new one gets its priority, times and, where a rule says so, its assignee."""
    fitting_contact(work, ticket, values)
    if ticket is None:
        values.update(beginning(work, values))
        return
    if ticket.status == CLOSED and any(
        getattr(ticket, name, None) != value for name, value in values.items()
    ):
        raise Invalid(_l("This ticket is closed. Reopen it first."))
    if "priority" in values:
        values["priority"] = values["priority"] or usual_priority(ticket.kind)
    if values.get("priority", ticket.priority) != ticket.priority:
        values.update(promised_anew(work, ticket, values["priority"]))


def fitting_contact(work: Any, ticket: Ticket | None, values: dict[str, Any]) -> None:
    """Raises Invalid for a contact of another customer; a contact alone names the customer."""
    contact_id = values.get("contact_id", getattr(ticket, "contact_id", None))
    if contact_id is None or not {"contact_id", "customer_id"} & values.keys():
        return
    customer_id = values.get("customer_id", getattr(ticket, "customer_id", None))
    contact = work.get(Contact, contact_id)
    if customer_id is None:
        values["customer_id"] = contact.customer_id
    elif contact.customer_id not in (None, customer_id):
        sentence = _l("This contact belongs to another customer.")
        raise Invalid(sentence, {"contact_id": sentence})


def usual_priority(kind: str) -> str:
    """Complaints are pressing (003 二-4)."""
    return "high" if kind == COMPLAINT else "normal"


def beginning(work: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What a new ticket has besides what was typed. Raises Invalid for a status that is no beginning."""
    if work.asks and values.get("status") not in (None, NEW):
        sentence = _l("A new ticket is new. Its own verbs move it on.")
        raise Invalid(sentence, {"status": sentence})
    kind = values.get("kind") or FEEDBACK
    found = times(work, kind, values.get("priority"), values)
    member = None if values.get("assignee_id") else chosen(work, kind)
    if member is not None:
        found |= {"assignee_id": member.id, "status": ASSIGNED}
    return found


def times(work: Any, kind: str, priority: str | None, values: dict[str, Any]) -> dict[str, Any]:
    """Priority, submission, promise and place in the queue of a new ticket; what is said already stays."""
    priority, submitted = priority or usual_priority(kind), values.get("submitted_at") or work.now
    promised = deadlines(work.actor, priority, submitted, 0)
    urgency = urgency_of(kind, priority, values.get("status") or NEW)
    said = {name: values[name] for name in promised if values.get(name) is not None}
    return {
        "kind": kind,
        "priority": priority,
        "submitted_at": submitted,
        **promised,
        **said,
        "urgency": urgency,
        "overdue": bool(values.get("overdue")),
        "waited_minutes": values.get("waited_minutes") or 0,
    }


def promised_anew(work: Any, ticket: Ticket, priority: str) -> dict[str, Any]:
    """Another priority promises other hours, from the submission on."""
    begun = ticket.submitted_at or ticket.created_at
    promised = deadlines(work.actor, priority, begun, ticket.waited_minutes or 0)
    return {**promised, "urgency": urgency_of(ticket.kind, priority, ticket.status)}


def ticket_created(work: Any, ticket: Ticket) -> None:
    """One made without its form, by a scenario or the timeline, gets its times too; the assignee hears of it."""
    if ticket.submitted_at is None:
        values = {name: getattr(ticket, name) for name in (*GIVEN, "respond_by", "due_at", "overdue")}
        values["submitted_at"] = ticket.created_at
        work.update(ticket, **times(work, ticket.kind, ticket.priority, values))
    member = work.actor.directory.members.get(ticket.assignee_id or 0)
    if member is not None:
        tell_assignee(work, ticket, member)


def ticket_dealt(work: Any, values: dict[str, Any]) -> dict[str, Any] | None:
    """What `ticket_created` adds to one that a scenario deals; None where an assignee has to hear of it."""
    if values.get("assignee_id") is not None:
        return None
    if values.get("submitted_at") is not None:
        return {}
    said = {name: values.get(name) for name in (*GIVEN, "respond_by", "due_at", "overdue", "waited_minutes")}
    return times(work, said["kind"] or FEEDBACK, said["priority"], {**said, "submitted_at": work.now})


def ticket_deleting(work: Any, ticket: Ticket) -> None:
    """Surveys, notes, attachments and activities go along, and come back with it."""
    for row in dependents(ticket):
        work.delete(row)


def survey_checked(work: Any, survey: Survey | None, values: dict[str, Any]) -> None:
    """Answers within their scales; asked today unless another day is said."""
    for name, least, most in SCALES:
        if values.get(name) is not None:
            require_between(values[name], least, most, name)
    if survey is None:
        values["asked_on"] = values.get("asked_on") or work.now.date()


SCALES = (("satisfaction", 1, 5), ("product_quality", 1, 5), ("service_quality", 1, 5), ("recommend", 0, 10))
TICKET_RULES = Rules(
    check=ticket_checked,
    created=ticket_created,
    deleting=ticket_deleting,
    restored=bring_back,
    dealt=ticket_dealt,
)
SURVEY_RULES = Rules(check=survey_checked)
