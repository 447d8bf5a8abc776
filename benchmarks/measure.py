"""Rounds that take floor and page by turns, and what they say."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmarks.client import Answer

Call = Callable[[], Answer]


@dataclass(frozen=True)
class Plan:
    """How often: rounds, and requests in each batch of a round."""

    rounds: int = 5
    requests: int = 100


@dataclass(frozen=True)
class Times:
    """Medians over the rounds, in milliseconds, and the ratio of each round."""

    floor: float
    page: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)

    @property
    def both(self) -> str:
        return f"{self.page:.2f} ms against {self.floor:.2f} ms"


def by_turns(floor: Call, pages: dict[str, Call], plan: Plan) -> dict[str, Times]:
    """In every round, for every page: a batch of the floor, then a batch of the page. p50 of each batch."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    for call in (floor, *pages.values()):
        p50(call, min(20, plan.requests))
    for _ in range(plan.rounds):
        for name, page in pages.items():
            found[name].append((p50(floor, plan.requests), p50(page, plan.requests)))
    return {name: times_of(pairs) for name, pairs in found.items()}


def p50(call: Call, requests: int) -> float:
    """The median of so many answers, one after another."""
    return median(call().ms for _ in range(requests))


def times_of(pairs: list[tuple[float, float]]) -> Times:
    return Times(
        median(floor for floor, _page in pairs),
        median(page for _floor, page in pairs),
        tuple(page / floor for floor, page in pairs),
    )
