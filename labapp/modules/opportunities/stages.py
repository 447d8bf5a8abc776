"""Stages of a sale: which are open, what entering one asks for, how an opportunity moves (001 §5.4, 003)."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.modules.opportunities.conditions import missing
from labapp.modules.opportunities.models import Opportunity
from labapp.modules.opportunities.stage_notices import tell_entered
from labapp.records.codes import CodeBook, Value, codes_of
from labapp.records.values import plain
from labapp.records.words import language

WON, LOST = CLOSED = ("won", "lost")


def is_open(opportunity: Any) -> bool:
    return opportunity.stage not in CLOSED


def is_closed(opportunity: Any) -> bool:
    return opportunity.stage in CLOSED


def book_of(actor: Actor) -> CodeBook:
    return codes_of(actor.sandbox_id, actor.stamp)


def open_stages(actor: Actor, keep: str | None = None) -> list[Value]:
    """The open stages in their order; retired ones only if an opportunity stands there (`keep`)."""
    found = book_of(actor).values("stage")
    return [
        s for s in found if s.key not in CLOSED and s.outcome == "open" and (not s.retired or s.key == keep)
    ]


def open_stage(actor: Actor, key: Any) -> Value:
    """The open stage of this key. Raises Invalid where there is none, or only a retired one."""
    for stage in open_stages(actor):
        if stage.key == key:
            return stage
    sentence = _l("Choose one of the open stages. Won and lost are reached by winning and losing.")
    raise Invalid(sentence, {"stage": sentence})


def enter(work: Any, opportunity: Opportunity, stage: str, **more: Any) -> None:
    """Move an opportunity to a stage with its probability; the stay that ends goes to its history."""
    stay = {
        "stage": opportunity.stage,
        "entered_at": plain(opportunity.stage_since or opportunity.created_at),
        "left_at": plain(work.now),
    }
    work.update(
        opportunity,
        stage=stage,
        probability=book_of(work.actor).probability(stage),
        stage_since=work.now,
        stage_history=[*(opportunity.stage_history or []), stay],
        **more,
    )
    tell_entered(work, opportunity)


def close(work: Any, opportunity: Opportunity, stage: str, on: date | None, **more: Any) -> None:
    """Won or lost. `on` is the day it was closed, today if not said: its sales count in that quarter."""
    enter(work, opportunity, stage, close_date=on or work.now.date(), **more)


def require_entry(work: Any, opportunity: Opportunity, stage: str) -> None:
    """Raises Refused, naming what is missing, unless the opportunity has what the stage asks for (003)."""
    value = book_of(work.actor).get("stage", stage)
    lacking = missing(work, opportunity, value.requires) if value else []
    if not lacking or value is None:
        return
    words = "、" if language() == "zh" else ", "
    named = words.join(str(label) for label in lacking)
    work.refuse(
        _l(
            "The stage “%(stage)s” asks for: %(missing)s. Add it, then try again.",
            stage=value.name(language()),
            missing=named,
        )
    )
