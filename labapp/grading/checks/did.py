"""did: the member did this, so many times."""

from fractions import Fraction

from labapp.grading.checks.base import Case, Finding, setting
from labapp.grading.checks.choice import StepCheck, answering
from labapp.grading.log import Step
from labapp.grading.needs import Needs
from labapp.grading.predicates import Where
from labapp.grading.reading import one_of, whole
from labapp.grading.reading_words import Act, any_act, where_answers
from labapp.grading.text import Text
from labapp.grading.wording import act_words, title
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Did(StepCheck):
    """You did this, so many times; each time may have to be another record or another day."""

    what: Act = setting(any_act)
    times: int = setting(whole(1), 1)
    where: Where = setting(where_answers, Where())
    distinct: str = setting(one_of("none", "record", "day"), "none")
    credit: str = setting(one_of("each", "all"), "each")

    def needs(self) -> Needs:
        return Needs(acts=frozenset([self.what]))

    def judge(self, case: Case) -> Finding:
        found = self._distinct(answering(self.own(case, self.what), self.where, case))
        share = credited(len(found), self.times, self.credit)
        return Finding(share, self._reason(len(found)), tuple(found[: self.times]))

    def _distinct(self, steps: list[Step]) -> list[Step]:
        if self.distinct == "record":
            return first_of_each(
                [((step.kind, step.record), step) for step in steps if step.record is not None]
            )
        if self.distinct == "day":
            return first_of_each([(step.lab_at.date(), step) for step in steps])
        return steps

    def _reason(self, found: int) -> Text:
        act = title(act_words(*self.what))
        en_each, zh_each = _EACH[self.distinct]
        return Text(
            f"{act.en}: {found} of {self.times} done{en_each}.",
            f"{act.zh}：要求 {self.times} 次，已完成 {found} 次{zh_each}。",
        )


_EACH = {
    "none": ("", ""),
    "record": (", each on another record", "（须为不同的记录）"),
    "day": (", each on another day", "（须在不同的日期）"),
}


def credited(found: int, times: int, credit: str) -> Fraction:
    """The share for so many found: for each of them, or only for all."""
    if credit == "all":
        return Fraction(found >= times)
    return min(Fraction(1), Fraction(found, times))


def first_of_each(pairs: list[tuple[object, Step]]) -> list[Step]:
    """The first step of each key, in order."""
    firsts: dict[object, Step] = {}
    for key, step in pairs:
        firsts.setdefault(key, step)
    return list(firsts.values())
