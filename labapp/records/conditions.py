"""The conditions of a list as a form and its values: a list with the same filters is built once for all who ask it."""

from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, bindparam
from sqlalchemy.sql.visitors import iterate, replacement_traverse

from labapp.access.rules import record_models
from labapp.values import dataclass

LONGEST = 20  # values of one condition: a statement is kept for every length of its lists
KEPT = 2_000
_alone: dict[Hashable, bool] = {}


@dataclass(frozen=True)
class Conditions:
    """Conditions whose values have the names `given_0`, `given_1`, …; `key` says their form."""

    key: Hashable
    values: dict[str, Any]
    where: Sequence[ColumnElement[bool]]
    binds: Sequence[BindParameter[Any]]

    def named(self) -> list[ColumnElement[bool]]:
        """The conditions with names in place of values."""
        names = {id(bind): _name(place) for place, bind in enumerate(self.binds)}

        def name_of(element: Any, **_: Any) -> Any:
            name = names.get(id(element))
            return None if name is None else bindparam(name, type_=element.type, expanding=element.expanding)

        return [replacement_traverse(clause, {}, name_of) for clause in self.where]


def conditions_of(where: Sequence[ColumnElement[bool]]) -> Conditions | None:
    """These conditions by form and values.

    None where they read other records: each kind needs its rule of what is visible, which the session adds.
    """
    keys: list[Hashable] = []
    binds: list[BindParameter[Any]] = []
    for clause in where:
        found = clause._generate_cache_key()  # as SQLAlchemy tells by itself which statements have one text
        if found is None:
            return None
        keys.append(found.key)
        binds += found.bindparams
    values = {_name(place): bind.effective_value for place, bind in enumerate(binds)}
    if any(bind.expanding and len(bind.effective_value or ()) > LONGEST for bind in binds):
        return None
    key = tuple(keys)
    return Conditions(key, values, where, binds) if _is_alone(key, where) else None


def _is_alone(key: Hashable, where: Sequence[ColumnElement[bool]]) -> bool:
    """Whether no table of records is read but the list's own, row by row."""
    if key not in _alone:
        if len(_alone) >= KEPT:
            _alone.clear()
        known = record_models()
        read = (element for clause in where for element in iterate(clause) if isinstance(element, Table))
        _alone[key] = all(table.name not in known for table in read)
    return _alone[key]


def _name(place: int) -> str:
    return f"given_{place}"
