"""valid: what is filled in is right in form."""

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction

from labapp.grading import needs
from labapp.grading.checks.base import Case, Check, Finding, setting
from labapp.grading.checks.filled import too_few
from labapp.grading.checks.records import last_steps, reached, records_of
from labapp.grading.needs import Needs
from labapp.grading.predicates import is_filled
from labapp.grading.reading import one_of, proportion, whole
from labapp.grading.reading_words import field_name, kind
from labapp.grading.replay import Record
from labapp.grading.text import Text
from labapp.grading.wording import counted, field_words, rule_words, title
from labapp.values import dataclass

MOBILE_CN = re.compile(r"1[3-9][0-9]{9}")
LANDLINE_CN = re.compile(r"0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
ENDINGS = ("公司", "集团", "厂", "店", "院", "校", "中心", "银行", "所")
WORDS = ("ltd", "inc", "llc", "gmbh", "co", "company", "corporation", "group", "university", "hospital")

RULES: dict[str, Callable[[str], bool]] = {
    "mobile_cn": lambda value: MOBILE_CN.fullmatch(value) is not None,
    "landline_cn": lambda value: LANDLINE_CN.fullmatch(value) is not None,
    "email": lambda value: EMAIL.fullmatch(value) is not None,
    "full_name": lambda value: value.endswith(ENDINGS) or _ends_in_a_word(value),
}


@dataclass(frozen=True, kw_only=True)
class Valid(Check):
    """What you filled in is right: numbers can be dialled, names are full, nothing is there twice."""

    kind: str = setting(kind)
    field: str = setting(field_name)
    rule: str = setting(one_of(*RULES, "unique"))
    share: Fraction = setting(proportion, Fraction(1))
    least: int = setting(whole(1), 1)
    owner: str = setting(one_of("me", "anyone"), "me")

    def needs(self) -> Needs:
        values = frozenset([(self.kind, self.field)] if self.rule == "unique" else [])
        return needs.records_of(self.kind, self.owner) | Needs(values=values)

    def judge(self, case: Case) -> Finding:
        records = [record for record in records_of(case, self.kind, self.owner) if self._filled(record)]
        passes = self._rule(case)
        passing = [record for record in records if passes(self._value(record))]
        share = reached(len(passing), len(records), len(records), self.share, self.least)
        return Finding(share, self._reason(len(passing), len(records)), last_steps(passing))

    def _rule(self, case: Case) -> Callable[[str], bool]:
        if self.rule != "unique":
            return RULES[self.rule]
        counts = case.replay.values(self.kind, self.field)
        return lambda value: counts[value.casefold()] == 1

    def _filled(self, record: Record) -> bool:
        return is_filled(record.fields.get(self.field))

    def _value(self, record: Record) -> str:
        return str(record.fields.get(self.field)).strip()

    def _reason(self, passing: int, records: int) -> Text:
        if records < self.least:
            return too_few(records, self.least, self.kind)
        field, rule = title(field_words(self.field)), rule_words(self.rule)
        return Text(
            f"{field.en}: {passing} of {counted(records, 'value')} correct ({rule.en}).",
            f"{field.zh}：共 {records} 个，正确 {passing} 个（{rule.zh}）。",
        )


def _ends_in_a_word(value: str) -> bool:
    """Whether a name ends in Ltd, Inc and the like, as a word of its own."""
    folded = value.removesuffix(".").casefold()
    return any(folded.endswith(word) and not _joins(folded.removesuffix(word)[-1:]) for word in WORDS)


def _joins(character: str) -> bool:
    """Whether a character makes one word with a Latin word after it: a Latin letter or a digit."""
    return character.isdigit() or "LATIN" in unicodedata.name(character or " ", "")
