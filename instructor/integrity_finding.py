"""A finding: members, the raw facts with their steps, and a name that stays the same from one search to the next."""

from dataclasses import field
from hashlib import sha256
from typing import Any

from labapp.values import dataclass

MOST_FACTS = 50


@dataclass(frozen=True)
class Finding:
    """`kind`: canary, text, common, burst, overlap or mate. `members`: keys, whoever was first in front.

    `data` is what the facts have in common. `about` tells findings of the same kind and members apart.
    """

    kind: str
    members: tuple[str, ...]
    facts: list[dict[str, Any]]
    data: dict[str, Any] = field(default_factory=dict)
    about: str = ""

    @property
    def key(self) -> str:
        """By it a person's remark finds it again. The texts that many share stand for whoever shares them."""
        members = () if self.kind == "common" else sorted(self.members)
        return sha256("|".join((self.kind, self.about, *members)).encode()).hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "kind": self.kind,
            "members": list(self.members),
            "count": self.data.get("count", len(self.facts)),
            "facts": self.facts[:MOST_FACTS],
            "data": self.data,
        }
