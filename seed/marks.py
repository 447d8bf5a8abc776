"""Marks: numbers that two members of one class never share, whatever they are dealt.

Each is a permutation of the members' numbers, so that it is unlike by construction and not by luck; which
permutation depends on the seed and on the record, so that nobody can guess a colleague's from the own one.
"""

from functools import lru_cache

from seed.draw import draw

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
PRIME = 9_999_991  # references have seven digits
SMALL_PRIME = 887  # the last three digits of an amount, none of them a whole hundred
PER_HUNDRED = 99


def number_of(member: str) -> int:
    """The number of a member's key: 12 for `s012`; any other key stands for a number of its own."""
    digits = member.lstrip("abcdefghijklmnopqrstuvwxyz")
    if digits.isascii() and digits.isdigit():
        return int(digits)
    return draw(0, "member", member).below(PRIME)


@lru_cache(maxsize=4096)
def _permutation(seed: int, key: str, size: int) -> tuple[str, int, int]:
    chance = draw(seed, "mark", key)
    letters = chance.one(LETTERS) + chance.one(LETTERS)
    return letters, chance.between(1, size - 1), chance.below(size)


def reference(seed: int, member: str, key: int | str) -> str:
    """A reference such as `KD-4830172`: another for every member, and another for every record."""
    letters, factor, start = _permutation(seed, str(key), PRIME)
    return f"{letters}-{(factor * number_of(member) + start) % PRIME:07d}"


def odd_yuan(seed: int, member: str, key: int | str) -> int:
    """1 to 898, never a whole hundred: what is left of an amount above its thousands."""
    _, factor, start = _permutation(seed, str(key), SMALL_PRIME)
    hundreds, rest = divmod((factor * number_of(member) + start) % SMALL_PRIME, PER_HUNDRED)
    return hundreds * 100 + rest + 1
