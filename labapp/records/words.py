"""Words in the reader's language."""

from labapp.people.words import language

__all__ = ["language"]
