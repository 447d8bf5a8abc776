"""Putting a step at the end of the log: the last act of a transaction."""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Text, bindparam, case, cast, column, insert, literal_column, or_, select, table, update

from labapp import clock
from labapp.admission import outside
from labapp.db import apart, connection, db, dialects, is_sqlite
from labapp.db.quick import Quick
from labapp.oplog import at_server
from labapp.oplog.chain import CANONICAL, FIELDS, digest, digest_of, halves, lab, utc
from labapp.oplog.models import LOOKS, AdminEntry, Counter, Operation, Touch
from labapp.people.models import WRITTEN, Course, Membership, Sandbox
from labapp.values import dataclass

LABEL = 300
AS_TEXT = ("at", "lab_at", "answers", "changes")
# Made once and run on the connection: every page writes a step, and building these would cost more than they do.
_sandbox: Any = Sandbox.__table__
_member: Any = Membership.__table__
_operation: Any = Operation.__table__
_touch: Any = Touch.__table__
IS_WRITTEN = or_(*(_sandbox.c.state == literal_column(f"'{state}'") for state in WRITTEN))
_reserve_steps = (
    update(_sandbox)
    .where(_sandbox.c.id == bindparam("sandbox"), IS_WRITTEN)
    .values(
        last_step=_sandbox.c.last_step + bindparam("count"),
        last_lab_at=case(
            (_sandbox.c.last_lab_at > bindparam("moment"), _sandbox.c.last_lab_at), else_=bindparam("moment")
        ),
    )
    .returning(_sandbox.c.last_step, _sandbox.c.last_lab_at, _sandbox.c.null_hash)
)
RESERVE = Quick(_reserve_steps)
WRITING = "writing"  # in the session's info while it writes: the sandboxes that are held
# What others insert refers to the row of the sandbox, and need not wait for this.
HOLD = Quick(
    select(_sandbox.c.id).where(_sandbox.c.id == bindparam("sandbox")).with_for_update(key_share=True)
)
# With the last hash of the member too. Only where one writes at a time: PostgreSQL would read it as it stood before
# waiting for the row of the sandbox.
RESERVE_ONE = Quick(
    _reserve_steps.returning(
        select(_member.c.last_hash).where(_member.c.id == bindparam("member")).scalar_subquery().label("head")
    )
)
LAST_LAB_AT = (
    select(_sandbox.c.last_lab_at)
    .where(_sandbox.c.id == bindparam("sandbox"))
    .with_for_update(key_share=True)
)
HEADS = Quick(
    select(_member.c.id, _member.c.last_hash).where(_member.c.id.in_(bindparam("members", expanding=True)))
)
KEEP_HEAD = Quick(
    update(_member).where(_member.c.id == bindparam("member")).values(last_hash=bindparam("hash"))
)
KEEP_NULL = Quick(
    update(_sandbox).where(_sandbox.c.id == bindparam("sandbox")).values(null_hash=bindparam("hash"))
)
STORE_TOUCH = Quick(insert(_touch), [column.key for column in _touch.c])
appended: list[
    Callable[[list[dict[str, Any]]], None]
] = []  # called with every row appended, before the commit


class Closed(Exception):
    """The sandbox takes no steps: it is frozen, put aside or restored. Whatever led to the step must not be kept."""


@dataclass(frozen=True)
class Step:
    """What somebody did, before the log has numbered and chained it.

    `membership_id` and `member` are the same person (None: timeline, automation, public form). `record` is a
    serial. `changes` are as grading.md §1 says.
    """

    sandbox_id: int
    kind: str
    verb: str
    membership_id: int | None = None
    member: str | None = None
    record: int | None = None
    label: str = ""
    origin: str = "screen"
    outcome: str = "done"
    answers: dict[str, Any] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    request: str = ""
    address: str = ""


def hold(sandbox_id: int | None) -> None:
    """Let nobody else write in this sandbox until the transaction ends, as SQLite lets nobody write in the file.

    What is read from now on stands, so that two who do the same at once do it one after the other.
    """
    if sandbox_id is None or is_sqlite():
        return
    held: set[int] = db.session.info[WRITING]
    if sandbox_id not in held:
        with outside():  # somebody else may hold it
            HOLD({"sandbox": sandbox_id})
        held.add(sandbox_id)


def append(step: Step, at_lab: datetime) -> int:
    """Write one step inside the running write transaction. `at_lab` is the sandbox clock. Returns its id.

    Raises Closed.
    """
    return append_all([step], [at_lab])[0]


def append_all(steps: list[Step], moments: list[datetime], *, alone: bool = False) -> list[int]:
    """Write many steps of one sandbox, in order. Locks the sandbox row; lab time never goes back. Raises Closed.

    `alone`: nothing but this step is written, and PostgreSQL need not have it on the disk when this returns.
    """
    db.session.flush()
    rows: list[dict[str, Any]] = []
    if len(steps) == 1 and not is_sqlite():
        with suppress(
            UnicodeEncodeError
        ):  # half a surrogate, which no server takes: other letters say it below
            rows = [_at_server(steps[0], moments[0], alone=alone)]
    rows = rows or _one_by_one(steps, moments)
    for tell in appended:
        tell(rows)
    return [row["id"] for row in rows]


