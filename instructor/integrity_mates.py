"""Work done by a teammate: records of one student that another mostly changed (product.md L8)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from instructor.integrity_finding import MOST_FACTS, Finding
from instructor.integrity_read import Act, Limits, Log
from labapp.values import dataclass

Together = Callable[[str, str], int]  # how often one browser signed in as both within a quarter of an hour


@dataclass
class Mates:
    """Who changed whose records. Superiors and staff are left out: to see to the records of their people is their work.

    One address alone says nothing in a classroom and is not looked at.
    """

    limits: Limits
    students: frozenset[str]
    superior: Callable[[int, str, str], bool]  # sandbox, who acts, whose it is
    together: Together
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    kept: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def feed(self, act: Act, _log: Log) -> None:
        if act.is_look or act.outcome != "done" or act.origin not in {"screen", "bulk"}:
            return
        owner = act.owner or (act.member if act.verb == "create" else None)
        if owner not in self.students or act.member not in self.students:
            return
        if owner != act.member and self.superior(act.sandbox, act.member, owner):
            return
        self.counts[owner][act.member] += 1
        if owner != act.member and len(self.kept[owner, act.member]) < MOST_FACTS:
            self.kept[owner, act.member].append(act.fact())

    def findings(self) -> Iterator[Finding]:
        for owner, counts in self.counts.items():
            total = sum(counts.values())
            for member, count in counts.items():
                if member == owner or total < self.limits.acts or 100 * count < self.limits.share * total:
                    continue
                data = {"count": count, "total": total, "own": counts[owner]}
                data["together"] = self.together(owner, member)
                yield Finding("mate", (owner, member), self.kept[owner, member], data)
