"""measure: a figure of the business reaches its mark."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Case, Check, Finding, setting
from labapp.grading.checks.measures import BOOKS, MEASURES, NEED_QUARTER, Books, Quarter, Undefined
from labapp.grading.checks.records import last_steps
from labapp.grading.needs import Needs
from labapp.grading.nodes import Node
from labapp.grading.numbers import between_0_and_1
from labapp.grading.reading import exact, one_of, quarter
from labapp.grading.text import Text
from labapp.grading.wording import plain
from labapp.values import dataclass

_NAMES = {
    "won_amount": ("Amount won", "赢单金额"),
    "won_count": ("Opportunities won", "赢单数"),
    "win_rate": ("Win rate", "赢单率"),
    "lead_conversion": ("Lead conversion", "线索转化率"),
    "quota_attainment": ("Quota attainment", "配额完成率"),
    "forecast_error": ("Forecast error", "预测误差"),
    "pipeline_coverage": ("Pipeline coverage", "销售管道覆盖率"),
    "first_response_hours": ("Hours to first response", "首次响应小时数"),
    "resolution_hours": ("Hours to resolution", "解决小时数"),
    "satisfaction": ("Satisfaction", "满意度"),
}


@dataclass(frozen=True, kw_only=True)
class Measure(Check):
    """A figure of your business: full credit at ``full``, none at ``zero``, in proportion between."""

    name: str = setting(one_of(*MEASURES))
    full: Fraction = setting(exact)
    zero: Fraction = setting(exact)
    quarter: Quarter | None = setting(quarter, None)

    @classmethod
    def misfits(cls, values: Mapping[str, Any], node: Node) -> Iterator[tuple[int, Text]]:
        name, full = values.get("name"), values.get("full")
        if full is not None and full == values.get("zero"):
            yield node.line_of("full"), Text("'full' and 'zero' must differ", "'full' 与 'zero' 不能相同")
        if name in NEED_QUARTER and "quarter" not in values:
            yield (
                node.line_of("name"),
                Text(f"{name} needs 'quarter', such as 2026Q4", f"{name} 需要 'quarter'，如 2026Q4"),
            )

    def needs(self) -> Needs:
        return Needs(mine=BOOKS)

    def judge(self, case: Case) -> Finding:
        en, zh = _NAMES[self.name]
        try:
            found = MEASURES[self.name](Books(case, self.quarter))
        except Undefined as why:
            return Finding(Fraction(0), Text(f"{en}: {why.text.en}.", f"{zh}：{why.text.zh}。"))
        share = between_0_and_1((found.value - self.zero) / (self.full - self.zero))
        value, full = plain(found.value), plain(self.full)
        reason = Text(f"{en}: {value}; full credit at {full}.", f"{zh}：{value}；达到 {full} 得满分。")
        return Finding(share, reason, last_steps(found.counted))
