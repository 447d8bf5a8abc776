"""The data standard of 003 two-3: what a value should look like. A form and an import warn; nobody is stopped."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from labapp.late import expression

NAMES_OF_COMPANIES = frozenset({("customer", "name"), ("lead", "company")})
WHOLE = expression(
    r"公司|集团|厂|店|行|院|校|大学|中学|小学|学|所|社|局|部|会|中心|馆|场|站|工作室|超市|酒店|"
    r"\b(co|company|corp|corporation|ltd|limited|inc|llc|plc|gmbh|group|partners|university|school|hospital|bank|"
    r"institute|association|foundation|works|industries|holdings|sons|brothers)\b"
)
HAN = expression(r"[\u4e00-\u9fff]")
SHORT_HAN, SHORT_WORDS = 8, 2


def is_short_name(value: str) -> bool:
    """Whether this is a short form such as 北科 or “Acme” and not the full legal name (003 two-3).

    A name that says its legal form or its sort of house is whole; one without is short if it is brief.
    """
    name = unicodedata.normalize("NFKC", value).casefold().strip()
    if not name or WHOLE.search(name):
        return False
    return len(name) < SHORT_HAN if HAN.search(name) else len(name.split()) < SHORT_WORDS


def remarks(kind: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(field, sentence) for what falls short of the standard and is taken all the same."""
    found = []
    for name, value in values.items():
        if (kind, name) in NAMES_OF_COMPANIES and isinstance(value, str) and is_short_name(value):
            found.append((name, _("This looks like a short form. Write the full legal name of the company.")))
    return found
