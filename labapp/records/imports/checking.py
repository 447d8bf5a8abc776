"""What becomes of each row: its values by the data standard, what is wrong with it, and whom it meets."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.rules import EDIT, reachable
from labapp.db.fields import Field
from labapp.formulas import unprotected
from labapp.records import query, standards
from labapp.records.describe import RecordType
from labapp.records.imports.lookups import Lookups, twins
from labapp.records.imports.models import CREATE, ERROR, SKIP, UPDATE
from labapp.records.imports.notation import value_of
from labapp.records.imports.targets import fields_for
from labapp.records.values import plain
from labapp.values import dataclass

Remark = tuple[int | None, str]


@dataclass
class Checked:
    """A row after the check. `values` are plain JSON by column; `remarks` are (column of the file, sentence)."""

    number: int
    fate: str = CREATE
    values: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    key: str | None = None
    record_id: int | None = None

    def wrong(self, place: int | None, sentence: Any) -> None:
        """This row cannot be taken, and why."""
        self.fate = ERROR
        self.remarks.append((place, str(sentence)))


@dataclass
class Check:
    """How the rows of one file are checked, in their order; remembers which key stood in which row.

    `mapping`: column of the file → column of the record. `by`: the column that tells two apart ('' none), `on_twin`
    what to do then, `dates` what 9/7/2026 means.
    """

    actor: Actor
    type: RecordType
    mapping: Mapping[int, str]
    by: str = ""
    on_twin: str = SKIP
    dates: str = ""
    seen: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shapes = fields_for(self.type, self.actor)
        self.lookups = Lookups(self.actor)

    def rows(self, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Checked]:
        """(number, cells) of some rows, checked together."""
        self._look_up(rows)
        found = [self._row(number, cells) for number, cells in rows]
        self._meet(found)
        for row in found:
            if row.fate == CREATE or (row.fate == ERROR and row.record_id is None):
                self._complete(row)
        return found

    # -- values -------------------------------------------------------------------------------------------------

    def _look_up(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        for place, name in self.mapping.items():
            shape = self.shapes[name]
            if shape.shape == "link":
                texts = (unprotected(_at(cells, place)) for _number, cells in rows)
                self.lookups.want(shape.target or "", texts)

    def _row(self, number: int, cells: Sequence[str]) -> Checked:
        row = Checked(number)
        for place, name in self.mapping.items():
            text = unprotected(_at(cells, place))
            if not text:
                continue
            try:
                value = plain(self._value(self.shapes[name], text, row, place))
            except ValueError as error:
                row.wrong(place, error)
            else:
                if value not in (None, "", []):
                    row.values[name] = value
        row.key = str(row.values[self.by])[:255] if row.values.get(self.by) else None
        places = {name: place for place, name in self.mapping.items()}
        row.remarks += [(places[n], said) for n, said in standards.remarks(self.type.name, row.values)]
        return row

    def _value(self, shape: Field, text: str, row: Checked, place: int) -> Any:
        if shape.shape == "choice":
            key, remark = self.lookups.code(shape, text)
            row.remarks += [(place, remark)] if remark else []
            return key
        if shape.shape == "link":
            return self.lookups.record(shape, text)
        if shape.shape == "member":
            return self._member(shape, text, row, place)
        return value_of(shape.shape, text, self.dates)

    def _member(self, shape: Field, text: str, row: Checked, place: int) -> int:
        found = self.lookups.member(text)
        if shape.name == "owner_id" and not self.lookups.may_give_to(found):
            row.remarks.append((place, _("You may not give records to this person: it will be yours.")))
            return self.actor.id
        return found

    def _complete(self, row: Checked) -> None:
        """A new record needs what is required, and has no running number of its own."""
        row.values.pop("number", None) if self._is_auto("number") else None
        told = {self.mapping[place] for place, _sentence in row.remarks if place is not None}
        for name, shape in self.shapes.items():
            if shape.required and shape.default is None and name not in row.values and name not in told:
                places = [place for place, mapped in self.mapping.items() if mapped == name]
                row.wrong(places[0] if places else None, _("“%(field)s” is needed.", field=shape.label))

    def _is_auto(self, name: str) -> bool:
        return name in self.shapes and self.shapes[name].shape == "auto"

    # -- whom it meets ------------------------------------------------------------------------------------------

    def _meet(self, rows: Sequence[Checked]) -> None:
        """Rows that are in the file already, and records that are there already."""
        if not self.by:
            return
        keyed = [row for row in rows if row.key is not None and row.fate != ERROR]
        known = twins(self.actor, self.type.name, self.by, [row.key for row in keyed])
        changeable = self._changeable([ids[0] for ids in known.values()]) if self.on_twin == UPDATE else set()
        for row in keyed:
            first = self.seen.setdefault(row.key or "", row.number)
            found = known.get(row.key or "", [])
            if self.on_twin == CREATE and not self._is_auto(self.by):
                self._told_apart(row, first, found)
            elif first != row.number:
                row.fate = SKIP
                row.remarks.append((self._place, _("The same stands in row %(row)s.", row=first)))
            elif found:
                self._met(row, found, changeable)

    @property
    def _place(self) -> int | None:
        return next((place for place, name in self.mapping.items() if name == self.by), None)

    def _told_apart(self, row: Checked, first: int, found: Sequence[int]) -> None:
        """It is made all the same, and that is said."""
        if first != row.number:
            row.remarks.append((self._place, _("The same stands in row %(row)s.", row=first)))
        elif found:
            row.remarks.append((self._place, _("Such a record is there already.")))

    def _met(self, row: Checked, found: Sequence[int], changeable: set[int]) -> None:
        if self.on_twin != UPDATE:
            row.fate, row.record_id = SKIP, found[0]
            row.remarks.append((self._place, _("Such a record is there already.")))
        elif len(found) > 1:
            row.wrong(self._place, _("%(count)s records have this value: which is meant?", count=len(found)))
        elif found[0] not in changeable:
            row.wrong(self._place, _("There is such a record, and you may read it but not change it."))
        else:
            row.fate, row.record_id = UPDATE, found[0]
            self._keep_changeable(row)

    def _keep_changeable(self, row: Checked) -> None:
        """What an import changes of a record that is there: neither status nor number, owner or key."""
        fixed = {name for name, shape in self.shapes.items() if not shape.on_edit} | {"owner_id", self.by}
        row.values = {name: value for name, value in row.values.items() if name not in fixed}

    def _changeable(self, ids: Sequence[int]) -> set[int]:
        model: Any = self.type.model
        rows = query.rows(model, self.actor, model.id.in_(ids), reachable(self.actor, model, EDIT))
        return {row.id for row in rows}


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def counted(rows: Sequence[Checked], counts: dict[str, int]) -> dict[str, int]:
    """The counts with these rows added, by fate; `remarks`: taken, with something to look at."""
    for row in rows:
        counts[row.fate] = counts.get(row.fate, 0) + 1
        if row.remarks and row.fate in {CREATE, UPDATE}:
            counts["remarks"] = counts.get("remarks", 0) + 1
    return counts
