"""What a list was asked: filters, search, sort and place, read from the address and written back to it."""

import base64
import binascii
import json
from dataclasses import field, replace
from datetime import datetime, time, timedelta
from functools import lru_cache
from types import NoneType
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, cast, func, or_
from werkzeug.datastructures import MultiDict

from labapp.access.actor import Actor
from labapp.db import db, is_sqlite
from labapp.db.fields import DATED, LINKS, NUMERIC, Field
from labapp.records import custom, parse, search
from labapp.records.describe import RecordType
from labapp.records.snapshot import kind_of
from labapp.records.values import plain
from labapp.values import dataclass

NONE = "-"
REMEMBERED = 500  # searches whose condition is at hand
OWN = frozenset("q sort after cols format mine team position quiet_days view page".split())


@dataclass(frozen=True)
class Question:
    """A list's question. `pairs` are the filters as they stand in the address, in a fixed order.

    `walked` says the same as `where`, for who goes from one record to the next; None where there is no such form.
    `words` is what the index of words is asked, and `beside` the conditions that stand beside it.
    """

    record_type: RecordType
    pairs: tuple[tuple[str, str], ...] = ()
    q: str = ""
    sort: str = "-id"
    after: str = ""
    columns: tuple[str, ...] = ()
    where: tuple[ColumnElement[bool], ...] = field(default=(), compare=False)
    walked: tuple[ColumnElement[bool], ...] | None = field(default=None, compare=False)
    words: str = field(default="", compare=False)
    beside: tuple[ColumnElement[bool], ...] = field(default=(), compare=False)

    @property
    def sort_field(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def address(self, path: str = "", **more: str) -> str:
        """The address of this question (without the place), with some parts said anew; '' takes one away."""
        parts = {
            "q": self.q,
            "sort": "" if self.sort == self.record_type.sort else self.sort,
            "cols": self._columns_said(),
            **more,
        }
        pairs = [pair for pair in self.pairs if pair[0] not in more]
        pairs += [(name, value) for name, value in parts.items() if value]
        query = urlencode(pairs)
        base = path or f"/{self.record_type.slug}/"
        return f"{base}?{query}" if query else base

    def _columns_said(self) -> str:
        return ",".join(self.columns) if self.columns != self.record_type.columns else ""

    def toggled(self, name: str) -> str:
        """The sort that a click on this column asks for."""
        return f"-{name}" if self.sort == name else name


def question_of(record_type: RecordType, actor: Actor, args: MultiDict[str, str]) -> Question:
    """Read the address. What is not understood is left out: an address is no form."""
    pairs, where, walked = [], [], []
    for name, values in sorted(args.lists()):
        made = _condition(record_type, actor, name, values)
        if made is not None:
            where.append(made)
            walked.append(_walked(record_type, actor, name, values))
            pairs += [(name, value) for value in values]
    sort = args.get("sort", record_type.sort)
    if sort.removeprefix("-") not in {"id", *record_type.sortable}:
        sort = record_type.sort
    wanted = tuple(c for c in args.get("cols", "").split(",") if c in shown_columns(record_type, actor))
    return Question(
        record_type,
        tuple(pairs),
        args.get("q", "").strip()[:100],
        sort,
        args.get("after", ""),
        wanted or record_type.columns,
        tuple(where),
        tuple(one if other is None else other for one, other in zip(where, walked, strict=True))
        if any(other is not None for other in walked)
        else None,
    )


def with_search(question: Question, actor: Actor) -> Question:
    """The question with its search words as a condition."""
    if not question.q:
        return question
    words, hit = _found(question.record_type.model, actor.sandbox_id, question.q, is_sqlite())
    if not words:
        return question
    found = (*question.where, hit)
    return replace(question, where=found, walked=None, words=words, beside=question.where)


@lru_cache(REMEMBERED)
def _found(model: Any, sandbox_id: int, asked: str, _on_sqlite: bool) -> tuple[str, Any]:
    """What the index of words is asked, and the condition; a list, its count and its pages ask the same."""
    kind = kind_of(model)
    words = search.asked_of(sandbox_id, kind, asked)
    return words, model.id.in_(search.matching(sandbox_id, kind, asked)) if words else None


def shown_columns(record_type: RecordType, actor: Actor | None = None) -> dict[str, Field]:
    """The columns a list can show: every field, for an actor the custom ones too, the owner and the creation."""
    owner = Field("owner_id", "member", _l("Owner"), target="membership")
    return {
        **(record_type.fields if actor is None else custom.fields_in(actor, record_type)),
        "owner_id": owner,
        "created_at": Field("created_at", "moment", _l("Created")),
    }


def _condition(record_type: RecordType, actor: Actor, name: str, values: list[str]) -> Any:
    model: Any = record_type.model
    if name == "mine" and values[0] == "1":
        return model.owner_id == actor.id
    if name == "team" and values[0] == "1":
        return model.owner_id.in_(sorted(actor.commands))
    if name == "position":
        return _in_position(model, actor, values[0])
    if name == "quiet_days":
        return _quiet(model, actor, values[0])
    derived = record_type.derived_by(name)
    if derived is not None:
        return derived.where(actor, values) if derived.where else derived.key(actor).in_(values)
    stem, _, end = name.rpartition("_")
    if end in {"from", "to", "min", "max"} and stem:
        return _bound(record_type, actor, (stem, end), values[0])
    shapes = shown_columns(record_type, actor)
    found = shapes.get(name) or shapes.get(f"{name}_id")
    if found is None or name in OWN or found.shape == "data":
        return None
    return _equal(model, found, values, actor)


def _walked(record_type: RecordType, actor: Actor, name: str, values: list[str]) -> Any:
    derived = record_type.derived_by(name)
    return derived.walked(actor, values) if derived is not None and derived.walked else None


def _equal(model: Any, shape: Field, values: list[str], actor: Actor) -> Any:
    column = custom.column(model, shape)
    if shape.custom and shape.shape == "text":
        return or_(*(_in_text(column, value) for value in values))
    if shape.shape == "tags":
        return and_(*(_has_tag(column, value) if value != NONE else has_no_tag(column) for value in values))
    known = [_value(shape, value, actor) for value in values if value != NONE]
    known = [plain(value) for value in known] if shape.custom else known
    wanted = [value for value in known if value is not None]
    parts = [column.in_(wanted)] if wanted or NONE not in values else []
    if NONE in values:
        parts.append(column.is_(None))
    return or_(*parts)


def _value(shape: Field, value: str, actor: Actor) -> Any:
    if shape.shape == "member":
        member = actor.directory.by_key.get(value)
        return (
            member.id
            if member
            else int(value)
            if value.isascii() and value.isdigit() and len(value) < 12
            else -1
        )
    if shape.shape in LINKS or shape.shape == "related":
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else -1
    if shape.shape == "check":
        return value in {"1", "true", "yes"}
    if shape.shape in parse.PARSERS and shape.shape not in {"choice", "text"}:
        return _parsed(shape.shape, value)
    return value


def _parsed(shape: str, value: str) -> Any:
    try:
        return parse.PARSERS[shape](value)
    except ValueError:
        return None


def has_no_tag(column: Any) -> Any:
    """Whether the list of tags is empty."""
    return func.json_array_length(column) == 0


def _has_tag(column: Any, value: str) -> Any:
    if is_sqlite():
        each = func.json_each(column).table_valued("value")
        return db.session.query(each.c.value).filter(each.c.value == value).exists()
    from sqlalchemy.dialects.postgresql import JSONB

    return cast(column, JSONB).contains([value])


def _in_text(column: Any, value: str) -> Any:
    """A text of one's own is found by a part of it."""
    return column.is_(None) if value == NONE else column.icontains(value, autoescape=True)


def _bound(record_type: RecordType, actor: Actor, named: tuple[str, str], value: str) -> Any:
    stem, end = named
    shapes = shown_columns(record_type, actor)
    shape = shapes.get(stem) or (shapes.get("created_at") if stem == "created" else None)
    if shape is None or shape.shape not in (NUMERIC if end in {"min", "max"} else DATED):
        return None  # what has no order of that sort cannot lie beyond anything
    column = custom.column(record_type.model, shape)
    if end in {"min", "max"}:
        found = _parsed("money", value)
        return None if found is None else column >= found if end == "min" else column <= found
    found = _parsed("day", value)
    if found is None:
        return None
    if shape.shape == "moment":
        start = datetime.combine(found, time())
        return column >= start if end == "from" else column < start + timedelta(days=1)
    bound = plain(found) if shape.custom else found
    return column >= bound if end == "from" else column <= bound


def _in_position(model: Any, actor: Actor, value: str) -> Any:
    place_id = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0
    people = actor.directory.people_in(place_id) if place_id in actor.directory.places else frozenset()
    return model.owner_id.in_(sorted(people))


def _quiet(model: Any, actor: Actor, value: str) -> Any:
    """Nobody made contact for so many lab days, nor was the record made within them.

    What knows no contact, like an opportunity: nobody changed it.
    """
    if not value.isascii() or not value.isdigit() or len(value) > 4:
        return None
    since = hour_of(actor.lab_now) - timedelta(days=int(value))
    if not hasattr(model, "last_contacted_at"):
        return model.updated_at < since
    return func.coalesce(model.last_contacted_at, model.created_at) < since


def hour_of(moment: datetime) -> datetime:
    """The full hour in which a moment lies: what is quiet is so from full hours on, within one answers are the same."""
    return moment.replace(minute=0, second=0, microsecond=0)


def place_of(value: Any, record_id: int) -> str:
    """Where the next page goes on: behind this value of the sorted column and this id."""
    body = json.dumps([value, record_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def read_place(after: str) -> tuple[Any, int] | None:
    """The opposite of `place_of`; None where there is none or it is broken."""
    try:
        body = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        value, record_id = json.loads(body)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    if (
        type(record_id) is not int
        or not 0 < record_id < 2**53
        or not isinstance(value, (str, int, float, NoneType))
    ):
        return None
    return value, record_id


def place_value(shape: str, value: Any) -> Any:
    """The value of a place as its column takes it. Raises ValueError for a forged one."""
    said = str(value)
    if shape in parse.PARSERS and shape not in {"text", "auto", "prose"}:
        return parse.PARSERS[shape](said)
    if shape == "check":
        return value is True
    if parse.CONTROL.search(said):
        raise ValueError(said)
    return said
