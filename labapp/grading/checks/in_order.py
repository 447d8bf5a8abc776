"""in_order: the member did these, each after the one before."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Case, Finding, setting
from labapp.grading.checks.choice import StepCheck
from labapp.grading.log import Step
from labapp.grading.needs import Needs
from labapp.grading.nodes import Node
from labapp.grading.reading import one_of, span, whole
from labapp.grading.reading_words import Act, acts
from labapp.grading.replay import place
from labapp.grading.text import Text
from labapp.grading.times import Duration
from labapp.grading.wording import act_words, counted
from labapp.values import dataclass

Chain = list[list[Step]]

_NONE: list[Step] = []


@dataclass(frozen=True, kw_only=True)
class InOrder(StepCheck):
    """You did these steps one after the other, on the same record and what came of it."""

    steps: tuple[Act, ...] = setting(acts)
    on: str = setting(one_of("same", "any"), "same")
    times: int = setting(whole(1), 1)
    within: Duration | None = setting(span, None)

    @classmethod
    def misfits(cls, values: Mapping[str, Any], node: Node) -> Iterator[tuple[int, Text]]:
        if values.get("on") == "any" and "times" in values:
            yield (
                node.line_of("times"),
                Text("'times' does not go with 'on: any'", "'times' 不能与 'on: any' 同用"),
            )

    def needs(self) -> Needs:
        asked = frozenset(self.steps)
        return Needs(chains=asked) if self.on == "same" else Needs(acts=asked)

    def judge(self, case: Case) -> Finding:
        chains = self._chains(case)
        runs = [self._best_run(chain) for chain in chains if all(chain)]
        completed = sorted((run for run in runs if len(run) == len(self.steps)), key=_last_place)
        if completed:
            share = min(Fraction(1), Fraction(len(completed), self.times))
            return Finding(share, self._completed(len(completed)), _flat(completed[: self.times]))
        longest = max((self._best_run(chain) for chain in chains), key=len, default=[])
        return Finding(
            Fraction(len(longest), len(self.steps)) / 2, self._stopped(len(longest)), tuple(longest)
        )

    def _chains(self, case: Case) -> list[Chain]:
        """For each chain the member's steps that match the first act, the second, and so on."""
        by_act = {act: self.own(case, act) for act in self.steps}
        if self.on == "any":
            return [[by_act[act] for act in self.steps]]
        roots = {act: _by_root(case, steps) for act, steps in by_act.items()}
        columns = [roots[act] for act in self.steps]
        return [[column.get(root, _NONE) for column in columns] for root in columns[0]]

    def _best_run(self, chain: Chain) -> list[Step]:
        """The first run that reaches the end, else the longest; both inside ``within``."""
        limit = self.within.span if self.within else None
        best: list[Step] = []
        for start in chain[0]:
            run = _run(start, chain, limit)
            if len(run) > len(best):
                best = run
            if limit is None or len(best) == len(chain):
                break
        return best

    def _completed(self, count: int) -> Text:
        return Text(
            f"You did all {counted(len(self.steps), 'step')} in order: {count} of {self.times}.",
            f"按顺序完成全部 {len(self.steps)} 个步骤：要求 {self.times} 次，已完成 {count} 次。",
        )

    def _stopped(self, reached: int) -> Text:
        missing = act_words(*self.steps[reached])
        if not reached:
            return Text(f"The first step is still missing: {missing.en}.", f"第一步尚未进行：{missing.zh}。")
        return Text(
            f"{reached} of {counted(len(self.steps), 'step')} in order; next comes: {missing.en}.",
            f"按顺序已完成 {reached} 步，共 {len(self.steps)} 步；下一步：{missing.zh}。",
        )


def _by_root(case: Case, steps: list[Step]) -> dict[object, list[Step]]:
    """The steps by the chains they lie in, in the order in which the chains begin."""
    found: dict[object, list[Step]] = {}
    for step in steps:
        for root in case.replay.roots(step):
            found.setdefault(root, []).append(step)
    return found


def _run(start: Step, chain: Chain, limit: timedelta | None) -> list[Step]:
    """From a start, always the earliest next step; as far as the limit allows."""
    run = [start]
    for steps in chain[1:]:
        following = bisect_right(steps, run[-1].place, key=place) if steps else 0
        if following == len(steps):
            break
        step = steps[following]
        if limit is not None and step.lab_at - start.lab_at > limit:
            break
        run.append(step)
    return run


def _last_place(run: list[Step]) -> int:
    return run[-1].place


def _flat(runs: list[list[Step]]) -> tuple[Step, ...]:
    return tuple({step.place: step for run in runs for step in run}.values())
