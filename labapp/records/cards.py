"""What modules put on the first page and on the page of a team (product.md M14; 004 §3.3).

A module exports `HOME_CARDS` and `TEAM_FIGURES`; those pages ask them and know no module.
"""

from collections.abc import Callable, Mapping
from typing import Any

from labapp.access.actor import Actor
from labapp.values import dataclass


@dataclass(frozen=True)
class HomeCard:
    """A card of the first page.

    `values(actor)` gives what `template` needs, or None where the card has nothing for this member; it makes a fixed
    number of statements. Cards stand by `place`, the smallest first.
    """

    name: str
    template: str
    values: Callable[[Actor], Mapping[str, Any] | None]
    place: int = 50


@dataclass(frozen=True)
class TeamFigure:
    """A column of the team's page: a number per member, and the list of the records behind it.

    `values(actor, owners)` gives (number, address of the list or "") by membership id, in one statement; a member it
    does not name has 0. `money`: it is an amount. `late`: more than 0 asks for attention.
    """

    name: str
    label: Any
    values: Callable[[Actor, frozenset[int]], Mapping[int, tuple[Any, str]]]
    money: bool = False
    late: bool = False
    place: int = 50
