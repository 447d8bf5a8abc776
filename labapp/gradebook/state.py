"""What live pages know of a log, kept in the database: after a restart, and in another process, as in this one.

A page takes out what concerns one member and feeds it the steps since then; what has grown long is put away by whoever
comes along, a portion in a short transaction. What is kept depends on no rubric, but for looks at records, which are
kept with them only where a rubric asks for them. A log that is not the one that was kept is kept anew.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache, partial
from sys import intern
from typing import Any

from sqlalchemy import Text, bindparam, cast, delete, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from labapp import clock
from labapp.db import apart, connection, db, is_sqlite
from labapp.db.quick import Quick
from labapp.gradebook.models import GradeState, GradeStateActs, GradeStateRecord, GradeStateValues
from labapp.gradebook.rubrics import rubric_of
from labapp.gradebook.shelf import Shelf, decoded
from labapp.grading import BadRubric, Header, Replay, Rubric, Step, Views
from labapp.grading.collector import collector_at_rest
from labapp.grading.grade import Shares
from labapp.grading.kept import Head, Wanted, keep, partial_of
from labapp.grading.log import Change
from labapp.grading.needs import LOOKS, Needs
from labapp.oplog.chain import lab
from labapp.oplog.export import header
from labapp.oplog.models import Operation
from labapp.people.models import Course, Sandbox
from labapp.values import dataclass

LITTLE, LONG, PORTION = 50, 150, 2_000  # steps: left in the log, put away by a page, put away at once
PATIENCE = 0.5  # seconds that a page spends on putting away
HEADERS = 64
COLUMNS, SAID = (
    ("id", "member", "lab_at", "kind", "verb", "record", "origin", "outcome"),
    ("answers", "changes"),
)
_state: Any = GradeState.__table__
PARTS: tuple[Any, ...] = (GradeStateRecord.__table__, GradeStateActs.__table__, GradeStateValues.__table__)
_operation: Any = Operation.__table__
_last_hash = select(_operation.c.hash).where(
    _operation.c.sandbox_id == _state.c.sandbox_id, _operation.c.id == _state.c.step
)
STORED = Quick(
    select(_state.c.id, _state.c.hash, _state.c.head, _last_hash.scalar_subquery().label("found")).where(
        _state.c.sandbox_id == bindparam("sandbox"), _state.c.cutoff == bindparam("cutoff")
    )
)


class NotYet(Exception):
    """So much of the log has not been put away that a page cannot wait for it. Every page takes it a bit further."""


@dataclass(frozen=True)
class State:
    """What its row says; `id` 0: nothing has been kept yet."""

    sandbox_id: int
    cutoff: datetime | None
    head: Head
    id: int = 0

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.id, empty=not self.id)

    @property
    def name(self) -> str:
        return lab(self.cutoff) if self.cutoff else ""


Then = Callable[[datetime, Callable[[], Replay]], Shares]


def views(
    sandbox: Sandbox,
    member: str,
    rubric: Rubric,
    extended: datetime | None = None,
    last: int | None = None,
    then: Then | None = None,
) -> Views:
    """The log as grading one member needs it, up to the last step or to `last`.

    `extended` replaces the rubric's `due`. `then` may know what the member had when the tasks were due: it is asked
    only when the log has passed that, and is given the way to the log as it was. Raises NotYet.
    """
    now = part(sandbox, Wanted(member, rubric.needs), last)
    due = extended or (rubric.due.on(now.header.starts_at) if rubric.due else None)
    if due is None or rubric.late is None or now.cutoff <= due:
        return Views(now)
    at_due = partial(part, sandbox, Wanted(member, rubric.needs, due))
    return Views(now, due, at_due()) if then is None else Views(now, due, then=then(due, at_due))


def part(sandbox: Sandbox, who: Wanted, last: int | None = None) -> Replay:
    """The replay as far as it concerns one member, up to the last step or to `last`. Raises NotYet."""
    for _ in range(3):
        state = _ready(sandbox, who.cutoff, looks=who.needs.looks)
        if last is not None and state.head.step > last:
            break
        with collector_at_rest():
            new = list(_steps(state, last=last, of=who))
            replay = partial_of(state.shelf, header_of(sandbox), state.head, who, new)
        if is_sqlite() or stored(state).head.step == state.head.step:  # elsewhere others go on meanwhile
            return replay
    raise NotYet


def keep_up(sandbox: Sandbox, seconds: float = 20) -> int:
    """Put away what is new, but for a little, for so long at most. Returns how many steps are left."""
    state = latest(sandbox, looks=needs_of(sandbox).looks)
    return _behind(sandbox, _moved_on(sandbox, state, clock.monotonic() + seconds, LITTLE))


def keep_all_up() -> str | None:
    """The chore of every tick: what is new in the open sandboxes is put away, what was set aside is swept."""
    open_ones = select(Sandbox.name).join(Course, Course.id == Sandbox.course_id)
    open_ones = open_ones.where(Sandbox.state == "open", Course.rubric != "").order_by(Sandbox.id)
    for name in db.session.scalars(open_ones).all():
        db.session.rollback()
        keep_up(db.session.scalars(select(Sandbox).where(Sandbox.name == name)).one())
    sweep()
    return None


_headers: OrderedDict[tuple[int, str], Header] = OrderedDict()


def header_of(sandbox: Sandbox) -> Header:
    """The header of the log, kept per stamp."""
    key = (sandbox.id, sandbox.stamp)
    if key not in _headers:
        _headers[key] = Header(header(sandbox))
        while len(_headers) > HEADERS:
            _headers.popitem(last=False)
    return _headers[key]


def forget() -> None:
    """Keep nothing in this process."""
    _headers.clear()


def latest(sandbox: Sandbox, *, looks: bool) -> State:
    """The log's own state as it lies in the database."""
    return stored(_blank(sandbox, None, looks=looks))


