"""Tickets: what customers tell, complain of and ask for, from intake to satisfaction (004 §2.8, §3.3); and surveys."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f

FEEDBACK, COMPLAINT, SERVICE = "feedback", "complaint", "service"
NEW, ASSIGNED, IN_PROGRESS, WAITING = "new", "assigned", "in_progress", "waiting"
RESOLVED, CLOSED = "resolved", "closed"
OPEN = (NEW, ASSIGNED, IN_PROGRESS, WAITING)
HANDLED = (RESOLVED, CLOSED)
PREFIXES = {FEEDBACK: "FK", COMPLAINT: "TS", SERVICE: "FW"}
URGENCY = {"urgent": 4, "high": 3, "normal": 2, "low": 1}
COMPLAINTS_FIRST = 10


class Ticket(Record):
    """See product.md M8. Status and assignee move by verbs only; the owner is who took it in.

    `waited_minutes` is the working time that does not count against the promise: spent waiting for the customer, or
    resolved before it was reopened. `response_minutes` and `resolution_minutes` are working time from submission.
    `urgency` is the place in the queue: open before done, complaints before others, then by priority.
    """

    __tablename__ = "ticket"
    reach = "assigned"
    reported = (
        *("assignee_id", "submitted_at", "kind", "status", "overdue", "priority", "channel"),
        *("customer_id", "product_id", "response_minutes", "resolution_minutes", "satisfaction"),
    )

    number: Mapped[str | None] = f.auto(_l("Ticket number"), search=True)
    kind: Mapped[str] = f.choice(
        _l("Ticket kind"), "ticket_kind", required=True, default=FEEDBACK, on_edit=False
    )
    subject: Mapped[str] = f.text(_l("Subject"), required=True, search=True)
    content: Mapped[str | None] = f.prose(_l("What the customer says"))
    customer_id: Mapped[int | None] = f.link(_l("Customer"), "customer", index=True)
    contact_id: Mapped[int | None] = f.link(_l("Contact"), "contact", index=True)
    product_id: Mapped[int | None] = f.link(_l("Product"), "product", index=True)
    channel: Mapped[str | None] = f.choice(_l("Channel"), "ticket_channel", default="phone")
    priority: Mapped[str | None] = f.choice(
        _l("Priority"), "priority", help=_l("Left empty: high for a complaint, normal for the others.")
    )
    planned_at: Mapped[datetime | None] = f.moment(
        _l("Planned for"), help=_l("For a visit or a service appointment: it stands in the calendar then.")
    )
    status: Mapped[str] = f.choice(_l("Status"), "ticket_status", default=NEW, on_create=False, on_edit=False)
    assignee_id: Mapped[int | None] = f.member(_l("Assignee"), on_create=False, on_edit=False)
    submitted_at: Mapped[datetime | None] = f.moment(_l("Submitted at"), on_create=False, on_edit=False)
    respond_by: Mapped[datetime | None] = f.moment(_l("First response due"), on_create=False, on_edit=False)
    due_at: Mapped[datetime | None] = f.moment(_l("Due"), on_create=False, on_edit=False)
    first_response_at: Mapped[datetime | None] = f.moment(
        _l("First response"), on_create=False, on_edit=False
    )
    waiting_since: Mapped[datetime | None] = f.moment(_l("Waiting since"), on_create=False, on_edit=False)
    resolved_at: Mapped[datetime | None] = f.moment(_l("Resolved at"), on_create=False, on_edit=False)
    closed_at: Mapped[datetime | None] = f.moment(_l("Closed at"), on_create=False, on_edit=False)
    resolution: Mapped[str | None] = f.prose(_l("Resolution"), on_create=False, on_edit=False)
    article_id: Mapped[int | None] = f.link(
        _l("Knowledge used"), "article", on_create=False, on_edit=False, index=True
    )
    satisfaction: Mapped[int | None] = f.number(_l("Satisfaction (1–5)"), on_create=False, on_edit=False)
    overdue: Mapped[bool] = f.check(_l("Overdue"), on_create=False, on_edit=False)
    escalated_at: Mapped[datetime | None] = f.moment(_l("Escalated at"), on_create=False, on_edit=False)
    escalated_to_id: Mapped[int | None] = f.member(_l("Escalated to"), on_create=False, on_edit=False)
    waited_minutes: Mapped[int | None] = f.number(
        _l("Working minutes waited"), default=0, on_create=False, on_edit=False, aside=True
    )
    response_minutes: Mapped[int | None] = f.number(
        _l("Working minutes to the first response"), on_create=False, on_edit=False, aside=True
    )
    resolution_minutes: Mapped[int | None] = f.number(
        _l("Working minutes to the resolution"), on_create=False, on_edit=False, aside=True
    )
    urgency: Mapped[int | None] = f.number(
        _l("Urgency"), default=0, on_create=False, on_edit=False, aside=True
    )

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = (
            "number",
            "assignee_id",
            "urgency",
            "due_at",
            "submitted_at",
            "status",
            "overdue",
            "planned_at",
        )
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)

    def number_prefix(self) -> str | None:
        """FK for feedback, TS for complaints, FW for service (003, template 3)."""
        return PREFIXES.get(self.kind, PREFIXES[FEEDBACK])


def is_open(ticket: Ticket) -> bool:
    """Whether somebody still has to do something."""
    return ticket.status in OPEN


def urgency_of(kind: str, priority: str | None, status: str) -> int:
    """The place in the queue: the higher, the sooner (003 二-4: complaints first). Done ones have none."""
    if status not in OPEN:
        return 0
    return URGENCY.get(priority or "", URGENCY["normal"]) + (COMPLAINTS_FIRST if kind == COMPLAINT else 0)


class Survey(Record):
    """What a customer answered when asked how satisfied they are (004 §3.3 关怀调查). Whoever reads the customer
    reads it."""

    __tablename__ = "survey"
    reach = "follows"
    follows = "customer_id"
    reported = (
        *("customer_id", "asked_on", "channel"),
        *("satisfaction", "product_quality", "service_quality", "recommend"),
    )

    customer_id: Mapped[int] = f.link(_l("Customer"), "customer", required=True, index=True)
    contact_id: Mapped[int | None] = f.link(_l("Contact"), "contact", index=True)
    ticket_id: Mapped[int | None] = f.link(_l("Ticket"), "ticket", index=True)
    subject: Mapped[str] = f.text(_l("Occasion"), required=True, search=True)
    channel: Mapped[str | None] = f.choice(_l("Channel"), "ticket_channel", default="phone")
    asked_on: Mapped[datetime | None] = f.day(_l("Asked on"))
    satisfaction: Mapped[int] = f.number(_l("Satisfied with us (1–5)"), required=True)
    product_quality: Mapped[int | None] = f.number(_l("Products (1–5)"))
    service_quality: Mapped[int | None] = f.number(_l("Service (1–5)"))
    recommend: Mapped[int | None] = f.number(_l("Would recommend us (0–10)"))
    wishes: Mapped[str | None] = f.prose(_l("Wishes and complaints"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        return tuple(Index(None, "sandbox_id", column, "id") for column in ("asked_on", "satisfaction"))
