"""Passwords: how they are kept, checked, and which are too easy to guess."""

import re
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l

from labapp.admission import outside

SHORTEST, LONGEST = 8, 200
# 19 MiB and two passes take some 30 ms: forty students who sign in together do not wait.
HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
GUESSED_FIRST = """
12345678 123456789 1234567890 0123456789 87654321 11111111 00000000 88888888 66666666 12341234
11223344 12344321 147258369 123123123 1qaz2wsx qwertyui qwertyuiop asdfghjkl zxcvbnm1 1q2w3e4r 1q2w3e4r5t
a1234567 a12345678 a123456789 aa123456 abc12345 abcd1234 abc123456 qq123456 password password1 password123
passw0rd admin123 admin1234 administrator letmein1 welcome1 iloveyou iloveyou1 woaini1314 woaini520
5201314520 student1 student123 teacher123 sunshine princess football baseball superman computer labapp123
"""
COMMON = frozenset(GUESSED_FIRST.split())


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its parameters and salt."""
    with outside():
        return HASHER.hash(password)


_nobody: list[str] = []


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Takes the same time when there is no such account (hash None)."""
    known = password_hash is not None and len(password) <= LONGEST
    try:
        with outside():
            HASHER.verify(password_hash if known and password_hash else _dummy(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return known


def _dummy() -> str:
    """A hash that no password has, made once."""
    if not _nobody:
        _nobody.append(HASHER.hash("nobody\x00signs in with this"))
    return _nobody[0]


def weakness(password: str, *known: str | None) -> Any:
    """What is wrong with a new password, as a sentence; None if nothing.

    `known` are texts that others know about the person (number, name, e-mail): none may be the password.
    """
    if len(password) < SHORTEST:
        return _l("At least 8 characters.")
    if len(password) > LONGEST:
        return _l("At most 200 characters.")
    if any(_same(password, text) for text in known):
        return _l("The password must not be your number, name or e-mail address.")
    if password.lower() in COMMON or len(set(password)) < 3:
        return _l("This password is among the first that are guessed. Choose another.")
    return None


def _same(password: str, text: str | None) -> bool:
    plain = _plain(password)
    return bool(text) and plain in {_plain(text or ""), _plain((text or "").partition("@")[0])} - {""}


def _plain(text: str) -> str:
    return re.sub(r"[\s._-]", "", text).casefold()
