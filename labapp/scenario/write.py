"""Writing what a sandbox begins with, one set-up step a row, in nobody's name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, update

from labapp.access.actor import Actor, system_actor
from labapp.db import connection, db
from labapp.oplog.append import Step, append_all
from labapp.people.models import ACTIVE, Membership, Position, Sandbox, SharingGroup, new_stamp
from labapp.records.after import unindex_all
from labapp.records.catalog import Catalog, catalog
from labapp.records.codes import Code, Stage
from labapp.records.custom import PREFIX, CustomField
from labapp.records.rows import defaults, give_numbers, insert_rows
from labapp.records.setup import Setup
from labapp.records.snapshot import Serials, fields_by_model, kind_of, snapshot
from labapp.records.values import plain, typed
from labapp.records.work import Source, label_of
from labapp.scenario.codes import CodeValue
from labapp.scenario.deal import Plan, Ref
from labapp.scenario.shape import OwnField, Words
from labapp.scenario.shape import Position as PositionSaid
from labapp.scenario.together import write_together
from labapp.values import dataclass

KEEP_PATH = update(Position).where(Position.id == bindparam("place")).values(path=bindparam("path"))


class Collected(Setup):
    """A set-up step that is put into the log later, together with others of the same transaction."""

    def collect(self, into: list[tuple[Step, datetime]], serials: Serials) -> "Collected":
        """Where to put the step; `serials` are those of the rows made before."""
        self.into = into
        self.serials = serials
        return self

    def gone(self, row: Any) -> None:
        """The step of a record that goes to the bin with others."""
        self.header.record, self.header.label = row.serial, label_of(row)
        self._note("deleted", row, before=snapshot(row, self.serials))
        self._finish()

    def _finish(self) -> None:
        self.into.append((self._as_step("done", self.changes), self.now))


@dataclass
class Writer:
    """Writes into one sandbox, all with one request, inside a running write transaction; then `keep`.

    `made` are the records by what planned them. `owners` are membership ids by member key; the empty key is
    whoever owns what is shared.
    """

    sandbox: Sandbox
    moment: datetime
    request: str
    owners: dict[str, int] = field(default_factory=dict)
    made: dict[Ref, tuple[str, int]] = field(default_factory=dict)
    steps: list[tuple[Step, datetime]] = field(default_factory=list)
    serials: Serials = field(default_factory=Serials)
    house: Actor | None = None

    @cached_property
    def kinds(self) -> Catalog:
        """The record types, asked once for all that is written."""
        return catalog()

    @cached_property
    def source(self) -> Source:
        """How all of it comes."""
        return Source("setup", self.request)

    def step(
        self, what: str, moment: datetime | None = None, into: list[tuple[Step, datetime]] | None = None
    ) -> Collected:
        """A set-up step of nobody; it goes to `into`, by default to what is kept next."""
        work = Collected(self._actor(), what, nobody=True, moment=moment or self.moment, source=self.source)
        return work.collect(self.steps if into is None else into, self.serials)

    def created(self, row: Any, moment: datetime) -> tuple[Step, datetime]:
        """The set-up step of a row that was written with others: what a Work of it alone would say."""
        kind, fields = kind_of(type(row)), snapshot(row, self.serials)
        change = {"what": "created", "kind": kind, "id": row.serial, "before": {}, "after": fields}
        about = {"record": row.serial, "label": label_of(row), "origin": self.source.origin}
        return Step(row.sandbox_id, kind, "create", **about, changes=[change], request=self.request), moment

    def _actor(self) -> Actor:
        """The house as it stands; made anew when a reference row has changed."""
        if self.house is None or self.house.stamp != self.sandbox.stamp:
            self.house = system_actor(self.sandbox)
        return self.house

    def keep(self, restamp: bool = False) -> None:
        """Put the steps into the log: the last act of the transaction. `restamp` after reference rows."""
        if restamp:
            self.sandbox.stamp = new_stamp()
            db.session.flush()
        steps, moments = zip(*self.steps, strict=True)
        append_all(list(steps), list(moments))
        self.steps.clear()

    def positions(self, top: PositionSaid) -> dict[str, int]:
        """The tree, parents first. Returns position ids by the scenario's keys."""
        places = list(top.walk())
        rows = {
            said.key: Position(
                sandbox_id=self.sandbox.id,
                position_kind=said.kind,
                name_en=said.name.en,
                name_zh=said.name.zh,
                profile=said.profile,
                path="",
                sort=0,
            )
            for said in places
        }
        give_numbers(list(rows.values()))
        self._levels([top], rows)
        for row in rows.values():
            self.steps.append(self.created(row, self.moment))
        return {key: row.id for key, row in rows.items()}

    def _levels(self, level: Sequence[PositionSaid], rows: Mapping[str, Position]) -> None:
        """A level of the tree by one statement, then those below it; a path has the ids, so it is written after."""
        insert_rows([rows[said.key] for said in level])
        for said in level:
            self.serials.note(rows[said.key])
        paths = []
        for said in level:
            row = rows[said.key]
            row.path = f"{row.path or '/'}{row.id}/"
            paths.append({"place": row.id, "path": row.path})
            for number, child in enumerate(said.below):
                below = rows[child.key]
                below.parent_id, below.path, below.sort = row.id, row.path, number
        connection().execute(KEEP_PATH, paths)
        if deeper := [child for said in level for child in said.below]:
            self._levels(deeper, rows)

    def codes(self, values: Iterable[CodeValue], places: Mapping[str, int]) -> None:
        """The code tables and the stages, in their order. `places` are position ids by the scenario's keys."""
        rows: list[Any] = []
        for sort, value in enumerate(values):
            common = {
                "sandbox_id": self.sandbox.id,
                "key": value.key,
                **_names("name", value.label),
                "sort": sort,
                "retired": value.retired,
            }
            if value.table == "stage":
                meaning = _names("meaning", value.meaning) if value.meaning else {}
                rows.append(Stage(**common, **meaning, **self._stage(value, places)))
            else:
                rows.append(Code(code_table=value.table, **common))
        self._reference(rows)

    def _reference(self, rows: Sequence[Any]) -> None:
        """Reference rows, those of a kind by one statement; a step each in this order."""
        for model in dict.fromkeys(map(type, rows)):
            alike: list[Any] = [row for row in rows if type(row) is model]
            for row in alike:
                for name, value in defaults(model).items():
                    if getattr(row, name) is None:
                        setattr(row, name, value)
            give_numbers(alike)
            insert_rows(alike)
        for row in rows:
            self.serials.note(row)
            self.steps.append(self.created(row, self.moment))

    def _stage(self, value: CodeValue, places: Mapping[str, int]) -> dict[str, Any]:
        """What only a stage has. Positions are named by their serials."""
        serials = [self.serials.of("position", places[key]) for key in value.notify]
        return {
            "probability": value.probability,
            "outcome": value.outcome,
            "requires": list(value.requires),
            "notify": [f"position:{serial}" for serial in serials],
            "remind_after": value.remind_after,
        }

    def fields(self, fields: Iterable[OwnField]) -> None:
        """The custom fields, in their order."""
        self._reference(
            [
                CustomField(
                    sandbox_id=self.sandbox.id,
                    record_kind=own.kind,
                    key=own.key,
                    **_names("name", own.label),
                    shape=own.shape,
                    choices=[{"key": one.key, "en": one.label.en, "zh": one.label.zh} for one in own.choices],
                    required=own.required,
                    **(_names("help", own.help) if own.help else {}),
                    sort=sort,
                    retired=False,
                )
                for sort, own in enumerate(fields)
            ]
        )

    def member(self, key: str, role: str, **values: Any) -> Membership:
        """A membership with this key, active unless it is said otherwise."""
        return self.members([{"key": key, "role": role, **values}])[0]

    def members(self, people: Sequence[Mapping[str, Any]]) -> list[Membership]:
        """Memberships with the columns given, in this order."""
        common = {"sandbox_id": self.sandbox.id, "course_id": self.sandbox.course_id, "state": ACTIVE}
        rows = [Membership(**{**common, **person}) for person in people]
        self._reference(rows)
        self.owners |= {str(row.key): row.id for row in rows}
        return rows

    def groups(self, groups: Iterable[tuple[str, list[int]]]) -> None:
        """Sharing groups: their names and memberships."""
        self._reference(
            [SharingGroup(sandbox_id=self.sandbox.id, name=name, members=members) for name, members in groups]
        )

    def records(self, plans: Sequence[Plan]) -> None:
        """Planned records, a step each in this order; what they link to is made already or among them."""
        write_together(self, plans)

    def bin(self, rows: Sequence[Any], moment: datetime) -> None:
        """Put records of one kind into the recycle bin, a step each."""
        if not rows:
            return
        model = type(rows[0])
        for row in rows:
            self.step(f"{kind_of(model)}.delete", moment).gone(row)
        table: Any = model.__table__
        gone = update(table).where(table.c.id.in_([row.id for row in rows]))
        connection().execute(gone.values(deleted_at=moment, version=table.c.version + 1))
        unindex_all(rows)

    def values_of(self, plan: Plan) -> dict[str, Any]:
        """The columns of a planned record but its links."""
        fields = fields_by_model(self.kinds[plan.kind].model)
        values, extra = {}, {}
        for name, value in plan.values.items():
            if name in fields:
                values[name] = typed(fields[name].shape, value)
            elif name.startswith(PREFIX):
                extra[name.removeprefix(PREFIX)] = plain(value)
        return values | {"extra": extra} if extra else values

    def links_of(self, plan: Plan) -> dict[str, Any]:
        """The columns that link a planned record to others, which must have been made."""
        values: dict[str, Any] = {}
        for name, target in plan.links.items():
            kind, row_id = self.made[target]
            values[f"{name}_id"] = row_id
            if name == "related":
                values["related_kind"] = kind
        return values


def _names(prefix: str, words: Words) -> Mapping[str, str]:
    return {f"{prefix}_en": words.en, f"{prefix}_zh": words.zh}
