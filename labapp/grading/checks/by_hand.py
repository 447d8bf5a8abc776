"""by_hand: the instructor marks it."""

from fractions import Fraction

from labapp.grading.checks.base import TO_BE_MARKED, Case, Check, Finding, setting
from labapp.grading.numbers import fraction
from labapp.grading.reading import above_zero
from labapp.grading.text import Text
from labapp.grading.wording import plain
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class ByHand(Check):
    """Your instructor reads it and gives a mark."""

    scale: Fraction = setting(above_zero, Fraction(5))

    def judge(self, case: Case) -> Finding:
        if case.mark is None:
            return Finding(
                None, Text("To be marked by your instructor.", "等待教师评分。"), state=TO_BE_MARKED
            )
        mark = fraction(case.mark)
        if not 0 <= mark <= self.scale:
            raise ValueError(f"a mark of {mark} is not from 0 to {self.scale}")
        given, scale = plain(mark), plain(self.scale)
        return Finding(
            mark / self.scale, Text(f"Marked {given} of {scale}.", f"教师评分：{given}（满分 {scale}）。")
        )
