"""Everything that an inventor can be asked, and some of everything as text."""

from datetime import datetime

from seed.dirt import DIRT
from seed.invent import Inventor

MONDAY = datetime.fromisoformat("2026-09-07T09:00:00")
LANGUAGES = ("zh", "en")
ABOUT = ("contact", "opportunity", "activity", "note")
CALLS = (
    *("lead", "customer", "product", "company", "person", "mobile", "product_name", "reference", "digits"),
    *ABOUT,
    *DIRT,
)


def called(inventor: Inventor, name: str, member: str, number: int) -> object:
    """What the inventor answers to one call."""
    if name in DIRT:
        return inventor.soiled(name, "lead", inventor.lead(member, number, place="hangzhou"), member, number)
    if name in ABOUT:
        return getattr(inventor, name)(inventor.customer(member, number), member, number)
    return getattr(inventor, name)(member, number)


def everything(seed: int) -> str:
    """Some of everything that a seed gives, as text."""
    found = []
    for language in LANGUAGES:
        inventor = Inventor(seed, language, MONDAY)
        found += [called(inventor, name, f"s{n:03d}", n) for name in CALLS for n in range(4)]
    return repr(found)