def _at_server(step: Step, at_lab: datetime, *, alone: bool) -> dict[str, Any]:
    """One step, by one statement of PostgreSQL; as the row that is kept."""
    at, texts = clock.now(), _texts(step)
    body = {**_body(step), "at": utc(at)}
    whose = at_server.Whose(step.sandbox_id, step.membership_id, tuple(_touched(step)), _look(step))
    found = at_server.append_one(body, texts, whose, (at, at_lab), alone=alone)
    if found is None:
        raise Closed(step.sandbox_id)
    number, lab_at, prev, own = found
    return {
        **body,
        "id": number,
        "prev": prev,
        "hash": own,
        "sandbox_id": step.sandbox_id,
        "at": at,
        "lab_at": lab_at,
    }


def _one_by_one(steps: list[Step], moments: list[datetime]) -> list[dict[str, Any]]:
    """Steps as rows that are kept, each chained here to the one before."""
    sandbox_id = steps[0].sandbox_id
    if len(steps) == 1:
        first, running, heads = _reserve_one(steps[0], moments[0])
    else:
        running = _last_lab_at(sandbox_id)
        first, _last, null_hash = _reserve(sandbox_id, len(steps), moments[-1])
        heads = {**_heads(steps), None: null_hash}
    null_hash, at = heads[None], clock.now()
    rows, kept = [], []
    for offset, (step, wanted) in enumerate(zip(steps, moments, strict=True)):
        running = max(running, wanted)
        row, texts = _row(step, first + offset, (at, running), heads[step.membership_id])
        heads[step.membership_id] = row["hash"]
        rows.append(row)
        kept.append({**row, **texts})
    _store(kept, steps)
    _keep_heads(sandbox_id, heads, null_hash)
    return rows


def append_alone(step: Step, at_lab: datetime, unless: Callable[[], None] | None = None) -> int | None:
    """A step in a short write transaction of its own: looks, refused and invalid attempts.

    `unless` is asked once the step stands and nobody else can write one: what it raises takes the step back. None
    where the sandbox takes no steps: it is read, and its log stays as it is. PostgreSQL need not have such a step on
    the disk before the page is sent; whatever is written later takes it along.
    """
    try:
        with apart():
            (number,) = append_all([step], [at_lab], alone=unless is None)
            if unless is not None:
                unless()
            return number
    except Closed:
        return None


def _run(statement: Any, values: Any) -> Any:
    """Run a statement inside the running transaction."""
    return connection().execute(statement, values)


def _reserve(sandbox_id: int, count: int, at_lab: datetime) -> tuple[int, datetime, str]:
    """Lock the sandbox row. Returns the first free step id, the lab time of the last step, the null chain."""
    found = RESERVE({"sandbox": sandbox_id, "count": count, "moment": at_lab}).first()
    if found is None:
        raise Closed(sandbox_id)
    last, lab_at, null_hash = found
    return last - count + 1, lab_at, null_hash


def _reserve_one(step: Step, at_lab: datetime) -> tuple[int, datetime, dict[int | None, str]]:
    """The same for one step, with the last hashes of its member and of nobody."""
    if not is_sqlite() and step.sandbox_id not in db.session.info.get(WRITING, ()):
        number, lab_at, null_hash = _reserve(step.sandbox_id, 1, at_lab)
        return number, lab_at, {**_heads([step]), None: null_hash}
    values = {"sandbox": step.sandbox_id, "count": 1, "moment": at_lab, "member": step.membership_id}
    found = RESERVE_ONE(values).first()
    if found is None:
        raise Closed(step.sandbox_id)
    number, lab_at, null_hash, head = found
    return number, lab_at, {step.membership_id: head, None: null_hash}


def _last_lab_at(sandbox_id: int) -> datetime:
    """Lock the sandbox row and say when its last step was."""
    found: datetime = _run(LAST_LAB_AT, {"sandbox": sandbox_id}).scalar_one()
    return found


def _heads(steps: Iterable[Step]) -> dict[int | None, str]:
    """The last hash of every member in these steps."""
    ids = {step.membership_id for step in steps if step.membership_id is not None}
    return {row.id: row.last_hash for row in HEADS({"members": sorted(ids)})} if ids else {}


def _body(step: Step) -> dict[str, Any]:
    """A step as the file carries it, but for what is known when it is written: number, times and hashes."""
    return {
        "member": step.member,
        "kind": step.kind,
        "verb": step.verb,
        "record": step.record,
        "label": step.label[:LABEL],
        "origin": step.origin,
        "outcome": step.outcome,
        "answers": step.answers,
        "changes": step.changes,
        "request": step.request,
        "address": step.address,
    }


def _texts(step: Step) -> tuple[str, str]:
    """Its answers and changes in canonical JSON."""
    answers = CANONICAL(step.answers) if step.answers else "{}"
    return answers, CANONICAL(step.changes) if step.changes else "[]"


