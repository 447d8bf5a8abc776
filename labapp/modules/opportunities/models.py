"""A sale in the making: its stages, product lines, the people and partners in it."""

from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp.db import Model, Record, begin_write, db
from labapp.db import fields as f


class Stay(Model):
    """A stay in a stage that is over, as reports add it up; follows from an opportunity's `stage_history`."""

    __tablename__ = "opportunity_stay"

    id: Mapped[int] = mapped_column(primary_key=True)
    opportunity_id: Mapped[int]
    stage: Mapped[str] = mapped_column(String(60))
    seconds: Mapped[int]

    __table_args__ = (Index(None, "opportunity_id", "stage", "seconds"),)


class Opportunity(Record):
    """See product.md M4. Stage, probability and lost reason move by verbs only (004 §2.4).

    `stage_history` holds the stays that are over, oldest first: {"stage", "entered_at", "left_at"} in lab
    time; the running one began at `stage_since` (dwell time per stage: 003, template 2).
    """

    __tablename__ = "opportunity"
    setting = "opportunity"
    reported = (
        *("stage", "close_date", "amount", "probability", "stage_since", "created_at"),
        *("source", "opportunity_type", "campaign_id", "lost_reason", "customer_id"),
    )

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

    def written(self, moved: Container[str] | None) -> None:
        """Keep the stays in step with the history."""
        if not self.stage_history if moved is None else "stage_history" not in moved:
            return
        old = delete(Stay).where(Stay.opportunity_id == self.id)
        db.session.execute(old.execution_options(synchronize_session=False))
        if stays := stays_of(self.id, self.stage_history or ()):
            db.session.connection().execute(insert(Stay), stays)

    @classmethod
    def all_written(cls, rows: Sequence[Any]) -> None:
        """The stays of new rows, which have none yet."""
        stays = [stay for row in rows for stay in stays_of(row.id, row.stage_history or ())]
        if stays:
            db.session.connection().execute(insert(Stay), stays)


def stays_of(opportunity_id: int, history: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    """The rows of `Stay` of a history."""
    rows = []
    for stay in history:
        start, end = (datetime.fromisoformat(stay[name]) for name in ("entered_at", "left_at"))
        seconds = int((end - start).total_seconds())
        rows.append({"opportunity_id": opportunity_id, "stage": stay["stage"], "seconds": seconds})
    return rows


def fill_stays() -> int:
    """The stays of a database that was made before they were kept. Returns how many opportunities got theirs."""
    begin_write()
    row = Opportunity.__table__.c
    lacking = select(row.id, row.stage_history).where(row.id.not_in(select(Stay.opportunity_id)))
    filled = 0
    for opportunity_id, history in db.session.connection().execute(lacking).all():
        if stays := stays_of(opportunity_id, history or ()):
            db.session.connection().execute(insert(Stay), stays)
            filled += 1
    db.session.commit()
    return filled


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
    contact_id: Mapped[int] = f.link(_l("Contact"), "contact", required=True, index=True)
    role: Mapped[str | None] = f.choice(_l("Role"), "contact_role", default="other")


class Partner(Record):
    """Another organisation that sells with us."""

    __tablename__ = "partner"
    reach = "parent"
    follows = "opportunity_id"

    opportunity_id: Mapped[int] = f.link(
        _l("Opportunity"), "opportunity", required=True, on_edit=False, index=True
    )
    customer_id: Mapped[int] = f.link(_l("Partner"), "customer", required=True, index=True)
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
