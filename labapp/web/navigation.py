"""What the frame needs to know about places: entries of the menu, local addresses, initials. Pure."""

from collections.abc import Sequence
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


def mark_active(items: tuple[NavItem, ...], path: str) -> tuple[NavItem, ...]:
    """The entries with the one that `path` lies in marked active: the longest address that begins it."""
    inside = [item.url for item in items if is_inside(path, item.url)]
    return _marked(items, max(inside, key=len, default=None))


@lru_cache(1_000)
def _marked(items: tuple[NavItem, ...], here: str | None) -> tuple[NavItem, ...]:
    return tuple(replace(item, active=item.url == here) for item in items)


def is_inside(path: str, url: str) -> bool:
    """Whether `path` is `url` or lies below it; everything lies below "/", so "/" holds itself only."""
    if url == "/":
        return path == "/"
    trunk = url.rstrip("/")
    return path == trunk or path.startswith(trunk + "/")


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
