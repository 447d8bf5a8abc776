"""The card of the first page: how the member, and who stands above others with the team, does this quarter."""

from collections.abc import Mapping
from typing import Any

from labapp.access.actor import Actor
from labapp.modules.forecasts.front import address_of, span_of
from labapp.modules.forecasts.reading import standings
from labapp.modules.forecasts.rollup import scope, total
from labapp.records.cards import HomeCard
from labapp.records.fiscal import this_quarter


def quarter_card(actor: Actor) -> Mapping[str, Any] | None:
    """The figures of everybody in scope; None for who has no part in sales or nobody in scope."""
    members = scope(actor)
    if "forecast" not in actor.reads or not members:
        return None
    quarter = this_quarter(actor)
    found = standings(actor, quarter, members)
    alone = len(members) == 1
    return {
        "span": span_of(actor, quarter),
        "figures": total(found, found),
        "own": found[actor.id].figures if actor.id in found and not alone else None,
        "people": len(members),
        "url": address_of(quarter),
    }


HOME_CARDS = (HomeCard("quarter", "forecast/_card.html", quarter_card, 30),)
