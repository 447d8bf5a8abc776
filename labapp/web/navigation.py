"""What the frame needs to know about places: entries of the menu, local addresses, initials. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from urllib.parse import urlsplit

from labapp.values import dataclass


@dataclass(frozen=True)
class NavItem:
    """One entry of the side menu. Entries that follow one another with the same `group` stand under it."""

    label: str
    url: str
    icon: str
    active: bool = False
    group: str = ""


class Menu(tuple[NavItem, ...]):
    """Entries that are found again by being the very same: every page asks, and comparing them takes longer."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other


def mark_active(items: Iterable[NavItem], path: str) -> Menu:
    """The entries with the one that `path` lies in marked active: the longest address that begins it."""
    menu = items if isinstance(items, Menu) else Menu(items)
    places = _places(menu)
    here = path.rstrip("/")
    while here and here not in places:
        here = here.rpartition("/")[0]
    return _marked(menu, places.get(here or path))


@lru_cache(1_000)
def _places(menu: Menu) -> dict[str, str]:
    """The address of each entry by how it begins what lies in it; "/" holds itself only."""
    return {item.url.rstrip("/") or "/": item.url for item in menu}


@lru_cache(1_000)
def _marked(menu: Menu, here: str | None) -> Menu:
    return Menu(replace(item, active=item.url == here) for item in menu)


def local_path(target: str | None, fallback: str = "/") -> str:
    """`target` as path and query if it stays on this site, else `fallback`. For every `next` of a form.

    Refuses other hosts, schemes, `//host`, backslashes and control characters.
    """
    if not target or "\\" in target or any(ord(sign) < 32 for sign in target):
        return fallback
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith("//"):
        return fallback
    return parts.path + (f"?{parts.query}" if parts.query else "")


def initials(name: str) -> str:
    """One or two signs that stand for a person: the given name in Chinese, first letters elsewhere."""
    words = name.split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E7F:
        return words[0][-2:] if len(words[0]) > 2 else words[0][-1]
    return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


@dataclass(frozen=True)
class NavSection:
    """Entries that stand under one heading ("" for none)."""

    group: str
    entries: list[NavItem]


def sections(items: Sequence[NavItem]) -> list[NavSection]:
    """The entries cut wherever the group changes, in their order."""
    return [NavSection(group, list(run)) for group, run in groupby(items, key=lambda item: str(item.group))]
