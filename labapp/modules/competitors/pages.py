"""The competitor's page: in which opportunities we met, as far as the reader may see them (F111)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.rules import granted, model_of
from labapp.modules.competitors.models import Competitor
from labapp.records import cells, query
from labapp.records.codes import codes_of
from labapp.records.report_kinds import share
from labapp.records.views.common import me
from labapp.records.words import language
from labapp.values import dataclass

SHOWN = 20
BEATEN, LOST_TO = "beaten", "lost_to"
BLUEPRINT = Blueprint("competitors", __name__, template_folder="templates")


@dataclass(frozen=True)
class Meeting:
    """An opportunity in which we met."""

    id: int
    name: str
    stage: str
    amount: str
    outcome: str
    price: str
    remark: str
    owner_id: int


@dataclass(frozen=True)
class Competed:
    """All meetings in sight: the newest twenty, how many there are, and how they ended."""

    meetings: list[Meeting]
    count: int
    beaten: int
    lost_to: int
    win_rate: int | None
    url: str
    add_url: str | None

    @property
    def more(self) -> bool:
        return self.count > len(self.meetings)


@BLUEPRINT.app_template_global()
def competed_in(competitor: Competitor) -> Competed | None:
    """The opportunities this competitor takes part in; None where the reader's profile opens none.

    What is hidden from the reader is neither named nor counted.
    """
    actor = me()
    if not {"rival", "opportunity"} <= actor.reads:
        return None
    counts = outcomes(competitor, actor)
    beaten, lost_to = counts.get(BEATEN, 0), counts.get(LOST_TO, 0)
    add_url = f"/rivals/new?competitor_id={competitor.id}" if granted(actor, "rival", "create") else None
    return Competed(
        meetings(competitor, actor),
        sum(counts.values()),
        beaten,
        lost_to,
        share(beaten, beaten + lost_to),
        f"/rivals/?competitor_id={competitor.id}",
        add_url,
    )


def outcomes(competitor: Competitor, actor: Actor) -> Mapping[Any, int]:
    """How many meetings ended how."""
    rival: Any = model_of("rival")
    counted = select(rival.outcome, func.count()).where(rival.competitor_id == competitor.id)
    return dict(query.answers(counted.group_by(rival.outcome), actor))


def meetings(competitor: Competitor, actor: Actor) -> list[Meeting]:
    """The newest meetings with what became of the opportunity."""
    rival: Any = model_of("rival")
    sale: Any = model_of("opportunity")
    columns = (
        sale.id,
        sale.name,
        sale.stage,
        sale.amount,
        sale.owner_id,
        rival.outcome,
        rival.price,
        rival.remark,
    )
    joined = select(*columns).join_from(rival, sale, rival.opportunity_id == sale.id)
    newest = joined.where(rival.competitor_id == competitor.id).order_by(rival.id.desc()).limit(SHOWN)
    book, word = codes_of(actor.sandbox_id, actor.stamp), language()
    return [
        Meeting(
            row.id,
            row.name,
            book.label("stage", row.stage, word),
            cells.money(row.amount),
            book.label("rival_outcome", row.outcome, word),
            cells.money(row.price),
            row.remark or "",
            row.owner_id,
        )
        for row in query.answers(newest, actor)
    ]
