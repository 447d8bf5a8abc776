"""How many seats each position gets, what they are called, and how a course is cut into sandboxes."""

from collections.abc import Iterator, Sequence

from labapp.people.models import CLASS, INDIVIDUAL, TEAM
from labapp.scenario.read import Scenario
from labapp.scenario.shape import ScenarioFile
from labapp.values import dataclass


@dataclass(frozen=True)
class Seat:
    """A seat: the member's key (`s001`) and the key of its position."""

    member: str
    position: str


@dataclass(frozen=True)
class Unit:
    """The part of a course that has a sandbox: its name (`s001`, `team-1`; empty: all), its seats, its company.

    `company` are the simulated superiors and colleagues (`c001`): nobody ever sits there.
    """

    name: str
    seats: tuple[Seat, ...]
    company: tuple[Seat, ...] = ()


def seats_of(said: ScenarioFile, students: int | None = None) -> tuple[Seat, ...]:
    """So many seats over the positions of a scenario, in the order of its tree; by default as planned.

    Any other number is shared out in the proportion planned: one after the other to the position that is
    emptiest for its size, representatives before their manager.
    """
    planned = _planned(said)
    count = sum(planned.values()) if students is None else students
    given = dict.fromkeys(planned, 0)
    for _ in range(count):
        given[min(planned, key=lambda key: (given[key] + 1) / planned[key])] += 1
    positions = [key for key, number in given.items() for _ in range(number)]
    return tuple(Seat(key_of(number), position) for number, position in enumerate(positions, start=1))


def units_of(scenario: Scenario, mode: str, students: int | None, team_size: int) -> tuple[Unit, ...]:
    """The units of a course for so many students; teams are as even as can be. By default as many as planned."""
    count = sum(_planned(scenario.said).values()) if students is None else students
    if mode == CLASS:
        return (Unit("", seats_of(scenario.said, students)),)
    if mode == INDIVIDUAL:
        return tuple(individual(scenario, number) for number in range(1, count + 1))
    return tuple(_teams(scenario, count, team_size))


def individual(scenario: Scenario, number: int) -> Unit:
    """The sandbox of one student, who sits where the scenario says; everybody else is simulated."""
    place = scenario.student_position
    return Unit(key_of(number), (Seat(key_of(number), place),), company_of(scenario.said, [place]))


def team(scenario: Scenario, number: int, first: int, seats: int, team_size: int) -> Unit:
    """Team `number` with so many seats of its `team_size`, their keys from `first` on."""
    places = team_places(scenario.said, team_size)
    taken = [Seat(key_of(first + offset), place) for offset, place in enumerate(places[:seats])]
    return Unit(f"{TEAM}-{number}", tuple(taken), company_of(scenario.said, places))


def team_places(said: ScenarioFile, team_size: int) -> list[str]:
    """The positions that the members of a team hold, in the order of the tree."""
    return [seat.position for seat in seats_of(said, team_size)]


def company_of(said: ScenarioFile, held: Sequence[str]) -> tuple[Seat, ...]:
    """Simulated people for every planned seat that no student holds, in the order of the tree."""
    left = list(held)
    found: list[Seat] = []
    for position, number in _planned(said).items():
        for _ in range(number):
            if position in left:
                left.remove(position)
            else:
                found.append(Seat(f"c{len(found) + 1:03d}", position))
    return tuple(found)


def key_of(number: int) -> str:
    """The key of a student: s001, s002 …"""
    return f"s{number:03d}"


def _planned(said: ScenarioFile) -> dict[str, int]:
    return {position.key: position.seats for position in said.positions.walk() if position.seats}


def _teams(scenario: Scenario, count: int, team_size: int) -> Iterator[Unit]:
    teams = -(-count // team_size)
    first = 1
    for number in range(teams):
        seats = count // teams + (number < count % teams)
        yield team(scenario, number + 1, first, seats, team_size)
        first += seats
