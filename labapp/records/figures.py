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
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    ForeignKey,
    Integer,
    String,
    Text,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.elements import True_

from labapp import clock
from labapp.access.actor import Actor
from labapp.access.guard import filtered
from labapp.access.prepared import StandIn, own_values, stand_in
from labapp.access.rules import READ, record_models, standing
from labapp.db import Model, apart, db, dialects
from labapp.db.quick import Quick
from labapp.records import query
from labapp.records.figure_changes import MOST_CHANGED, counted_with, moved, newest_of, opened
from labapp.records.figure_sums import Sums, tables_of
from labapp.records.figure_text import Line, bound, read, unbound, write
from labapp.values import dataclass

LEAST = 20_000  # records of a kind in the sandbox: fewer are added up faster than it is worth keeping them
PARTS, FEWEST, MOST_PARTS, MOST_ANEW = 128, 8, 400, 8
QUICK_LINES = 8_000  # of all parts together: with more of them the parts are larger
MOST_TEXT = 2_000_000  # characters of an answer that is kept
MOST_KEPT = 500  # answers of a sandbox
REMEMBERED = 300  # statements of a process
FORM = 2  # of kept parts: what is kept in another form is another answer
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
KEPT: Any = KeptFigure.__table__


def oldest(most: int) -> Quick:
    """Drops what a sandbox keeps beyond so many answers."""
    here = KEPT.c.sandbox_id == bindparam("sandbox")
    newest_first = select(KEPT.c.question).where(here).order_by(KEPT.c.made_at.desc(), KEPT.c.question)
    return Quick(delete(KEPT).where(here, KEPT.c.question.in_(newest_first.offset(most))))


OLDEST = oldest(MOST_KEPT)
PARTS_OF = Quick(
    select(KEPT.c.parts).where(
        KEPT.c.sandbox_id == bindparam("sandbox"), KEPT.c.question == bindparam("question")
    )
)


def added_up(actor: Actor, sums: Sums) -> list[Line]:
    """(key, numbers) of the records that the actor sees, for every key that some record has, in their order."""
    seen = (
        seen_by(actor, sums) if "work" not in db.session.info and "writing" not in db.session.info else None
    )
    name = _name(sums, seen) if seen else None
    if seen and name:
        return Keeping(actor, sums, seen, name).answer()
    return sums.lines(query.answers(sums.plain, actor))


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
    return frozenset() if isinstance(rule, True_) else frozenset(table.name for table in tables_of(rule))


def _open(shape: StandIn, kind: str) -> frozenset[str]:
    return frozenset() if _reads(shape, record_models()[kind]) else frozenset({kind})


def _name(sums: Sums, seen: Seen) -> str | None:
    """The name of a statement: its words and values, and what is open to whom it is answered.

    None where it speaks of a moment other than a full hour.
    """
    words, values = _said(sums.plain)
    if any(
        isinstance(value, datetime) and (value.minute or value.second or value.microsecond)
        for value in values
    ):
        return None
    said = json.dumps(values, default=str)
    return hashlib.sha256(f"{FORM}\n{words}\n{said}\n{len(seen.kinds)}\n{seen.by}".encode()).hexdigest()


def _said(statement: Any) -> tuple[str, list[Any]]:
    """The words of a statement and its values in their order. Words are put together once for all of one form."""
    form = statement._generate_cache_key()
    if form is None:
        compiled = statement.compile(dialect=db.engine.dialect)
        return str(compiled), [value for _name, value in sorted(compiled.params.items())]
    key = db.engine.dialect.name, form.key
    words = _words.get(key)
    if words is None:
        if len(_words) >= REMEMBERED:
            _words.clear()
        words = _words[key] = str(statement.compile(dialect=db.engine.dialect))
    return words, [value.effective_value for value in form.bindparams]


_words: dict[Hashable, str] = {}


