"""Kept answers of reports as text: a line of text for each part, so that the others need not be read for one."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

Numbers = list[Any]
Line = tuple[Any, Numbers]


def bound(size: int, parts: Mapping[int, str]) -> str:
    """Parts as one text, with how many ids each spans."""
    return "\n".join([str(size), *(f"{place}\t{part}" for place, part in parts.items())])


def unbound(body: str) -> tuple[int, dict[int, str]]:
    """The opposite of `bound`."""
    size, *lines = body.split("\n")
    cut = (line.partition("\t") for line in lines)
    return int(size), {int(place): part for place, _tab, part in cut}


def write(lines: Iterable[Line]) -> str:
    """Lines as text: JSON, which has neither tabs nor new lines."""
    said = [[key, list(map(told, numbers))] for key, numbers in lines]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read(body: str) -> list[Line]:
    """The opposite of `write`."""
    return [(key, list(map(meant, numbers))) for key, numbers in json.loads(body)]


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
