"""What the team's page says of everybody's activities (004 §3.3)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, bindparam, func, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.modules.activities.models import Activity
from labapp.records.cards import TeamFigure
from labapp.records.figure_sums import by_reports

A = Activity


def open_ones(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many activities each has open."""
    found = read(actor, ("team", "activities"), _counted(late=False), owners=sorted(owners))
    return {
        owner: (count, f"/activities/?owner={key_of(actor, owner)}&status=open") for owner, count in found
    }


def overdue_ones(actor: Actor, owners: frozenset[int]) -> Mapping[int, tuple[Any, str]]:
    """How many open tasks each is late with."""
    found = read(actor, ("team", "overdue"), _counted(late=True), owners=sorted(owners), now=actor.lab_now)
    return {owner: (count, "") for owner, count in found}


def _counted(*, late: bool) -> Builder:
    """Open activities by owner, of those among `owners`; `late`: tasks that were due before `now`."""

    def build(visible: Visible) -> Any:
        where = [A.owner_id.in_(bindparam("owners", expanding=True)), A.status == "open", visible(A)]
        if late:
            where += [A.starts_at.is_(None), A.due_at < bindparam("now", type_=DateTime)]
        chosen = select(A.owner_id, func.count()).select_from(A).where(*where).group_by(A.owner_id)
        return by_reports(chosen, A)

    return build


def key_of(actor: Actor, owner: int) -> str:
    return actor.directory.members[owner].key


TEAM_FIGURES = (
    TeamFigure("activities", _l("Open activities"), open_ones, place=10),
    TeamFigure("overdue", _l("Overdue"), overdue_ones, late=True, place=11),
)
