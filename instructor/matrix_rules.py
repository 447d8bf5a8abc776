"""Who ought to see what, written down once more: a literal table that knows nothing of `access.rules` (product.md P5).

The matrix page holds the surfaces against it. Nobody may compute it from the rules: it is what they are tested by.
"""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from labapp.people.directory import Directory, Group, Member, Place
from labapp.people.models import ASSISTANT, INSTRUCTOR, OBSERVER, STUDENT
from labapp.values import dataclass

MODES = ("private", "read_only", "read_write")
RELATIONS = {
    "owner": _l("Owner"),
    "superior": _l("Superior"),
    "top": _l("Superior’s superior"),
    "peer": _l("Peer in the same position"),
    "mate": _l("Member of the same sharing group"),
    "stranger": _l("Member of another class"),
    "observer": _l("Observer"),
    "instructor": _l("Instructor"),
    "assistant": _l("Assistant"),
}
#             private  read_only  read_write
READS = {
    "owner": (True, True, True),
    "superior": (True, True, True),
    "top": (True, True, True),
    "peer": (False, True, True),
    "mate": (True, True, True),
    "stranger": (False, True, True),
    "observer": (True, True, True),
    "instructor": (True, True, True),
    "assistant": (True, True, True),
}
EDITS = {
    "owner": (True, True, True),
    "superior": (True, True, True),
    "top": (True, True, True),
    "peer": (False, False, True),
    "mate": (True, True, True),
    "stranger": (False, False, True),
    "observer": (False, False, False),
    "instructor": (True, True, True),
    "assistant": (False, False, False),
}
COMMANDS = {  # whatever the mode
    "owner": True,
    "superior": True,
    "top": True,
    "peer": False,
    "mate": False,
    "stranger": False,
    "observer": False,
    "instructor": True,
    "assistant": False,
}
# Kinds that everybody reads, and who of the owner's circle or of all changes them.
OPEN_KINDS = frozenset({"competitor", "campaign", "article", "announcement", "product", "category"})
ANYBODY_EDITS = frozenset({"product", "category"})
# Kinds that the owner's circle reads whatever the mode, and who changes them.
PERSONAL_KINDS = {
    "forecast": frozenset({"owner", "instructor"}),
    "quota": frozenset({"superior", "top", "instructor"}),
}
CHANGES = frozenset({"edit", "import_change"})
WORKERS = frozenset({STUDENT, INSTRUCTOR})
STAND_IN = -1  # ids from here down belong to nobody: stand-ins for relations that no member has


def expected(relation: str, mode: str, surface: str) -> bool:
    """Whether somebody who stands so to the owner ought to meet the record there."""
    if surface == "merge":
        return COMMANDS[relation]
    table = EDITS if surface in CHANGES else READS
    return table[relation][MODES.index(mode)]


def expected_of(kind: str, relation: str, mode: str, surface: str) -> bool:
    """The same for a kind of record: some know no mode."""
    if kind in PERSONAL_KINDS:
        changed = relation in PERSONAL_KINDS[kind]
        return changed if surface in CHANGES else expected(relation, "private", surface)
    if kind in OPEN_KINDS:
        changed = expected(relation, "read_write" if kind in ANYBODY_EDITS else "private", "edit")
        return changed if surface in CHANGES else True
    return expected(relation, mode, surface)


def handles(directory: Directory, member: Member, assignee_id: int | None, surface: str) -> bool:
    """Whether this member ought to meet a record there as its assignee or a superior of the assignee (§5.18)."""
    if assignee_id is None or (surface in CHANGES and member.role not in WORKERS):
        return False
    return member.id == assignee_id or member.id in directory.superiors(assignee_id)


@dataclass(frozen=True)
class Viewer:
    """Who looks, in which directory; a stand-in where no member stands so to the owner."""

    relation: str
    member: Member
    directory: Directory

    @property
    def is_stand_in(self) -> bool:
        return self.member.id <= STAND_IN


