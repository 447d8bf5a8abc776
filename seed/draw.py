"""Chance that depends on its key alone, never on what was drawn before it."""

import hashlib
import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")
DIGITS = "0123456789"


class Weights(Generic[T]):
    """Options, each as likely as its weight says; made once per table."""

    __slots__ = ("options", "reached", "total")

    def __init__(self, options: Iterable[tuple[T, int]]) -> None:
        pairs = tuple(options)
        self.options = tuple(option for option, _ in pairs)
        self.reached = tuple(accumulate(weight for _, weight in pairs))
        self.total = self.reached[-1]


class Draw:
    """Draws from one stream of chance.

    Only `Random.random()` is used: it is the one method whose numbers Python promises not to change.
    """

    __slots__ = ("random",)

    def __init__(self, source: random.Random) -> None:
        self.random = source.random

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(self.random() * count)

    def between(self, lowest: int, highest: int) -> int:
        """A whole number, both ends included."""
        return lowest + int(self.random() * (highest - lowest + 1))

    def one(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(self.random() * len(options))]

    def weighted(self, weights: Weights[T]) -> T:
        """One of the options, as likely as its weight says."""
        return weights.options[bisect_right(weights.reached, int(self.random() * weights.total))]

    def happens(self, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return int(self.random() * 100) < percent

    def digits(self, count: int) -> str:
        """So many decimal digits."""
        chance = self.random
        return "".join([DIGITS[int(chance() * 10)] for _ in range(count)])


def draw(seed: int, *key: int | str) -> Draw:
    """The stream that belongs to `seed` and `key`."""
    text = "\x1f".join([str(seed), *map(str, key)])
    return Draw(random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")))
