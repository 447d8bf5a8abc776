"""Whether the rubric asks code fields for values that exist: `status: qualifed` would never be met by anybody."""

from collections.abc import Collection, Iterator, Mapping

from labapp.db.fields import Field
from labapp.grading import Rubric
from labapp.grading.checks.base import Check
from labapp.grading.checks.did import Did
from labapp.grading.checks.holds import Holds
from labapp.grading.checks.never import Never
from labapp.grading.predicates import Condition, Where
from labapp.records.custom import PREFIX
from labapp.scenario.check_tools import Tools
from labapp.scenario.own_fields import own_fields
from labapp.scenario.problems import Place, listed

FILE = "rubric.yaml"
PLAIN = ("is", "not")
OWN = "extra."
CONFIGURATOR = "configurator"


def check_codes(rubric: Rubric, tools: Tools) -> None:
    """Note every value that a code table, or a choice of one's own, does not have.

    Where students configure the sandbox nothing is noted: they may add the value that is asked for.
    """
    if any(position.profile == CONFIGURATOR for position in tools.said.positions.walk()):
        return
    for task in rubric.tasks:
        for line in task.lines:
            for kind, where in _asked(line.check):
                for name, value, possible in _unknown(kind, where, tools):
                    tools.problems.add(
                        Place(FILE, line.line),
                        f"{name}: {value!r} is none of {listed(possible)}",
                        f"{name}：{value!r} 不在可选值之内：{listed(possible)}",
                    )


def _asked(check: Check) -> Iterator[tuple[str, Where]]:
    """The kinds of a check with what it asks of their fields, or of answers that are called like fields."""
    if isinstance(check, Holds):
        yield check.kind, check.where
    elif isinstance(check, Did | Never):
        yield check.what[0], check.where


def _unknown(kind: str, where: Where, tools: Tools) -> Iterator[tuple[str, str, Collection[str]]]:
    fields = fields_of(kind, tools)
    for name, predicate in where.fields:
        possible = _choices(fields.get(name), tools)
        if possible is None:
            continue
        for condition in predicate:
            for value in _values(condition):
                if value not in possible:
                    yield name, value, possible


def fields_of(kind: str, tools: Tools) -> Mapping[str, Field]:
    """The fields of a kind as rubrics call them."""
    own = {name.replace(PREFIX, OWN, 1): field for name, field in own_fields(tools.said, kind).items()}
    return {**tools.words.kinds.get(kind, {}), **own}


def _choices(field: Field | None, tools: Tools) -> Collection[str] | None:
    """What a field takes; None where that is not a list of keys."""
    if field is None or field.shape != "choice":
        return None
    return dict(field.choices) or tools.values.tables.get(field.codes or "")


def _values(condition: Condition) -> list[str]:
    if condition.operation in PLAIN:
        return [condition.operand] if isinstance(condition.operand, str) else []
    if condition.operation == "in":
        return [value for value in condition.operand if isinstance(value, str)]
    return []
