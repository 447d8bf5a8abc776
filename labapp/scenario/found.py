"""The record that a scenario planned, found again after people have worked on it."""

from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.db import db
from labapp.oplog.models import Operation, Touch
from labapp.records import query
from labapp.records.catalog import catalog
from labapp.records.values import plain
from labapp.scenario.deal import Plan
from labapp.scenario.fired import arrived
from labapp.values import dataclass

Made = dict[tuple[str, Any], int]


@dataclass
class Finder:
    """Finds records by their plans. What was made at one moment is looked up once: all seats have it at the same.

    `events` are the keys of what the timeline brings.
    """

    events: frozenset[str] = frozenset()
    known: dict[tuple[str, datetime], Made] = field(default_factory=dict)

    def record(self, house: Actor, plan: Plan) -> Any:
        """The row of a plan, whoever owns it now and whatever it is called; None where it was deleted.

        One that the timeline brought is noted there. Any other was made at the moment planned, and its first step says
        for whom and under what name: moments and steps are never changed.
        """
        model: Any = catalog()[plan.kind].model
        serial = self._serial(house, plan)
        if serial is None:
            return None
        return next(iter(query.rows(model, house, model.serial == serial)), None)

    def _serial(self, house: Actor, plan: Plan) -> int | None:
        if plan.ref.key in self.events:
            noted = arrived(house.sandbox_id, plan.ref.key, plan.ref.member)
            return noted[1] if noted is not None else None
        title = plain(plan.values.get(catalog()[plan.kind].title))
        place, name = (plan.kind, plan.at), (plan.owner, title)
        if name not in self.known.get(
            place, {}
        ):  # not looked up yet, or dealt to somebody who joined meanwhile
            self.known[place] = made_at(house, *place)
        return self.known[place].get(name)


def made_at(house: Actor, kind: str, moment: datetime) -> Made:
    """The serials of the records of a kind made at a lab time, by first owner and first title.

    What belongs to nobody's seat stands under its owner, and without one.
    """
    record_type = catalog()[kind]
    model: Any = record_type.model
    made = query.answers(select(model.serial).where(model.created_at == moment), house)
    first = (
        select(func.min(Touch.step))
        .where(
            Touch.sandbox_id == house.sandbox_id,
            Touch.kind == kind,
            Touch.serial.in_([row[0] for row in made]),
        )
        .group_by(Touch.serial)
    )
    steps = select(Operation.changes).where(
        Operation.sandbox_id == house.sandbox_id, Operation.id.in_(first.scalar_subquery())
    )
    found: Made = {}
    for changes in db.session.scalars(steps):
        for change in changes:
            if change["kind"] == kind and change["what"] == "created":
                title = change["after"].get(record_type.title)
                found[change["after"].get("owner") or "", title] = found["", title] = change["id"]
    return found
