"""within: the member finished in time what somebody started."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Case, Finding, setting
from labapp.grading.checks.choice import StepCheck
from labapp.grading.checks.records import reached
from labapp.grading.log import Step
from labapp.grading.needs import Needs
from labapp.grading.nodes import Node
from labapp.grading.reading import one_of, proportion, span, whole
from labapp.grading.reading_words import Act, act
from labapp.grading.replay import place
from labapp.grading.text import Text
from labapp.grading.times import Duration
from labapp.grading.wording import act_words, title
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Within(StepCheck):
    """Of the records in your charge, so many were finished in time."""

    start: Act = setting(act)
    finish: Act = setting(act)
    limit: Duration = setting(span)
    clock: str = setting(one_of("lab", "working"), "lab")
    share: Fraction = setting(proportion, Fraction(1))
    least: int = setting(whole(1), 1)

    @classmethod
    def misfits(cls, values: Mapping[str, Any], node: Node) -> Iterator[tuple[int, Text]]:
        start, finish, limit = (values.get(name) for name in ("start", "finish", "limit"))
        if start and finish and start.kind != finish.kind:
            yield (
                node.line_of("finish"),
                Text(
                    f"'start' and 'finish' must be of one kind; expected: {start.kind}.…",
                    f"'start' 与 'finish' 必须属于同一类型；应为：{start.kind}.…",
                ),
            )
        if values.get("clock") == "working" and limit and limit.unit == "d":
            yield (
                node.line_of("limit"),
                Text(
                    "a day is 24 hours; with 'clock: working' use h or m",
                    "1d 为 24 小时；'clock: working' 时请用 h 或 m",
                ),
            )

    def needs(self) -> Needs:
        return Needs(mine=frozenset([self.start.kind]), trails=frozenset([self.start, self.finish]))

    def judge(self, case: Case) -> Finding:
        found = list(self._cases(case))
        in_time = sorted((finish for finish in found if finish is not None), key=place)
        share = reached(len(in_time), len(found), len(found), self.share, self.least)
        return Finding(share, self._reason(len(in_time), len(found)), tuple(in_time))

    def _cases(self, case: Case) -> Iterator[Step | None]:
        """For each case the finish that came in time, or None."""
        in_limit = self._in_limit(case)
        for start, own, other in self._started(case):
            if other is not None and (own is None or other.place < own.place):
                continue
            if own is not None:
                yield own if in_limit(start.lab_at, own.lab_at) else None
            elif not in_limit(start.lab_at, case.cutoff):
                yield None

    def _started(self, case: Case) -> Iterator[tuple[Step, Step | None, Step | None]]:
        """For each record in charge the first start, and the first finish after it of mine and of others."""
        starts = case.replay.done(*self.start)
        finishes = case.replay.done(*self.finish)
        mine = self._my_finishes(case)
        in_time = self.in_time(case)
        for record in case.replay.in_charge(self.start.kind, case.me):
            steps = starts.get(record.serial)
            if steps and in_time(steps[0].lab_at):
                own, done = mine.get(record.serial), finishes.get(record.serial)
                yield (
                    steps[0],
                    _after(steps[0], own) if own else None,
                    _after(steps[0], done, but=case.me) if done else None,
                )

    def _in_limit(self, case: Case) -> Callable[[datetime, datetime], bool]:
        """A test whether at most ``limit`` elapsed between two times, on the check's clock."""
        limit = self.limit.span
        if self.clock == "lab":
            return lambda start, end: end - start <= limit
        elapsed = case.replay.header.working_hours.elapsed
        return lambda start, end: elapsed(start, end) <= limit

    def _my_finishes(self, case: Case) -> dict[object, list[Step]]:
        found: dict[object, list[Step]] = {}
        for step in self.of_outcome_and_origin(case.replay.acts(case.me).matching(*self.finish)):
            found.setdefault(step.record, []).append(step)
        return found

    def _reason(self, in_time: int, cases: int) -> Text:
        finish = title(act_words(*self.finish))
        if cases < self.least:
            return Text(
                f"{finish.en}: {cases} to judge so far, at least {self.least} needed.",
                f"{finish.zh}：目前可评 {cases} 个，至少需要 {self.least} 个。",
            )
        limit = f"{self.limit.count}{self.limit.unit}"
        return Text(
            f"{finish.en} within {limit}: {in_time} of {cases} in time.",
            f"{finish.zh}须在 {limit} 内：共 {cases} 个，按时 {in_time} 个。",
        )


def _after(start: Step, steps: Sequence[Step], but: str | None = "") -> Step | None:
    """The first of the steps after the start that is not of one member."""
    for step in steps:
        if step.place > start.place and step.member != but:
            return step
    return None
