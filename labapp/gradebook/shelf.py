"""The shelf of `grading.kept` in the database: rows of records, acts of members, in tables of their own."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from sys import intern
from typing import Any

from sqlalchemy import Text, bindparam, cast, insert, select, union_all, update

from labapp.db import connection, dialects
from labapp.db.quick import Quick
from labapp.gradebook.models import GradeStateActs, GradeStateRecord, GradeStateValues
from labapp.grading.kept import ActRow, Kept, Row, people_of, value_of
from labapp.grading.replay import Key
from labapp.values import dataclass

AT_ONCE = 400  # serials in one question
CHUNK, CHUNKS = 100, 20  # acts in one row, rows of which are decoded at once
_record: Any = GradeStateRecord.__table__
_acts: Any = GradeStateActs.__table__
_values: Any = GradeStateValues.__table__
# A page asks these of a whole log's worth of rows: compiled once, and the JSON of all rows is read in one go.
_of_state = _record.c.state_id == bindparam("state")
_of_kinds = _record.c.kind.in_(bindparam("kinds", expanding=True))
_me: Any = bindparam("member")
_rows: Any = select(_record.c.kind, _record.c.serial, cast(_record.c.body, Text).label("body")).where(
    _of_state
)
_not_owned = _record.c.owner.is_distinct_from(_me)
ROWS = Quick(
    _rows.where(
        _record.c.kind == bindparam("kind"), _record.c.serial.in_(bindparam("serials", expanding=True))
    )
)
EVERYBODY = Quick(_rows.where(_of_kinds, _record.c.there))
MINE = Quick(
    union_all(
        _rows.where(_of_kinds, _record.c.owner == _me),
        _rows.where(_of_kinds, _record.c.charge == _me, _not_owned),
        _rows.where(_of_kinds, _record.c.creator == _me, _not_owned, _record.c.charge.is_distinct_from(_me)),
    )
)
FILL = Quick(
    update(_acts)
    .where(
        _acts.c.state_id == bindparam("state"),
        _acts.c.member == bindparam("of_member"),
        _acts.c.first == bindparam("since"),
    )
    .values(
        count=bindparam("now_count"),
        body=bindparam("now_body", type_=_acts.c.body.type),
    )
)
ACTS = Quick(
    select(cast(_acts.c.body, Text).label("body"))
    .where(_acts.c.state_id == bindparam("state"), _acts.c.member == bindparam("member"))
    .order_by(_acts.c.first)
)


@dataclass(frozen=True)
class Shelf:
    """The rows of one state. An empty one is not asked."""

    state_id: int
    empty: bool = False

    def rows(self, keys: Iterable[Key]) -> dict[Key, Row]:
        """These records, as far as they are known."""
        by_kind: dict[str, list[Any]] = defaultdict(list)
        for kind, serial in keys:
            by_kind[kind].append(serial)
        found: dict[Key, Row] = {}
        for kind, serials in by_kind.items():
            for some in _portions(serials, AT_ONCE):
                found |= self._found(ROWS, kind=kind, serials=_padded(some))
        return found

    def mine(self, member: str, kinds: frozenset[str]) -> dict[Key, Row]:
        """The existing records of these kinds that the member owns, made or has in charge."""
        return self._found(MINE, kinds=sorted(kinds), member=member) if kinds else {}

    def everybody(self, kinds: frozenset[str]) -> dict[Key, Row]:
        """All existing records of these kinds."""
        return self._found(EVERYBODY, kinds=sorted(kinds)) if kinds else {}

    def counts(self, kind: str, name: str) -> Mapping[str, int]:
        """How many existing records of the kind have each value of this field: as counted, else counted now."""
        if self.empty:
            return {}
        query = select(_values.c.body).where(*self._counted(kind, name))
        found: Mapping[str, int] | None = connection().execute(query).scalar()
        return found if found is not None else self._count(kind, name)

    def acts(self, member: str) -> Iterator[ActRow]:
        """All acts of the member, oldest first, some at a time: whoever looks around by a script has very many."""
        if self.empty:
            return
        for some in _portions(ACTS({"state": self.state_id, "member": member}), CHUNKS):
            yield from chain.from_iterable(decoded([row.body for row in some]))

    def put(self, kept: Kept, counted: frozenset[tuple[str, str]]) -> None:
        """Put these away, inside the running write transaction. `counted`: kinds and fields to count the values of."""
        self._put_rows(kept.rows)
        self._put_acts(kept.acts)
        self._put_counts(kept, counted)

    def _put_counts(self, kept: Kept, counted: frozenset[tuple[str, str]]) -> None:
        """Move on the counts that there are, and begin those that are asked for."""
        query = select(_values.c.kind, _values.c.name, _values.c.body).where(
            _values.c.state_id == self.state_id
        )
        known = {(kind, name): Counter(body) for kind, name, body in connection().execute(query)}
        for (kind, name), counts in known.items():
            for key, row in kept.rows.items():
                if key[0] == kind:
                    counts[value_of(kept.before.get(key, {}), name)] -= 1
                    counts[value_of(row, name)] += 1
            left = {value: count for value, count in counts.items() if count > 0 and value}
            connection().execute(update(_values).where(*self._counted(kind, name)).values(body=left))
        for kind, name in counted - known.keys():
            new = {"state_id": self.state_id, "kind": kind, "name": name, "body": self._count(kind, name)}
            connection().execute(insert(_values), new)

    def _count(self, kind: str, name: str) -> dict[str, int]:
        rows = self.everybody(frozenset([kind])).values()
        counts = Counter(value_of(row, name) for row in rows)
        del counts[""]
        return dict(counts)

    def _counted(self, kind: str, name: str) -> tuple[Any, ...]:
        return _values.c.state_id == self.state_id, _values.c.kind == kind, _values.c.name == name

    def _found(self, question: Quick, **asked: Any) -> dict[Key, Row]:
        if self.empty:
            return {}
        found = question({"state": self.state_id, **asked})
        keys = [(intern(row.kind), row.serial) for row in found]
        return dict(zip(keys, decoded([row.body for row in found]), strict=True))

    def _put_rows(self, rows: Mapping[Key, Row]) -> None:
        listed = [self._listed(key, row) for key, row in rows.items()]
        statement = dialects.insert(_record)
        new = statement.excluded
        names = ("owner", "charge", "creator", "there", "body")
        statement = statement.on_conflict_do_update(
            index_elements=["state_id", "kind", "serial"], set_={name: new[name] for name in names}
        )
        if listed:
            connection().execute(statement, listed)

    def _listed(self, key: Key, row: Row) -> dict[str, Any]:
        owner, charge, creator = people_of(row)
        there = bool(row.get("e"))
        named = {"state_id": self.state_id, "kind": key[0], "serial": key[1], "there": there, "body": row}
        return named | {"owner": owner, "charge": charge, "creator": creator}

    def _last_chunks(self, members: Iterable[str]) -> dict[str, tuple[int, list[ActRow]]]:
        """The last chunk of each of these members that has room: its first step, and the acts in it."""
        if self.empty:
            return {}
        query = select(_acts.c.member, _acts.c.first, _acts.c.body).where(
            _acts.c.state_id == self.state_id, _acts.c.member.in_(list(members)), _acts.c.count < CHUNK
        )
        return {member: (first, body) for member, first, body in connection().execute(query)}

    def _put_acts(self, acts: Mapping[str, list[ActRow]]) -> None:
        """Fill the chunks that have room, then begin others: of all members by two statements."""
        filled, begun = [], []
        last = self._last_chunks(acts)
        for member, new in acts.items():
            rest = list(new)
            if member in last:
                first, body = last[member]
                body, rest = body + rest[: CHUNK - len(body)], rest[CHUNK - len(body) :]
                named = {"state": self.state_id, "of_member": member, "since": first}
                filled.append({**named, "now_count": len(body), "now_body": body})
            for some in _portions(rest, CHUNK):
                named = {"state_id": self.state_id, "member": member, "first": some[0][0]}
                begun.append({**named, "count": len(some), "body": some})
        FILL.many(filled)
        if begun:
            connection().execute(insert(_acts), begun)


def decoded(bodies: list[str]) -> list[Any]:
    """The values of these JSON texts, by one call of the decoder."""
    found: list[Any] = json.loads(f"[{','.join(bodies)}]")
    return found


def _padded(serials: list[Any]) -> list[Any]:
    """These, the last of them repeated until they are 1, 2, 4 …: a question for every length would be compiled."""
    wanted = 1 << (len(serials) - 1).bit_length()
    return [*serials, *serials[-1:] * (wanted - len(serials))]


def _portions(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(things)
    while some := list(islice(left, size)):
        yield some
