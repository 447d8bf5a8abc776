"""How many seats each position gets, and what they are called."""

from dataclasses import dataclass

from labapp.scenario.shape import ScenarioFile


@dataclass(frozen=True)
class Seat:
    """A seat: the member's key (`s001`) and the key of its position."""

    member: str
    position: str


def seats_of(said: ScenarioFile, students: int | None = None) -> tuple[Seat, ...]:
    """So many seats over the positions of a scenario, in the order of its tree; by default as planned.

    Any other number is shared out in the proportion planned: one after the other to the position that is
    emptiest for its size, representatives before their manager.
    """
    planned = {position.key: position.seats for position in said.positions.walk() if position.seats}
    count = sum(planned.values()) if students is None else students
    given = dict.fromkeys(planned, 0)
    for _ in range(count):
        given[min(planned, key=lambda key: (given[key] + 1) / planned[key])] += 1
    positions = [key for key, number in given.items() for _ in range(number)]
    return tuple(Seat(f"s{number:03d}", position) for number, position in enumerate(positions, start=1))
