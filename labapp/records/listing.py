"""One page of a list: the rows behind a place, in an order that an index knows. No OFFSET, no count of everything."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row as ResultRow
from sqlalchemy import Select, and_, bindparam, func, or_, select

from labapp.access.actor import Actor
from labapp.access.prepared import Builder, Visible, read
from labapp.access.rules import reachable
from labapp.db import db, is_sqlite
from labapp.db.fields import DATED, NUMERIC, Field
from labapp.records import custom, search, slices
from labapp.records.conditions import Conditions, conditions_of
from labapp.records.drawing import TableRow, cells_of
from labapp.records.links import Links, getter
from labapp.records.question import Question, place_of, place_value, read_place, shown_columns
from labapp.records.values import plain
from labapp.records.words import language, said
from labapp.values import dataclass

PAGE = 50
KEPT = 2_000
COUNTED = 10_000
SAMPLE, COMMON = 200, 8
ORDER, OWNERS, WORDS, FOUND = "order", "owners", "words", "found"  # the ways to come by the rows of a page


@dataclass(frozen=True)
class Header:
    """The head of a column. `numeric`: set right; `whole`: its cells stay on one line."""

    label: str
    name: str
    sort_url: str | None = None
    direction: str | None = None
    numeric: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """What the table macro draws."""

    caption: Any
    headers: Sequence[Header]
    rows: list[TableRow]
    empty: Any = ""
    empty_action: tuple[str, Any] | None = None
    empty_icon: str = ""
    next_url: str | None = None
    first_url: str | None = None
    is_later_page: bool = False


@dataclass(frozen=True)
class Page:
    """The rows of a page: `id`, `serial` and the columns, and the place of the next page ('' for none)."""

    rows: Sequence[ResultRow[Any]]
    after: str


def read_page(question: Question, actor: Actor, size: int = PAGE) -> Page:
    """One page of at most `size` rows that the actor may see."""
    model: Any = question.record_type.model
    words = bool(question.words) and is_sqlite()
    mine = slices.of(model, actor, by_id=question.sort_field == "id" and not words)
    if mine.rows == 0:
        return Page([], "")
    small = mine.goes_by_owner(size, filtered=bool(question.where))
    if question.walked is not None and not small and is_common(question, actor):
        question = replace(question, where=question.walked)
    way = _way(question, small, by_id=question.sort_field == "id")
    given = conditions_of(_where(question, way)) if not question.after else None
    rows: list[Any] = []
    for number in range(1 if question.sort_field == "id" else 2):
        limit = size + 1 - len(rows)
        if given is not None:
            rows += _ask_prepared(question, actor, number, way, limit, given)
        else:
            rows += _ask(question, actor, number, way, limit)
        if len(rows) > size:
            break
    after = ""
    if len(rows) > size:
        rows = rows[:size]
        after = place_of(plain(getattr(rows[-1], question.sort_field)), rows[-1].id)
    return Page(rows, after)


def is_common(question: Question, actor: Actor) -> bool:
    """Whether so many of the newest records match that a page is soon full: it chooses how to ask, not what is seen."""
    model: Any = question.record_type.model
    newest = select(model.id).order_by(model.id.desc()).limit(SAMPLE)
    matching = select(func.count()).select_from(model).where(model.id.in_(newest), *(question.walked or ()))
    found: int = db.session.execute(matching, execution_options={"seen_by": actor}).scalar_one()
    return found >= COMMON


def _way(question: Question, small: bool, *, by_id: bool) -> str:
    """How the rows are come by: in the order of an index, owner by owner, or by the words that are searched for.

    SQLite knows no numbers of rows here, and would look for words in every row of an order; PostgreSQL chooses itself.
    """
    if small:
        return OWNERS
    if not question.words or not is_sqlite():
        return ORDER
    return WORDS if by_id else FOUND


def _where(question: Question, way: str) -> Sequence[Any]:
    """The conditions besides what this way meets by itself."""
    return question.beside if way == WORDS else question.where


def _bound(question: Question, way: str) -> dict[str, str]:
    """What this way asks for by name."""
    return {"match": question.words} if way == WORDS else {}


def _begun(question: Question, way: str, chosen: Select[Any], rule: Any) -> Select[Any]:
    """What was chosen, come by this way; `rule` says what is visible, None where the session says it."""
    model = question.record_type.model
    if way == OWNERS:
        return slices.through(chosen, model, rule)
    chosen = chosen if rule is None else chosen.where(rule)
    if way == WORDS:
        return search.by_words(chosen, model)
    return chosen.with_hint(model, "NOT INDEXED", "sqlite") if way == FOUND else chosen


def _ask_prepared(
    question: Question, actor: Actor, number: int, way: str, limit: int, given: Conditions
) -> Sequence[Any]:
    """A part of the first page of a list: what is asked most."""
    model = question.record_type.model

    def build(visible: Visible) -> Any:
        base = _begun(question, way, _columns(question).where(*given.named()), visible(model))
        part: Any = list(_parts(base, model, question, way))[number]
        return part.limit(bindparam("limit"))

    key = ("page", question.record_type.name, question.columns, question.sort, number, way, given.key)
    values = {**_bound(question, way), **given.values}
    rows: Sequence[Any] = read(actor, key, build, limit=limit, **values).all()
    return rows


def _ask(question: Question, actor: Actor, number: int, way: str, limit: int) -> Sequence[Any]:
    model = question.record_type.model
    rule = reachable(actor, model) if way == OWNERS else None
    base = _begun(question, way, _columns(question).where(*_where(question, way)), rule)
    part = list(_parts(base, model, question, way))[number]
    if part is None:
        return []
    part = part.limit(limit)
    return db.session.execute(part, _bound(question, way), execution_options={"seen_by": actor}).all()


def _columns(question: Question) -> Select[Any]:
    """What a row of the list needs."""
    model: Any = question.record_type.model
    names = dict.fromkeys(map(custom.stored, [*question.columns, question.sort_field]))
    if "related_id" in names:
        names["related_kind"] = None
    return select(
        model.id, model.serial, *(getattr(model, name) for name in names if name not in {"id", "serial"})
    )


def _parts(base: Select[Any], model: Any, question: Question, way: str) -> Iterator[Select[Any] | None]:
    """The statements that together give the order: filled values first, empty ones last, both ways.

    None for the first where the place lies behind all filled values.
    """
    place = read_place(question.after)
    turn = (lambda column: column.desc()) if question.descending else (lambda column: column.asc())
    if way == WORDS:
        after = place[1] if place else None
        yield search.in_order(base, descending=question.descending, behind=after)
        return
    if question.sort_field == "id":
        yield base.where(*_behind_id(model, question, place)).order_by(turn(model.id))
        return
    column = getattr(model, question.sort_field)
    if place is None or place[0] is not None:
        yield base.where(column.is_not(None), *_behind(model, column, question, place)).order_by(
            turn(column), turn(model.id)
        )
    else:
        yield None
    behind = _behind_id(model, question, place if place and place[0] is None else None)
    yield base.where(column.is_(None), *behind).order_by(turn(model.id))


def _behind_id(model: Any, question: Question, place: tuple[Any, int] | None) -> list[Any]:
    if place is None:
        return []
    return [model.id < place[1] if question.descending else model.id > place[1]]


def _behind(model: Any, column: Any, question: Question, place: tuple[Any, int] | None) -> list[Any]:
    """What lies behind the place. Its first part looks needless, but by it the database enters the index there."""
    if place is None:
        return []
    shape = shown_columns(question.record_type)[question.sort_field].shape
    try:
        value = place_value(shape, place[0])
    except ValueError:
        return []
    if question.descending:
        return [column <= value, or_(column < value, and_(column == value, model.id < place[1]))]
    return [column >= value, or_(column > value, and_(column == value, model.id > place[1]))]


def count(question: Question, actor: Actor) -> tuple[int, bool]:
    """How many rows the question has, counted to 10,000; and whether there are more."""
    model = question.record_type.model
    looked_up = model.reach == "assigned" or (question.words and is_sqlite())
    small = bool(looked_up) and slices.of(model, actor).rows < slices.SMALL
    way = _way(question, small, by_id=True)
    given, bound = conditions_of(_where(question, way)), _bound(question, way)
    if given is None:
        rule = reachable(actor, model) if way == OWNERS else None
        chosen = _counted(_begun(question, way, select(model.id).where(*_where(question, way)), rule))
        number = int(db.session.execute(chosen, bound, execution_options={"seen_by": actor}).scalar_one())
    else:
        key = ("count", question.record_type.name, way, given.key)
        number = read(actor, key, _counting(question, way, given), **bound, **given.values).one()[0]
    return min(number, COUNTED), number > COUNTED


def _counting(question: Question, way: str, given: Conditions) -> Builder:
    model = question.record_type.model

    def build(visible: Visible) -> Any:
        return _counted(_begun(question, way, select(model.id).where(*given.named()), visible(model)))

    return build


def _counted(base: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(base.limit(COUNTED + 1).subquery())


def ids(question: Question, actor: Actor, most: int) -> list[int]:
    """The ids behind a question, newest first, at most so many."""
    model = question.record_type.model
    query = select(model.id).where(*question.where).order_by(model.id.desc()).limit(most)
    return list(db.session.scalars(query, execution_options={"seen_by": actor}))


def table_of(question: Question, page: Page, actor: Actor, **words: Any) -> Table:
    """The page as the table macro draws it."""
    record_type = question.record_type
    shapes = shown_columns(record_type, actor)
    columns = [shapes[name] for name in question.columns]
    next_url = question.address(after=page.after) if page.after else None
    return Table(
        said(record_type.plural),
        headers_of(
            (question.record_type.name, question.columns, question.address(), actor.stamp),
            lambda: [_header(question, shape) for shape in columns],
        ),
        cells_of(record_type, page.rows, columns, actor),
        next_url=next_url,
        first_url=question.address(),
        is_later_page=bool(question.after),
        **words,
    )


def headers_of(key: Hashable, make: Callable[[], Sequence[Header]]) -> tuple[Header, ...]:
    """The headers of a table, made once per language and `key`: their words take longer than the rest of them."""
    said = (key, language())
    found = _headers.get(said)
    if found is None:
        if len(_headers) >= KEPT:
            _headers.clear()
        found = _headers[said] = tuple(make())
    return found


_headers: dict[Hashable, tuple[Header, ...]] = {}


def header_of(shape: Field) -> Header:
    """The head of a column that sorts nothing."""
    numeric, whole = shape.shape in NUMERIC, shape.shape in DATED
    return Header(str(shape.label), shape.name, numeric=numeric, whole=whole)


def _header(question: Question, shape: Field) -> Header:
    if shape.name not in question.record_type.sortable:
        return header_of(shape)
    direction = None
    if question.sort_field == shape.name:
        direction = "desc" if question.descending else "asc"
    sort_url = question.address(sort=question.toggled(shape.name))
    return replace(header_of(shape), sort_url=sort_url, direction=direction)


def as_json(question: Question, page: Page, actor: Actor) -> dict[str, Any]:
    """The page for machines: what it shows, under the names of the log."""
    record_type = question.record_type
    known = shown_columns(record_type, actor)
    shapes = [known[name] for name in question.columns]
    links = Links(actor)
    links.want_for(shapes, page.rows)
    rows = [
        {
            "id": row.id,
            "serial": row.serial,
            **{s.log: json_value(s, getter(s)(row), actor, links) for s in shapes},
        }
        for row in page.rows
    ]
    return {
        "kind": record_type.name,
        "rows": rows,
        "next": question.address(after=page.after) if page.after else None,
    }


def json_value(shape: Field, value: Any, actor: Actor, links: Links) -> Any:
    """A value as log and JSON say it: links by serial (null where not visible), members by key."""
    if shape.shape == "member":
        member = actor.directory.members.get(value)
        return member.key if member else None
    if shape.shape == "related":
        return links.serial(value[0] or "", value[1])
    if shape.shape == "link":
        return links.serial(shape.target or "", value)
    return plain(value)
