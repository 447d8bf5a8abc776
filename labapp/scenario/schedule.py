"""What the timeline of a sandbox has in store, for whom and when."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from labapp.db import db
from labapp.people.directory import Directory, Member
from labapp.people.models import ACTIVE, STUDENT, Course, Sandbox
from labapp.scenario.fired import ONCE
from labapp.scenario.library import scenario_of
from labapp.scenario.problems import BadScenario
from labapp.values import dataclass

if TYPE_CHECKING:  # read when a scenario is: it takes a tenth of the time of a start
    from labapp.scenario.read import Scenario
    from labapp.scenario.shape_timeline import Event


@dataclass(frozen=True)
class Happening:
    """An event for one member (by key), or once for all, at a lab time. `place` is that in the file."""

    at: datetime
    place: int
    member: str
    event: "Event"

    @property
    def name(self) -> tuple[str, str]:
        return self.event.key, self.member

    @property
    def order(self) -> tuple[datetime, int, str]:
        return self.at, self.place, self.member


def timeline_of(sandbox: Sandbox) -> "Scenario | None":
    """The scenario whose timeline runs here, as it was when the course was opened; None where nothing is to happen."""
    course = db.session.get_one(Course, sandbox.course_id)
    try:
        scenario = scenario_of(course)
    except BadScenario:  # opened before texts were kept, and changed since: said where scenarios are listed
        return None
    return scenario if scenario is not None and scenario.events else None


def schedule(scenario: "Scenario", sandbox: Sandbox, directory: Directory) -> list[Happening]:
    """Everything that the timeline has for those who are there, in its order."""
    people = [(member.key, position_of(scenario, directory, member)) for member in seated(directory)]
    found = []
    for place, event in enumerate(scenario.events):
        at = moment_of(sandbox, event.at)
        if event.per == "once":
            found.append(Happening(at, place, ONCE, event))
        else:
            wanted = (key for key, position in people if not event.only or position in event.only)
            found += [Happening(at, place, key, event) for key in wanted]
    return sorted(found, key=lambda happening: happening.order)


def seated(directory: Directory) -> list[Member]:
    """The students whom the timeline deals to, by key: those who joined; in a rehearsal without any, every seat."""
    students = [m for m in directory.members.values() if m.role == STUDENT and m.state == ACTIVE]
    joined = [member for member in students if member.account_id is not None]
    return sorted(joined or students, key=lambda member: member.key)


def position_of(scenario: "Scenario", directory: Directory, member: Member) -> str:
    """The scenario's key of a member's first position: positions are numbered in the order of its tree."""
    keys = [position.key for position in scenario.said.positions.walk()]
    place = directory.places.get(member.positions[0]) if member.positions else None
    return keys[place.serial - 1] if place is not None and place.serial <= len(keys) else ""


def moment_of(sandbox: Sandbox, said: str) -> datetime:
    """`+2d 09:30` from the day the sandbox starts."""
    day, _space, clock = said.partition(" ")
    on: date = sandbox.starts_at.date() + timedelta(days=int(day[:-1]))
    return datetime.combine(on, time.fromisoformat(clock))


def holders_of(scenario: "Scenario", directory: Directory, positions: Sequence[str]) -> list[Member]:
    """The students in these positions of the scenario; all of them where none is named."""
    found = seated(directory)
    return [m for m in found if not positions or position_of(scenario, directory, m) in positions]
