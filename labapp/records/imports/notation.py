"""What stands in a cell, as a value: the parser of the field, after what files write differently is made plain.

Raises `ValueError` with a sentence, like `records.parse`.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from labapp.late import expression
from labapp.records import parse

DAY_FIRST, MONTH_FIRST = "day", "month"
EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (lab time has no zone)
SERIAL = expression(r"\d{5}(\.\d+)?")
YEAR_FIRST = expression(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
TOGETHER = expression(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = expression(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
WITH_MONTH = expression(
    r"(\d{1,2})[\s-]+([a-z]{3,9})\.?[\s,-]+(\d{4})|([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})"
)
CLOCK = expression(r"(?:[ t]+)(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?[分秒]?\s*(am|pm)?$")
EXTENSION = expression(r"(?<=\d)\s*(转|ext\.?|分机)\s*(?=\d)", re.IGNORECASE)
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
UNITS = {"万": 10_000, "亿": 100_000_000}
GROUPED = expression(r"\d{1,3}(,\d{3})+(\.\d+)?")
YES = frozenset("1 yes y true t on x √ ✓ ✔ 是 有 对 真".split())
NO = frozenset("0 no n false f off × ✗ 否 无 不 假 -".split())


def value_of(shape: str, cell: str, dates: str = "") -> Any:
    """The value of a cell for a field of this shape; None where it is empty. `dates`: what 9/7/2026 means."""
    text = cell.strip()
    if shape in {"text", "prose", "tags", "auto"}:
        return parse.PARSERS[shape](text)
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return [] if shape == "tags" else None
    if shape in {"day", "moment"}:
        return _time(plain, shape, dates)
    return SPECIAL.get(shape, parse.PARSERS.get(shape, parse.text))(plain)


def amount(plain: str) -> Any:
    return parse.money(_number(plain))


def whole(plain: str) -> Any:
    return parse.number(_number(plain))


def check(plain: str) -> bool:
    """Yes or no, in either language or as a tick."""
    word = plain.casefold()
    if word in YES | NO:
        return word in YES
    raise ValueError(_("Write yes or no."))


def phone(plain: str) -> Any:
    """A landline, its extension written in words too."""
    return parse.phone(EXTENSION.sub("-", _digits(plain)))


def mobile(plain: str) -> Any:
    return parse.mobile(_digits(plain))


def _digits(plain: str) -> str:
    """A number that a spreadsheet kept as an amount is one without decimals."""
    return plain.removesuffix(".0") if plain.removesuffix(".0").isdigit() else plain


SPECIAL: dict[str, Callable[[str], Any]] = {
    "money": amount,
    "number": whole,
    "check": check,
    "phone": phone,
    "mobile": mobile,
}


def _number(plain: str) -> str:
    """A number without thousands separators, currency and 万. Raises ValueError for a comma that parts no thousands."""
    text = re.sub(r"^(rmb|cny|人民币|[¥$])\s*|\s*(元|rmb|cny)$", "", plain, flags=re.IGNORECASE)
    unit = UNITS.get(text[-1:], 1)
    text = text[:-1].strip() if unit > 1 else text
    text = re.sub(r"(?<=\d)[\s'](?=\d{3})", "", text)
    if "," in text and not GROUPED.fullmatch(text):
        raise ValueError(_("This is no number. Write it like 12000 or 12000.50."))
    text = text.replace(",", "")
    if unit == 1:
        return text
    found = parse.money(text)
    return str(found * unit) if found is not None else text


def _time(plain: str, shape: str, dates: str) -> Any:
    """A day or a moment in any of the notations that files use."""
    clock = CLOCK.search(plain.casefold())
    head = plain[: clock.start()].strip() if clock else plain
    if SERIAL.fullmatch(plain):
        found = EXCEL_ZERO + timedelta(seconds=round(float(plain) * 86_400))
    else:
        day = _day(head.casefold(), dates)
        found = datetime.combine(day, datetime.min.time()) + _of_day(clock)
    if shape == "moment":
        return parse.moment(found.strftime("%Y-%m-%d %H:%M:%S"))
    if found.time() != datetime.min.time():
        raise ValueError(_("There is no such date. Write it like 2026-09-30."))
    return parse.day(found.date().isoformat())


def _of_day(clock: re.Match[str] | None) -> timedelta:
    if clock is None:
        return timedelta(0)
    hours, minutes, seconds = (int(part or 0) for part in clock.group(1, 2, 3))
    if clock.group(4):
        hours = hours % 12 + (12 if clock.group(4) == "pm" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(_("There is no such time. Write it like 2026-09-30 14:30."))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _day(text: str, dates: str) -> date:
    for pattern in (YEAR_FIRST, TOGETHER):
        found = pattern.fullmatch(text)
        if found:
            return _date(*found.groups())
    found = YEAR_LAST.fullmatch(text)
    if found:
        return _year_last(int(found[1]), int(found[2]), int(found[3]), dates)
    found = WITH_MONTH.fullmatch(text)
    if found:
        day, month, year = found.group(1, 2, 3) if found.group(1) else found.group(5, 4, 6)
        if month[:3] in MONTHS:
            return _date(year, MONTHS.index(month[:3]) + 1, day)
    raise _no_date()


def _year_last(one: int, other: int, year: int, dates: str) -> date:
    """9/7/2026 is a day in July or in September: never guessed, only where one of the two can be no month."""
    if one == other or one > 12:
        return _date(year, other, one)
    if other > 12 or dates == MONTH_FIRST:
        return _date(year, one, other)
    if dates == DAY_FIRST:
        return _date(year, other, one)
    raise ValueError(
        _(
            "This date can be read in two ways. Choose with the columns whether the day or the month comes first, "
            "or write it like 2026-09-07."
        )
    )


def _date(year: Any, month: Any, day: Any) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _no_date() from None


def _no_date() -> ValueError:
    return ValueError(_("There is no such date. Write it like 2026-09-30."))
