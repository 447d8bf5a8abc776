"""An activity: a task that is due, or an event that has a time (004 §2.10)."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Activity(Record):
    """See product.md M11. The owner is the one who is to do it; status moves by verbs only."""

    __tablename__ = "activity"
    reach = "related"
    reported = ("related_kind", "related_id", "status", "activity_type", "priority", "due_at")

    subject: Mapped[str] = f.text(_l("Subject"), required=True, search=True)
    activity_type: Mapped[str] = f.choice(_l("Type"), "activity_type", required=True, default="task")
    status: Mapped[str] = f.choice(
        _l("Status"), "activity_status", required=True, default="open", on_edit=False
    )
    priority: Mapped[str | None] = f.choice(_l("Priority"), "priority", default="normal")
    starts_at: Mapped[datetime | None] = f.moment(_l("Starts"))
    ends_at: Mapped[datetime | None] = f.moment(_l("Ends"))
    due_at: Mapped[datetime | None] = f.moment(_l("Due"))
    related_kind: Mapped[str | None] = f.related_kind(_l("Kind of record"))
    related_id: Mapped[int | None] = f.related(_l("About"))
    contact_id: Mapped[int | None] = f.link(_l("Contact"), "contact", index=True)
    reminder_at: Mapped[datetime | None] = f.moment(_l("Reminder"))
    result: Mapped[str | None] = f.prose(_l("Result"), on_create=False)
    description: Mapped[str | None] = f.prose(_l("Description"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        sorted_by = tuple(
            Index(None, "sandbox_id", name, "id") for name in ("due_at", "starts_at", "reminder_at")
        )
        return (Index(None, "sandbox_id", "related_kind", "related_id", "id"), *sorted_by)
