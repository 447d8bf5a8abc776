"""Invented data: believable, as much as you like, and the same every time from the same seed."""

from seed.entry import generator

__all__ = ["generator"]
