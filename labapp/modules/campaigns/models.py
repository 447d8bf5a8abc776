"""A campaign: promotion or care for a market over a period, and whom it reaches (004 §2.7)."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from labapp.db import Record
from labapp.db import fields as f


class Campaign(Record):
    """See product.md M7. Everybody reads it; status moves by verbs only.

    `warned_for` is the end date of which the deadline warning was told, so that it is told once.
    """

    __tablename__ = "campaign"
    reach = "open"

    name: Mapped[str] = f.text(_l("Campaign name"), required=True, search=True)
    campaign_type: Mapped[str] = f.choice(
        _l("Campaign type"), "campaign_type", required=True, default="promotion"
    )
    status: Mapped[str] = f.choice(
        _l("Status"), "campaign_status", required=True, default="planned", on_edit=False
    )
    start_date: Mapped[date] = f.day(_l("Start date"), required=True)
    end_date: Mapped[date] = f.day(_l("End date"), required=True)
    industry: Mapped[str | None] = f.choice(_l("Target industry"), "industry")
    goal: Mapped[str | None] = f.text(_l("Goal"), search=True)
    audience: Mapped[str | None] = f.text(_l("Audience"))
    budget: Mapped[Decimal | None] = f.money(_l("Budget"))
    actual_cost: Mapped[Decimal | None] = f.money(_l("Actual cost"))
    expected_response: Mapped[int | None] = f.number(
        _l("Expected responses"), help=_l("How many of those reached are expected to answer.")
    )
    expected_revenue: Mapped[Decimal | None] = f.money(_l("Expected revenue"))
    description: Mapped[str | None] = f.prose(_l("Description"))
    result: Mapped[str | None] = f.prose(
        _l("Result"), on_create=False, help=_l("What came of it, and what to do otherwise next time.")
    )
    survey: Mapped[str | None] = f.prose(
        _l("Follow-up survey"), on_create=False, help=_l("What those reached said when they were asked.")
    )
    warned_for: Mapped[date | None] = f.day(_l("Warned of the end on"), on_create=False, on_edit=False)

    @classmethod
    def more_indexes(cls) -> tuple[Index, ...]:
        columns = ("name", "start_date", "end_date")
        return tuple(Index(None, "sandbox_id", column, "id") for column in columns)


class CampaignMember(Record):
    """A lead or a contact that a campaign reaches, and the answer."""

    __tablename__ = "campaign_member"
    reach = "parent"
    follows = "campaign_id"

    campaign_id: Mapped[int] = f.link(_l("Campaign"), "campaign", required=True, on_edit=False, index=True)
    lead_id: Mapped[int | None] = f.link(_l("Lead"), "lead", on_edit=False, index=True)
    contact_id: Mapped[int | None] = f.link(_l("Contact"), "contact", on_edit=False, index=True)
    response: Mapped[str] = f.choice(_l("Response"), "campaign_response", required=True, default="invited")
    comment: Mapped[str | None] = f.text(_l("Comment"))
    responded_at: Mapped[date | None] = f.day(_l("Responded on"), on_create=False, on_edit=False)


CLOSED = frozenset({"completed", "cancelled"})
ANSWERED = ("responded", "interested")


def is_open(campaign: Campaign) -> bool:
    """Whether it is planned or under way."""
    return campaign.status not in CLOSED


def is_closed(campaign: Campaign) -> bool:
    return not is_open(campaign)


def is_planned(campaign: Campaign) -> bool:
    return campaign.status == "planned"
