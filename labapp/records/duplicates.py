"""Groups of records that may be one thing, among those that somebody sees (003 two-3).

Equal keys are found in the index of `matching`. Names that are nearly alike are compared along their order, forwards
and backwards, each with the next few (sorted neighbourhood): so the work grows with the number of names, not with
its square.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import and_, func, or_, select

from labapp.access.actor import Actor
from labapp.records import query
from labapp.records.describe import RecordType
from labapp.records.matching import MatchKey
from labapp.records.snapshot import kind_of

GROUPS, MEMBERS = 30, 8
READ_AT_MOST, NEXT, ALIKE, SHORTEST = 20_000, 4, 80, 3


@dataclass
class Group:
    """Records that may be one thing, by id, and by what: words of `matching.REASONS`, or alike."""

    ids: set[int]
    reasons: set[str] = field(default_factory=set)
    more: int = 0


def groups(actor: Actor, record_type: RecordType) -> list[Group]:
    """The groups with equal keys, largest first, at most thirty, each with at most eight records."""
    found = _shared_keys(actor, record_type.model)
    if not found:
        return []
    members: dict[tuple[str, str], list[int]] = {}
    for what, key, record_id in _holders(actor, record_type.model, found):
        members.setdefault((what, key), []).append(record_id)
    return joined((what, ids[:MEMBERS], max(0, len(ids) - MEMBERS)) for (what, _key), ids in members.items())


def joined(shares: Any) -> list[Group]:
    """(what, ids, how many more) as groups: those that have a record in common are one."""
    found: list[Group] = []
    for what, ids, more in shares:
        near = [group for group in found if group.ids & set(ids)]
        one = Group(set(ids), {what}, more)
        for group in near:
            one = Group(one.ids | group.ids, one.reasons | group.reasons, max(one.more, group.more))
            found.remove(group)
        found.append(one)
    return sorted(found, key=lambda group: (-len(group.reasons), -len(group.ids), min(group.ids)))


def _of_kind(actor: Actor, model: Any) -> Any:
    return and_(
        MatchKey.sandbox_id == actor.sandbox_id,
        MatchKey.kind == kind_of(model),
        MatchKey.record_id == model.id,
    )


def _shared_keys(actor: Actor, model: Any) -> list[tuple[str, str]]:
    """The keys that more than one visible record has; looked for among those that occur more than once at all."""
    here = MatchKey.sandbox_id == actor.sandbox_id, MatchKey.kind == kind_of(model)
    often = (
        select(MatchKey.what, MatchKey.key)
        .where(*here)
        .group_by(MatchKey.what, MatchKey.key)
        .having(func.count() > 1)
        .cte("often")
        .prefix_with("MATERIALIZED")
    )
    number = func.count(model.id)
    statement = (
        select(MatchKey.what, MatchKey.key, number)
        .join(model, _of_kind(actor, model))
        .join(often, and_(often.c.what == MatchKey.what, often.c.key == MatchKey.key))
        .group_by(MatchKey.what, MatchKey.key)
        .having(number > 1)
        .order_by(number.desc(), MatchKey.what, MatchKey.key)
        .limit(GROUPS)
    )
    return [(row[0], row[1]) for row in query.answers(statement, actor)]


def _holders(actor: Actor, model: Any, keys: Sequence[tuple[str, str]]) -> Sequence[Any]:
    """(what, key, id) of the visible records that have these keys."""
    one_of = or_(*(and_(MatchKey.what == what, MatchKey.key == key) for what, key in keys))
    statement = (
        select(MatchKey.what, MatchKey.key, model.id).join(model, _of_kind(actor, model)).where(one_of)
    )
    return query.answers(statement.order_by(model.id).limit(GROUPS * 100), actor)


def alike(actor: Actor, record_type: RecordType, known: list[Group]) -> list[Group]:
    """Pairs of nearly the same name among the newest 20,000 visible records, those of `known` groups left out."""
    model: Any = record_type.model
    statement = (
        select(MatchKey.key, model.id).join(model, _of_kind(actor, model)).where(MatchKey.what == "name")
    )
    rows = query.answers(statement.order_by(model.id.desc()).limit(READ_AT_MOST), actor)
    names = [(row[0], row[1]) for row in rows if len(row[0]) >= SHORTEST]
    together = [group.ids for group in known]
    fresh = (pair for pair in near(names) if not any(set(pair) <= ids for ids in together))
    return joined(("alike", pair, 0) for pair in islice(fresh, GROUPS))


def near(names: list[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of ids whose names are nearly alike; each pair once."""
    from rapidfuzz import fuzz  # late: a fiftieth of a start

    seen: set[tuple[int, int]] = set()
    for backwards in (False, True):
        order = sorted((name[::-1] if backwards else name, row_id) for name, row_id in names)
        for place, (name, row_id) in enumerate(order):
            for other, other_id in order[place + 1 : place + 1 + NEXT]:
                pair = (min(row_id, other_id), max(row_id, other_id))
                if name != other and pair not in seen and fuzz.ratio(name, other, score_cutoff=ALIKE):
                    seen.add(pair)
                    yield pair
