"""Sales on the first page and on the page of a team: the pipeline, what is open, what was won this quarter."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, func, select
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stages import WON, book_of
from labapp.records import cells
from labapp.records.cards import HomeCard, TeamFigure
from labapp.records.catalog import catalog
from labapp.records.codes import Value
from labapp.records.figure_sums import by_reports
from labapp.records.fiscal import fiscal_calendar, this_quarter
from labapp.records.question import question_of
from labapp.records.words import language

NUMBERS = func.count(Opportunity.id), func.coalesce(func.sum(Opportunity.amount), 0)
OWNED = Opportunity.owner_id.in_(bindparam("owners", expanding=True))


def pipeline(actor: Actor) -> Mapping[str, Any] | None:
    """My open sales by stage, and for who has people below theirs too: one statement. None for who sells nothing."""
    if actor.role != "student" or "opportunity" not in actor.writes:
        return None
    whose = "team" if actor.below else "mine"
    question = question_of(catalog()["opportunity"], actor, MultiDict([(whose, "1")]))
    owners = sorted(actor.commands) if actor.below else [actor.id]
    numbers = read(actor, "pipeline", _by_stage, owners=owners)
    found = {stage: (count, Decimal(amount)) for stage, count, amount in numbers}
    stages = [
        stage for stage in book_of(actor).values("stage") if stage.outcome == "open" and stage.key in found
    ]
    rows = [
        (stage.name(language()), *found[stage.key], question.address(stage=stage.key)) for stage in stages
    ]
    return {
        "rows": [(label, count, cells.money(amount), url) for label, count, amount, url in rows],
        "team": bool(actor.below),
        "chart": chart_of(stages, rows),
        "total": cells.money(sum((amount for _label, _count, amount, _url in rows), Decimal(0))),
    }


def _by_stage(visible: Visible) -> Any:
    chosen = select(Opportunity.stage, *NUMBERS).where(OWNED, visible(Opportunity))
    return chosen.group_by(Opportunity.stage)


def chart_of(stages: list[Value], rows: list[Any]) -> dict[str, Any]:
    """The amounts as the chart draws them."""
    amounts = [float(amount) for _label, _count, amount, _url in rows]
    series = {"label": _("Amount"), "values": amounts}
    unit = "wan" if max(amounts, default=0) >= 10_000 and language() == "zh" else ""
    return {
        "labels": [row[0] for row in rows],
        "series": [series],
        "urls": [row[3] for row in rows],
        "unit": unit,
    }


# -- of a team -------------------------------------------------------------------------------------


def open_keys(actor: Actor) -> list[str]:
    return [stage.key for stage in book_of(actor).values("stage") if stage.outcome == "open"]


def open_count(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many sales each has open."""
    return {owner: (row[0], url) for owner, (row, url) in open_numbers(actor, owners).items()}


def open_amount(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """What the open sales of each come to."""
    return {owner: (row[1], url) for owner, (row, url) in open_numbers(actor, owners).items()}


def open_numbers(actor: Actor, owners: frozenset[int]) -> dict[int, tuple[tuple[int, Decimal], str]]:
    """Number and amount of the open sales of each, with their list: asked once for both columns."""
    kept: dict[int, tuple[tuple[int, Decimal], str]] | None = actor.memo.get(f"open sales {sorted(owners)}")
    if kept is not None:
        return kept
    keys = open_keys(actor)
    filters = "".join(f"&stage={key}" for key in keys)
    found = read(actor, ("team", "sales"), _open, owners=sorted(owners), stages=keys)
    kept = {
        owner: ((count, Decimal(amount)), f"{list_of(actor, owner)}{filters}")
        for owner, count, amount in found
    }
    actor.memo[f"open sales {sorted(owners)}"] = kept
    return kept


def _open(visible: Visible) -> Any:
    stages = Opportunity.stage.in_(bindparam("stages", expanding=True))
    chosen = select(Opportunity.owner_id, *NUMBERS).where(OWNED, stages, visible(Opportunity))
    return by_reports(chosen.group_by(Opportunity.owner_id), Opportunity)


def won_amount(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """What each has won in this fiscal quarter, by the day it was closed (product.md §5.5)."""
    quarter, calendar = this_quarter(actor), fiscal_calendar(actor)
    first, last = calendar.first_day(quarter), calendar.last_day(quarter)
    days = f"&stage={WON}&close_date_from={first.isoformat()}&close_date_to={last.isoformat()}"
    found = read(actor, ("team", "won"), _won, owners=sorted(owners), first=first, last=last)
    return {owner: (Decimal(amount), f"{list_of(actor, owner)}{days}") for owner, amount in found}


def _won(visible: Visible) -> Any:
    first, last = (bindparam(name, type_=Date) for name in ("first", "last"))
    closed = Opportunity.close_date >= first, Opportunity.close_date <= last
    chosen = select(Opportunity.owner_id, NUMBERS[1]).where(OWNED, Opportunity.stage == WON, *closed)
    return by_reports(chosen.where(visible(Opportunity)).group_by(Opportunity.owner_id), Opportunity)


def list_of(actor: Actor, owner: int) -> str:
    return f"/opportunities/?owner={actor.directory.members[owner].key}"


HOME_CARDS = (HomeCard("pipeline", "opportunity/_pipeline_card.html", pipeline, 20),)
TEAM_FIGURES = (
    TeamFigure("sales", _l("Open opportunities"), open_count, place=20),
    TeamFigure("amount", _l("Their amount"), open_amount, money=True, place=21),
    TeamFigure("won", _l("Won this quarter"), won_amount, money=True, place=22),
)
