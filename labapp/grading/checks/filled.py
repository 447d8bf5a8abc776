"""filled: the records are complete."""

from fractions import Fraction

from labapp.grading import needs
from labapp.grading.checks.base import Case, Check, Finding, setting
from labapp.grading.checks.records import last_steps, reached, records_of
from labapp.grading.needs import Needs
from labapp.grading.predicates import is_filled
from labapp.grading.reading import one_of, proportion, whole
from labapp.grading.reading_words import field_names, kind
from labapp.grading.text import Text
from labapp.grading.wording import counted, kind_words, percent
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Filled(Check):
    """The fields that matter are filled in."""

    kind: str = setting(kind)
    fields: tuple[str, ...] = setting(field_names)
    share: Fraction = setting(proportion, Fraction(95, 100))
    least: int = setting(whole(1), 1)
    owner: str = setting(one_of("me", "anyone"), "me")

    def needs(self) -> Needs:
        return needs.records_of(self.kind, self.owner)

    def judge(self, case: Case) -> Finding:
        records = records_of(case, self.kind, self.owner)
        counts = [sum(is_filled(record.fields.get(name)) for name in self.fields) for record in records]
        cells = len(records) * len(self.fields)
        share = reached(sum(counts), cells, len(records), self.share, self.least)
        shown = [record for record, count in zip(records, counts, strict=True) if count]
        return Finding(share, self._reason(sum(counts), cells, len(records)), last_steps(shown))

    def _reason(self, filled: int, cells: int, records: int) -> Text:
        if records < self.least:
            return too_few(records, self.least, self.kind)
        wanted = percent(self.share)
        return Text(
            f"{filled} of {counted(cells, 'field')} filled in; {wanted} wanted.",
            f"共 {cells} 个字段，已填写 {filled} 个；要求达到 {wanted}。",
        )


def too_few(found: int, least: int, kind: str) -> Text:
    """The reason where there are fewer records than asked for."""
    noun = kind_words(kind)
    return Text(
        f"{counted(found, noun.en)} to judge so far, at least {least} needed.",
        f"目前可评的{noun.zh} {found} 个，至少需要 {least} 个。",
    )
