"""The profile of the simulated company: settings `organisation.*` (004 §2.11-4), and how settings change."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from labapp.access.actor import Actor
from labapp.access.rules import require_granted
from labapp.records import parse
from labapp.records.work import Source, Work, writing

ZONE = "Asia/Shanghai"
ZONES = (
    ZONE,
    *(
        "Asia/Urumqi",
        "Asia/Hong_Kong",
        "Asia/Macau",
        "Asia/Taipei",
        "Asia/Singapore",
        "Asia/Tokyo",
        "Asia/Seoul",
    ),
    *(
        "Asia/Kolkata",
        "Asia/Dubai",
        "Australia/Sydney",
        "Europe/Moscow",
        "Europe/Berlin",
        "Europe/London",
        "UTC",
    ),
    *("America/Sao_Paulo", "America/New_York", "America/Chicago", "America/Los_Angeles"),
)
CURRENCIES = ("CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "KRW", "SGD", "AUD", "CAD", "CHF")
MONTHS = tuple(range(1, 13))
WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)
OFFICE_HOURS = {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"}
FIRST_YEAR, LAST_YEAR, MOST_DAYS = 2001, 2099, 1000


class SettingKind:
    """Stands for the kind `setting` where permission is asked: settings are no rows."""

    __tablename__ = "setting"


def change_settings(actor: Actor, source: Source, wanted: Mapping[str, Any]) -> list[str]:
    """Set scalar settings: one `setting.change` a path that moves, all of them or none.

    Returns the paths that moved. Raises Refused.
    """
    require_granted(actor, "setting", "change")
    moved = [path for path, value in wanted.items() if actor.settings.get(path) != value]
    if moved:
        with writing():
            for path in moved:
                _change(actor, source, path, wanted[path])
    return moved


def _change(actor: Actor, source: Source, path: str, value: Any) -> None:
    with Work(actor, "setting.change", answers={path: value}, source=source) as work:
        work.require("change", SettingKind)
        work.header.label = path
        work.change_setting(path, value)


def days_of(text: str) -> list[str]:
    """The days of a text, one a line or parted by commas or spaces, as ISO dates in their order.

    Raises ValueError with a sentence that names the first that is no date.
    """
    words = (parse.prose(text) or "").replace(",", " ").replace("，", " ").replace("、", " ").split()
    if len(words) > MOST_DAYS:
        raise ValueError(_("At most %(most)s days.", most=MOST_DAYS))
    return sorted({_day(word) for word in words})


def _day(word: str) -> str:
    try:
        found = parse.day(word)
    except ValueError as error:
        raise ValueError(f"{word[:40]}: {error}") from error
    assert found is not None
    return found.isoformat()


def public_holidays(year: int) -> tuple[list[date], list[date]]:
    """(days off, weekend days worked instead) in mainland China that year, as the State Council gives them.

    Days off through a swap are among the first, the weekends that make up for them among the second. Years
    whose notice the library does not know yet have the statutory days alone.
    """
    from holidays import country_holidays

    found = country_holidays("CN", years=[year])
    worked = sorted(day for day in found.weekend_workdays if day.year == year)
    return sorted(day for day in found if day.year == year and day not in worked), worked


def with_days(known: Iterable[str], more: Iterable[date], year: int) -> list[str]:
    """The known days with those of one year put in place of what stood there for that year."""
    kept = {day for day in known if not day.startswith(f"{year}-")}
    return sorted(kept | {day.isoformat() for day in more})
