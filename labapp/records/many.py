"""Many records of one kind by one person: a step each, the rules of a Work, rows and steps written together.

with writing(), Many(actor, record_type, source) as many:
    written = many.create([{"name": "Acme"}, …])

What cannot be done to one of them is told in its outcome and logged as refused or invalid; the others are done.
Joins the running write transaction; the steps go into the log when it is left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from types import TracebackType
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from labapp.access.actor import Actor
from labapp.access.errors import NotDone, NotFound, Refused
from labapp.access.rules import READ, need_of, reachable, require_granted
from labapp.db import db
from labapp.oplog.append import Step, append_all
from labapp.people.models import Sandbox, new_stamp
from labapp.records import after
from labapp.records.custom import folded
from labapp.records.describe import RecordType, Rules
from labapp.records.rows import defaults, give_numbers, insert_rows, new_row
from labapp.records.snapshot import Serials, snapshot
from labapp.records.standard import edit
from labapp.records.values import plain
from labapp.records.work import Source, Work, label_of, not_yours
from labapp.values import dataclass

Values = Mapping[str, Any]
NO_RULES = Rules()


@dataclass
class Written:
    """What became of one: `error` says why nothing did. `step` is known once the `Many` is left, None for no change.

    `before` are the columns that moved, as they were, in plain JSON.
    """

    record_id: int = 0
    serial: int = 0
    step: int | None = None
    error: NotDone | None = None
    before: dict[str, Any] = field(default_factory=dict)


class Part(Work):
    """The step of one record among many. It lives inside a `Many` and has no transaction of its own."""

    def __init__(self, many: "Many", verb: str, answers: dict[str, Any]) -> None:
        super().__init__(many.actor, f"{many.type.name}.{verb}", answers=answers, source=many.source)
        self.many = many
        self.serials = many.serials
        self.linked = many.known_links  # many rows point at the same few records: each is looked up once

    def get(self, model: Any, row_id: int) -> Any:
        self.many.flush()
        return super().get(model, row_id)

    def rows(self, model: Any, *where: Any) -> Any:
        self.many.flush()
        return super().rows(model, *where)


class Many:
    """The open steps of many records; see the module."""

    def __init__(self, actor: Actor, record_type: RecordType, source: Source) -> None:
        self.actor, self.type, self.source = actor, record_type, source
        self.serials = Serials(actor.directory.members)
        self.known_links: set[tuple[str | None, Any]] = set()
        self.steps: list[tuple[Step, Written | None]] = []
        self.restamp = False
        self._waiting: list[tuple[Part, Any, Written]] = []

    # -- what can be done ---------------------------------------------------------------------------------------

    def create(self, wanted: Sequence[Values], answers: Sequence[dict[str, Any]] = ()) -> list[Written]:
        """New records, owned by the actor unless `owner_id` says otherwise. Outcomes in the same order."""
        one = self._create_by_rules if self._has_hook("created") else self._create
        return self._each("create", list(wanted), answers, one)

    def update(
        self, wanted: Sequence[tuple[int, Values]], answers: Sequence[dict[str, Any]] = ()
    ) -> list[Written]:
        """Changed columns by record id. What changes nothing has no step."""
        rows = self._standing("edit", [row_id for row_id, _values in wanted])

        def one(part: Part, found: tuple[int, Values], written: Written) -> None:
            row = self._row(part, rows, found[0], written)
            values = dict(found[1])
            before = {name: plain(getattr(row, name)) for name in folded(self.actor, self.type, row, values)}
            edit(part, self.type, row, values)
            written.before = {n: v for n, v in before.items() if plain(getattr(row, n)) != v}

        return self._each("edit", list(wanted), answers, one)

    def delete(self, ids: Sequence[int], answers: Sequence[dict[str, Any]] = ()) -> list[Written]:
        """To the recycle bin. Only for records to which nothing links and on which nothing hangs: none goes along."""
        rows = self._standing("delete", list(ids))
        gone: list[Any] = []

        def one(part: Part, row_id: int, written: Written) -> None:
            row = self._row(part, rows, row_id, written)
            part._note("deleted", row, before=snapshot(row, self.serials))
            row.deleted_at, row.version = self.actor.lab_now, row.version + 1
            gone.append(row)

        outcomes = self._each("delete", list(ids), answers, one)
        db.session.flush()
        after.unindex_all(gone)
        return outcomes

    def flush(self) -> None:
        """Write the rows that wait, so that a question asked of the database sees them."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            rows = [row for _part, row, _written in waiting]
            give_numbers(rows)
            insert_rows(rows)
        for part, row, written in waiting:
            self.serials.note(row)
            part._note("created", row, after=snapshot(row, self.serials))
            written.record_id, written.serial = row.id, row.serial
            part.header.record, part.header.label = row.serial, label_of(row)
            self._close(part, written)

    # -- one of them --------------------------------------------------------------------------------------------

    def _each(
        self, verb: str, wanted: list[Any], answers: Sequence[dict[str, Any]], one: Callable[..., None]
    ) -> list[Written]:
        require_granted(self.actor, self.type.name, verb)
        outcomes = []
        guarded = verb == "edit" and self._has_hook("changed")
        for number, what in enumerate(wanted):
            part = Part(self, verb, answers[number] if answers else {})
            written = Written()
            try:
                if guarded:
                    with db.session.begin_nested():
                        one(part, what, written)
                else:
                    one(part, what, written)
            except NotDone as error:
                error.logged = True
                written.error = error
                self.steps.append((part._as_step(error.outcome, []), None))
            else:
                self._close(part, written) if part.changes else None
            outcomes.append(written)
        self.flush()
        return outcomes

    def _close(self, part: Part, written: Written) -> None:
        """The step of a part that is done."""
        self.restamp = self.restamp or part.restamp
        self.steps.append((part._as_step("done", part.changes), written))

    def _create(self, part: Part, values: Values, written: Written) -> None:
        """A row that waits to be written with the others."""
        answers = folded(self.actor, self.type, None, dict(values))
        self.type.rules.check(part, None, answers)
        moment = self.actor.lab_now
        columns = {"owner_id": self.actor.id, "extra": {}, **defaults(self.type.model), **answers}
        stamps = {"created_at": moment, "updated_at": moment, "version": 1}
        row = new_row(self.type.model, {**columns, **stamps, "sandbox_id": self.actor.sandbox_id})
        part.check_links(type(row), answers)
        self._waiting.append((part, row, written))

    def _create_by_rules(self, part: Part, values: Values, written: Written) -> None:
        """Where the module adds something to a new record: by the ordinary way, undone alone if it is refused."""
        with db.session.begin_nested():
            answers = folded(self.actor, self.type, None, dict(values))
            self.type.rules.check(part, None, answers)
            row = part.create(self.type.model, **answers)
            self.type.rules.created(part, row)
        written.record_id, written.serial = row.id, row.serial

    def _has_hook(self, *names: str) -> bool:
        return any(getattr(self.type.rules, name) is not getattr(NO_RULES, name) for name in names)

    def _standing(self, verb: str, ids: list[int]) -> dict[int, Any]:
        """The rows the actor may do this to, by id."""
        if not ids:
            return {}
        model = self.type.model
        allowed = reachable(self.actor, model, need_of(verb))
        query = select(model).where(model.id.in_(ids), allowed)
        query = query.execution_options(populate_existing=True, seen_by=self.actor)
        return {row.id: row for row in db.session.scalars(query)}

    def _row(self, part: Part, rows: Mapping[int, Any], row_id: int, written: Written) -> Any:
        """The row, or why it is out of reach: raises NotFound, Refused."""
        row = rows.get(row_id)
        if row is None:
            raise self._why_not(part, row_id)
        part.header.record, part.header.label = row.serial, label_of(row)
        written.record_id, written.serial = row.id, row.serial
        return row

    def _why_not(self, part: Part, row_id: int) -> NotDone:
        model = self.type.model
        query = select(model).where(model.id == row_id, reachable(self.actor, model, READ))
        row = db.session.scalars(query, execution_options={"seen_by": self.actor}).one_or_none()
        if row is None:
            return NotFound(_l("There is no such record, or it is not visible to you."))
        part.header.record, part.header.label = row.serial, label_of(row)
        return Refused(not_yours(need_of(part.header.verb), row))

    # -- the database -------------------------------------------------------------------------------------------

    def __enter__(self) -> "Many":
        if "work" in db.session.info:
            raise RuntimeError("a Many inside a Work: use the one you were given")
        if "writing" not in db.session.info:
            raise RuntimeError("a Many joins a write transaction: open one with writing()")
        db.session.info["work"] = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.flush()
                db.session.flush()
                self._keep()
        finally:
            db.session.info.pop("work", None)

    def _keep(self) -> None:
        if self.restamp:
            statement = update(Sandbox).where(Sandbox.id == self.actor.sandbox_id).values(stamp=new_stamp())
            db.session.execute(statement.execution_options(synchronize_session=False))
        if not self.steps:
            return
        moments: Iterable[datetime] = [self.actor.lab_now] * len(self.steps)
        numbers = append_all([step for step, _written in self.steps], list(moments))
        for number, (_step, written) in zip(numbers, self.steps, strict=True):
            if written is not None:
                written.step = number
