"""A customer: an organisation we do business with, a buyer, partner or agent."""

from datetime import datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Customer(Record):
    """See product.md M2."""

    __tablename__ = "customer"
    setting = "customer"
    reported = (
        *("level", "industry", "source", "nature", "customer_type", "province"),
        *("created_at", "last_contacted_at"),
    )
    counted = {"opportunity": "customer_id"}
    same_by = (
        ("name", ("name",)),
        ("phone", ("phone",)),
        ("domain", ("website",)),
        ("domain", ("email",)),
    )

    number: Mapped[str | None] = f.auto(_l("Customer number"), search=True)
    name: Mapped[str] = f.text(_l("Customer name"), required=True, search=True)
    customer_type: Mapped[str | None] = f.choice(_l("Customer type"), "customer_type")
    level: Mapped[str | None] = f.choice(_l("Level"), "level")
    industry: Mapped[str | None] = f.choice(_l("Industry"), "industry")
    nature: Mapped[str | None] = f.choice(_l("Nature"), "nature")
    source: Mapped[str | None] = f.choice(_l("Source"), "source")
    phone: Mapped[str | None] = f.phone(_l("Phone"), search=True)
    fax: Mapped[str | None] = f.phone(_l("Fax"))
    email: Mapped[str | None] = f.email(_l("E-mail"), search=True)
    website: Mapped[str | None] = f.url(_l("Website"))
    employees: Mapped[int | None] = f.number(_l("Employees"))
    annual_revenue: Mapped[Decimal | None] = f.money(_l("Annual revenue"))
    province: Mapped[str | None] = f.text(_l("Province"))
    city: Mapped[str | None] = f.text(_l("City"))
    address: Mapped[str | None] = f.text(_l("Address"))
    postcode: Mapped[str | None] = f.text(_l("Postcode"))
    parent_id: Mapped[int | None] = f.link(_l("Parent company"), "customer", index=True)
    tags: Mapped[list[str]] = f.tags(_l("Tags"))
    description: Mapped[str | None] = f.prose(_l("Description"))
    last_contacted_at: Mapped[datetime | None] = f.moment(
        _l("Last contacted"), on_create=False, on_edit=False
    )
    next_follow_up_at: Mapped[datetime | None] = f.moment(_l("Next follow-up"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("name", "number", "created_at", "last_contacted_at")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)

    def number_prefix(self) -> str:
        return "C"