def stored(blank: State) -> State:
    """The state as it lies in the database; the blank one where there is none that still holds."""
    row = STORED({"sandbox": blank.sandbox_id, "cutoff": blank.name}).first()
    if row is None:
        return blank
    head = Head(**row.head)
    if row.hash != (row.found or "") or (blank.head.looks and not head.looks):
        _set_aside(row.id)
        return blank
    return replace(blank, id=row.id, head=head)


def _ready(sandbox: Sandbox, cutoff: datetime | None, *, looks: bool) -> State:
    """The state, close enough to the log's end that a page can read the rest. Raises NotYet."""
    state = stored(_blank(sandbox, cutoff, looks=looks))
    if _behind(sandbox, state) > LONG:
        state = _moved_on(sandbox, state, clock.monotonic() + PATIENCE, LITTLE)
        if _behind(sandbox, state) > PORTION:
            raise NotYet
    return state


def _blank(sandbox: Sandbox, cutoff: datetime | None, *, looks: bool) -> State:
    return State(sandbox.id, cutoff, Head(looks=looks))


def _behind(sandbox: Sandbox, state: State) -> int:
    """How many steps there are behind the state, for its cut-off."""
    if state.cutoff is None:
        return sandbox.last_step - state.head.step
    query = select(func.max(_operation.c.id)).where(
        _operation.c.sandbox_id == sandbox.id, _operation.c.lab_at <= state.cutoff
    )
    return (connection().execute(query).scalar() or 0) - state.head.step


def _moved_on(sandbox: Sandbox, state: State, until: float, left: int) -> State:
    """Put portions away until hardly anything is left, or time is up."""
    if state.cutoff is not None and not state.id:
        state = _forked(sandbox, state)
    due = _due(sandbox) if state.cutoff is None else None
    while _behind(sandbox, state) > left and clock.monotonic() < until:
        new = list(_steps(state, limit=PORTION))
        if not new:
            break
        if due is not None and new[0].lab_at > due >= datetime.fromisoformat(state.head.lab_at or lab(due)):
            _forked(sandbox, _blank(sandbox, due, looks=state.head.looks))
        state = _put_away(sandbox, state, _before(due, new))
    return state


def _before(due: datetime | None, steps: list[Step]) -> list[Step]:
    """A portion that does not cross the due time: what stands there is kept for those who are late."""
    return [step for step in steps if step.lab_at <= due] or steps if due is not None else steps


def _put_away(sandbox: Sandbox, state: State, steps: list[Step]) -> State:
    """The state after these steps, as it lies in the database then; another process may have been quicker."""
    with collector_at_rest():
        kept = keep(state.shelf, header_of(sandbox), state.head, steps)
    try:
        with apart():
            claimed = _claim(state, kept.head)
            if claimed:
                replace(state, id=claimed).shelf.put(kept, needs_of(sandbox).values)
    except IntegrityError:
        if stored(state).head.step <= state.head.step:
            raise  # nobody was quicker: it is not that the row is there already
    return stored(state)


def _claim(state: State, head: Head) -> int:
    """Move the row on to the new head, if it stands where it stood. Returns its id; 0 if another was quicker."""
    hash_ = select(_operation.c.hash).where(
        _operation.c.sandbox_id == state.sandbox_id, _operation.c.id == head.step
    )
    values = {"step": head.step, "head": asdict(head), "hash": hash_.scalar_subquery()}
    if not state.id:
        named = {"sandbox_id": state.sandbox_id, "cutoff": state.name}
        made = connection().execute(insert(_state).values(**named, **values).returning(_state.c.id))
        return int(made.scalar_one())
    same = (_state.c.id == state.id, _state.c.step == state.head.step)
    return state.id if connection().execute(update(_state).where(*same).values(**values)).rowcount else 0


