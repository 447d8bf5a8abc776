"""Texts that two members share: what only the other was dealt, and the same words in free text (product.md L8)."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from instructor.integrity_finding import Finding
from instructor.integrity_read import EXCERPT, Act, Dealt, Limits, Log, plain, weight
from instructor.integrity_similar import similar
from labapp.values import dataclass

Mayknow = Callable[[int, str, str], bool]  # sandbox, who writes, whose it is


@dataclass
class Canaries:
    """Values that only one member was dealt, in a text that another typed.

    Left out is what the writer may know: a superior or a member of the same group (`may_know`), a record that came to
    them, a text on a record of the one whose value it is.
    """

    dealt: Dealt
    may_know: Mayknow
    found: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def feed(self, act: Act, log: Log) -> None:
        if not act.texts or act.outcome == "refused":
            return
        for name, value in act.texts:
            for canary in self.dealt.spotter.others_in(act.member, value):
                known = (act.member, (act.sandbox, canary.kind, canary.record)) in log.received
                if (
                    known
                    or act.owner == canary.member
                    or self.may_know(act.sandbox, act.member, canary.member)
                ):
                    continue
                dealt = {"value": canary.text, "dealt_kind": canary.kind, "dealt_step": canary.step}
                self.found[act.member, canary.member].append(
                    act.fact(field=name, text=value[:EXCERPT], **dealt)
                )

    def findings(self) -> Iterator[Finding]:
        for (writer, dealt_to), facts in self.found.items():
            yield Finding(
                "canary", (writer, dealt_to), facts, {"values": sorted({f["value"] for f in facts})}
            )


@dataclass
class SameText:
    """Free texts that more than one member typed, on different records, and that the house never wrote.

    Those that are nearly the same are found by what was collected here.
    """

    dealt: Dealt
    limits: Limits
    free: Callable[[str, str], bool]  # kind, field: whether prose is written there
    found: dict[str, dict[tuple[str, int, str, int | None], dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def feed(self, act: Act, _log: Log) -> None:
        if act.outcome != "done":
            return
        for name, value in act.texts:
            if len(value) < self.limits.text // 2 or not self.free(act.kind, name):
                continue
            short = plain(value)
            if weight(short) < self.limits.text or short in self.dealt.texts:
                continue
            place = (act.member, act.sandbox, act.kind, act.record)
            self.found[short].setdefault(place, act.fact(field=name, text=value[:EXCERPT]))

    def findings(self) -> Iterator[Finding]:
        for short, places in self.found.items():
            members = {place[0] for place in places}
            records = {place[1:] for place in places}
            if len(members) < 2 or len(records) < 2:
                continue
            facts = sorted(places.values(), key=lambda fact: fact["at"])
            common = len(members) > self.limits.parties
            order = tuple(dict.fromkeys(fact["member"] for fact in facts))
            yield Finding("common" if common else "text", order, facts, {"text": facts[0]["text"]}, short)
        if self.limits.alike < 100:
            yield from similar(self.found, self.limits)
