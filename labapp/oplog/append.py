"""Putting a step at the end of the log: the last act of a transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from labapp import clock
from labapp.db import begin_write, db, is_sqlite
from labapp.oplog.chain import digest, lab, utc
from labapp.oplog.models import AdminEntry, Counter, Operation, Touch
from labapp.people.models import Membership, Sandbox

LABEL = 300
appended: list[
    Callable[[list[dict[str, Any]]], None]
] = []  # called with every row appended, before the commit


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


def append(step: Step, at_lab: datetime) -> int:
    """Write one step inside the running write transaction. `at_lab` is the sandbox clock. Returns its id."""
    return append_all([step], [at_lab])[0]


def append_all(steps: list[Step], moments: list[datetime]) -> list[int]:
    """Write many steps of one sandbox, in order. Locks the sandbox row; lab time never goes back."""
    sandbox_id = steps[0].sandbox_id
    running = _last_lab_at(sandbox_id) if len(steps) > 1 else moments[0]
    first, last_lab_at, null_hash = _reserve(sandbox_id, len(steps), moments[-1])
    if len(steps) == 1:
        running = last_lab_at
    heads = _heads(steps)
    heads[None] = null_hash
    rows = []
    for offset, (step, wanted) in enumerate(zip(steps, moments, strict=True)):
        running = max(running, wanted)
        row = _row(step, first + offset, running, heads[step.membership_id])
        heads[step.membership_id] = row["hash"]
        rows.append(row)
    _store(rows, steps)
    _keep_heads(sandbox_id, heads, null_hash)
    for tell in appended:
        tell(rows)
    return [row["id"] for row in rows]


def append_alone(step: Step, at_lab: datetime) -> int:
    """A step in a short write transaction of its own: looks, refused and invalid attempts."""
    begin_write()
    number = append(step, at_lab)
    db.session.commit()
    return number


def _reserve(sandbox_id: int, count: int, at_lab: datetime) -> tuple[int, datetime, str]:
    """Lock the sandbox row. Returns the first free step id, the lab time of the last step, the null chain."""
    later = case((Sandbox.last_lab_at > at_lab, Sandbox.last_lab_at), else_=at_lab)
    statement = (
        update(Sandbox)
        .where(Sandbox.id == sandbox_id)
        .values(last_step=Sandbox.last_step + count, last_lab_at=later)
        .returning(Sandbox.last_step, Sandbox.last_lab_at, Sandbox.null_hash)
        .execution_options(synchronize_session=False)
    )
    last, lab_at, null_hash = db.session.execute(statement).one()
    return last - count + 1, lab_at, null_hash


def _last_lab_at(sandbox_id: int) -> datetime:
    """Lock the sandbox row and say when its last step was."""
    statement = select(Sandbox.last_lab_at).where(Sandbox.id == sandbox_id).with_for_update()
    return db.session.execute(statement).scalar_one()


def _heads(steps: Iterable[Step]) -> dict[int | None, str]:
    """The last hash of every member in these steps."""
    ids = {step.membership_id for step in steps if step.membership_id is not None}
    if not ids:
        return {}
    found = db.session.execute(select(Membership.id, Membership.last_hash).where(Membership.id.in_(ids)))
    return {row.id: row.last_hash for row in found}


def _row(step: Step, number: int, lab_at: datetime, prev: str) -> dict[str, Any]:
    at = clock.now()
    row = {
        "id": number,
        "member": step.member,
        "at": utc(at),
        "lab_at": lab(lab_at),
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
        "prev": prev,
    }
    row["hash"] = digest(row)
    return {**row, "sandbox_id": step.sandbox_id, "at": at, "lab_at": lab_at.replace(microsecond=0)}


def _store(rows: list[dict[str, Any]], steps: list[Step]) -> None:
    db.session.execute(insert(Operation), rows)
    touches = []
    for row, step in zip(rows, steps, strict=True):
        touched = {(c["kind"], c["id"]) for c in step.changes if isinstance(c["id"], int)}
        if step.record is not None:
            touched.add((step.kind, step.record))
        touches += [
            {"sandbox_id": step.sandbox_id, "kind": kind, "serial": serial, "step": row["id"]}
            for kind, serial in sorted(touched)
        ]
    if touches:
        db.session.execute(insert(Touch), touches)


def _keep_heads(sandbox_id: int, heads: dict[int | None, str], null_hash: str) -> None:
    for membership_id, last in heads.items():
        if membership_id is not None:
            _set(update(Membership).where(Membership.id == membership_id).values(last_hash=last))
        elif last != null_hash:
            _set(update(Sandbox).where(Sandbox.id == sandbox_id).values(null_hash=last))


def _set(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def next_number(sandbox_id: int, name: str, count: int = 1) -> int:
    """Take `count` numbers of this name; returns the first. Starts at 1."""
    dialect = sqlite if is_sqlite() else postgresql
    statement = dialect.insert(Counter).values(sandbox_id=sandbox_id, name=name, last=count)
    statement = statement.on_conflict_do_update(
        index_elements=["sandbox_id", "name"], set_={"last": Counter.last + count}
    )
    last = db.session.execute(statement.returning(Counter.last)).scalar_one()
    return int(last) - count + 1


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
    body = {
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
