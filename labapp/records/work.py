"""The write path. Every change in this program happens inside a Work: allowed, applied and logged, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar, cast

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from labapp.access.actor import Actor
from labapp.access.errors import NotDone, NotFound, Refused, Stale
from labapp.access.everyone import EVERYONE
from labapp.access.rules import CLOSED, KEPT_BY, in_bin, need_of, reachable, require_granted
from labapp.db import Record, Row, begin_write, db
from labapp.oplog import life
from labapp.oplog.append import WRITING, Closed, Step, append, append_alone, hold, next_number
from labapp.people.models import Sandbox, new_stamp
from labapp.records import after, once
from labapp.records.rows import insert_row, new_row
from labapp.records.snapshot import Serials, kind_of, snapshot
from labapp.records.values import plain
from labapp.values import dataclass

R = TypeVar("R", bound=Row)
LARGEST_ID = 2**31
SECRET = frozenset({"password", "confirm", "old_password", "csrf_token", "token", "version", once.FIELD})


@dataclass(frozen=True)
class Source:
    """By which way a write came: origin (grading.md §1), the request's id and the address."""

    origin: str = "screen"
    request: str = ""
    address: str = ""


@contextmanager
def writing(sandbox_id: int | None = None) -> Iterator[None]:
    """One transaction that holds the write lock: of the sandbox that is named, on SQLite of the whole file.

    A Work opened inside joins it; it commits at the end, or not at all. A refused or invalid attempt outlives what it
    undoes: its step is written again. Raises Refused where the sandbox takes no steps; Repeated for a form done before.
    """
    inside = WRITING in db.session.info
    try:
        hold(sandbox_id if inside else None)  # a savepoint that is taken back would let go of it
        with db.session.begin_nested() if inside else _transaction(sandbox_id):
            yield
    except NotDone as error:
        if error.attempt is not None:
            (append if inside else append_alone)(*error.attempt)
        raise
    except Closed as error:
        raise Refused(CLOSED) from error


@contextmanager
def _transaction(sandbox_id: int | None) -> Iterator[None]:
    begin_write()
    db.session.info[WRITING] = set()
    try:
        hold(sandbox_id)
        once.claim()
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        db.session.info.pop(WRITING, None)


@dataclass
class Header:
    """What the step will say besides its changes."""

    kind: str
    verb: str
    record: int | None = None
    label: str = ""
    answers: dict[str, Any] = field(default_factory=dict)


