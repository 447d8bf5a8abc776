"""What the team's page says of everybody's activities (004 §3.3)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.modules.activities.models import Activity
from labapp.records import query
from labapp.records.cards import TeamFigure

A = Activity


def open_ones(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many activities each has open."""
    chosen = select(A.owner_id, func.count(A.id)).where(A.owner_id.in_(sorted(owners)), A.status == "open")
    found = query.answers(chosen.group_by(A.owner_id), actor)
    return {
        owner: (count, f"/activities/?owner={key_of(actor, owner)}&status=open") for owner, count in found
    }


def overdue_ones(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many open tasks each is late with."""
    late = A.status == "open", A.starts_at.is_(None), A.due_at < actor.lab_now
    chosen = select(A.owner_id, func.count(A.id)).where(A.owner_id.in_(sorted(owners)), *late)
    return {owner: (count, "") for owner, count in query.answers(chosen.group_by(A.owner_id), actor)}


def key_of(actor: Actor, owner: int) -> str:
    return actor.directory.members[owner].key


TEAM_FIGURES = (
    TeamFigure("activities", _l("Open activities"), open_ones, place=10),
    TeamFigure("overdue", _l("Overdue"), overdue_ones, late=True, place=11),
)
