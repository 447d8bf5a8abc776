"""Moving the clock of a sandbox: ending the day, going on by hours or days, changing how it runs (product.md L2).

Each is a step `setting.change` of whoever does it, with the path `clock`, `clock.mode` or `clock.pace`; what falls due
on the way is written by `clockwork`. The clock never goes back.
"""

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from labapp import clock, jobs
from labapp.access.actor import Actor
from labapp.access.errors import Invalid, Refused
from labapp.db import db
from labapp.lifecycle.clockwork import Walk
from labapp.modules.tickets.desk import hours_of
from labapp.people.models import STUDENT, Sandbox
from labapp.records.work import Source, Work, writing
from labapp.values import dataclass

KIND = "clock.move"
AT_HAND = 0.4  # seconds of a request for what falls due; more is a job
FARTHEST = timedelta(days=3660)
MODES, MOST_PACE = ("real", "stepped"), 1440
LENGTH = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?", re.IGNORECASE)
MORNING = time(9)
LOOK_AHEAD = 60  # days in which a working day is looked for


@dataclass(frozen=True)
class Moved:
    """A sandbox that was sent on: the lab time it left, where it goes, and the last step before."""

    sandbox_id: int
    left: datetime
    goal: datetime
    last_step: int


def length_of(text: str) -> timedelta:
    """`8d`, `3h`, `30m`, `1d12h` as a length of lab time. Raises Invalid."""
    found = LENGTH.fullmatch(text.strip())
    if text.strip().startswith(("-", "−")):
        raise Invalid(_l("The clock never goes back."))
    if found is None or not any(found.groups()):
        raise Invalid(_l("Write a length of time like 8d, 3h, 30m or 1d12h."))
    days, hours, minutes = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not timedelta(0) < length <= FARTHEST:
        raise Invalid(_l("The clock moves by at least a minute and at most ten years."))
    return length


def next_morning(actor: Actor) -> datetime:
    """When work begins on the next working day: where the end of the day leads to."""
    hours, today = hours_of(actor), actor.lab_now.date()
    days = (today + timedelta(days=number) for number in range(1, LOOK_AHEAD))
    day = next((day for day in days if hours.works_on(day)), None)
    if day is None:  # the company never works
        return datetime.combine(today + timedelta(days=1), MORNING)
    return datetime.combine(day, time()) + hours.opens


def may_end_day(actor: Actor, unit: str) -> bool:
    """Whether a student may end the day: the sandbox is theirs alone, and the scenario says so (product.md L2)."""
    alone = actor.role == STUDENT and unit == actor.key
    return alone and bool(actor.settings.get("clock.students_end_day"))


def send(actor: Actor, goal: datetime, source: Source) -> Moved:
    """Put the clock of the actor's sandbox on its way to a later moment; a walk takes it there.

    Raises Refused where the sandbox is frozen or the clock on its way already, Invalid for a moment that is not ahead.
    """
    now = actor.lab_now
    with Work(actor.at(now), "setting.change", answers={"clock": goal.isoformat()}, source=source) as work:
        sandbox = work.sandbox()
        work.header.label = "clock"
        _require_standing(work, sandbox)
        now = max(now, clock.lab_now(sandbox))
        if goal <= now:
            sentence = _l("The clock never goes back: it is %(now)s already.", now=f"{now:%Y-%m-%d %H:%M}")
            raise Invalid(sentence, {"to": sentence})
        if goal - now > FARTHEST:
            raise Invalid(_l("The clock moves by at least a minute and at most ten years."))
        moved = Moved(sandbox.id, now, goal, sandbox.last_step)
        work.change_setting("clock", goal.isoformat())
        sandbox.clock_base, sandbox.clock_goal = now, goal
    return moved


def _require_standing(work: Work, sandbox: Sandbox) -> None:
    if sandbox.state != "open":
        raise Refused(_l("This sandbox is closed for changes; its clock stands still."))
    if sandbox.clock_goal is not None:
        at = f"{sandbox.clock_goal:%Y-%m-%d %H:%M}"
        work.refuse(_l("The clock is on its way to %(at)s already. Wait until it stands there.", at=at))


def change(actor: Actor, source: Source, mode: str, pace: int) -> list[str]:
    """Let the clock run by itself or in steps, and how fast; lab time itself does not jump. Returns what moved.

    A pace of 0: it stands still between the steps. Raises Invalid, Refused.
    """
    if mode not in MODES:
        raise Invalid(_l("The clock is real or stepped."), {"mode": _l("The clock is real or stepped.")})
    if not 0 <= pace <= MOST_PACE:
        sentence = _l("The pace lies between 0 and %(most)s.", most=MOST_PACE)
        raise Invalid(sentence, {"pace": sentence})
    moved = []
    with writing():
        for path, value in (("clock.mode", mode), ("clock.pace", pace)):
            with Work(
                actor.at(actor.lab_now), "setting.change", answers={path: value}, source=source
            ) as work:
                sandbox = work.sandbox()
                _require_standing(work, sandbox)
                work.header.label = path
                column = path.replace(".", "_")
                if getattr(sandbox, column) == value and work.actor.settings.get(path) == value:
                    continue
                work.change_setting(path, value)
                sandbox.clock_base, sandbox.clock_set_at = clock.lab_now(sandbox), clock.now()
                setattr(sandbox, column, value)
                moved.append(path)
    return moved


def go(moved: Iterable[Moved], account_id: int | None) -> jobs.Job | None:
    """Walk these sandboxes to where they were sent. What takes longer than a moment goes on as the job returned."""
    deadline = clock.monotonic() + AT_HAND
    waiting = list(moved)
    while waiting and clock.monotonic() < deadline and Walk(waiting[0].sandbox_id).go(deadline):
        waiting.pop(0)
    if not waiting:
        return None
    with writing():
        first = db.session.get_one(Sandbox, waiting[0].sandbox_id)
        args = {"moved": [_plain(one) for one in waiting]}
        return jobs.ask(KIND, args, sandbox_id=first.id, course_id=first.course_id, account_id=account_id)


def _plain(moved: Moved) -> list[object]:
    return [moved.sandbox_id, moved.left.isoformat(), moved.goal.isoformat(), moved.last_step]


def read_moved(row: list[object]) -> Moved:
    """What `_plain` made of it."""
    number, left, goal, last_step = row
    return Moved(
        int(str(number)),
        datetime.fromisoformat(str(left)),
        datetime.fromisoformat(str(goal)),
        int(str(last_step)),
    )


@jobs.task(KIND)
def finish(run: jobs.Run) -> None:
    """Take the clocks on. A run that was killed goes on where the clocks stand."""
    ways = [read_moved(row) for row in run.args["moved"]]
    total = sum(_minutes(way.left, way.goal) for way in ways)
    behind = 0
    for way in ways:
        before = behind

        def told(at: datetime, way: Moved = way, before: int = before) -> None:
            run.progress(before + _minutes(way.left, min(at, way.goal)), total)

        Walk(way.sandbox_id, told).go()
        behind += _minutes(way.left, way.goal)
    run.progress(total, total)


def _minutes(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()) // 60)
