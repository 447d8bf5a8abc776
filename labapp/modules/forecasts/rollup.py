"""The roll-up along the tree of positions: who is in scope, and the sum of every position (F118)."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.modules.forecasts.figures import Figures, Standing
from labapp.people.directory import Directory, Member, Place
from labapp.people.models import STUDENT
from labapp.records.words import language
from labapp.values import dataclass

PLACE, MEMBER, TOTAL = "place", "member", "total"


@dataclass(frozen=True)
class Line:
    """A line of the roll-up: a position with the sum of everybody in and below it, a member, or the whole."""

    kind: str
    label: str
    depth: int
    figures: Figures
    standing: Standing | None = None
    place_id: int | None = None


def scope(actor: Actor) -> list[int]:
    """The members whose forecasts roll up to the actor: the own and those below; all students for who sees all."""
    members = actor.directory.members.values()
    return [
        m.id
        for m in sorted(members, key=lambda m: m.key)
        if works_here(m) and (actor.sees_all or m.id in actor.commands)
    ]


def works_here(member: Member) -> bool:
    return member.role == STUDENT and member.state == "active"


def places_in_view(actor: Actor) -> list[Place]:
    """The positions the actor holds and those below, parents first; all for who sees all."""
    tree = actor.directory.tree()
    if actor.sees_all:
        return tree
    own = [actor.directory.places[i].path for i in actor.member.positions if i in actor.directory.places]
    return [place for place in tree if any(place.path.startswith(path) for path in own)]


def homes(directory: Directory, places: Iterable[Place], members: Iterable[int]) -> dict[int, Place | None]:
    """For each member the position to be counted in: the first of theirs in view, so that nobody counts twice."""
    seen = {place.id: place for place in places}
    return {i: next((seen[p] for p in directory.members[i].positions if p in seen), None) for i in members}


def rolled_up(actor: Actor, found: Mapping[int, Standing]) -> list[Line]:
    """The lines of the table: positions with the members in them, those who are in none, and the whole."""
    places = places_in_view(actor)
    home = homes(actor.directory, places, found)
    top = min((place.path.count("/") for place in places), default=0)
    lines: list[Line] = []
    for place in places:
        inside = [i for i, own in home.items() if own is not None and own.path.startswith(place.path)]
        if inside:
            depth, name = place.path.count("/") - top, str(place.name(language()))
            lines.append(Line(PLACE, name, depth, total(found, inside), place_id=place.id))
            lines += [_member(actor, found[i], depth + 1) for i in inside if home[i] == place]
    nowhere = [i for i, own in home.items() if own is None]
    if nowhere:
        lines.append(Line(PLACE, _("In no position"), 0, total(found, nowhere)))
        lines += [_member(actor, found[i], 1) for i in nowhere]
    return [*lines, Line(TOTAL, _("Total"), 0, total(found, found))]


def total(found: Mapping[int, Standing], members: Iterable[int]) -> Figures:
    """The sum of these members."""
    return reduce(add, (found[i].figures for i in members), Figures())


def _member(actor: Actor, standing: Standing, depth: int) -> Line:
    return Line(MEMBER, actor.directory.members[standing.owner_id].name, depth, standing.figures, standing)


def may_adjust(actor: Actor, owner_id: int) -> bool:
    """Whether the actor stands above the member."""
    below = actor.role == STUDENT and owner_id in actor.below
    return owner_id != actor.id and not actor.frozen and (actor.is_instructor or below)
