"""What no single person does at a keyboard: forms filled too fast, two places at once (product.md L8)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address
from typing import Any

from instructor.integrity_finding import Finding
from instructor.integrity_read import Act, Limits, Log
from labapp.values import dataclass

WINDOW = timedelta(minutes=10)


@dataclass
class Bursts:
    """Forms sent sooner after the member's step before than they can be typed, several within ten minutes.

    Bulk acts and imports do not count, nor does a form that was sent again after signing in.
    """

    limits: Limits
    last: dict[str, Act] = field(default_factory=dict)
    found: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def feed(self, act: Act, _log: Log) -> None:
        before = self.last.get(act.member)
        if before is not None and before.request == act.request:
            return
        self.last[act.member] = act
        if before is None or not act.fields or before.kind == "session" or act.outcome == "refused":
            return
        pause = (act.at - before.at).total_seconds()
        if self._is_too_fast(act, pause):
            facts = {"pause": round(pause, 1), "chars": act.chars, "fields": act.fields}
            self.found[act.member].append(act.fact(**facts, before=before.step))

    def _is_too_fast(self, act: Act, pause: float) -> bool:
        limits, moment = self.limits, max(pause, 1.0)
        by_letters = act.chars >= limits.chars and act.chars / moment > limits.speed
        return by_letters or (act.fields >= limits.fields and pause <= limits.seconds)

    def findings(self) -> Iterator[Finding]:
        for member, facts in self.found.items():
            dense = in_crowds(facts, self.limits.times)
            if dense:
                yield Finding("burst", (member,), dense, {"fastest": max(rate(fact) for fact in dense)})


def rate(fact: dict[str, Any]) -> int:
    """Letters a second."""
    return round(fact["chars"] / max(fact["pause"], 1.0))


def in_crowds(facts: list[dict[str, Any]], times: int) -> list[dict[str, Any]]:
    """Those that have so many (themselves included) within ten minutes."""
    moments = [datetime.fromisoformat(fact["at"]) for fact in facts]
    kept: set[int] = set()
    start = 0
    for end, moment in enumerate(moments):
        while moment - moments[start] > WINDOW:
            start += 1
        if end - start + 1 >= times:
            kept.update(range(start, end + 1))
    return [facts[number] for number in sorted(kept)]


@dataclass
class Overlaps:
    """One member at two addresses by turns: away and back again, more often than anybody walks.

    Addresses of one network (/24, /64) are one place, and so are the two kinds of address that one machine has.
    """

    limits: Limits
    runs: dict[str, list[Act]] = field(
        default_factory=lambda: defaultdict(list)
    )  # the first act of every stay

    def feed(self, act: Act, _log: Log) -> None:
        if act.origin not in {"screen", "bulk"} or not act.address:
            return
        stays = self.runs[act.member]
        if not stays or is_elsewhere(stays[-1].address, act.address):
            stays.append(act)

    def findings(self) -> Iterator[Finding]:
        within = timedelta(minutes=self.limits.minutes)
        for member, stays in self.runs.items():
            kept: set[int] = set()
            size = self.limits.switches
            for end in range(size, len(stays)):
                span = stays[end - size : end + 1]
                places = {place(stay.address) for stay in span}
                if len(places) < size + 1 and span[-1].at - span[0].at <= within:
                    kept.update(range(end - size, end + 1))
            if kept:
                facts = [stays[number].fact(address=stays[number].address) for number in sorted(kept)]
                yield Finding(
                    "overlap", (member,), facts, {"addresses": sorted({fact["address"] for fact in facts})}
                )


def place(address: str) -> str:
    """The network of an address; the address itself if it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    packed = found.packed[:3] if isinstance(found, IPv4Address) else found.packed[:8]
    return packed.hex()


def is_elsewhere(one: str, other: str) -> bool:
    """Whether two addresses cannot be one machine's at one place."""
    if one == other:
        return False
    try:
        kinds = {ip_address(one).version, ip_address(other).version}
    except ValueError:
        return one != other
    return len(kinds) == 1 and place(one) != place(other)
