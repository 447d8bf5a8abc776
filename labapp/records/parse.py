"""What a person typed, as a value: one parser per shape, for forms and import alike.

Each takes the text and returns the value, or raises `ValueError` with a sentence: what was wrong, and what to do.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from labapp.db.fields import LONG, SHORT
from labapp.late import expression

MOBILE = expression(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = expression(r"0\d{2,3}-\d{7,8}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}", re.ASCII)
EMAIL = expression(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
CONTROL = expression(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MOST_MONEY = Decimal("999999999999.99")
MOST_NUMBER = 2_147_483_647
TAGS, TAG = 20, 30
MOMENTS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


def text(raw: str) -> str | None:
    """One line, at most 255 characters."""
    value = " ".join(_clean(raw).split())
    return _fits(value, SHORT)


def prose(raw: str) -> str | None:
    """Several lines, at most 10,000 characters."""
    return _fits(_clean(raw).replace("\r\n", "\n").replace("\r", "\n").strip(), LONG)


def email(raw: str) -> str | None:
    value = text(raw)
    if value and not EMAIL.fullmatch(value):
        raise ValueError(_("This is no e-mail address. Write it like name@company.com."))
    return value


def mobile(raw: str) -> str | None:
    """An 11-digit mobile number (003 two-3); spaces, hyphens and +86 are taken off."""
    value = re.sub(r"[\s-]", "", _clean(raw))
    value = re.sub(r"^(\+|00)86", "", value)
    if value and not MOBILE.fullmatch(value):
        raise ValueError(_("A mobile number has 11 digits and begins with 13 to 19, like 13812345678."))
    return value or None


def phone(raw: str) -> str | None:
    """A landline with area code (003 two-3), a service number, or a mobile number."""
    value = re.sub(r"\s*[-－—]\s*", "-", _clean(raw).strip())
    value = re.sub(r"^(\+|00)86[-\s]?", "", value).replace("(", "").replace(")", "-").replace(" ", "-")
    if value and not (LANDLINE.fullmatch(value) or MOBILE.fullmatch(value)):
        raise ValueError(
            _("Write the number with its area code, like 0571-88123456, or an 11-digit mobile number.")
        )
    return value or None


def url(raw: str) -> str | None:
    value = text(raw)
    if not value:
        return None
    address = value if "://" in value else f"https://{value}"
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or "." not in parts.netloc or " " in address:
        raise ValueError(_("This is no web address. Write it like www.company.com."))
    return _fits(address, SHORT)


def money(raw: str) -> Decimal | None:
    """An amount from 0 to 999,999,999,999.99 with at most two decimals."""
    value = _decimal(raw)
    if value is None:
        return None
    if value < 0 or value > MOST_MONEY:
        raise ValueError(_("The amount must lie between 0 and 999,999,999,999.99."))
    if value != value.quantize(Decimal("0.01")):
        raise ValueError(_("An amount has at most two decimals."))
    return abs(value.quantize(Decimal("0.01")))


def number(raw: str) -> int | None:
    value = _decimal(raw)
    if value is None:
        return None
    if value != value.to_integral_value() or not 0 <= value <= MOST_NUMBER:
        raise ValueError(_("Write a whole number from 0 to 2,147,483,647."))
    return int(value)


def percent(raw: str) -> int | None:
    value = _decimal(raw.replace("%", "").replace("％", ""))
    if value is None:
        return None
    if value != value.to_integral_value() or not 0 <= value <= 100:
        raise ValueError(_("Write a whole number from 0 to 100."))
    return int(value)


def day(raw: str) -> date | None:
    value = _clean(raw).strip().replace("/", "-").replace(".", "-")
    if not value:
        return None
    try:
        return _sane(datetime.strptime(value, "%Y-%m-%d")).date()  # noqa: DTZ007 (lab time has no zone)
    except ValueError:
        raise ValueError(_("There is no such date. Write it like 2026-09-30.")) from None


def moment(raw: str) -> datetime | None:
    value = _clean(raw).strip().replace("/", "-")
    if not value:
        return None
    for form in MOMENTS:
        try:
            return _sane(datetime.strptime(value, form))  # noqa: DTZ007 (lab time has no zone)
        except ValueError:
            continue
    raise ValueError(_("There is no such time. Write it like 2026-09-30 14:30."))


def tags(raw: str) -> list[str]:
    """Short words, parted by commas; each once, in their order."""
    words = [word.strip() for word in re.split(r"[,，、;；\n]", _clean(raw)) if word.strip()]
    if len(words) > TAGS or any(len(word) > TAG for word in words):
        raise ValueError(_("At most 20 tags of at most 30 characters, parted by commas."))
    return list(dict.fromkeys(words))


PARSERS: dict[str, Callable[[str], Any]] = {
    "text": text,
    "auto": text,
    "prose": prose,
    "email": email,
    "mobile": mobile,
    "phone": phone,
    "url": url,
    "money": money,
    "number": number,
    "percent": percent,
    "day": day,
    "moment": moment,
    "tags": tags,
}


def _clean(raw: str) -> str:
    if CONTROL.search(raw):
        raise ValueError(
            _("This text holds a character that cannot be stored. Type it anew instead of pasting it.")
        )
    return raw


def _fits(value: str, most: int) -> str | None:
    if len(value) > most:
        raise ValueError(_("At most %(most)s characters; these are %(count)s.", most=most, count=len(value)))
    return value or None


def _decimal(raw: str) -> Decimal | None:
    value = re.sub(r"[\s,，￥¥]", "", _clean(raw))
    if not value:
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or abs(found.adjusted()) > 20:
        raise ValueError(_("This is no number. Write it like 12000 or 12000.50."))
    return found


def _sane(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2100:
        raise ValueError
    return value
