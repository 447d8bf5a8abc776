"""The code tables a sandbox begins with: the standard ones, changed as the scenario says (product.md §6)."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from labapp.scenario.problems import Problems
from labapp.scenario.shape import CodeChange, Words
from labapp.scenario.yamlfile import read_yaml
from labapp.values import dataclass

PROBABILITIES = {"contact": 10, "needs": 30, "quote": 50, "contract": 70, "won": 100, "lost": 0}
OUTCOMES = {"won": "won", "lost": "lost"}
MEANINGS = {
    "contact": Words(en="We know each other and their interest.", zh="已建立联系，了解对方意向。"),
    "needs": Words(en="Their needs are written down and agreed.", zh="需求已记录并得到确认。"),
    "quote": Words(en="They have our proposal with a price.", zh="方案和报价已提交客户。"),
    "contract": Words(
        en="Terms are agreed, the contract is being signed.", zh="条款已达成一致，正在签订合同。"
    ),
    "won": Words(en="Signed and paid.", zh="合同已签，款项已回。"),
    "lost": Words(en="Not to be won; the reason is on record.", zh="未能成交，已记录原因。"),
}


@dataclass(frozen=True)
class CodeValue:
    """One value of one table. What follows `retired` only for stages; `notify` are keys of positions."""

    table: str
    key: str
    label: Words
    retired: bool = False
    probability: int = 0
    outcome: str = "open"
    meaning: Words | None = None
    requires: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    remind_after: int | None = None


@cache
def standard_codes() -> tuple[CodeValue, ...]:
    """The values of every table, in their order."""
    problems = Problems()
    file = read_yaml(Path(__file__).parent, "codes.yaml", problems)
    problems.stop_if_any()
    assert file is not None
    return tuple(
        _value(table, key, Words(**label))
        for table, values in file.data.items()
        for key, label in values.items()
    )


def _value(table: str, key: str, label: Words) -> CodeValue:
    if table != "stage":
        return CodeValue(table, key, label)
    return CodeValue(
        table, key, label, False, PROBABILITIES.get(key, 0), OUTCOMES.get(key, "open"), MEANINGS.get(key)
    )


@cache
def code_tables() -> tuple[str, ...]:
    """The names of the tables."""
    return tuple(dict.fromkeys(value.table for value in standard_codes()))


def codes_with(changes: Iterable[CodeChange]) -> tuple[CodeValue, ...]:
    """The standard values with a scenario's changes; new ones come last, among stages before won and lost."""
    values = {(value.table, value.key): value for value in standard_codes()}
    for change in changes:
        where = (change.table, change.key)
        values[where] = _changed(values.get(where), change)
    return tuple(
        sorted(values.values(), key=lambda value: (code_tables().index(value.table), value.outcome != "open"))
    )


def _changed(old: CodeValue | None, change: CodeChange) -> CodeValue:
    if old is None:
        label = change.label or Words(en=change.key, zh=change.key)
        old = CodeValue(change.table, change.key, label)
    return replace(old, label=change.label or old.label, retired=change.retired, **change.about_stages)
