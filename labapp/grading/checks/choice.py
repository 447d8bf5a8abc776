"""Which of a member's own steps a check looks at."""

from collections.abc import Callable, Iterable
from datetime import datetime

from labapp.grading.checks.base import Case, Check, setting
from labapp.grading.log import Step
from labapp.grading.predicates import Where
from labapp.grading.reading import moment, several_of
from labapp.grading.reading_words import Act
from labapp.grading.times import LabTime
from labapp.values import dataclass

OUTCOMES = ("done", "refused", "invalid")
ORIGINS = ("screen", "bulk", "import", "cli", "public", "timeline", "automation", "setup")


@dataclass(frozen=True, kw_only=True)
class StepCheck(Check):
    """A check of the member's own steps: by default those done by hand, one by one or in bulk."""

    outcome: tuple[str, ...] = setting(several_of(*OUTCOMES), ("done",))
    origin: tuple[str, ...] = setting(several_of(*ORIGINS), ("screen", "bulk"))
    since: LabTime | None = setting(moment, None)
    until: LabTime | None = setting(moment, None)

    def own(self, case: Case, act: Act) -> list[Step]:
        """The member's steps of that kind and verb that the check looks at, oldest first."""
        steps = self.of_outcome_and_origin(case.replay.acts(case.me).matching(act.kind, act.verb))
        if self.since is None and self.until is None:
            return steps
        in_time = self.in_time(case)
        return [step for step in steps if in_time(step.lab_at)]

    def of_outcome_and_origin(self, steps: Iterable[Step]) -> list[Step]:
        outcome, origin = self.outcome, self.origin
        return [step for step in steps if step.outcome in outcome and step.origin in origin]

    def in_time(self, case: Case) -> Callable[[datetime], bool]:
        """A test whether a time lies in ``since`` to ``until``, both inclusive."""
        starts_at = case.replay.header.starts_at
        since = self.since.on(starts_at) if self.since else None
        until = self.until.on(starts_at) if self.until else None
        return lambda at: (since is None or since <= at) and (until is None or at <= until)


def answering(steps: list[Step], where: Where, case: Case) -> list[Step]:
    """Those of the steps whose answers meet the predicates."""
    if not where.fields:
        return steps
    meets = where.bind(case.asker)
    return [step for step in steps if meets(step.answers)]
