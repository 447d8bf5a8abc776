"""Canaries: what one member alone was dealt, so that it betrays copying where another writes it (product.md L1).

Pure: from the set-up steps of a log. What a scenario deals is a canary only where nobody else of the class was dealt
the same; shared records never are. Whether a find means anything is for a person to judge: a superior or whoever
received a record may write of it rightly.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from labapp.values import dataclass

What = Literal["name", "number", "amount"]
NAMES = frozenset({("lead", "company"), ("customer", "name")})
NUMBERS = frozenset({"mobile", "phone", "fax", "email"})
REFERENCE = re.compile(r"(?<![A-Z0-9])[A-Z]{2}-\d{7}(?!\d)")
RUN = re.compile(r"\d[\d,\-]*(?:\.\d+)?")
SEAT = "s"  # the keys of students' seats begin so
LEAST_AMOUNT, ROUND = Decimal(1000), Decimal(100)
FEWEST_DIGITS = 7
START = 4


@dataclass(frozen=True)
class Canary:
    """A value that only `member` was dealt: where it stands (kind, serial, field) and the step that dealt it."""

    member: str
    what: What
    text: str
    kind: str
    record: int
    field: str
    step: int


def canaries(steps: Iterable[tuple[int, Sequence[Mapping[str, Any]]]]) -> dict[str, tuple[Canary, ...]]:
    """Every member's canaries, by member key, in the order in which they were dealt.

    `steps` are the set-up steps of one sandbox, or of all sandboxes of a course, as (step id, changes as the log
    has them); what has no owner there is shared and has none.
    """
    holders: defaultdict[tuple[What, str], set[str]] = defaultdict(set)
    found: dict[tuple[str, What, str], Canary] = {}
    for canary in _dealt(steps):
        key = (canary.what, _plain(canary))
        holders[key].add(canary.member)
        found.setdefault((canary.member, *key), canary)
    own: defaultdict[str, list[Canary]] = defaultdict(list)
    for (member, what, plain), canary in found.items():
        if member and holders[what, plain] == {member}:
            own[member].append(canary)
    return {member: tuple(those) for member, those in own.items()}


def _dealt(steps: Iterable[tuple[int, Sequence[Mapping[str, Any]]]]) -> Iterator[Canary]:
    """What could be a canary; the member is empty for what was dealt to nobody."""
    for step, changes in steps:
        for change in changes:
            after = change.get("after") or {}
            if change.get("what") == "created" and "owner" in after:
                yield from _marked(step, change["kind"], change["id"], after)


def _marked(step: int, kind: str, record: int, after: Mapping[str, Any]) -> Iterator[Canary]:
    owner = str(after["owner"] or "")
    member = owner if owner.startswith(SEAT) else ""
    for field, value in after.items():
        for what, text in _marks(kind, field, value):
            yield Canary(member, what, text, kind, record, field, step)


def _marks(kind: str, field: str, value: Any) -> Iterator[tuple[What, str]]:
    if not isinstance(value, str) or not value:
        return
    if (kind, field) in NAMES:
        yield "name", value
    elif field in NUMBERS:
        yield "number", value
    elif field == "amount":
        if _odd(value):
            yield "amount", value
    else:
        for reference in REFERENCE.findall(value):
            yield "number", reference


def _odd(text: str) -> bool:
    """Whether an amount is one that nobody hits upon by chance."""
    amount = _amount(text)
    return amount is not None and amount >= LEAST_AMOUNT and amount % ROUND != 0


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "")).normalize()
    except InvalidOperation:
        return None


def _flat(text: str) -> str:
    """A text as it is compared: forms of letters, capitals and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _plain(canary: Canary) -> str:
    """What of a canary is looked for in a text."""
    if canary.what == "amount":
        return str(_amount(canary.text))
    return _flat(canary.text) if _is_text(canary) else _digits(canary.text)


def _is_text(canary: Canary) -> bool:
    """Whether it is looked for letter by letter: a name, an e-mail address."""
    return canary.what == "name" or "@" in canary.text


class Spotter:
    """Finds canaries of others in a text. Made once from `canaries(…)`, it asks in time linear in the text."""

    def __init__(self, known: Mapping[str, Sequence[Canary]]) -> None:
        self.exact: dict[tuple[str, str], Canary] = {}
        self.texts: defaultdict[str, list[tuple[str, Canary]]] = defaultdict(list)
        for canary in (canary for those in known.values() for canary in those):
            plain = _plain(canary)
            if _is_text(canary):
                self.texts[plain[:START]].append((plain, canary))
            elif canary.what == "amount" or len(plain) >= FEWEST_DIGITS:
                self.exact[canary.what, plain] = canary
        self.lengths = sorted({len(plain) for what, plain in self.exact if what == "number"})

    def others_in(self, member: str, text: str) -> list[Canary]:
        """The canaries of anybody but `member` that stand in the text, each once, in the order of the text."""
        spots = sorted(self._spots(_flat(text)), key=lambda spot: spot[0])
        found = dict.fromkeys(canary for _, canary in spots)
        return [canary for canary in found if canary.member != member]

    def _spots(self, flat: str) -> Iterator[tuple[int, Canary]]:
        for place in range(len(flat) - START + 1):
            for plain, canary in self.texts.get(flat[place : place + START], ()):
                if flat.startswith(plain, place):
                    yield place, canary
        for run in RUN.finditer(flat):
            for canary in self._numbers(run.group()):
                yield run.start(), canary

    def _numbers(self, run: str) -> Iterator[Canary]:
        """What stands in a row of digits, wherever in it: spaces between numbers are gone."""
        digits, amount = _digits(run.partition(".")[0]), _amount(run.rstrip(",-"))
        wanted = [("amount", str(amount))] if amount is not None else []
        for length in self.lengths:
            wanted += [("number", digits[at : at + length]) for at in range(len(digits) - length + 1)]
        yield from (self.exact[key] for key in wanted if key in self.exact)
