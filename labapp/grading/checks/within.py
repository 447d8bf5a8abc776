"""within: the member finished in time what somebody started."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Case, Finding, setting
from labapp.grading.checks.choice import StepCheck
from labapp.grading.checks.records import reached
from labapp.grading.log import Step
from labapp.grading.nodes import Node
from labapp.grading.reading import one_of, proportion, span, whole
from labapp.grading.reading_words import Act, act
from labapp.grading.replay import place
from labapp.grading.text import Text
from labapp.grading.times import Duration
from labapp.grading.wording import act_words, title


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

    def judge(self, case: Case) -> Finding:
        found = [outcome for outcome in self._outcomes(case) if outcome is not None]
        in_time = sorted((outcome for outcome in found if isinstance(outcome, Step)), key=place)
        share = reached(len(in_time), len(found), len(found), self.share, self.least)
        return Finding(share, self._reason(len(in_time), len(found)), tuple(in_time))

    def _outcomes(self, case: Case) -> Iterator[Step | bool | None]:
        """For each record in charge that was started: the finish in time, False, or None if left out."""
        starts = case.replay.done(*self.start)
        finishes = case.replay.done(*self.finish)
        mine = self._my_finishes(case)
        in_time = self.in_time(case)
        for record in case.replay.in_charge(self.start.kind, case.me):
            started = starts.get(record.serial)
            if started and in_time(started[0].lab_at):
                own = _after(started[0], mine.get(record.serial, ()))
                other = _after(started[0], finishes.get(record.serial, ()), but=case.me)
                yield self._outcome(case, started[0], own, other)

    def _outcome(self, case: Case, start: Step, own: Step | None, other: Step | None) -> Step | bool | None:
        if other is not None and (own is None or other.place < own.place):
            return None
        if own is None:
            open_yet = self._elapsed(case, start.lab_at, case.cutoff) <= self.limit.span
            return None if open_yet else False
        return own if self._elapsed(case, start.lab_at, own.lab_at) <= self.limit.span else False

    def _my_finishes(self, case: Case) -> dict[object, list[Step]]:
        found: dict[object, list[Step]] = {}
        for step in self.of_outcome_and_origin(case.replay.acts(case.me).matching(*self.finish)):
            found.setdefault(step.record, []).append(step)
        return found

    def _elapsed(self, case: Case, start: datetime, end: datetime) -> timedelta:
        if self.clock == "working":
            return case.replay.header.working_hours.elapsed(start, end)
        return end - start

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
