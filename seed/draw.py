"""Chance that depends on its key alone, never on what was drawn before it."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Draw:
    """Draws from one stream of chance.

    Only `Random.random()` is used: it is the one method whose numbers Python promises not to change.
    """

    source: random.Random

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(self.source.random() * count)

    def between(self, lowest: int, highest: int) -> int:
        """A whole number, both ends included."""
        return lowest + self.below(highest - lowest + 1)

    def one(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[tuple[T, int]]) -> T:
        """One of `(option, weight)`, as likely as its weight says."""
        left = self.below(sum(weight for _, weight in options))
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def happens(self, percent: int) -> bool:
        """True in so many cases of a hundred."""
        return self.below(100) < percent

    def digits(self, count: int) -> str:
        """So many decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))


def draw(seed: int, *key: int | str) -> Draw:
    """The stream that belongs to `seed` and `key`."""
    text = "\x1f".join(str(part) for part in (seed, *key))
    return Draw(random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")))
