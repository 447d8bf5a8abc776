"""Words in the reader's language."""

from typing import Any

from labapp.people.words import language

__all__ = ["language", "said"]
KEPT = 20_000
_said: dict[tuple[str, int], tuple[Any, str]] = {}


def said(text: Any, spoken: str = "") -> str:
    """A lazy text in the reader's language, looked up once per language: labels of fields, kinds and verbs.

    `spoken` is that language, where the caller knows it already.
    """
    if type(text) is str:
        return text
    key = spoken or language(), id(text)
    found = _said.get(key)
    if found is None or found[0] is not text:
        if len(_said) >= KEPT:
            _said.clear()
        found = _said[key] = text, str(text)
    return found[1]
