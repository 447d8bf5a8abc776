"""Who is who in one sandbox, read once and kept until a reference row changes."""

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from sqlalchemy import select

from labapp.db import db
from labapp.people.enrol import UNSEEN_STATES
from labapp.people.models import Membership, Position, Sandbox, SharingGroup
from labapp.values import dataclass

KEPT = 64
PARTS = re.compile(r"[/\\>／＞]")
NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Member:
    """A membership as everybody in the sandbox may know it. `positions` are position ids."""

    id: int
    serial: int
    key: str
    name: str
    number: str | None
    role: str
    state: str
    account_id: int | None
    positions: tuple[int, ...]

    @property
    def is_somebody(self) -> bool:
        """Whether the seat is taken: by an account, or by a person whom an archive names."""
        return self.account_id is not None or self.name != self.key


@dataclass(frozen=True)
class Place:
    """A position. `path` is '/1/4/9/', ids from the top."""

    id: int
    serial: int
    parent_id: int | None
    path: str
    kind: str
    name_en: str
    name_zh: str
    profile: str | None
    sort: int

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True)
class Group:
    id: int
    serial: int
    name: str
    members: frozenset[int]


class Directory:
    """The members, positions and groups of one sandbox at one stamp. Answers are ids of memberships."""

    def __init__(self, members: Iterable[Member], places: Iterable[Place], groups: Iterable[Group]) -> None:
        self.members = {member.id: member for member in members}
        self.places = {place.id: place for place in places}
        self.groups = {group.id: group for group in groups}

    @cached_property
    def by_key(self) -> dict[str, Member]:
        return {member.key: member for member in self.members.values()}

    @cached_property
    def _at(self) -> dict[int, set[int]]:
        """Members by each position they hold."""
        at: dict[int, set[int]] = {}
        for member in self.members.values():
            for place_id in member.positions:
                at.setdefault(place_id, set()).add(member.id)
        return at

    def holders(self, place_id: int) -> frozenset[int]:
        """Who holds this position."""
        return frozenset(self._at.get(place_id, ()))

    def subtree(self, place_id: int, *, itself: bool = True) -> list[Place]:
        """The position and all below it, parents before children."""
        found = [self.places[place_id]]
        for place in found:
            found += self._under.get(place.id, ())
        return sorted(found if itself else found[1:], key=_depth_first)

    def tree(self) -> list[Place]:
        """All positions, parents before children, siblings in their order."""
        return list(self._walk(None))

    def _walk(self, parent_id: int | None) -> Iterator[Place]:
        for place in self._under.get(parent_id, ()):
            yield place
            yield from self._walk(place.id)

    @cached_property
    def _under(self) -> dict[int | None, list[Place]]:
        """The positions right under each, and the topmost under None, siblings in their order."""
        under: dict[int | None, list[Place]] = {}
        for place in sorted(self.places.values(), key=lambda p: (p.sort, p.serial)):
            under.setdefault(place.parent_id, []).append(place)
        return under

    def people_in(self, place_id: int) -> frozenset[int]:
        """Who holds the position or one below it."""
        return frozenset(m for place in self.subtree(place_id) for m in self._at.get(place.id, ()))

    def below(self, member_id: int) -> frozenset[int]:
        """Members in positions strictly below one that this member holds (004 §2.11-5); below the house is nobody."""
        found: set[int] = set()
        member = self.members.get(member_id)
        for place_id in member.positions if member is not None else ():
            for place in self.subtree(place_id, itself=False):
                found |= self._at.get(place.id, set())
        return frozenset(found - {member_id})

    def superiors(self, member_id: int) -> frozenset[int]:
        """Members in positions strictly above one that this member holds."""
        found: set[int] = set()
        for place_id in self.members[member_id].positions:
            for above in self.above(place_id):
                found |= self._at.get(above.id, set())
        return frozenset(found - {member_id})

    def above(self, place_id: int) -> list[Place]:
        """The positions above this one, nearest first."""
        ids = [int(part) for part in self.places[place_id].path.strip("/").split("/")[:-1]]
        return [self.places[i] for i in reversed(ids)]

    def called(self, named: str) -> list[int]:
        """The positions of this name, or of these names from the top ('Sales/North'), in either language."""
        wanted = [plain_name(part) for part in PARTS.split(named.strip(" /\\>／＞")) if part.strip()]
        found = []
        for place in self.places.values():
            chain = [*reversed(self.above(place.id)), place][-len(wanted) :]
            names = [{plain_name(link.name_en), plain_name(link.name_zh)} for link in chain]
            if wanted and len(names) == len(wanted) and all(map(set.__contains__, names, wanted)):
                found.append(place.id)
        return found

    def mates(self, member_id: int) -> frozenset[int]:
        """Members who share a sharing group with this one."""
        found = {m for group in self.groups.values() if member_id in group.members for m in group.members}
        return frozenset(found - {member_id})


def plain_name(text: str) -> str:
    """A name without what people write differently: width, case, spaces at the ends and doubled ones."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _depth_first(place: Place) -> tuple[int, int, int]:
    return (place.path.count("/"), place.sort, place.serial)


_kept: OrderedDict[tuple[int, str], Directory] = OrderedDict()


def directory_of(sandbox: Sandbox) -> Directory:
    """The directory of this sandbox as it stands. Kept per stamp, which no two states share."""
    key = (sandbox.id, sandbox.stamp)
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = read_directory(sandbox.id)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def sandboxes_of(course_id: int) -> list[Sandbox]:
    """The sandboxes of a course that somebody sees: one in mode class, else one per team or student, in their order.

    Neither those still opening or being purged, nor those that a reset replaced by a fresh one.
    """
    query = select(Sandbox).where(
        Sandbox.course_id == course_id,
        Sandbox.state.not_in(UNSEEN_STATES),
        Sandbox.replaced_at.is_(None),
    )
    return sorted(db.session.scalars(query), key=lambda sandbox: by_number(sandbox.name))


def by_number(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts `team-2` before `team-10`."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in NUMBERS.split(name)]


def read_directory(sandbox_id: int) -> Directory:
    """The directory straight from the tables, three statements: members, positions and groups as they are numbered."""

    def rows(model: Any) -> Iterable[object]:
        found = select(model).where(model.sandbox_id == sandbox_id)
        return db.session.scalars(found.order_by(model.serial))

    members = [_member(m) for m in rows(Membership) if isinstance(m, Membership) and m.key]
    places = [_place(p) for p in rows(Position) if isinstance(p, Position)]
    groups = [
        Group(g.id, g.serial, g.name, frozenset(g.members))
        for g in rows(SharingGroup)
        if isinstance(g, SharingGroup)
    ]
    return Directory(members, places, groups)


def _member(m: Membership) -> Member:
    key = m.key or ""
    return Member(
        m.id,
        m.serial or 0,
        key,
        m.name or key,
        m.number,
        m.role,
        m.state,
        m.account_id,
        tuple(m.positions or ()),
    )


def _place(p: Position) -> Place:
    return Place(
        p.id, p.serial, p.parent_id, p.path, p.position_kind, p.name_en, p.name_zh, p.profile, p.sort
    )
