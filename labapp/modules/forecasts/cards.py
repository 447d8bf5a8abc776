"""The card of the first page: how the member, and who stands above others with the team, does this quarter."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.modules.forecasts.figures import Figures
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
    figures = total(found, found)
    rows = bars_of(figures)
    return {
        "span": span_of(actor, quarter),
        "figures": figures,
        "rows": rows,
        "chart": chart_of(rows),
        "own": found[actor.id].figures if actor.id in found and not alone else None,
        "people": len(members),
        "url": address_of(quarter),
    }


def bars_of(figures: Figures) -> list[tuple[str, Decimal | None]]:
    """The quota beside what is completed, and what is expected in the end."""
    return [
        (_("Quota"), figures.quota),
        (_("Completed"), figures.completed),
        (_("Expected, adjusted"), figures.adjusted_expected),
        (_("Best case, adjusted"), figures.adjusted_best),
    ]


def chart_of(bars: list[tuple[str, Decimal | None]]) -> Mapping[str, Any]:
    """The bars as the chart draws them."""
    values = [float(amount or 0) for _label, amount in bars]
    series = [{"label": _("This quarter"), "values": values}]
    return {"labels": [label for label, _amount in bars], "series": series, "urls": None, "unit": "wan"}


HOME_CARDS = (HomeCard("quarter", "forecast/_card.html", quarter_card, 30),)
