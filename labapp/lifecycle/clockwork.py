"""How the clock of a sandbox goes on: from one moment at which something falls due to the next (product.md L2).

At every stop first the timeline, then the sweeps, each at that lab time: a jump over days does what small steps would.
Where it stands is in the database only, and every act is noted in the transaction that does it. So a walk may be
killed anywhere, be taken up by another process, or be made by two at once: everything happens once, in its order.
"""

from collections.abc import Callable
from dataclasses import field
from datetime import datetime, time, timedelta

from flask import current_app
from sqlalchemy import select

from labapp import clock
from labapp.access.actor import Actor, system_actor
from labapp.db import db
from labapp.lifecycle.unfolding import Unfolding
from labapp.people.models import Sandbox
from labapp.records.catalog import catalog
from labapp.records.sweeps import Rest, Sweep, enough, piece
from labapp.records.work import writing
from labapp.scenario.schedule import timeline_of
from labapp.values import dataclass

AT_MOST = 2_000  # calls of one sweep at one moment, each of which does one act at least
A_WHILE = 0.06  # seconds for which the sweeps go on in one transaction, and all others wait
DAY = timedelta(days=1)
Told = Callable[[datetime], None]


def nobody_listens(_at: datetime) -> None:
    """Progress that nobody wants to hear of."""


@dataclass
class Walk:
    """One walk of one process. `done` counts the acts; `at` is where it stands."""

    sandbox_id: int
    told: Told = nobody_listens
    done: int = 0
    at: datetime | None = None
    goal: datetime | None = None
    swept: datetime | None = None
    sweeping: list[Sweep] = field(default_factory=list)
    turns: int = 0
    rest: Rest = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    unfolding: Unfolding = field(default_factory=Unfolding)

    def go(self, deadline: float | None = None) -> bool:
        """Do everything due by the sandbox clock, or by the moment it is on its way to. False: the time ran out.

        `deadline` is a value of `clock.monotonic`.
        """
        self._read_ahead()
        while self._step():
            if deadline is not None and clock.monotonic() > deadline:
                return False
        return True

    def _read_ahead(self) -> None:
        """The timeline is read before anybody has to wait for it."""
        sandbox = db.session.get(Sandbox, self.sandbox_id)
        if sandbox is not None:
            timeline_of(sandbox)
        db.session.rollback()

    def _step(self) -> bool:
        """A piece of the way in one short transaction. False: there is nothing more to do."""
        with writing():
            sandbox = self._sandbox()
            if sandbox is None or sandbox.state != "open":
                return False
            here = self._place(sandbox)
            self.told(here)
            house = system_actor(sandbox).at(max(here, sandbox.last_lab_at))
            count = self.unfolding.happen(sandbox, house, here)
            self.done += count
            if count:
                return True
            if self.swept != here:
                self.sweeping, self.turns, self.rest, self.swept = self._sweeps, 0, {}, here
            if self.sweeping:
                with piece(A_WHILE, self.rest):
                    self._sweep(house)
                return True
            return self._on(sandbox, house, here)

    def _sandbox(self) -> Sandbox | None:
        """The sandbox, locked, as it stands."""
        query = select(Sandbox).where(Sandbox.id == self.sandbox_id).with_for_update(key_share=True)
        return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()

    def _place(self, sandbox: Sandbox) -> datetime:
        """Where the walk stands: the clock where it is on its way, else from the last step of the log on.

        Where somebody has joined and lags behind, what was due happens now.
        """
        if sandbox.clock_goal is not None:
            return sandbox.clock_base
        if self.at is None:
            now = self.goal = clock.lab_now(sandbox)
            start = min(sandbox.last_lab_at, now)
            behind = self.unfolding.is_behind(sandbox, system_actor(sandbox), start)
            self.at = now if behind else start
        return self.at

    def _sweep(self, house: Actor) -> None:
        """What is due at this moment, one sweep after the other, as much as fits into a short transaction."""
        while self.sweeping:
            sweep = self.sweeping[0]
            count = self._run(sweep, house)
            self.done += count
            self.turns += 1
            if not (count or self.rest.get(sweep.name)) or self.turns >= AT_MOST:
                self.sweeping, self.turns = self.sweeping[1:], 0
            if enough():
                break

    def _run(self, sweep: Sweep, house: Actor) -> int:
        """Some of what one sweep has to do. One that fails stops no other, and is left alone from then on."""
        try:
            with writing():
                return sweep.run(house)
        except Exception:
            self.broken.add(sweep.name)
            self.rest.pop(sweep.name, None)
            current_app.logger.exception("sweep %s failed in sandbox %s", sweep.name, house.sandbox_id)
            return 0

    @property
    def _sweeps(self) -> list[Sweep]:
        return [sweep for sweep in catalog().sweeps if sweep.name not in self.broken]

    def _on(self, sandbox: Sandbox, house: Actor, here: datetime) -> bool:
        """On to the next stop, or to where the clock is to stand. False: it stands there."""
        goal = sandbox.clock_goal or self.goal or here
        if here >= goal:
            self._arrive(sandbox, goal)
            return False
        stop = min((at for at in self._stops(sandbox, house, here) if here < at <= goal), default=goal)
        self.at = stop
        if sandbox.clock_goal is not None:
            sandbox.clock_base = stop
        return True

    def _stops(self, sandbox: Sandbox, house: Actor, here: datetime) -> list[datetime]:
        """When something falls due next, as each of those concerned says."""
        found = [self.unfolding.next_after(sandbox, house, here)]
        found += [sweep.due(house.at(here)) for sweep in self._sweeps if sweep.due is not None]
        if any(sweep.due is None for sweep in self._sweeps):
            found.append(datetime.combine(here.date() + DAY, time()))
        return [moment for moment in found if moment is not None]

    def _arrive(self, sandbox: Sandbox, goal: datetime) -> None:
        if sandbox.clock_goal is not None:
            sandbox.clock_base, sandbox.clock_set_at, sandbox.clock_goal = goal, clock.now(), None


def catch_up(sandbox_id: int) -> int:
    """Do what is due in this sandbox by its clock, whoever left it. Returns how many acts."""
    walk = Walk(sandbox_id)
    walk.go()
    return walk.done
