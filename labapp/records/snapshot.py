"""A row as the log carries it: field names and serials instead of columns and ids."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import instance_dict

from labapp.access.everyone import EVERYONE
from labapp.db import Model, Record, db
from labapp.db.fields import LINKS, Field, fields_of
from labapp.people.directory import Member
from labapp.people.models import Membership
from labapp.records.values import plain

MEMBER_LISTS = {("sharing_group", "members")}
PLACE_LISTS = {("membership", "positions")}
AS_THEY_ARE = frozenset({str, int, bool, type(None)})
LOG_KINDS = {"sharing_group": "group", "custom_field": "field"}


def kind_of(model: Any) -> str:
    """The word of the log for a model (`group` for the table sharing_group)."""
    return LOG_KINDS.get(model.__tablename__, model.__tablename__)


def fields_by_model(model: Any) -> dict[str, Field]:
    """The fields of a model, read once."""
    return _fields_by_model(model)


@cache
def _fields_by_model(model: Any) -> dict[str, Field]:
    return fields_of(model)


def log_names(model: Any) -> list[str]:
    """The names under which the log knows the fields of a model."""
    names = [field.log for field in fields_by_model(model).values()]
    return [*names, "owner", "created_at"] if issubclass(model, Record) else names


class Serials:
    """Serials of rows by id, looked up once per Work. `people` are the members that need no looking up."""

    def __init__(self, people: Mapping[int, Member] | None = None) -> None:
        self.people = people or {}
        self.known: dict[tuple[str, int], Any] = {}

    def of(self, target: str, row_id: int | None) -> Any:
        """The serial of a row; a member's key."""
        if row_id is None:
            return None
        found = self.known.get((target, row_id))
        if found is None:
            found = self.known[target, row_id] = self._read(target, row_id)
        return found

    def note(self, row: Any) -> None:
        """Remember a row just made, so that nothing has to be read."""
        value = row.key if isinstance(row, Membership) else row.serial
        self.known[row.__tablename__, row.id] = value

    def _read(self, target: str, row_id: int) -> Any:
        if target == "membership" and row_id in self.people:
            return self.people[row_id].key
        model = table_models()[target]
        column = Membership.key if model is Membership else model.serial
        query = select(column).where(model.id == row_id)
        return db.session.execute(query, execution_options={"seen_by": EVERYONE}).scalar_one_or_none()


@cache
def table_models() -> dict[str, Any]:
    return {mapper.class_.__tablename__: mapper.class_ for mapper in Model.registry.mappers}


def snapshot(row: Any, serials: Serials) -> dict[str, Any]:
    """Every field of a row, custom ones as `extra.KEY`, owner and creation as the log says them."""
    model: Any = type(row)
    held, values = instance_dict(row), {}
    for log, name, field in _readings(model):
        if field is not None:
            values[log] = field_value(row, field, serials)
            continue
        value = held[name] if name in held else getattr(row, name)
        values[log] = value if type(value) in AS_THEY_ARE else plain(value)
    if isinstance(row, Record):
        if row.extra:
            values |= {f"extra.{key}": plain(value) for key, value in sorted(row.extra.items())}
        values["owner"] = serials.of("membership", row.owner_id)
        values["created_at"] = plain(row.created_at)
    return values


@cache
def _readings(model: Any) -> tuple[tuple[str, str, Field | None], ...]:
    """(name in the log, column, the field where its value takes more than reading the column)."""
    return tuple(
        (f.log, f.name, f if _names_rows(model, f) else None) for f in fields_by_model(model).values()
    )


def _names_rows(model: Any, field: Field) -> bool:
    place = (model.__tablename__, field.name)
    return field.shape in LINKS or field.shape == "related" or place in MEMBER_LISTS | PLACE_LISTS


def field_value(row: Any, field: Field, serials: Serials) -> Any:
    """One field of a row as the log carries it."""
    value = getattr(row, field.name)
    if field.shape in LINKS:
        return serials.of(field.target or "", value)
    if field.shape == "related":
        return serials.of(row.related_kind, value) if row.related_kind else None
    table = row.__tablename__
    if (table, field.name) in MEMBER_LISTS:
        return sorted(serials.of("membership", i) for i in value or [])
    if (table, field.name) in PLACE_LISTS:
        return sorted(serials.of("position", i) for i in value or [])
    return plain(value)
