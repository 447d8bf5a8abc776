"""Writing what a sandbox begins with, one set-up step a row, in nobody's name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from labapp.access.actor import Actor, system_actor
from labapp.db import db
from labapp.modules.opportunities.rules import starting_values
from labapp.oplog.append import Step, append_all
from labapp.people.models import Membership, Position, Sandbox, SharingGroup, new_stamp
from labapp.records.catalog import catalog
from labapp.records.codes import Code, Stage
from labapp.records.custom import PREFIX, CustomField
from labapp.records.setup import Setup
from labapp.records.snapshot import Serials, fields_by_model, snapshot
from labapp.records.values import plain, typed
from labapp.records.work import Source, label_of
from labapp.scenario.codes import CodeValue
from labapp.scenario.deal import Plan, Ref
from labapp.scenario.shape import OwnField, Words
from labapp.scenario.shape import Position as PositionSaid
from labapp.scenario.together import write_together


class Collected(Setup):
    """A set-up step that is put into the log later, together with others of the same transaction."""

    def collect(self, into: list[tuple[Step, datetime]], serials: Serials) -> "Collected":
        """Where to put the step; `serials` are those of the rows made before."""
        self.into = into
        self.serials = serials
        return self

    def done(self, row: Any) -> None:
        """The step of a row that was written with others."""
        self.header.record, self.header.label = row.serial, label_of(row)
        self._note("created", row, after=snapshot(row, self.serials))
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

    def step(
        self, what: str, moment: datetime | None = None, into: list[tuple[Step, datetime]] | None = None
    ) -> Collected:
        """A set-up step of nobody; it goes to `into`, by default to what is kept next."""
        source = Source("setup", self.request)
        work = Collected(self._actor(), what, nobody=True, moment=moment or self.moment, source=source)
        return work.collect(self.steps if into is None else into, self.serials)

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
        ids: dict[str, int] = {}
        self._position(top, None, 0, ids)
        return ids

    def _position(self, said: PositionSaid, above: Position | None, sort: int, ids: dict[str, int]) -> None:
        with self.step("position.create") as work:
            row = work.create(
                Position,
                parent_id=above.id if above else None,
                position_kind=said.kind,
                name_en=said.name.en,
                name_zh=said.name.zh,
                profile=said.profile,
                sort=sort,
            )
            row.path = f"{above.path if above else '/'}{row.id}/"
            db.session.flush()
        ids[said.key] = row.id
        for number, child in enumerate(said.below):
            self._position(child, row, number, ids)

    def codes(self, values: Iterable[CodeValue], places: Mapping[str, int]) -> None:
        """The code tables and the stages, in their order. `places` are position ids by the scenario's keys."""
        for sort, value in enumerate(values):
            stage = value.table == "stage"
            with self.step("stage.create" if stage else "code.create") as work:
                common = {
                    "key": value.key,
                    **_names("name", value.label),
                    "sort": sort,
                    "retired": value.retired,
                }
                if stage:
                    meaning = _names("meaning", value.meaning) if value.meaning else {}
                    work.create(Stage, **common, **meaning, **self._stage(value, places))
                else:
                    work.create(Code, code_table=value.table, **common)

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
        for sort, own in enumerate(fields):
            with self.step("field.create") as work:
                work.create(
                    CustomField,
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

    def member(self, key: str, role: str, **values: Any) -> Membership:
        """An active membership with this key."""
        with self.step("membership.create") as work:
            row = work.create(
                Membership,
                course_id=self.sandbox.course_id,
                key=key,
                role=role,
                state="active",
                **values,
            )
        self.owners[key] = row.id
        return row

    def group(self, name: str, members: list[int]) -> None:
        """A sharing group of these memberships."""
        with self.step("group.create") as work:
            work.create(SharingGroup, name=name, members=members)

    def records(self, plans: Sequence[Plan]) -> None:
        """Planned records, a step each in this order; what they link to is made already or among them."""
        write_together(self, plans)

    def values_of(self, work: Collected, plan: Plan) -> dict[str, Any]:
        """The columns of a planned record but its links."""
        fields = fields_by_model(catalog()[plan.kind].model)
        values = {
            name: typed(fields[name].shape, value) for name, value in plan.values.items() if name in fields
        }
        extra = {n.removeprefix(PREFIX): plain(v) for n, v in plan.values.items() if n.startswith(PREFIX)}
        values |= {"extra": extra} if extra else {}
        return values | starting_values(work, values) if plan.kind == "opportunity" else values

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
