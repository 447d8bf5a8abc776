"""The quotas of one member, as the member's page shows them."""

from labapp.access.actor import Actor
from labapp.access.rules import may_give
from labapp.modules.forecasts.models import Quota
from labapp.records import query
from labapp.records.cells import money
from labapp.records.fiscal import Quarter, this_quarter
from labapp.records.values import plain
from labapp.values import dataclass

SHOWN = 40


@dataclass(frozen=True)
class MemberQuota:
    """A quota on the page of its member: its quarter, the amount in words and as it is typed."""

    id: int
    label: str
    amount: str
    typed: str


@dataclass(frozen=True)
class QuotaBlock:
    """The quotas of a member, the latest first, and the quarter that the form begins with."""

    rows: list[MemberQuota]
    now: Quarter


def quotas_of(actor: Actor, member_id: int) -> QuotaBlock | None:
    """None for one whom the actor gives none."""
    if member_id not in may_give(actor):
        return None
    order = (Quota.year * 4 + Quota.quarter).desc()
    rows = query.rows(Quota, actor, Quota.owner_id == member_id, order=order, limit=SHOWN)
    return QuotaBlock(
        [
            MemberQuota(row.id, Quarter(row.year, row.quarter).label, money(row.amount), plain(row.amount))
            for row in rows
        ],
        this_quarter(actor),
    )
