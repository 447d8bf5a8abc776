"""Groups of records that may be one thing, among those that somebody sees (003 two-3), a page at a time.

Everything goes along the index of `matching`, behind a key: first the keys that several visible records have, sort by
sort; then names that are nearly alike, each compared with the next few in the order of the names, and once more in
the order of the names read backwards (sorted neighbourhood). A page looks at so many keys at most.
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select

from labapp.access.actor import Actor
from labapp.access.rules import reachable
from labapp.records import query, slices
from labapp.records.describe import RecordType
from labapp.records.matching import BACKWARDS, REASONS, SHORTEST, MatchKey
from labapp.records.snapshot import kind_of
from labapp.values import dataclass

GROUPS, MEMBERS = 30, 8
NEAR = "near"  # the names nearly alike, in their order; `BACKWARDS` those alike from their end
FEW, MANY, CHUNKS = 60, 300, 2  # shared keys that are read together, many where most were shown before
WALK, WALKS, NEXT, ALIKE = 5_000, 2, 4, 80  # names that are read together, and how often for one page
PAIRS, AT_ONCE = 200, 400
Held = dict[int, set[tuple[str, str]]]


@dataclass
class Group:
    """Records that may be one thing, by id, and by what: words of `matching.REASONS`, or alike."""

    ids: set[int]
    reasons: set[str] = field(default_factory=set)
    more: int = 0


class Name(NamedTuple):
    """A name as it stands in the index: its key, the number of the entry, the record."""

    key: str
    entry: int
    record_id: int


@dataclass(frozen=True)
class Place:
    """Where a page begins: in this section, behind this key (of the entry with this id, where several have it)."""

    section: str
    key: str = ""
    entry: int = 0

    def written(self) -> str:
        body = json.dumps([self.section, self.key, self.entry], separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Page:
    """The groups of a page, and where the next begins; None at the end."""

    groups: list[Group]
    after: Place | None


def read_place(text: str, sections: Sequence[str]) -> Place:
    """The opposite of `written`; the beginning where there is none or it is broken."""
    try:
        section, key, entry = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return Place(sections[0])
    fits = section in sections and isinstance(key, str) and type(entry) is int and 0 <= entry < 2**53
    return Place(section, key, entry) if fits else Place(sections[0])


def sections_of(model: Any) -> list[str]:
    """What the records of a kind are compared by, in order."""
    makes = {what for what, _fields in model.same_by}
    found = [what for what in REASONS if what in makes]
    return [*found, NEAR, BACKWARDS] if "name" in makes else found


def page_of(actor: Actor, record_type: RecordType, after: str = "") -> Page:
    """The groups behind a place, at most thirty; fewer where so many keys gave no more."""
    search = Search(actor, record_type.model)
    place: Place | None = read_place(after, search.sections)
    found: list[Group] = []
    while place is not None and len(found) < GROUPS and search.may_go_on(place):
        look = search.shared if place.section in REASONS else search.alike
        made, place = look(place, GROUPS - len(found))
        found = joined([*found, *made])
    return Page(found, place)


def joined(groups: Sequence[Group]) -> list[Group]:
    """The same, those that have a record in common made one."""
    found: list[Group] = []
    for one in groups:
        for near in [group for group in found if group.ids & one.ids]:
            one = Group(one.ids | near.ids, one.reasons | near.reasons, max(one.more, near.more))
            found.remove(near)
        found.append(one)
    return found


class Search:
    """Looks for the groups of one page, for one reader."""

    def __init__(self, actor: Actor, model: Any) -> None:
        self.sections = sections_of(model)
        mine = slices.of(model, actor)
        self.keys: Keys | OwnKeys = Keys(actor, model) if mine.rows >= slices.SMALL else OwnKeys(actor, model)
        self.chunks, self.walks = 0, 0

    def may_go_on(self, place: Place) -> bool:
        """Whether not too many keys were looked at for this page yet."""
        return self.chunks < CHUNKS if place.section in REASONS else self.walks < WALKS

    def next_section(self, section: str) -> Place | None:
        place = self.sections.index(section) + 1
        return Place(self.sections[place]) if place < len(self.sections) else None

    def shared(self, place: Place, wanted: int) -> tuple[list[Group], Place | None]:
        """The groups of the next keys of this sort, without those that an earlier sort has shown."""
        count = FEW if place.section == self.sections[0] else MANY
        keys = self.keys.several(place, count)
        full = len(keys) == count
        self.chunks += full
        members: dict[str, list[int]] = {}
        for key, record_id in self.keys.holders(place.section, keys):
            members.setdefault(key, []).append(record_id)
        held = self.keys.of({record_id for ids in members.values() for record_id in ids[:MEMBERS]})
        made: list[Group] = []
        for key, ids in members.items():
            made += self._groups(place.section, ids, held)
            if len(made) == wanted:
                return made, Place(place.section, key)
        return made, Place(place.section, keys[-1]) if full else self.next_section(place.section)

    def _groups(self, section: str, ids: list[int], held: Held) -> list[Group]:
        """The group of the records of one key: none where all of them share a key of an earlier sort."""
        shown = ids[:MEMBERS]
        reasons = {what for what, _key in set.intersection(*(held[record_id] for record_id in shown))}
        if reasons & set(self.sections[: self.sections.index(section)]):
            return []
        return [Group(set(shown), reasons | {section}, max(0, len(ids) - MEMBERS))]

    def alike(self, place: Place, wanted: int) -> tuple[list[Group], Place | None]:
        """Pairs of nearly the same name among the next names, without those that share a key."""
        names, end = self.keys.names(place)
        self.walks += 1
        pairs, made = near(names, len(names) if end is None else len(names) - NEXT), []
        while some := list(islice(pairs, PAIRS)):
            held = self.keys.of({record_id for _name, pair in some for record_id in pair})
            for name, (one, other) in some:
                if not held[one] & held[other]:
                    made.append(Group({one, other}, {NEAR}))
                if len(made) == wanted:
                    return made, Place(place.section, name.key, name.entry)
        if end is None:
            return made, self.next_section(place.section)
        last = names[-NEXT - 1] if len(names) > NEXT else end
        return made, Place(place.section, last.key, last.entry)


class Keys:
    """The keys of whoever sees much, read along the index."""

    def __init__(self, actor: Actor, model: Any) -> None:
        self.actor, self.model = actor, model
        self.here = MatchKey.sandbox_id == actor.sandbox_id, MatchKey.kind == kind_of(model)

    def several(self, place: Place, count: int) -> list[str]:
        """The next keys of this sort that several visible records have, in their order."""
        behind = (*self.here, MatchKey.what == place.section, MatchKey.key > place.key)
        often = select(MatchKey.key).where(*behind).group_by(MatchKey.key).having(func.count() > 1)
        asked = self._joined(MatchKey.key).where(*behind, MatchKey.key.in_(often))
        asked = asked.group_by(MatchKey.key).having(func.count(self.model.id) > 1).order_by(MatchKey.key)
        return [row[0] for row in query.answers(asked.limit(count), self.actor)]

    def holders(self, section: str, keys: list[str]) -> Sequence[Any]:
        """(key, id) of the visible records that have these keys, by key."""
        asked = self._joined(MatchKey.key, self.model.id)
        asked = asked.where(*self.here, MatchKey.what == section, MatchKey.key.in_(keys))
        return query.answers(asked.order_by(MatchKey.key, self.model.id), self.actor) if keys else []

    def of(self, ids: set[int]) -> Held:
        """What each of these records has, which the reader was found to see; by the index of records."""
        asked = select(MatchKey.record_id, MatchKey.what, MatchKey.key)
        asked = asked.where(MatchKey.kind == kind_of(self.model), MatchKey.record_id.in_(sorted(ids)))
        return held_by(ids, query.answers(asked, self.actor) if ids else ())

    def names(self, place: Place) -> tuple[list[Name], Name | None]:
        """The visible names among the next in the order, and the last that was looked at; None at the end of all."""
        entry: Any = MatchKey
        after = or_(entry.key > place.key, and_(entry.key == place.key, entry.id > place.entry))
        what = entry.what == ("name" if place.section == NEAR else BACKWARDS)
        behind = [*self.here, what, entry.key >= place.key, after]
        walk = select(entry.key, entry.id, entry.record_id).where(*behind).order_by(entry.key, entry.id)
        last = query.answers(walk.limit(1).offset(WALK - 1), self.actor)
        end = Name(*last[0]) if last else None
        if end is not None:
            upto = or_(entry.key < end.key, and_(entry.key == end.key, entry.id <= end.entry))
            behind += [entry.key <= end.key, upto]
        asked = self._joined(entry.key, entry.id, self.model.id).where(*behind)
        rows = query.answers(asked.order_by(entry.key, entry.id), self.actor)
        return [Name(*row) for row in rows if len(row[0]) >= SHORTEST], end

    def _joined(self, *columns: Any) -> Any:
        return select(*columns).join(self.model, MatchKey.record_id == self.model.id)


class OwnKeys:
    """The keys of whoever sees few records, read by these."""

    def __init__(self, actor: Actor, model: Any) -> None:
        mine = slices.through(select(model.id), model, reachable(actor, model))
        ids = [row[0] for row in query.answers(mine, actor)]
        asked = select(MatchKey.key, MatchKey.id, MatchKey.record_id, MatchKey.what)
        self.entries: list[Any] = []
        for start in range(0, len(ids), AT_ONCE):
            some = asked.where(
                MatchKey.kind == kind_of(model), MatchKey.record_id.in_(ids[start : start + AT_ONCE])
            )
            self.entries += query.answers(some, actor)

    def several(self, place: Place, count: int) -> list[str]:
        times = Counter(row.key for row in self.entries if row.what == place.section and row.key > place.key)
        return sorted(key for key, number in times.items() if number > 1)[:count]

    def holders(self, section: str, keys: list[str]) -> Sequence[Any]:
        wanted = set(keys)
        found = [
            (row.key, row.record_id) for row in self.entries if row.what == section and row.key in wanted
        ]
        return sorted(found)

    def of(self, ids: set[int]) -> Held:
        return held_by(
            ids, ((row.record_id, row.what, row.key) for row in self.entries if row.record_id in ids)
        )

    def names(self, place: Place) -> tuple[list[Name], Name | None]:
        what, behind = ("name" if place.section == NEAR else BACKWARDS), (place.key, place.entry)
        found = (Name(*row[:3]) for row in self.entries if row.what == what and len(row.key) >= SHORTEST)
        return sorted(name for name in found if name[:2] > behind), None


def held_by(ids: set[int], rows: Iterable[Any]) -> Held:
    """(what, key) of each record, of (record, what, key), without what is only for finding."""
    held: Held = {record_id: set() for record_id in ids}
    for record_id, what, key in rows:
        if what in REASONS:
            held[record_id].add((what, key))
    return held


def near(names: Sequence[Name], upto: int) -> Iterator[tuple[Name, tuple[int, int]]]:
    """Of names in their order, the first `upto` compared each with the next few: the first of two, and both ids."""
    from rapidfuzz import fuzz  # late: a fiftieth of a start

    for place, one in enumerate(names[: max(0, upto)]):
        for other in names[place + 1 : place + 1 + NEXT]:
            if one.key != other.key and fuzz.ratio(one.key, other.key, score_cutoff=ALIKE):
                yield one, (min(one.record_id, other.record_id), max(one.record_id, other.record_id))
