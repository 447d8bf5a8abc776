"""Values as the log and JSON carry them (grading.md §1): money is text, dates are ISO 8601, no floats."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
TYPED: dict[str, tuple[type, Callable[[str], Any]]] = {
    "money": (Decimal, Decimal),
    "day": (date, date.fromisoformat),
    "moment": (datetime, datetime.fromisoformat),
}


def plain(value: Any) -> Any:
    """A column's value as JSON can carry it."""
    if isinstance(value, Decimal):
        return money_text(value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def money_text(value: Decimal) -> str:
    """Two decimals, rounded half up; minus zero is zero."""
    rounded = value.quantize(CENT, ROUND_HALF_UP)
    return str(rounded if rounded else Decimal("0.00"))


def typed(shape: str, value: Any) -> Any:
    """The opposite of `plain`: a value of the log as the column takes it."""
    if value is None or value == "":
        return None if shape not in {"tags", "data"} else []
    made = TYPED.get(shape)
    return value if made is None or type(value) is made[0] else made[1](str(value))
