"""A sale in the making: its stages, product lines, the people and partners in it."""

from datetime import date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Opportunity(Record):
    """See product.md M4. Stage, probability and lost reason move by verbs only (004 §2.4).

    `stage_history` holds the stays that are over, oldest first: {"stage", "entered_at", "left_at"} in lab
    time; the running one began at `stage_since` (dwell time per stage: 003, template 2).
    """

    __tablename__ = "opportunity"
    setting = "opportunity"

    name: Mapped[str] = f.text(_l("Opportunity name"), required=True, search=True)
    customer_id: Mapped[int] = f.link(_l("Customer"), "customer", required=True, index=True)
    opportunity_type: Mapped[str | None] = f.choice(_l("Opportunity type"), "opportunity_type")
    stage: Mapped[str] = f.choice(_l("Stage"), "stage", required=True, default="contact", on_edit=False)
    probability: Mapped[int | None] = f.percent(_l("Probability"), on_create=False, on_edit=False)
    amount: Mapped[Decimal | None] = f.money(
        _l("Amount"), help=_l("Where there are product lines, their sum; it cannot be typed then.")
    )
    close_date: Mapped[date] = f.day(_l("Close date"), required=True)
    source: Mapped[str | None] = f.choice(_l("Source"), "source")
    campaign_id: Mapped[int | None] = f.link(_l("Campaign"), "campaign", index=True)
    lost_reason: Mapped[str | None] = f.choice(
        _l("Lost reason"), "lost_reason", on_create=False, on_edit=False
    )
    next_step: Mapped[str | None] = f.text(_l("Next step"), search=True)
    tags: Mapped[list[str]] = f.tags(_l("Tags"), server_default="[]")
    description: Mapped[str | None] = f.prose(_l("Description"))
    stage_since: Mapped[datetime | None] = f.moment(_l("In this stage since"), on_create=False, on_edit=False)
    stage_history: Mapped[list[dict[str, str]]] = f.data(_l("Earlier stages"), default=list)

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("name", "amount", "close_date", "stage")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)


class Line(Record):
    """A product in an opportunity: so many, at this price, less a discount."""

    __tablename__ = "line"
    reach = "parent"
    follows = "opportunity_id"

    opportunity_id: Mapped[int] = f.link(
        _l("Opportunity"), "opportunity", required=True, on_edit=False, index=True
    )
    product_id: Mapped[int] = f.link(_l("Product"), "product", required=True)
    quantity: Mapped[int] = f.number(_l("Quantity"), required=True, default=1)
    unit_price: Mapped[Decimal | None] = f.money(
        _l("Unit price"), help=_l("Left empty, the product's list price.")
    )
    discount: Mapped[int | None] = f.percent(_l("Discount (%)"), default=0)
    total: Mapped[Decimal | None] = f.money(_l("Total"), on_create=False, on_edit=False)


class ContactRole(Record):
    """A person of the customer's and the part they play in the decision."""

    __tablename__ = "contact_role"
    reach = "parent"
    follows = "opportunity_id"

    opportunity_id: Mapped[int] = f.link(
        _l("Opportunity"), "opportunity", required=True, on_edit=False, index=True
    )
    contact_id: Mapped[int] = f.link(_l("Contact"), "contact", required=True)
    role: Mapped[str | None] = f.choice(_l("Role"), "contact_role", default="other")


class Partner(Record):
    """Another organisation that sells with us."""

    __tablename__ = "partner"
    reach = "parent"
    follows = "opportunity_id"

    opportunity_id: Mapped[int] = f.link(
        _l("Opportunity"), "opportunity", required=True, on_edit=False, index=True
    )
    customer_id: Mapped[int] = f.link(_l("Partner"), "customer", required=True)
    role: Mapped[str | None] = f.text(_l("Role"))


class Rival(Record):
    """A competitor in an opportunity, and how it ended between us (004 §2.4, §2.5)."""

    __tablename__ = "rival"
    reach = "parent"
    follows = "opportunity_id"

    opportunity_id: Mapped[int] = f.link(
        _l("Opportunity"), "opportunity", required=True, on_edit=False, index=True
    )
    competitor_id: Mapped[int] = f.link(_l("Competitor"), "competitor", required=True, index=True)
    outcome: Mapped[str] = f.choice(_l("Outcome"), "rival_outcome", required=True, default="open")
    price: Mapped[Decimal | None] = f.money(_l("Their price"))
    remark: Mapped[str | None] = f.text(_l("Remark"), search=True)
