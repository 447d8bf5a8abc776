"""Why can I see this? The deciding rule in words, from the same facts as `rules` (product.md P5b)."""

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.db import Record
from labapp.people.directory import Member
from labapp.people.words import language
from labapp.values import dataclass

SHOWN = 30


@dataclass(frozen=True)
class Reason:
    """The rule that opens a record to the reader, and who else may read it. `others` is (name, why)."""

    rule: str
    others: tuple[tuple[str, str], ...]
    more: int
    everybody: str = ""


def explain(actor: Actor, record: Record) -> Reason:
    """Why the actor reaches this record, and who else does."""
    owner = actor.directory.members.get(record.owner_id)
    everybody = _open_to_all(actor, record)
    handler = _handler(actor, record)
    others = [] if owner is None else _others(actor, owner, handler)
    return Reason(
        _mine(actor, record, owner, everybody), tuple(others[:SHOWN]), max(0, len(others) - SHOWN), everybody
    )


def _open_to_all(actor: Actor, record: Record) -> str:
    """The sentence if everybody in the sandbox reads it."""
    if record.reach == "everybody":
        return _("Records of this kind are open to everybody in the sandbox.")
    if record.reach == "open":
        return _("Everybody in the sandbox reads records of this kind.")
    if record.reach == "published" and getattr(record, "status", None) == "published":
        return _("It is published: everybody in the sandbox reads it.")
    mode = actor.mode(record.setting)
    if mode == "read_only":
        return _("The sharing mode “read only” opens it to everybody for reading.")
    if mode == "read_write":
        return _("The sharing mode “read/write” opens it to everybody for reading and editing.")
    return ""


def _mine(actor: Actor, record: Record, owner: Member | None, everybody: str) -> str:
    if record.owner_id == actor.id:
        return _("You own it.")
    if (assigned := _as_handler(actor, record)) is not None:
        return assigned
    if actor.is_instructor or actor.role == "assistant":
        return _("You teach here: instructors and assistants read everything.")
    if owner is not None and owner.id in actor.below:
        return _(
            "You are a superior of its owner %(owner)s: %(path)s.", owner=owner.name, path=_path(actor, owner)
        )
    if owner is not None and owner.id in actor.mates:
        names = [g.name for g in actor.directory.groups.values() if {actor.id, owner.id} <= g.members]
        return _(
            "You share the group %(group)s with its owner %(owner)s.",
            group=", ".join(names),
            owner=owner.name,
        )
    if everybody:
        return everybody
    if actor.role == "observer":
        return _("You observe: you read what your position covers.")
    return _("It belongs to a record that is visible to you.")


def _handler(actor: Actor, record: Record) -> Member | None:
    """Who handles a record of a kind that is assigned to somebody."""
    return actor.directory.members.get(getattr(record, "assignee_id", None) or 0)


def _as_handler(actor: Actor, record: Record) -> str | None:
    """The rule for the assignee and the assignee's superiors (product.md §5.18)."""
    handler = _handler(actor, record)
    if handler is not None and handler.id == actor.id:
        return _("It is assigned to you.")
    if handler is None or handler.id not in actor.below or actor.is_instructor:
        return None
    path = _path(actor, handler)
    return _(
        "You are a superior of %(name)s, to whom it is assigned: %(path)s.", name=handler.name, path=path
    )


def _path(actor: Actor, owner: Member) -> str:
    """Through which positions: from mine down to the owner's."""
    places = actor.directory.places
    for mine in actor.member.positions:
        for theirs in owner.positions:
            if theirs in places and mine in places and places[theirs].path.startswith(places[mine].path):
                line = [places[theirs], *actor.directory.above(theirs)]
                line = [p for p in reversed(line) if p.path.startswith(places[mine].path)]
                return " → ".join(place.name(language()) for place in line)
    return ""


def _others(actor: Actor, owner: Member, handler: Member | None = None) -> list[tuple[str, str]]:
    """(name, why) of the others who read what this owner owns and the handler works on."""
    directory = actor.directory
    found = {owner.id: _("owner")}
    found |= {i: _("superior of the owner") for i in sorted(directory.superiors(owner.id)) if i not in found}
    found |= {i: _("same sharing group") for i in sorted(directory.mates(owner.id)) if i not in found}
    if handler is not None:
        found.setdefault(handler.id, _("assignee"))
        above = sorted(directory.superiors(handler.id))
        found |= {i: _("superior of the assignee") for i in above if i not in found}
    staff = [m for m in directory.members.values() if m.role in {"instructor", "assistant"}]
    found |= {m.id: _("teaches here") for m in staff if m.id not in found}
    return [
        (directory.members[i].name, why)
        for i, why in found.items()
        if i != actor.id and i in directory.members
    ]
