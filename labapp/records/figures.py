"""Numbers by key of many records, and keeping them for whoever sees many records of a kind.

A report adds up records by one statement, from an index of what reports ask. In a large sandbox the answer is kept in
parts, by ranges of ids, with the newest step that it knows. The log says which records of the kind were changed since,
and the parts these lie in are added up anew. A record never changes its id and nothing changes a record but a step;
all else that an answer depends on stands in the statement and in what opens records to the reader, which are the name
of the kept answer. So a kept answer is the answer, and nobody who writes has to do anything for it. Those who see a
part of the sandbox have theirs kept beside it: it also knows the kinds that the rule of what they see reads.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, cast

from sqlalchemy import (
    ForeignKey,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import True_
from sqlalchemy.sql.util import find_tables

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.prepared import StandIn, own_values, stand_in
from labapp.access.rules import READ, record_models, standing
from labapp.db import REPORTING, Model, apart, connection, db, dialects, is_sqlite
from labapp.db.quick import Quick
from labapp.records import query
from labapp.records.figure_changes import MOST_CHANGED, counted_with, moved, newest_of, opened
from labapp.records.figure_text import Numbers, Parts, read, write
from labapp.values import dataclass

LEAST = 20_000  # records of a kind in the sandbox: fewer are added up faster than it is worth keeping them
PARTS, MOST_PARTS, MOST_ANEW = 32, 80, 8
MOST_LINES = 20_000  # of all parts together
MOST_KEPT = 500  # answers of a sandbox
QUICK_LINES = 1_000
FEW = 2_000  # records of the reader: below that an index answers as quickly as what is kept


class KeptFigure(Model):
    """The answer to one statement in one sandbox, in parts; `step` is the newest change of its kinds that it knows."""

    __tablename__ = "report_figure"

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(64), primary_key=True)
    step: Mapped[int]
    made_at: Mapped[datetime]
    whole: Mapped[str] = mapped_column(Text)
    parts: Mapped[str] = mapped_column(Text)


Kinds = list[Any]


@dataclass(frozen=True, eq=False)
class Sums:
    """What to add up: `numbers` over the records of `model` that match `where`, by `key`.

    Numbers are counts and sums; those whose places are in `least` are minima. `joined` is a table of rows that follow
    from each record, with the condition that says how. `related` are the kinds that the records hang on, where `where`
    leaves no others.
    """

    model: Any
    key: Any
    numbers: Sequence[Any]
    where: Sequence[Any] = ()
    least: frozenset[int] = field(default=frozenset())
    joined: tuple[Any, Any] | None = None
    related: tuple[str, ...] = ()

    def statement(self, *first: Any, where: Iterable[Any] = (), hinted: bool = True) -> Any:
        """The select of `first`, the key and the numbers; `hinted`: by the index of reports, whatever else there is."""
        chosen = select(*first, self.key, *self.numbers).select_from(self.model)
        if self.joined is not None:
            chosen = chosen.join(*self.joined)
        chosen = by_reports(chosen, self.model) if hinted else chosen
        grouped = [column for column in (*first, self.key) if column is not NO_KEY]
        return chosen.where(*self.where, *where).group_by(*grouped)

    @cached_property
    def plain(self) -> Any:
        return self.statement()

    @cached_property
    def models(self) -> list[Any] | None:
        """The kinds it reads, its own first; None where it reads what no step of a kind tells of."""
        tables = {table.name for table in _tables_of(self.plain)}
        tables -= {self.joined[0].__tablename__} if self.joined is not None else set()
        known = record_models()
        if tables - known.keys():
            return None
        return [self.model, *(known[name] for name in sorted(tables) if known[name] is not self.model)]


NO_KEY: Any = literal_column("0", Integer)  # all in one line
KEPT: Any = KeptFigure.__table__


def oldest(most: int) -> Any:
    """The statement that drops what a sandbox keeps beyond so many answers."""
    here = KEPT.c.sandbox_id == bindparam("sandbox")
    newest_first = select(KEPT.c.question).where(here).order_by(KEPT.c.made_at.desc(), KEPT.c.question)
    return delete(KEPT).where(here, KEPT.c.question.in_(newest_first.offset(most)))


OLDEST = oldest(MOST_KEPT)


def added_up(actor: Actor, sums: Sums) -> list[tuple[Any, Numbers]]:
    """(key, numbers) of the records that the actor sees, for every key that some record has, in their order."""
    seen = (
        seen_by(actor, sums) if "work" not in db.session.info and "writing" not in db.session.info else None
    )
    name = _name(sums, seen) if seen else None
    if seen and name:
        return Keeping(actor, sums, seen, name).answer()
    return _pairs(query.answers(sums.plain, actor), sums)


@dataclass(frozen=True)
class Seen:
    """What opens records to a reader: `by` in words, nothing where all of every kind is open.

    `models` are the kinds of the statement, its own first; `through` those that only the rule of what is open reads.
    """

    models: Kinds
    through: Kinds
    by: str

    @property
    def kinds(self) -> Kinds:
        return [*self.models, *self.through]


def seen_by(actor: Actor, sums: Sums) -> Seen | None:
    """None where something is read that no step of a kind tells of."""
    if sums.models is None:
        return None
    shape, known = stand_in(actor), record_models()
    reads = [_reads(shape, model) for model in sums.models]
    if sums.related:
        reads[0] = frozenset().union(
            *({kind, *_reads(shape, known[kind])} - _open(shape, kind) for kind in sums.related)
        )
    tables = frozenset().union(*reads)
    if not tables <= known.keys():
        return None
    through = [known[name] for name in sorted(tables) if known[name] not in sums.models]
    by = repr((shape, sorted(own_values(actor).items()))) if tables else ""
    return Seen(sums.models, through, by)


@lru_cache(500)
def _reads(shape: StandIn, model: Any) -> frozenset[str]:
    """The tables that say which records of a kind are open to who stands like this; none where all of them are."""
    rule = standing(cast(Actor, shape), model, READ)
    return frozenset() if isinstance(rule, True_) else frozenset(table.name for table in _tables_of(rule))


def _open(shape: StandIn, kind: str) -> frozenset[str]:
    return frozenset() if _reads(shape, record_models()[kind]) else frozenset({kind})


def _tables_of(statement: Any) -> list[Table]:
    found = find_tables(statement, include_joins=True, include_selects=True, check_columns=True)
    return [table for table in found if isinstance(table, Table)]


def _pairs(rows: Iterable[Any], sums: Sums) -> list[tuple[Any, Numbers]]:
    """Without a key there may be a line of nothing, which is none."""
    return _ordered((row[0], list(row[1:])) for row in rows if sums.key is not NO_KEY or any(row[1:]))


def _ordered(pairs: Iterable[tuple[Any, Numbers]]) -> list[tuple[Any, Numbers]]:
    """By key, what has none first: databases put groups in orders of their own, or in none."""
    return sorted(pairs, key=lambda pair: (pair[0] is not None, pair[0]))


def _name(sums: Sums, seen: Seen) -> str | None:
    """The name of a statement: its words and values, and what is open to whom it is answered.

    None where it speaks of a moment other than a full hour.
    """
    compiled = sums.plain.compile(dialect=db.engine.dialect)
    if any(
        isinstance(value, datetime) and (value.minute or value.second or value.microsecond)
        for value in compiled.params.values()
    ):
        return None
    values = json.dumps(compiled.params, sort_keys=True, default=str)
    return hashlib.sha256(f"{compiled}\n{values}\n{len(seen.kinds)}\n{seen.by}".encode()).hexdigest()


@dataclass
class Keeping:
    """One answer that is kept: read, brought up to date, kept again."""

    actor: Actor
    sums: Sums
    seen: Seen
    name: str

    def answer(self) -> list[tuple[Any, Numbers]]:
        """The numbers, of what is kept where it is up to date."""
        last, newest, step, whole, own = self._state()
        if last < LEAST or (own is not None and own < FEW):
            return _pairs(query.answers(self.sums.plain, self.actor), self.sums)
        if step is not None and step == newest:
            return read(whole)[1][0]
        found = self._renewed(step) if step is not None else None
        size, parts = found or self._anew()
        answer = self._whole(parts)
        if sum(map(len, parts.values())) <= MOST_LINES:
            self._keep(newest, write(0, {0: answer}), write(size, parts))
        return answer

    def _state(self) -> Any:
        """The last serial; the newest change; which change the kept answer knows, and the answer; how many are own."""
        narrow = bool(self.seen.by) and not self.seen.through and self.sums.model.reach == "private"
        asked = _state_of(self.sums.model, tuple(self.seen.kinds), narrow=narrow)
        values: dict[str, Any] = {"sandbox": self.actor.sandbox_id, "question": self.name}
        return asked(values | ({"owners": sorted(self.actor.circle), "few": FEW} if narrow else {})).one()

    @property
    def _mine(self) -> tuple[Any, Any]:
        return KEPT.c.sandbox_id == self.actor.sandbox_id, KEPT.c.question == self.name

    def _whole(self, parts: Parts) -> list[tuple[Any, Numbers]]:
        """The parts as one, in the order of the keys."""
        found: dict[Any, Numbers] = {}
        for lines in parts.values():
            for key, numbers in lines:
                found[key] = self._both(found[key], numbers) if key in found else numbers
        return _ordered(found.items())

    def _both(self, one: Numbers, other: Numbers) -> Numbers:
        least = self.sums.least
        return [
            _least(a, b) if place in least else a + b
            for place, (a, b) in enumerate(zip(one, other, strict=True))
        ]

    def _anew(self) -> tuple[int, Parts]:
        """All of it. What reads other kinds too has one part, unless it is known which of its lines they move."""
        model = self.sums.model
        if any(other.__tablename__ not in model.counted for other in self.seen.models[1:]):
            return 0, {0: _pairs(query.answers(self.sums.plain, self.actor), self.sums)}
        ends = select(func.min(model.id), func.max(model.id)).where(model.sandbox_id == self.actor.sandbox_id)
        first, last = query.answers(ends, self.actor)[0]
        size = ((last or 1) - (first or 1)) // PARTS + 1
        parts = self._parts(size)
        return (size, parts) if sum(map(len, parts.values())) <= QUICK_LINES else self._coarser(size, parts)

    def _coarser(self, size: int, parts: Parts) -> tuple[int, Parts]:
        """The same in a quarter of the parts: many lines take longer to read and write than records to add up."""
        found: Parts = {}
        for place in sorted({number // 4 for number in parts}):
            few = {number: lines for number, lines in parts.items() if number // 4 == place}
            found[place] = self._whole(few)
        return 4 * size, found

    def _parts(self, size: int, places: Sequence[int] = ()) -> Parts:
        """All of them, or those at these places."""
        model = self.sums.model
        ranges = [and_(model.id >= place * size, model.id < (place + 1) * size) for place in places]
        where = [or_(*ranges)] if ranges else []
        place = self.sums.model.id // literal_column(str(size), Integer)
        parts: Parts = {}
        statement = self.sums.statement(place, where=where, hinted=not where)
        if places:
            statement = statement.params(part_first=min(places) * size, part_last=(max(places) + 1) * size)
        for number, key, *numbers in query.answers(statement, self.actor):
            parts.setdefault(int(number), []).append((key, numbers))
        return parts

    def _renewed(self, step: int) -> tuple[int, Parts] | None:
        """What is kept, with the parts anew in which something was changed since. None where those are too many."""
        body = connection().execute(select(KEPT.c.parts).where(*self._mine)).scalar()
        size, parts = read(body) if body else (0, {})
        if not size or len(parts) > MOST_PARTS:
            return None
        changed = self._changed_since(step)
        if changed is None:
            return None
        places = sorted({number // size for number in changed})
        if len(places) > MOST_ANEW:
            return None
        same = {place: lines for place, lines in parts.items() if place not in places}
        return size, {**same, **self._parts(size, places)} if places else same

    def _changed_since(self, step: int) -> list[int] | None:
        """The ids of the records that steps after this one changed or opened or closed. None where they are many."""
        sandbox_id, model = self.actor.sandbox_id, self.sums.model
        lists = [moved(sandbox_id, model, step)]
        for other in self.seen.models[1:]:
            lists.append(counted_with(sandbox_id, model, other, step))
        for other in self.seen.through:
            ids = moved(sandbox_id, other, step)
            lists.append(None if ids is None else opened(model, other, ids))
        found = [one for ids in lists for one in ids or ()]
        return None if None in lists or len(found) > MOST_CHANGED else found

    def _keep(self, newest: int, whole: str, parts: str) -> None:
        """In a short transaction of its own, unless somebody has kept a newer one meanwhile."""
        values: dict[str, Any] = {"sandbox_id": self.actor.sandbox_id, "question": self.name, "step": newest}
        values |= {"made_at": clock.now(), "whole": whole, "parts": parts}
        insert = dialects.insert(KEPT, on_sqlite=is_sqlite())
        new = insert.excluded
        statement = insert.on_conflict_do_update(
            index_elements=["sandbox_id", "question"],
            set_={name: new[name] for name in ("step", "made_at", "whole", "parts")},
            where=KEPT.c.step <= new.step,
        )
        with apart():
            connection().execute(statement, values)
            connection().execute(OLDEST, {"sandbox": self.actor.sandbox_id})


def summed(value: Any) -> Any:
    """SQL: the sum to six decimals, so that sums of parts make the same whole; nought where there is nothing."""
    return type_coerce(func.coalesce(func.sum(value), 0), Numeric(30, 6))


def by_reports(statement: Any, model: Any) -> Any:
    """The select, by the index of reports of this kind if it has one, whatever else the planner fancies."""
    hint = f"INDEXED BY ix_{model.__tablename__}_reports"
    return (
        statement.where(*reporting(model)).with_hint(model, hint, "sqlite") if model.reported else statement
    )


def reporting(model: Any) -> tuple[Any, ...]:
    """The condition that lets a statement go by the index of reports, where the kind has one."""
    return (text(REPORTING.replace("+", f"+{model.__tablename__}.")),) if model.reported else ()


@lru_cache(500)
def _state_of(model: Any, kinds: tuple[Any, ...], *, narrow: bool) -> Quick:
    """What `Keeping._state` asks. `narrow`: of a kind that its owners alone open, also how many they have."""
    sandbox: Any = bindparam("sandbox")
    own = model.__table__.c
    serial = select(func.max(own.serial)).where(own.sandbox_id == sandbox).scalar_subquery()
    mine = KEPT.c.sandbox_id == sandbox, KEPT.c.question == bindparam("question")
    kept = (select(column).where(*mine).scalar_subquery() for column in (KEPT.c.step, KEPT.c.whole))
    here = own.sandbox_id == sandbox, own.owner_id.in_(bindparam("owners", expanding=True))
    few = select(own.id).where(*here).limit(bindparam("few", type_=Integer)).subquery()
    number = select(func.count()).select_from(few).scalar_subquery() if narrow else null()
    step, whole = kept
    columns = {"last": func.coalesce(serial, 0), "newest": newest_of(sandbox, kinds), "step": step}
    return Quick(select(*(c.label(n) for n, c in {**columns, "whole": whole, "own": number}.items())))


def _least(one: Any, other: Any) -> Any:
    return min((value for value in (one, other) if value is not None), default=None)