def viewers(directory: Directory, owner_id: int) -> list[Viewer]:
    """One viewer for each relation that the tree allows, members of the sandbox where there are any."""
    owner = directory.members[owner_id]
    home = directory.places[owner.positions[0]]
    found = [Viewer("owner", owner, directory)]
    above = chain_above(directory, home)
    wanted = {"superior": above[:1], "top": above[1:2], "peer": [home], "stranger": away(directory, home)}
    for relation, places in wanted.items():
        found += [placed(directory, owner, relation, place) for place in places]
    found.append(mate(directory, owner, home))
    for role in (OBSERVER, INSTRUCTOR, ASSISTANT):
        found.append(by_role(directory, role))
    return found


def chain_above(directory: Directory, home: Place) -> list[Place]:
    """The positions above, nearest first, read from the parents (not from the paths that the rules use)."""
    found: list[Place] = []
    at = home
    while at.parent_id is not None:
        at = directory.places[at.parent_id]
        found.append(at)
    return found


def away(directory: Directory, home: Place) -> list[Place]:
    """A position that is neither above nor below nor in the same class."""
    line = {home.id, *(place.id for place in chain_above(directory, home))}
    others = [p for p in directory.places.values() if p.id not in line and not is_under(directory, p, home)]
    far = [p for p in others if not share_class(directory, p, home)]
    deep = sorted(far or others, key=lambda place: (-len(chain_above(directory, place)), place.id))
    return deep[:1]


def is_under(directory: Directory, place: Place, top: Place) -> bool:
    return any(above.id == top.id for above in chain_above(directory, place))


def share_class(directory: Directory, one: Place, other: Place) -> bool:
    classes = [
        {p.id for p in (place, *chain_above(directory, place)) if p.kind == "class"} for place in (one, other)
    ]
    return bool(classes[0] & classes[1])


def is_plain(directory: Directory, member: Member, owner: Member) -> bool:
    """A student of one position who shares no group with the owner: what is seen comes by that position alone."""
    grouped = any({member.id, owner.id} <= group.members for group in directory.groups.values())
    alone = member.role == STUDENT and member.state == "active" and len(member.positions) == 1
    return alone and member.id != owner.id and not grouped


def placed(directory: Directory, owner: Member, relation: str, place: Place) -> Viewer:
    """A member in that position, or a stand-in."""
    for member in directory.members.values():
        if member.positions == (place.id,) and is_plain(directory, member, owner):
            return Viewer(relation, member, directory)
    return stand_in(directory, relation, STUDENT, (place.id,))


def stand_in(directory: Directory, relation: str, role: str, positions: tuple[int, ...]) -> Viewer:
    number = STAND_IN - list(RELATIONS).index(relation)
    member = Member(number, 0, f"?{relation}", "", None, role, "active", None, positions)
    everybody = [*directory.members.values(), member]
    return Viewer(
        relation, member, Directory(everybody, directory.places.values(), directory.groups.values())
    )


def mate(directory: Directory, owner: Member, home: Place) -> Viewer:
    """A member of the owner's group who is nothing else to them; where there is none, one in a group made up."""
    far = away(directory, home) or [home]
    for group in directory.groups.values():
        for member_id in sorted(group.members - {owner.id}):
            member = directory.members.get(member_id)
            if owner.id in group.members and member is not None and is_far(directory, member, home):
                return Viewer("mate", member, directory)
    found = stand_in(directory, "mate", STUDENT, (far[0].id,))
    group = Group(STAND_IN, 0, "", frozenset({owner.id, found.member.id}))
    groups = [*directory.groups.values(), group]
    members = found.directory.members.values()
    return replace(found, directory=Directory(members, directory.places.values(), groups))


def is_far(directory: Directory, member: Member, home: Place) -> bool:
    """A student in positions that are neither above the owner's nor the same."""
    line = {home.id, *(place.id for place in chain_above(directory, home))}
    return member.role == STUDENT and not line & set(member.positions)


def by_role(directory: Directory, role: str) -> Viewer:
    for member in directory.members.values():
        if member.role == role and member.state == "active" and (role != OBSERVER or not member.positions):
            return Viewer(role, member, directory)
    return stand_in(directory, role, role, ())
