"""A lead: a person at a company who may become a customer."""

from datetime import datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Lead(Record):
    """See product.md M1. `name` is the person; status moves by verbs only; the links say what it became."""

    __tablename__ = "lead"
    setting = "lead"
    reported = ("status", "source", "industry", "rating", "created_at", "campaign_id")
    same_by = (("name", ("name", "company")), ("phone", ("mobile",)), ("email", ("email",)))

    name: Mapped[str] = f.text(_l("Lead name"), required=True, search=True)
    company: Mapped[str] = f.text(_l("Company"), required=True, search=True)
    title: Mapped[str | None] = f.text(_l("Job title"))
    phone: Mapped[str | None] = f.phone(_l("Phone"), search=True)
    mobile: Mapped[str | None] = f.mobile(_l("Mobile"), search=True)
    email: Mapped[str | None] = f.email(_l("E-mail"), search=True)
    website: Mapped[str | None] = f.url(_l("Website"))
    source: Mapped[str | None] = f.choice(_l("Source"), "source")
    status: Mapped[str] = f.choice(_l("Status"), "lead_status", required=True, default="new", on_edit=False)
    rating: Mapped[str | None] = f.choice(_l("Rating"), "rating")
    industry: Mapped[str | None] = f.choice(_l("Industry"), "industry")
    employees: Mapped[int | None] = f.number(_l("Employees"))
    annual_revenue: Mapped[Decimal | None] = f.money(_l("Annual revenue"))
    province: Mapped[str | None] = f.text(_l("Province"))
    city: Mapped[str | None] = f.text(_l("City"))
    address: Mapped[str | None] = f.text(_l("Address"))
    tags: Mapped[list[str]] = f.tags(_l("Tags"), server_default="[]")
    description: Mapped[str | None] = f.prose(_l("Description"))
    campaign_id: Mapped[int | None] = f.link(_l("Campaign"), "campaign", index=True)
    next_follow_up_at: Mapped[datetime | None] = f.moment(_l("Next follow-up"))
    last_contacted_at: Mapped[datetime | None] = f.moment(
        _l("Last contacted"), on_create=False, on_edit=False
    )
    customer_id: Mapped[int | None] = f.link(
        _l("Became customer"), "customer", on_create=False, on_edit=False, index=True
    )
    contact_id: Mapped[int | None] = f.link(
        _l("Became contact"), "contact", on_create=False, on_edit=False, index=True
    )
    opportunity_id: Mapped[int | None] = f.link(
        _l("Became opportunity"), "opportunity", on_create=False, on_edit=False, index=True
    )

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("name", "company", "created_at", "next_follow_up_at")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)


CLOSED = frozenset({"unqualified", "converted"})


def is_open(lead: Lead) -> bool:
    """Whether somebody still works on it."""
    return lead.status not in CLOSED


def is_converted(lead: Lead) -> bool:
    return lead.status == "converted"
