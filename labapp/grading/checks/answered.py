"""answered: points of an examination paper."""

from fractions import Fraction

from labapp.grading.checks.base import Case, Check, Finding, setting
from labapp.grading.log import Step
from labapp.grading.needs import Needs
from labapp.grading.numbers import between_0_and_1, fraction
from labapp.grading.reading import text
from labapp.grading.text import Text
from labapp.grading.wording import percent
from labapp.values import dataclass

HANDED_IN = ("attempt", "submit")


@dataclass(frozen=True, kw_only=True)
class Answered(Check):
    """Your best attempt at a paper."""

    paper: str = setting(text)

    def needs(self) -> Needs:
        return Needs(acts=frozenset([HANDED_IN]))

    def judge(self, case: Case) -> Finding:
        attempts = [
            step
            for step in case.replay.acts(case.me).matching(*HANDED_IN)
            if step.outcome == "done" and step.answers.get("paper") == self.paper
        ]
        if not attempts:
            return Finding(Fraction(0), Text("The paper has not been handed in yet.", "试卷尚未提交。"))
        best = max(attempts, key=_ratio)
        share = between_0_and_1(_ratio(best))
        reason = Text(
            f"Best attempt: {percent(share)} of the points.", f"最好的一次：得到 {percent(share)} 的分数。"
        )
        return Finding(share, reason, (best,))


def _ratio(step: Step) -> Fraction:
    """Points against the maximum. Raises ZeroDivisionError where the maximum is 0."""
    return fraction(step.answers["points"]) / fraction(step.answers["max"])
