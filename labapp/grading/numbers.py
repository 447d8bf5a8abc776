"""Exact numbers: what counts as one, and how points are rounded."""

import re
from decimal import Decimal
from fractions import Fraction

_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,6})?")
_LARGEST_EXPONENT = 30


def number(value: object) -> Decimal | None:
    """The value as an exact decimal: a number, or text that is one; None for anything else.

    True and false are no numbers, nor is text such as ``1_000`` or ``NaN``.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    return None


def fraction(value: object) -> Fraction:
    """The value for exact arithmetic.

    Raises ValueError for what is no number, or has so many digits that no lab can mean it.
    """
    exact = number(value)
    if exact is None:
        raise ValueError(f"{value!r} is no number")
    if exact and abs(exact.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(f"{value!r} is out of range")
    return Fraction(exact)


def half_up(value: Fraction, places: int) -> Decimal:
    """The number rounded to that many decimals, halves upwards."""
    scale: int = 10**places
    return Decimal((value * scale * 2 + 1) // 2).scaleb(-places)


def between_0_and_1(value: Fraction) -> Fraction:
    return min(Fraction(1), max(Fraction(0), value))