class Work:
    """One thing one person does.

    with Work(actor, "lead.convert", answers=answers, source=source) as work:
        lead = work.on(Lead, lead_id)
        work.create(Customer, name=lead.company)

    Takes the write lock on entering; reads that lead to changes belong inside. Leaving with `NotDone` undoes
    everything and logs the attempt as refused or invalid; any other error undoes everything.
    """

    asks, nobody = True, False

    def __init__(
        self, actor: Actor, what: str, *, answers: dict[str, Any] | None = None, source: Source = Source()
    ):
        kind, verb = what.split(".")
        self.actor = actor
        self.source = source
        self.header = Header(kind, verb, answers=clean(answers or {}))
        self.changes: list[dict[str, Any]] = []
        self.serials = Serials(actor.directory.members)
        self.fresh: set[tuple[str, int]] = set()
        self.due: list[life.Thing] = []  # what is to be kept as it is, once the step stands
        self.linked: set[tuple[str | None, int]] = set()
        self.step: int | None = None
        self.restamp = False
        self._hold: Any = None

    # -- reading for a change ----------------------------------------------------------------------------------

    def on(self, model: type[R], row_id: int, *, need: str | None = None) -> R:
        """The record this work is about: reachable and allowed, else NotFound or Refused. Names the step."""
        record = self.get(model, row_id)
        self.header.record, self.header.label = record.serial, label_of(record)
        if isinstance(record, Record):
            self.require(self.header.verb, record, need)
        return record

    def get(self, model: type[R], row_id: int) -> R:
        """A row the actor reaches, as it stands under the write lock. Raises NotFound."""
        require_id(row_id)
        query = select(model).where(model.id == row_id, model.sandbox_id == self.actor.sandbox_id)
        query = query.execution_options(populate_existing=True, seen_by=self._asker())
        row = db.session.execute(query).scalar_one_or_none()
        if row is None or (isinstance(row, Record) and row.deleted_at is not None):
            raise NotFound(_l("There is no such record, or it is not visible to you."))
        return row

    def rows(self, model: type[R], *where: Any) -> list[R]:
        """The rows that match and that the actor reaches, oldest first, as they stand under the write lock."""
        alive = [cast(Any, model).deleted_at.is_(None)] if issubclass(model, Record) else []
        query = (
            select(model).where(model.sandbox_id == self.actor.sandbox_id, *alive, *where).order_by(model.id)
        )
        query = query.execution_options(populate_existing=True, seen_by=self._asker())
        return list(db.session.scalars(query))

    def deleted(self, model: type[R], row_id: int) -> R:
        """A row in the recycle bin that the actor may restore. Raises NotFound."""
        require_id(row_id)
        query = select(model).where(model.id == row_id, in_bin(self.actor, cast(Any, model)))
        row = db.session.execute(query, execution_options={"seen_by": EVERYONE}).scalar_one_or_none()
        if row is None:
            raise NotFound(_l("There is no such record in your recycle bin."))
        self.header.record, self.header.label = row.serial, label_of(row)
        return row

    def _asker(self) -> Any:
        return self.actor

    # -- permission --------------------------------------------------------------------------------------------

    def require(self, verb: str, record: Any, need: str | None = None) -> None:
        """Stop unless the actor may do `verb` to this record (Record) or kind (model). Raises Refused."""
        if not self.asks:
            return
        model = record if isinstance(record, type) else type(record)
        require_granted(self.actor, kind_of(model), verb)
        if isinstance(record, Record) and not self._stands(record, need or need_of(verb)):
            raise Refused(not_yours(need or need_of(verb), record))

    def _stands(self, record: Record, need: str) -> bool:
        if (kind_of(record), record.id) in self.fresh:
            return True
        model = type(record)
        query = select(model.id).where(model.id == record.id, reachable(self.actor, model, need))
        return db.session.execute(query, execution_options={"seen_by": EVERYONE}).first() is not None

    def refuse(self, sentence: Any) -> None:
        """Stop with a sentence: nothing is done, the attempt is logged."""
        raise Refused(sentence)

    def check_version(self, record: Any, version: Any) -> None:
        """Optimistic lock. Raises Stale when the record was changed since that version."""
        if str(record.version) != str(version):
            raise Stale(_l("Somebody changed this record while you were editing it."))

    # -- changing ----------------------------------------------------------------------------------------------

    def create(self, model: type[R], **values: Any) -> R:
        """A new row owned by the actor (or `owner_id`). Raises Refused, Invalid. Notes it as `created`."""
        if self.header.kind != kind_of(model) or self.header.verb not in {"create", "clone"}:
            self._require_part(model)
        elif self.asks:
            self.require(self.header.verb if self.header.verb == "clone" else "create", model)
        held = {**values, "sandbox_id": self.actor.sandbox_id, "serial": self._serial(model)}
        if issubclass(model, Record):
            held["created_at"] = held["updated_at"] = self.now
            held["owner_id"] = values.get("owner_id") or self.actor.id
            held["extra"] = dict(values.get("extra") or {})
            held["version"] = 1
        row: R = new_row(model, held)
        after.number_of(self, row)
        self.check_links(model, values)
        insert_row(row)
        self.serials.note(row)
        self.fresh.add((row.__tablename__, row.id))
        self._note("created", row, after=snapshot(row, self.serials))
        if self.header.record is None and self.header.kind == kind_of(model):
            self.header.record, self.header.label = row.serial, label_of(row)
        after.index(row)
        self._stamp(row)
        return row

    def update(self, row: R, **values: Any) -> list[str]:
        """Change fields. Returns the log names of those that moved; notes before and after of these alone."""
        before = snapshot(row, self.serials)
        self.check_links(type(row), {name: v for name, v in values.items() if getattr(row, name) != v})
        for name, value in values.items():
            setattr(row, name, value)
        now = snapshot(row, self.serials)
        moved = [name for name in now.keys() | before.keys() if now.get(name) != before.get(name)]
        moved.sort()
        if not moved:
            return []
        if isinstance(row, Record):
            row.updated_at = self.now
            row.version += 1
            if life.is_due(row.version):
                self.due.append((kind_of(type(row)), row.serial))
        db.session.flush()
        self._note("changed", row, {n: before.get(n) for n in moved}, {n: now.get(n) for n in moved})
        after.index(row, moved)
        self._stamp(row)
        return moved

    def delete(self, row: Any) -> None:
        """A record goes to the recycle bin, a reference row for good. Notes every field it had."""
        self._note("deleted", row, before=snapshot(row, self.serials))
        if isinstance(row, Record):
            row.deleted_at = self.now
            row.version += 1
        else:
            db.session.delete(row)
        db.session.flush()
        after.unindex(row)
        self._stamp(row)

    def restore(self, row: Any) -> None:
        """Back from the recycle bin, `created` again under the same serial."""
        row.deleted_at = None
        row.updated_at = self.now
        row.version += 1
        db.session.flush()
        self._note("created", row, after=snapshot(row, self.serials))
        after.index(row)

    def change_setting(self, path: str, value: Any) -> bool:
        """Set a scalar setting of the sandbox. Returns whether it moved."""
        sandbox = self.sandbox()
        old = sandbox.settings.get(path)
        if old == value:
            return False
        sandbox.settings = {**sandbox.settings, path: value}
        self._change("changed", "setting", path, {"value": old}, {"value": value})
        self.restamp = True
        return True

    def sandbox(self) -> Sandbox:
        """The sandbox row, locked, as it stands now."""
        query = select(Sandbox).where(Sandbox.id == self.actor.sandbox_id).with_for_update(key_share=True)
        return db.session.execute(query.execution_options(populate_existing=True)).scalar_one()

    @property
    def now(self) -> datetime:
        """The lab time of this work."""
        return self.actor.lab_now

    # -- inside ------------------------------------------------------------------------------------------------

    def _require_part(self, model: type[Row]) -> None:
        """A verb of one kind that makes rows of another needs the right to make those too."""
        if self.asks:
            require_granted(self.actor, kind_of(model), "create")

    def _serial(self, model: type[Row]) -> int:
        return next_number(self.actor.sandbox_id, kind_of(model))

    def check_links(self, model: type[Row], values: dict[str, Any]) -> None:
        """What a row would point at must be in the same sandbox and visible to the one who points. Raises Invalid.

        The standard verbs ask this before any rule says a word about the other record.
        """
        if self.asks:
            after.check_links(self, model, values)

    def _note(self, what: str, row: Any, before: Any = None, after: Any = None) -> None:
        self._change(what, kind_of(type(row)), row.serial, before or {}, after or {})

    def _change(self, what: str, kind: str, name: Any, before: Any, after: Any) -> None:
        self.changes.append({"what": what, "kind": kind, "id": name, "before": before, "after": after})

    def _stamp(self, row: Any) -> None:
        self.restamp |= not isinstance(row, Record)

    def __enter__(self) -> "Work":
        if "work" in db.session.info:
            raise RuntimeError("a Work inside a Work: use the one you were given")
        self._hold = writing(self.actor.sandbox_id)
        self._hold.__enter__()
        db.session.info["work"] = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        except BaseException as failed:
            self._leave(failed)
            raise
        if isinstance(error, NotDone):
            self._attempted(error)
        self._leave(error)

    def _finish(self) -> None:
        if self.restamp:
            statement = update(Sandbox).where(Sandbox.id == self.actor.sandbox_id).values(stamp=new_stamp())
            db.session.execute(statement.execution_options(synchronize_session=False))
        self.step = append(self._as_step("done", self.changes), self.now)
        life.keep(self.actor.sandbox_id, self.due)

    def _leave(self, error: BaseException | None) -> None:
        db.session.info.pop("work", None)
        self._hold.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)

    def _attempted(self, error: NotDone) -> None:
        """Say what was tried; `writing` puts it into the log once everything else is undone."""
        error.logged = True
        label = "" if isinstance(error, NotFound) else self.header.label
        error.attempt = replace(self._as_step(error.outcome, []), label=label), self.now

    def _as_step(self, outcome: str, changes: list[dict[str, Any]]) -> Step:
        return Step(
            self.actor.sandbox_id,
            self.header.kind,
            self.header.verb,
            None if self.nobody else self.actor.id,
            None if self.nobody else self.actor.key,
            self.header.record,
            self.header.label,
            self.source.origin,
            outcome,
            self.header.answers,
            changes,
            self.source.request,
            self.source.address,
        )


def require_id(row_id: int) -> None:
    """Raises NotFound for a number that no database takes for an id."""
    if not 0 < row_id < LARGEST_ID:
        raise NotFound(_l("There is no such record, or it is not visible to you."))


def label_of(row: Any) -> str:
    """A word for the row that a reader of the log understands."""
    for name in ("name", "subject", "title", "name_zh", "key"):
        if value := getattr(row, name, None):
            return str(value)
    return f"#{row.serial}"


def clean(answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as the log may keep them: no secrets, no empty ones, long texts cut."""
    kept = {
        name: plain(value)
        for name, value in answers.items()
        if name not in SECRET and value not in (None, "")
    }
    return {name: value[:2000] if isinstance(value, str) else value for name, value in kept.items()}


def not_yours(need: str, record: Record) -> Any:
    """Which standing was missing, in words."""
    if record.kept_by:
        return KEPT_BY[record.kept_by]
    if need == "command":
        return _l("Only the owner, a superior of the owner or an instructor may do this.")
    return _l(
        "The sharing mode lets you read this record. Only its owner, their sharing group and superiors change it."
    )