def _forked(sandbox: Sandbox, blank: State) -> State:
    """A state for a cut-off, begun with a copy of the log's own where that has not passed it."""
    cutoff = blank.cutoff
    now = latest(sandbox, looks=blank.head.looks)
    known = stored(blank)
    if known.id or not now.id or cutoff is None or (now.head.lab_at or "") > cutoff.isoformat():
        return known
    moved = False
    try:
        with apart():
            moved = not _stands(now)
            if not moved:
                _copy(now.id, _claim(blank, now.head))
    except IntegrityError:
        if not stored(blank).id:
            raise
    return _forked(sandbox, blank) if moved else stored(blank)


def _stands(state: State) -> bool:
    """Does its row stand where it stood when it was read? Until the end of the transaction nobody moves it on then."""
    query = select(_state.c.step).where(_state.c.id == state.id).with_for_update()
    return bool(connection().execute(query).scalar() == state.head.step)


def _copy(old: int, made: int) -> None:
    """All that is put away under one state, under another as well."""
    for table in PARTS:
        columns = [column for column in table.columns if column.key != "state_id"]
        rows = select(literal(made), *columns).where(table.c.state_id == old)
        names = ["state_id", *(column.key for column in columns)]
        connection().execute(insert(table).from_select(names, rows))


def _set_aside(state_id: int) -> None:
    """What no longer holds is out of the way at once, and swept later."""
    with apart():
        connection().execute(update(_state).where(_state.c.id == state_id).values(cutoff=f"old {state_id}"))


def sweep() -> None:
    """Delete what was set aside, a portion at a time."""
    old = connection().execute(select(_state.c.id).where(_state.c.cutoff.like("old %"))).scalars().all()
    for number in old:
        for table in PARTS:
            _emptied(table, number)
        with apart():
            connection().execute(delete(_state).where(_state.c.id == number))


def _emptied(table: Any, state_id: int) -> None:
    keys = list(table.primary_key.columns)
    some = select(*keys).where(table.c.state_id == state_id).limit(PORTION)
    gone = delete(table).where(tuple_(*keys).in_(some))
    left = True
    while left:
        with apart():
            left = connection().execute(gone).rowcount > 0


def _steps(
    state: State, *, last: int | None = None, limit: int | None = None, of: Wanted | None = None
) -> Iterator[Step]:
    """The steps behind the state, as the grader reads them.

    `of`: without looks of others that no check of this member's asks for; the last of them is always there.
    """
    looked = of is not None and not of.needs.looks
    question = _steps_question(last is not None, state.cutoff is not None, limit is not None, looked)
    asked = {"sandbox": state.sandbox_id, "after": state.head.step, "last": last, "limit": limit}
    rows = question({**asked, "cutoff": state.cutoff, "member": of.member if of else ""})
    said = decoded([text or "null" for row in rows for text in row[-2:]])
    for place, row in enumerate(rows):
        yield _step(*row[:-2], said[2 * place], said[2 * place + 1])


@cache
def _steps_question(last: bool, cutoff: bool, limit: bool, own_looks: bool) -> Quick:
    where = [_operation.c.sandbox_id == bindparam("sandbox"), _operation.c.id > bindparam("after")]
    if last:
        where.append(_operation.c.id <= bindparam("last"))
    if cutoff:
        where.append(_operation.c.lab_at <= bindparam("cutoff"))
    if own_looks:
        end = select(func.max(_operation.c.id)).where(*where).scalar_subquery()
        acts, own = _operation.c.verb.not_in(sorted(LOOKS)), _operation.c.member == bindparam("member")
        where.append(or_(acts, own, _operation.c.id == end))
    # The JSON of all rows is read in one go.
    said = (cast(_operation.c[name], Text).label(name) for name in SAID)
    query = select(*(_operation.c[name] for name in COLUMNS), *said).where(*where).order_by(_operation.c.id)
    return Quick(query.limit(bindparam("limit")) if limit else query)


def _step(number: int, member: str | None, lab_at: datetime, *rest: Any) -> Step:
    kind, verb, record, origin, outcome, answers, changes = rest
    found = [Change(one["what"], one["kind"], one["id"], one.get("after") or {}) for one in changes or ()]
    who = member and intern(member)
    what = (intern(kind), intern(verb), record, intern(origin), intern(outcome))
    return Step(number, who, lab_at, *what, answers or {}, found, number)


def _due(sandbox: Sandbox) -> datetime | None:
    """When the tasks are due, where it matters."""
    rubric = _rubric(sandbox)
    if rubric is None or rubric.due is None or rubric.late is None:
        return None
    return rubric.due.on(header_of(sandbox).starts_at)


def needs_of(sandbox: Sandbox) -> Needs:
    """What the rubric in force asks of the log; nothing where there is none that can be read."""
    rubric = _rubric(sandbox)
    return rubric.needs if rubric is not None else Needs()


def _rubric(sandbox: Sandbox) -> Rubric | None:
    """The rubric in force; None also where it cannot be read."""
    try:
        return rubric_of(sandbox)
    except BadRubric:
        return None
