"""What a campaign brought: responses, leads, opportunities, revenue, return on cost (003 §2-1).

Only what the reader may see is counted, and every number has the address of the list it counts.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import bindparam, case, func, select

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.modules.campaigns.models import ANSWERED, Campaign, CampaignMember
from labapp.modules.leads.models import Lead
from labapp.modules.opportunities.models import Opportunity
from labapp.records.values import CENT
from labapp.values import dataclass

WON = "won"
PLACES = {"members": "campaign-members", "responses": "campaign-members", "leads": "leads"}


@dataclass(frozen=True)
class Result:
    """The numbers of one campaign as one reader sees them. Amounts to the cent; `roi` in per cent."""

    campaign_id: int
    members: int
    responses: int
    leads: int
    converted: int
    opportunities: int
    won: int
    revenue: Decimal
    pipeline: Decimal
    cost: Decimal | None

    @property
    def rate(self) -> int | None:
        """Responses per hundred members."""
        return None if not self.members else round(self.responses * 100 / self.members)

    @property
    def roi(self) -> int | None:
        return return_on(self.revenue, self.cost)

    def address(self, what: str) -> str:
        """The list of the records behind a number."""
        return (
            f"/{PLACES.get(what, 'opportunities')}/?{urlencode(filters(what, self.campaign_id), doseq=True)}"
        )


def return_on(revenue: Decimal, cost: Decimal | None) -> int | None:
    """What came back beyond the cost, per hundred of it; None without a cost."""
    if not cost:
        return None
    return int(((revenue - cost) * 100 / cost).quantize(Decimal(1), ROUND_HALF_UP))


def filters(what: str, campaign_id: int) -> dict[str, tuple[str, ...]]:
    """The filters of the list behind a number."""
    narrow: dict[str, dict[str, tuple[str, ...]]] = {
        "responses": {"response": ANSWERED},
        "converted": {"status": ("converted",)},
        "won": {"stage": (WON,)},
        "revenue": {"stage": (WON,)},
    }
    return {"campaign_id": (str(campaign_id),), **narrow.get(what, {})}


Numbers = dict[str, tuple[Any, Callable[[], Any]]]
NUMBERS: Numbers = {
    "members": (CampaignMember, lambda: func.count()),
    "responses": (CampaignMember, lambda: counted(CampaignMember.response.in_(ANSWERED))),
    "leads": (Lead, lambda: func.count()),
    "converted": (Lead, lambda: counted(Lead.status == "converted")),
    "opportunities": (Opportunity, lambda: func.count()),
    "won": (Opportunity, lambda: counted(Opportunity.stage == WON)),
    "revenue": (Opportunity, lambda: summed(Opportunity.stage == WON)),
    "pipeline": (Opportunity, lambda: summed(Opportunity.stage.not_in((WON, "lost")))),
}


def counted(condition: Any) -> Any:
    return func.count(case((condition, 1)))


def summed(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, Opportunity.amount), else_=0)), 0)


def _all(visible: Visible) -> Any:
    """Every number of one campaign, in one statement."""
    columns = [
        select(number())
        .select_from(model)
        .where(model.campaign_id == bindparam("campaign"), visible(model))
        .scalar_subquery()
        .label(name)
        for name, (model, number) in NUMBERS.items()
    ]
    return select(*columns)


def result_of(campaign: Campaign, actor: Actor) -> Result:
    """The numbers of a campaign that the actor sees."""
    row = read(actor, "campaign result", _all, campaign=campaign.id).one()
    return made(campaign.id, campaign.actual_cost, dict(zip(NUMBERS, row, strict=True)))


def made(campaign_id: int, cost: Decimal | None, numbers: dict[str, Any]) -> Result:
    """The numbers with their amounts as decimals; what is missing is nought."""
    found: dict[str, Any] = {name: numbers.get(name) or 0 for name in NUMBERS}
    amounts: dict[str, Any] = {
        name: Decimal(found.pop(name)).quantize(CENT) for name in ("revenue", "pipeline")
    }
    return Result(campaign_id, **found, **amounts, cost=cost)
