"""What a change of the tree, a group or a sharing mode opens and closes, told before it is made (product.md P5)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from labapp.access.actor import Actor
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.people.directory import Directory, Group, Place
from labapp.people.models import STUDENT
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.values import dataclass

Owners = frozenset[int]


@dataclass(frozen=True)
class Effect:
    """For one kind and one right (read, edit): how many people gain or lose it, on how many records."""

    record_type: RecordType
    need: str
    gain_people: int
    gain_records: int
    lose_people: int
    lose_records: int

    @property
    def is_nothing(self) -> bool:
        return not (self.gain_people or self.lose_people)


def effects(
    actor: Actor, directory: Directory | None = None, settings: Mapping[str, Any] | None = None
) -> list[Effect]:
    """The effects of a directory or settings that would take the place of the present ones."""
    before = _actors(actor, actor.directory, actor.settings)
    after = _actors(actor, directory or actor.directory, settings if settings is not None else actor.settings)
    found = []
    for record_type in _kinds():
        counts = _counts(actor, record_type)
        for need in ("read", "edit"):
            effect = _effect(record_type, need, counts, before, after)
            if not effect.is_nothing:
                found.append(effect)
    return found


def _kinds() -> list[RecordType]:
    """The kinds whose owner or mode decides: those that follow another follow its effects."""
    return [t for t in catalog().values() if t.model.reach in {"private", "open"}]


def _actors(actor: Actor, directory: Directory, settings: Mapping[str, Any]) -> dict[int, Actor]:
    return {
        member.id: replace(actor, member=member, directory=directory, settings=settings)
        for member in directory.members.values()
        if member.role == STUDENT and member.state == "active"
    }


def _counts(actor: Actor, record_type: RecordType) -> dict[int, int]:
    """How many records each owner has."""
    model = record_type.model
    query = (
        select(model.owner_id, func.count(model.id))
        .where(model.sandbox_id == actor.sandbox_id, model.deleted_at.is_(None))
        .group_by(model.owner_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query, execution_options={"seen_by": EVERYONE})}


def _effect(
    record_type: RecordType,
    need: str,
    counts: Mapping[int, int],
    before: Mapping[int, Actor],
    after: Mapping[int, Actor],
) -> Effect:
    gained: set[int] = set()
    lost: set[int] = set()
    gainers = losers = 0
    everybody = frozenset(counts)
    for member_id, now in after.items():
        old = _owners(before[member_id], record_type, need, everybody) if member_id in before else frozenset()
        new = _owners(now, record_type, need, everybody)
        gainers += bool(new - old)
        losers += bool(old - new)
        gained |= new - old
        lost |= old - new
    total = (sum(counts[owner] for owner in owners) for owners in (gained, lost))
    gain_records, lose_records = total
    return Effect(record_type, need, gainers, gain_records, losers, lose_records)


def _owners(actor: Actor, record_type: RecordType, need: str, everybody: Owners) -> Owners:
    """Whose records (of those who have any) this member reads or edits."""
    mode = "read_only" if record_type.model.reach == "open" else actor.mode(record_type.model.setting)
    if mode == "read_write" or (mode == "read_only" and need == "read"):
        return everybody
    return everybody & actor.circle


def moved_tree(directory: Directory, place_id: int, parent_id: int) -> Directory:
    """The directory with a subtree hung under another position."""
    top, parent = directory.places[place_id], directory.places[parent_id]
    path = f"{parent.path}{place_id}/"
    places: list[Place] = []
    for place in directory.places.values():
        if place.path.startswith(top.path):
            moved = replace(place, path=path + place.path[len(top.path) :])
            places.append(replace(moved, parent_id=parent_id) if place.id == place_id else moved)
        else:
            places.append(place)
    return Directory(directory.members.values(), places, directory.groups.values())


def with_group(directory: Directory, group_id: int, members: frozenset[int]) -> Directory:
    """The directory with a group of these members; an empty set is as good as no group."""
    groups = [group for group in directory.groups.values() if group.id != group_id]
    return Directory(
        directory.members.values(), directory.places.values(), [*groups, Group(group_id, 0, "", members)]
    )