@dataclass
class Keeping:
    """One answer that is kept: read, brought up to date, kept again."""

    actor: Actor
    sums: Sums
    seen: Seen
    name: str

    def answer(self) -> list[Line]:
        """The numbers, of what is kept where it is up to date."""
        last, newest, step, whole, own = self._state()
        if last < LEAST or (own is not None and own < FEW):
            return self._all()
        if step is not None and step == newest:
            return read(whole)
        found = self._renewed(step, whole) if step is not None else None
        answer, body = found or self._anew()
        told = write(answer)
        if len(told) + len(body) <= MOST_TEXT:
            self._keep(newest, told, body, new=step is None)
        return answer

    def _all(self) -> list[Line]:
        return self.sums.lines(query.answers(self.sums.plain, self.actor))

    def _state(self) -> Any:
        """The last serial; the newest change; which change the kept answer knows, and the answer; how many are own."""
        narrow = bool(self.seen.by) and not self.seen.through and self.sums.model.reach == "private"
        asked = _state_of(self.sums.model, tuple(self.seen.kinds), narrow=narrow)
        values: dict[str, Any] = {"sandbox": self.actor.sandbox_id, "question": self.name}
        return asked(values | ({"owners": sorted(self.actor.circle), "few": FEW} if narrow else {})).one()

    def _anew(self) -> tuple[list[Line], str]:
        """All of it. What reads other kinds too has one part, unless it is known which of its lines they move."""
        model = self.sums.model
        if any(other.__tablename__ not in model.counted for other in self.seen.models[1:]):
            return self._all(), bound(0, {})
        ends = select(func.min(model.id), func.max(model.id)).where(model.sandbox_id == self.actor.sandbox_id)
        first, last = query.answers(ends, self.actor)[0]
        size = ((last or 1) - (first or 1)) // PARTS + 1
        parts = self._parts(size)
        while sum(map(len, parts.values())) > QUICK_LINES and len(parts) > FEWEST:
            size, parts = 2 * size, self._coarser(parts)
        told = {place: write(lines) for place, lines in parts.items()}
        return self.sums.together(parts.values()), bound(size, told)

    def _parts(self, size: int) -> dict[int, list[Line]]:
        """All of them, by one statement."""
        place = self.sums.model.id // literal_column(str(size), Integer)
        found: dict[int, list[Any]] = {}
        for number, *row in query.answers(self.sums.statement(place), self.actor):
            found.setdefault(int(number), []).append(row)
        return {number: self.sums.lines(rows) for number, rows in found.items()}

    def _coarser(self, parts: dict[int, list[Line]]) -> dict[int, list[Line]]:
        """The same in half of the parts: many lines take longer to read and write than records to add up."""
        places = sorted({number // 2 for number in parts})
        halves = ((place, (parts.get(2 * place, []), parts.get(2 * place + 1, []))) for place in places)
        return {place: self.sums.together(both) for place, both in halves}

    def _renewed(self, step: int, whole: str) -> tuple[list[Line], str] | None:
        """What is kept, with the parts anew in which something was changed since. None where those are too many."""
        body = PARTS_OF({"sandbox": self.actor.sandbox_id, "question": self.name}).first()
        size, parts = unbound(body.parts) if body else (0, {})
        changed = self._changed_since(step) if size and len(parts) <= MOST_PARTS else None
        places = sorted({number // size for number in changed or ()})
        if changed is None or len(places) > MOST_ANEW:
            return None
        into = {place: self._part(size, place) for place in places}
        before = [line for place in places if place in parts for line in read(parts[place])]
        after = [line for lines in into.values() for line in lines]
        parts |= {place: write(lines) for place, lines in into.items()}
        found = self.sums.exchanged(read(whole), before, after)
        return found or self.sums.together(map(read, parts.values())), bound(size, parts)

    def _part(self, size: int, place: int) -> list[Line]:
        """One of them."""
        asked = compiled((self.actor.sandbox_id, self.name), self._of_part)
        return self.sums.lines(asked({"part_first": place * size, "part_after": (place + 1) * size}))

    def _of_part(self) -> Quick:
        """The question for one part, whichever: its records are few, and found by their ids."""
        sums = self.sums.walked() if self.sums.walked is not None else self.sums
        own = sums.model.id
        within = own >= bindparam("part_first", type_=Integer), own < bindparam("part_after", type_=Integer)
        return Quick(filtered(sums.statement(where=within, hinted=False), self.actor))

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

    def _keep(self, newest: int, whole: str, parts: str, *, new: bool) -> None:
        """In a short transaction of its own, unless somebody has kept a newer one meanwhile."""
        values: dict[str, Any] = {"sandbox_id": self.actor.sandbox_id, "question": self.name, "step": newest}
        values |= {"made_at": clock.now(), "whole": whole, "parts": parts}
        with apart():
            _put()(values)
            if new:
                OLDEST({"sandbox": self.actor.sandbox_id})


@dialects.made_once
def _put() -> Quick:
    """Keep an answer in place of an older one."""
    insert = dialects.insert(KEPT)
    new = insert.excluded
    columns = ("step", "made_at", "whole", "parts")
    statement = insert.on_conflict_do_update(
        index_elements=["sandbox_id", "question"],
        set_={name: new[name] for name in columns},
        where=KEPT.c.step <= new.step,
    )
    return Quick(statement, ("sandbox_id", "question", *columns))


def compiled(key: Hashable, build: Callable[[], Quick]) -> Quick:
    """The statement of this key, made where it is not at hand."""
    found = _compiled.get(key)
    if found is None:
        if len(_compiled) >= REMEMBERED:
            _compiled.clear()
        found = _compiled[key] = build()
    return found


_compiled: dict[Hashable, Quick] = {}


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
