"""The fields of a record as it was, in words, beside what they are now."""

from collections.abc import Iterable
from dataclasses import field
from typing import Any

from flask import g

from labapp.access.actor import Actor
from labapp.db.fields import Field
from labapp.oplog import was
from labapp.oplog.life import Thing, Version
from labapp.oplog.replay import Fields
from labapp.records.catalog import catalog
from labapp.records.describe import RecordType
from labapp.records.history import field_of, label_of, words
from labapp.values import dataclass

LONG = 600  # characters of a value that are shown in a list


@dataclass(frozen=True)
class Shown:
    """A value in words; `url` leads to the other record as it was at the same moment."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Line:
    """A field: what it was, what it is now, whether the two differ, whether the shown step moved it."""

    label: Any
    then: Shown
    now: Shown
    differs: bool
    moved: bool


@dataclass
class Teller:
    """Puts values of the log into words, with the titles that linked records had after a step."""

    actor: Actor
    step: int
    titles: dict[Thing, str] = field(default_factory=dict)

    def read(self, kind: str, states: Iterable[Fields]) -> None:
        """Look up the records that these point at, in one statement."""
        things = {thing for fields in states for thing in self._links(kind, fields).values()}
        found = was.states(self.actor.sandbox_id, things, self.step)
        self.titles |= {thing: title_of(thing[0], fields, thing[1]) for thing, fields in found.items()}

    def say(self, kind: str, name: str, fields: Fields) -> Shown:
        """One field of a record."""
        thing = self._links(kind, {**fields}).get(name)
        if thing is not None:
            url = f"/instructor/log/was/{thing[0]}/{thing[1]}?step={self.step}"
            return Shown(self.titles.get(thing) or f"#{thing[1]}", url)
        record_type = catalog().get(kind)
        found = field_of(record_type, name, self.actor)
        return Shown(
            member_words(found, fields.get(name), self.actor) or self._words(record_type, name, fields)
        )

    def _words(self, record_type: RecordType | None, name: str, fields: Fields) -> str:
        return words(record_type, name, fields.get(name), self.actor)

    def _links(self, kind: str, fields: Fields) -> dict[str, Thing]:
        """The records that a record points at, by field."""
        record_type = catalog().get(kind)
        if record_type is None:
            return {}
        found: dict[str, Thing] = {}
        for shape in record_type.fields.values():
            value = fields.get(shape.log)
            target = fields.get("related_kind") if shape.shape == "related" else shape.target
            if isinstance(value, int) and shape.shape in {"link", "related"} and target in catalog():
                found[shape.log] = (str(target), value)
        return found


def member_words(shape: Field | None, value: Any, actor: Actor) -> str:
    """The name of a member whom a field names by key."""
    if shape is None or shape.target != "membership" or not isinstance(value, str):
        return ""
    member = actor.directory.by_key.get(value)
    return member.name if member else value


def title_of(kind: str, fields: Fields, serial: int) -> str:
    """What a record was called."""
    record_type = catalog().get(kind)
    titled = record_type.fields.get(record_type.title) if record_type else None
    names = [titled.log] if titled is not None else []
    for name in (*names, "name", "subject", "title", "name_zh", "key"):
        if fields.get(name):
            return str(fields[name])
    return f"#{serial}"


def lines(kind: str, version: Version, then: Fields, now: Fields | None, actor: Actor) -> list[Line]:
    """Every field that has or had a value, in the order of the record's page, after a step and now."""
    present, last = now or {}, g.sandbox.last_step
    before, after = Teller(actor, version.step), Teller(actor, last)
    before.read(kind, [then])
    after.read(kind, [present])
    return [
        Line(
            label_of(catalog().get(kind), name, actor),
            before.say(kind, name, then),
            after.say(kind, name, present),
            then.get(name) != present.get(name),
            name in version.moved,
        )
        for name in in_order(kind, then.keys() | present.keys())
        if name != "related_kind" and (is_filled(then.get(name)) or is_filled(present.get(name)))
    ]


def is_filled(value: Any) -> bool:
    return value not in (None, "", [], {})


def in_order(kind: str, names: Iterable[str]) -> list[str]:
    """Field names in the order of the record's own page, unknown ones behind by alphabet."""
    record_type = catalog().get(kind)
    known = [shape.log for shape in record_type.fields.values()] if record_type else []
    place = {name: number for number, name in enumerate(known)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def list_columns(kind: str, rows: Iterable[was.Stood]) -> list[str]:
    """The columns of a list as it was: those of the kind's own list; else what most records of the page fill."""
    record_type = catalog().get(kind)
    if record_type is None:
        return sorted({name for row in rows for name in row.fields if name not in {"sort"}})[:6]
    named = [record_type.fields[name].log for name in record_type.columns if name in record_type.fields]
    title = record_type.fields.get(record_type.title)  # a forecast is called by its number, which is no field
    return [name for name in named if title is None or name != title.log][:6]
