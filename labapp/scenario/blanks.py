"""The blanks in the texts of a scenario: what a seat's own values stand in for (product.md L1)."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from labapp.scenario.generators import Inventor, Values
from labapp.scenario.shape_records import TRUTH

BLANK = re.compile(r"{(\w+)}")
RIGHT = "{right."
BLANKS: dict[str, Callable[[Inventor, str, str], Any]] = {
    "mobile": lambda inventor, *key: inventor.mobile(*key),
    "person": lambda inventor, *key: inventor.person(*key)["name"],
    "company": lambda inventor, *key: inventor.company(*key)["name"],
    "phone": lambda inventor, *key: inventor.company(*key)["phone"],
    "product": lambda inventor, *key: inventor.product_name(*key),
    "digits": lambda inventor, *key: inventor.digits(*key),
    "reference": lambda inventor, *key: inventor.reference(*key),
    "amount": lambda inventor, *key: _round(Decimal(str(inventor.company(*key)["annual_revenue"]))),
}


def filled(text: str, inventor: Inventor, member: str, key: str) -> str:
    """A text with its blanks filled in for this member and record."""
    return BLANK.sub(lambda blank: str(BLANKS[blank[1]](inventor, member, key)), text)


def told(value: Any, clean: Values) -> Any:
    """A text in which `{right.FIELD}` says what the value was before any dirt; anything else as it is."""
    if not isinstance(value, str) or RIGHT not in value:
        return value
    return TRUTH.sub(lambda blank: str(clean[blank[1]]), value)


def with_names(value: Any, names: dict[str, Any]) -> Any:
    """A text with {customer} and the like filled in by the names of what it links to."""
    if isinstance(value, dict):
        return {language: with_names(text, names) for language, text in value.items()}
    if isinstance(value, str):
        for name, said in names.items():
            value = value.replace(f"{{{name}}}", str(said)) if said else value
    return value


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1))
