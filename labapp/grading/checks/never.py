"""never: the member kept hands off."""

from fractions import Fraction

from labapp.grading.checks.base import Case, Finding, setting
from labapp.grading.checks.choice import OUTCOMES, StepCheck, answering
from labapp.grading.needs import Needs
from labapp.grading.predicates import Where
from labapp.grading.reading import several_of
from labapp.grading.reading_words import Act, any_act, where_answers
from labapp.grading.text import Text
from labapp.grading.wording import act_words
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Never(StepCheck):
    """You did not do this, nor try to; who has done nothing at all gets nothing for it."""

    what: Act = setting(any_act)
    where: Where = setting(where_answers, Where())
    outcome: tuple[str, ...] = setting(several_of(*OUTCOMES), ("done", "refused"))

    def needs(self) -> Needs:
        return Needs(acts=frozenset([self.what]))

    def judge(self, case: Case) -> Finding:
        found = answering(self.own(case, self.what), self.where, case)
        act = act_words(*self.what)
        if found:
            reason = Text(
                f"You were not to {act.en}; it happened {_times(len(found))}.",
                f"不应{act.zh}，但发生了 {len(found)} 次。",
            )
            return Finding(Fraction(0), reason, tuple(found))
        if not case.replay.acts(case.me).worked:
            return Finding(Fraction(0), Text("You have not done any work yet.", "你还没有进行任何操作。"))
        return Finding(Fraction(1), Text(f"You did not {act.en}, as asked.", f"没有{act.zh}，符合要求。"))


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
