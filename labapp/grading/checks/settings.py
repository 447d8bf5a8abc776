"""setting: a setting of the sandbox has this value."""

from fractions import Fraction

from labapp.grading.checks.base import Case, Check, Finding, setting
from labapp.grading.predicates import Predicate, meets_all
from labapp.grading.reading import text
from labapp.grading.reading_words import predicate
from labapp.grading.text import Text
from labapp.grading.wording import setting_words
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Setting(Check):
    """A setting stands as asked."""

    path: str = setting(text)
    where: Predicate = setting(predicate)

    def judge(self, case: Case) -> Finding:
        value, step = case.replay.settings.get(self.path, (None, None))
        holds = meets_all(self.where, case.asker)(value)
        reason = _AS_ASKED if holds else _NOT_YET
        said = setting_words(self.path)
        text_ = Text(reason.en.format(said.en), reason.zh.format(said.zh))
        return Finding(Fraction(holds), text_, (step,) if step else ())


_AS_ASKED = Text("The setting “{}” stands as asked.", "设置“{}”符合要求。")
_NOT_YET = Text("The setting “{}” does not stand as asked.", "设置“{}”不符合要求。")
