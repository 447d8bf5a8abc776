"""holds: records stand so at the cut-off."""

from labapp.grading import needs
from labapp.grading.checks.base import Case, Check, Finding, setting
from labapp.grading.checks.did import credited
from labapp.grading.checks.records import last_steps, records_of
from labapp.grading.needs import Needs
from labapp.grading.predicates import Where
from labapp.grading.reading import one_of, whole
from labapp.grading.reading_words import kind, where_fields
from labapp.grading.replay import Record, owner
from labapp.grading.text import Text
from labapp.grading.wording import counted, kind_words
from labapp.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Holds(Check):
    """So many records meet the conditions."""

    kind: str = setting(kind)
    where: Where = setting(where_fields, Where())
    times: int = setting(whole(1), 1)
    owner: str = setting(one_of("me", "anyone"), "me")
    made_by: str = setting(one_of("me", "anyone"), "anyone")
    credit: str = setting(one_of("each", "all"), "each")

    def needs(self) -> Needs:
        return needs.records_of(self.kind, "me" if "me" in (self.owner, self.made_by) else "anyone")

    def judge(self, case: Case) -> Finding:
        found = self._found(case)
        share = credited(len(found), self.times, self.credit)
        return Finding(share, self._reason(len(found)), last_steps(found[: self.times]))

    def _found(self, case: Case) -> list[Record]:
        if self._is_about_me:
            return self._meeting(case)
        return case.replay.once(("holds", self), lambda: self._meeting(case))

    @property
    def _is_about_me(self) -> bool:
        return "me" in (self.owner, self.made_by) or self.where.names_me

    def _meeting(self, case: Case) -> list[Record]:
        meets = self.where.bind(case.asker)
        return [record for record in self._records(case) if meets(record.fields)]

    def _records(self, case: Case) -> list[Record]:
        if self.made_by == "anyone":
            return records_of(case, self.kind, self.owner)
        made = case.replay.made(self.kind, case.me)
        return made if self.owner == "anyone" else [one for one in made if owner(one) == case.me]

    def _reason(self, found: int) -> Text:
        noun = kind_words(self.kind)
        return Text(
            f"{counted(found, noun.en)} as asked, of {self.times}.",
            f"要求 {self.times} 个符合条件的{noun.zh}，现有 {found} 个。",
        )
