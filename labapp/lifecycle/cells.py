"""Values as an archive's CSV files carry them.

Nothing is an empty cell. A text that is empty, or begins with a backslash, has one before it where nothing is possible.
A text that a spreadsheet would run has an apostrophe before it, as in every file for people (labapp.formulas).
"""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Integer, Numeric

from labapp.formulas import safe, unprotected

LARGEST = 2**63 - 1
ESCAPE = "\\"
WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
TRUE, FALSE = "true", "false"
Way = Callable[[Any], Any]


def out_of(column: Column[Any]) -> Way:
    """The function that turns this column's values into cells."""
    if isinstance(column.type, JSON):
        return _json_out
    if isinstance(column.type, Boolean):
        return lambda value: "" if value is None else TRUE if value else FALSE
    if isinstance(column.type, DateTime | Date):
        return lambda value: "" if value is None else value.isoformat()
    if isinstance(column.type, Integer | Numeric):
        return lambda value: "" if value is None else str(value)
    return _text_out if column.nullable else _guarded


def into(column: Column[Any]) -> Way:
    """The function that turns cells back into this column's values. It raises ValueError for what was none."""
    if isinstance(column.type, JSON):
        return _json_in()
    if isinstance(column.type, Boolean):
        return _flag_in
    if isinstance(column.type, DateTime):
        return lambda cell: datetime.fromisoformat(cell) if cell else None
    if isinstance(column.type, Date):
        return lambda cell: date.fromisoformat(cell) if cell else None
    if isinstance(column.type, Integer):
        return _number_in
    if isinstance(column.type, Numeric):
        return _amount_in
    return _text_in if column.nullable else unprotected


def _json_out(value: Any) -> str:
    return "" if value is None else WRITTEN(value)


def _json_in() -> Way:
    from labapp.oplog.swift import loads

    return lambda cell: loads(cell) if cell else None


def _text_out(value: Any) -> str:
    if value is None:
        return ""
    return f"{ESCAPE}{value}" if not value or value.startswith(ESCAPE) else _guarded(value)


def _guarded(value: Any) -> str:
    return str(safe(str(value)))


def _text_in(cell: str) -> str | None:
    return unprotected(cell).removeprefix(ESCAPE) if cell else None


def _flag_in(cell: str) -> bool | None:
    if cell not in {"", TRUE, FALSE}:
        raise ValueError(cell)
    return cell == TRUE if cell else None


def _number_in(cell: str) -> int | None:
    value = int(cell) if cell else None
    if value is not None and abs(value) > LARGEST:
        raise ValueError(cell)
    return value


def _amount_in(cell: str) -> Decimal | None:
    try:
        value = Decimal(cell) if cell else None
    except InvalidOperation as error:
        raise ValueError(cell) from error
    if value is not None and not value.is_finite():
        raise ValueError(cell)
    return value