def _row(
    step: Step, number: int, when: tuple[datetime, datetime], prev: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """A step, chained to the one before, and what of it is kept as text; `when` in real and in lab time."""
    at, lab_at = when
    row = {**_body(step), "id": number, "at": utc(at), "lab_at": lab(lab_at), "prev": prev}
    answers, changes = _texts(step)
    row["hash"] = digest_of(*halves(row, answers, changes))
    lab_at = lab_at.replace(microsecond=0)
    texts = {
        "at": at.isoformat(" ", "microseconds"),
        "lab_at": lab_at.isoformat(" ", "microseconds"),
        "answers": _storable(answers, step.answers),
        "changes": _storable(changes, step.changes),
    }
    return {**row, "sandbox_id": step.sandbox_id, "at": at, "lab_at": lab_at}, texts


def _touched(step: Step) -> list[tuple[str, int]]:
    """(kind, serial) of every record that it names."""
    touched = {(c["kind"], c["id"]) for c in step.changes if isinstance(c["id"], int)}
    if step.record is not None:
        touched.add((step.kind, step.record))
    return sorted(touched)


def _look(step: Step) -> int:
    """1 if it changed nothing: it looked, or was not done."""
    return int(step.outcome != "done" or step.verb in LOOKS)


def _storable(text: str, value: Any) -> str:
    """Canonical JSON; where no database takes it (half a surrogate), the same value in other letters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


@dialects.made_once
def store() -> Quick:
    """The insert of a step whose moments (2026-09-12 10:15:00.000000) and JSON are texts; SQLite keeps them as such."""
    names = ["sandbox_id", *FIELDS]
    if is_sqlite():
        return Quick(insert(table(_operation.name, *(column(name) for name in names))), names)
    typed = {name: cast(bindparam(name, type_=Text), _operation.c[name].type) for name in AS_TEXT}
    plain = {name: bindparam(name, type_=_operation.c[name].type) for name in names if name not in typed}
    return Quick(insert(_operation).values(plain | typed))


def _store(rows: list[dict[str, Any]], steps: list[Step]) -> None:
    if len(rows) == 1:
        store()(rows[0])
    else:
        store().together(rows)
    touches = []
    for row, step in zip(rows, steps, strict=True):
        about = {"sandbox_id": step.sandbox_id, "step": row["id"], "look": _look(step)}
        touches += [{**about, "kind": kind, "serial": serial} for kind, serial in _touched(step)]
    if len(touches) == 1:
        STORE_TOUCH(touches[0])
    elif touches:
        STORE_TOUCH.together(touches)


def _keep_heads(sandbox_id: int, heads: dict[int | None, str], null_hash: str) -> None:
    for membership_id, last in heads.items():
        if membership_id is not None:
            KEEP_HEAD({"member": membership_id, "hash": last})
        elif last != null_hash:
            KEEP_NULL({"sandbox": sandbox_id, "hash": last})


def next_number(sandbox_id: int, name: str, count: int = 1) -> int:
    """Take `count` numbers of this name; returns the first. Starts at 1."""
    last = _take()({"sandbox_id": sandbox_id, "name": name, "last": count}).one()[0]
    return int(last) - count + 1


@dialects.made_once
def _take() -> Quick:
    """Count a name up, from the first number on."""
    statement = dialects.insert(Counter.__table__)
    counted = Counter.__table__.c.last + statement.excluded.last
    statement = statement.on_conflict_do_update(index_elements=["sandbox_id", "name"], set_={"last": counted})
    return Quick(statement.returning(Counter.__table__.c.last), ["sandbox_id", "name", "last"])


@dataclass(frozen=True)
class Act:
    """An act for the administration log."""

    action: str
    account: str | None = None
    course: str | None = None
    subject: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    address: str = ""

    def by(self, account: str | None, address: str) -> "Act":
        return replace(self, account=account, address=address)


def append_act(act: Act) -> int:
    """Write an act at the end of the administration log, inside the running write transaction."""
    last = db.session.execute(
        select(AdminEntry.id, AdminEntry.hash).order_by(AdminEntry.id.desc()).limit(1).with_for_update()
    ).first()
    number, prev = (last.id + 1, last.hash) if last else (1, "")
    at = clock.now()
    course_id = _course_called(act.course) if act.course else None
    body = {
        **({} if course_id is None else {"course_id": course_id}),
        "id": number,
        "at": utc(at),
        "account": act.account,
        "course": act.course,
        "action": act.action,
        "subject": act.subject[:LABEL],
        "details": act.details,
        "address": act.address,
        "prev": prev,
    }
    db.session.execute(insert(AdminEntry), [{**body, "hash": digest(body), "at": at}])
    return number


def _course_called(name: str) -> int | None:
    """The course of this name, or that of a sandbox of this name."""
    query = select(Course.id).where(Course.name == name.partition("/")[0])
    return db.session.execute(query).scalar_one_or_none()
