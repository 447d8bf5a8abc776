"""The announcements on the first page: those of today, the pinned ones first."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint
from sqlalchemy import Date, bindparam, or_, select

from labapp.access.actor import Actor
from labapp.access.prepared import Visible, read
from labapp.access.rules import granted
from labapp.modules.announcements.models import Announcement
from labapp.records.cards import HomeCard

SHOWN = 5
BLUEPRINT = Blueprint("announcements", __name__, template_folder="templates")


def of_today(actor: Actor) -> Mapping[str, Any] | None:
    """The newest that are valid today by the sandbox clock; None where there is nothing and nothing to write."""
    found = read(actor, "announcements of today", _valid, today=actor.lab_now.date())
    writable = granted(actor, "announcement", "create")
    if not found and not writable:
        return None
    members = actor.directory.members
    rows = [(row, members[row.owner_id].name if row.owner_id in members else "") for row in found]
    return {"rows": rows, "writable": writable}


def _valid(visible: Visible) -> Any:
    a, today = Announcement, bindparam("today", type_=Date)
    chosen = select(a.id, a.title, a.body, a.pinned, a.created_at, a.owner_id).where(
        visible(a),
        or_(a.start_date.is_(None), a.start_date <= today),
        or_(a.end_date.is_(None), a.end_date >= today),
    )
    return chosen.order_by(a.pinned.desc(), a.id.desc()).limit(SHOWN)


HOME_CARDS = (HomeCard("announcements", "announcement/_card.html", of_today, 5),)
