"""Giving, changing and taking back a quota: one step each (004 §2.11-1)."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.modules.forecasts.models import Quota
from labapp.records import looks, parse, standard
from labapp.records.catalog import catalog
from labapp.records.fiscal import Quarter
from labapp.records.work import Work


def amount_typed(text: str) -> Decimal | None:
    """The amount, None for an empty cell. Raises ValueError with a sentence."""
    amount = parse.PARSERS["money"](text)
    if amount is not None and amount <= 0:
        raise ValueError(_("A quota is more than nothing."))
    return amount


def amount_needed(text: str) -> Decimal:
    """The amount typed. Raises Invalid."""
    try:
        amount = amount_typed(text)
    except ValueError as error:
        raise Invalid(str(error)) from error
    if amount is None:
        raise Invalid(_("Give an amount."))
    return amount


def give(actor: Actor, member_id: int, quarter: Quarter, amount: Any) -> None:
    """One `quota.create`. Raises Invalid where there is one for the quarter already."""
    answers = {
        "owner_id": member_id,
        "year": quarter.year,
        "quarter": quarter.quarter,
        "amount": amount,
    }
    with Work(actor, "quota.create", answers=answers, source=looks.source()) as work:
        standard.create(work, catalog()["quota"], answers)


def change(actor: Actor, quota_id: int, amount: Any) -> None:
    """One `quota.edit`."""
    with Work(actor, "quota.edit", answers={"amount": amount}, source=looks.source()) as work:
        standard.edit(work, catalog()["quota"], work.on(Quota, quota_id), {"amount": amount})


def take_back(actor: Actor, quota_id: int) -> None:
    """One `quota.delete`."""
    with Work(actor, "quota.delete", source=looks.source()) as work:
        standard.delete(work, catalog()["quota"], work.on(Quota, quota_id))
