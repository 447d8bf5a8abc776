"""Who else is after our sales, open to the whole organisation (004 §2.5)."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Competitor(Record):
    """Read by everybody whatever the sharing modes; changed by the owner's circle (product.md M5, §5.18)."""

    __tablename__ = "competitor"
    reach = "open"

    name: Mapped[str] = f.text(_l("Competitor name"), required=True, search=True)
    threat: Mapped[str | None] = f.choice(_l("Threat"), "threat")
    nature: Mapped[str | None] = f.choice(_l("Nature of company"), "nature")
    industry: Mapped[str | None] = f.choice(_l("Industry"), "industry")
    website: Mapped[str | None] = f.url(_l("Website"))
    annual_revenue: Mapped[Decimal | None] = f.money(_l("Annual revenue"))
    employees: Mapped[int | None] = f.number(_l("Employees"))
    products: Mapped[str | None] = f.prose(_l("Their products"), search=True)
    strengths: Mapped[str | None] = f.prose(_l("Strengths"))
    weaknesses: Mapped[str | None] = f.prose(_l("Weaknesses"))
    strategy: Mapped[str | None] = f.prose(_l("Our strategy against them"))
    description: Mapped[str | None] = f.prose(_l("Description"))

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("name", "threat", "nature", "annual_revenue")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)
