"""Rows for reading that belong to no session: a page reads several, and the ORM takes ten times as long for them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy.orm import class_mapper, configure_mappers
from sqlalchemy.orm.attributes import instance_dict, instance_state, manager_of_class

from labapp.db import Model

M = TypeVar("M", bound=Model)


@cache
def columns_of(model: type[Model]) -> tuple[str, ...]:
    """The names of a model's columns, in the order of its table.

    A process whose first page is one of somebody signed in by another has not asked the ORM for anything yet.
    """
    configure_mappers()
    return tuple(column.key for column in model.__table__.columns)


def detached(model: type[M], values: Sequence[Any]) -> M:
    """A row of the model, of the values of all its columns in their order. What is set on it is never saved."""
    row: Any = manager_of_class(model).new_instance()
    held = instance_dict(row)
    held.update(zip(columns_of(model), values, strict=True))
    instance_state(row).key = class_mapper(model).identity_key_from_primary_key((held["id"],))
    made: M = row
    return made
