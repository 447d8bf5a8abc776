"""On the first page of a student: papers that can be sat now, and one that is running."""

from collections.abc import Mapping
from typing import Any

from labapp.access.actor import Actor
from labapp.db import db
from labapp.modules.exams.kinds import SHOWN
from labapp.modules.exams.sitting import sheets, why_not_now
from labapp.people.models import STUDENT, Sandbox
from labapp.records.cards import HomeCard


def waiting(actor: Actor) -> Mapping[str, Any] | None:
    """The papers that wait for this student; None where there are none."""
    if actor.role != STUDENT or not actor.settings.get(SHOWN):
        return None
    sandbox = db.session.get_one(Sandbox, actor.sandbox_id)
    found = [
        sheet
        for sheet in sheets(actor, sandbox)
        if sheet.running is not None or (not sheet.over and why_not_now(sheet, actor.lab_now) is None)
    ]
    return {"sheets": found} if found else None


HOME_CARDS = (HomeCard("exams", "exams/_card.html", waiting, place=15),)
