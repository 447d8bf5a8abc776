"""Competitors in an opportunity: who took part, and who won in the end (004 §2.4, §3.3)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.modules.opportunities.models import Opportunity, Rival
from labapp.records import query
from labapp.records.describe import Rules
from labapp.records.forms import Pick
from labapp.records.links import Links
from labapp.records.report_kinds import Measure, grouped

OPEN, BEATEN, LOST_TO, OTHER_WON, UNDECIDED = "open", "beaten", "lost_to", "other_won", "undecided"
FOLLOWING = (
    BEATEN,
    LOST_TO,
    OTHER_WON,
    UNDECIDED,
)  # what closing an opportunity says, and reopening takes back


def winner_field(actor: Actor, opportunity: Any) -> Pick | None:
    """Asks which competitor got it, where some are known."""
    found = query.rows(Rival, actor, Rival.opportunity_id == opportunity.id, order=Rival.id)
    if not found:
        return None
    links = Links(actor)
    links.want("competitor", [rival.competitor_id for rival in found])
    offered = [
        SelectChoice(str(rival.id), links.title("competitor", rival.competitor_id) or f"#{rival.serial}")
        for rival in found
    ]
    pick: Pick = Pick(_l("Who won it"), choices=[SelectChoice("", _l("nobody, or not known")), *offered])
    return pick


def won(work: Any, opportunity: Opportunity) -> None:
    """All who still competed are beaten."""
    for rival in still_competing(work, opportunity):
        work.update(rival, outcome=BEATEN)


def lost(work: Any, opportunity: Opportunity, winner: Any) -> None:
    """The one named won; a single competitor won where the reason is competition; else it stays undecided.

    Raises Invalid for a winner who does not take part.
    """
    competing = still_competing(work, opportunity)
    if winner:
        named = [rival for rival in taking_part(work, opportunity) if str(rival.id) == str(winner)]
        if not named:
            sentence = _l("Choose one of the competitors in this opportunity.")
            raise Invalid(sentence, {"lost_to": sentence})
    else:
        named = competing if len(competing) == 1 and opportunity.lost_reason == "competitor" else []
    for rival in {r.id: r for r in (*named, *competing)}.values():
        others = OTHER_WON if named else UNDECIDED
        work.update(rival, outcome=LOST_TO if rival in named else others)


def reopened(work: Any, opportunity: Opportunity) -> None:
    """The race is on again."""
    for rival in taking_part(work, opportunity):
        if rival.outcome in FOLLOWING:
            work.update(rival, outcome=OPEN)


def taking_part(work: Any, opportunity: Opportunity) -> list[Rival]:
    found: list[Rival] = work.rows(Rival, Rival.opportunity_id == opportunity.id)
    return found


def still_competing(work: Any, opportunity: Opportunity) -> list[Rival]:
    return [rival for rival in taking_part(work, opportunity) if rival.outcome == OPEN]


def rival_checked(work: Any, rival: Rival | None, values: dict[str, Any]) -> None:
    """Once an opportunity; by who may change the opportunity, also after it is closed: prices come out late."""
    opportunity = opportunity_of(work, rival, values)
    competitor_id = values.get("competitor_id")
    here = Rival.opportunity_id == opportunity.id, Rival.competitor_id == competitor_id
    if any(other is not rival for other in work.rows(Rival, *here)):
        sentence = _l("This competitor takes part already.")
        raise Invalid(sentence, {"competitor_id": sentence})


def opportunity_of(work: Any, rival: Rival | None, values: dict[str, Any]) -> Opportunity:
    """The opportunity, if the actor may change it."""
    found: Opportunity = work.get(
        Opportunity, rival.opportunity_id if rival is not None else values["opportunity_id"]
    )
    work.require("edit", found)
    return found


def rival_moving(work: Any, rival: Rival) -> None:
    opportunity_of(work, rival, {})


performance = grouped(
    "performance",
    _l("Wins and losses against each competitor"),
    (
        Measure(_l("Competed in")),
        Measure(_l("We won"), {"outcome": (BEATEN,)}),
        Measure(_l("They won"), {"outcome": (LOST_TO,)}),
        Measure(_l("Still competing"), {"outcome": (OPEN,)}),
        Measure(_l("Decided between us"), {"outcome": (BEATEN, LOST_TO)}),
        Measure(_l("Our win rate"), share=(1, 4)),
    ),
    groups=("competitor", "outcome", "month", "owner"),
    conditions=("from", "to", "owner"),
    series=(2, 3),
    explain=_l("Opportunities in which we met, as far as you may see them."),
)

REPORTS = (performance,)
RIVAL_RULES = Rules(check=rival_checked, deleting=rival_moving, restored=rival_moving)
