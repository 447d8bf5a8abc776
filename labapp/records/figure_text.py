"""Kept answers of reports as text: parts of lines of a key and its numbers."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

Numbers = list[Any]
Parts = dict[int, list[tuple[Any, Numbers]]]


def write(size: int, parts: Parts) -> str:
    """Parts as text."""
    lines = {
        place: [[key, list(map(told, numbers))] for key, numbers in part] for place, part in parts.items()
    }
    return json.dumps([size, lines], ensure_ascii=False, separators=(",", ":"))


def read(body: str) -> tuple[int, Parts]:
    """The opposite of `write`."""
    size, parts = json.loads(body)
    return size, {
        int(place): [(key, list(map(meant, numbers))) for key, numbers in part]
        for place, part in parts.items()
    }


def told(number: Any) -> Any:
    """A number as JSON has it: decimals as text, moments as text behind a sign."""
    if isinstance(number, Decimal):
        return str(number)
    return f"@{number.isoformat()}" if isinstance(number, datetime) else number


def meant(number: Any) -> Any:
    """The opposite of `told`."""
    if not isinstance(number, str):
        return number
    return datetime.fromisoformat(number[1:]) if number.startswith("@") else Decimal(number)
