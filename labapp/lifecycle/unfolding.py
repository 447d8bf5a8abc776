"""How the timeline of a sandbox unfolds: what has come due happens, once each and in its order."""

from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy.exc import DBAPIError

from labapp import clock
from labapp.access.actor import Actor
from labapp.db import db
from labapp.people.models import Sandbox
from labapp.records.work import writing
from labapp.scenario.fired import TimelineEvent, happened
from labapp.scenario.schedule import Happening, schedule, timeline_of
from labapp.values import dataclass

if TYPE_CHECKING:  # read when a timeline is
    from labapp.scenario.happen import Stage

A_WHILE = 0.12  # seconds for which one transaction lets events happen


@dataclass
class Unfolding:
    """The timeline of one sandbox during a walk: what is still to come, in its order."""

    stamp: str | None = None
    waiting: list[Happening] = field(default_factory=list)
    stage: "Stage | None" = None

    def happen(self, sandbox: Sandbox, house: Actor, until: datetime) -> int:
        """Let happen what is due by then, as much as fits into a short transaction. Returns how many events."""
        self._read(sandbox, house)
        due = [happening for happening in self.waiting if happening.at <= until]
        if not due:
            return 0
        known = happened(sandbox.id, {happening.event.key for happening in due})
        start, count = clock.monotonic(), 0
        for happening in due:
            if happening.name not in known:
                self._one(house, happening)
            self.waiting.remove(happening)
            count += 1
            if clock.monotonic() - start > A_WHILE:
                break
        return count

    def is_behind(self, sandbox: Sandbox, house: Actor, moment: datetime) -> bool:
        """Whether something was due before that and has not happened."""
        self._read(sandbox, house)
        return any(happening.at < moment for happening in self.waiting)

    def next_after(self, sandbox: Sandbox, house: Actor, moment: datetime) -> datetime | None:
        """When the next event comes."""
        self._read(sandbox, house)
        return min((happening.at for happening in self.waiting if happening.at > moment), default=None)

    def _read(self, sandbox: Sandbox, house: Actor) -> None:
        """What is still to happen; read anew when somebody joined."""
        if self.stamp == sandbox.stamp:
            return
        self.stamp, self.waiting = sandbox.stamp, []
        scenario = timeline_of(sandbox)
        if scenario is not None:
            known = happened(sandbox.id)
            everything = schedule(scenario, sandbox, house.directory)
            self.waiting = [happening for happening in everything if happening.name not in known]
        self.stage = None

    def _one(self, house: Actor, happening: Happening) -> None:
        """One event with its note, both or neither. What a rule refuses, or what cannot be done, is noted so."""
        from labapp.scenario.happen import NOTHING, happen

        failed, outcome = False, NOTHING
        stage = self._stage_of(house)
        try:
            with writing():
                outcome = happen(stage, happening)
        except DBAPIError:
            raise
        except Exception:
            failed = True
            current_app.logger.exception(
                "event %s failed in sandbox %s", happening.event.key, house.sandbox_id
            )
        kind, serial = outcome
        db.session.add(
            TimelineEvent(
                sandbox_id=house.sandbox_id,
                key=happening.event.key,
                member=happening.member,
                due_at=happening.at,
                at=house.lab_now,
                kind=kind,
                serial=serial,
                failed=failed,
            )
        )
        db.session.flush()

    def _stage_of(self, house: Actor) -> "Stage":
        """Where it happens, at the house's lab time."""
        from labapp.scenario.stage import stage_of

        if self.stage is None:
            self.stage = stage_of(house)
        self.stage.house = house
        return self.stage
