"""Judges every task of a rubric for one member: the checks, their mean, and what has to come first."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import COULD_NOT_TELL, TO_BE_MARKED, Case, Finding
from labapp.grading.rubric import Line, Rubric, Task
from labapp.grading.text import Text
from labapp.values import dataclass


@dataclass(frozen=True)
class Judged:
    """A task as judged: ``share`` exact, or None where a ``state`` says why there is none."""

    findings: tuple[Finding, ...]
    share: Fraction | None
    state: str | None = None
    reason: Text | None = None


def judge_tasks(rubric: Rubric, case: Case, marks: Mapping[tuple[str, str, int], Any]) -> dict[str, Judged]:
    """Every task by its key, ``after`` applied."""
    alone = {task.key: _judge(task, case, marks) for task in rubric.tasks}
    done: dict[str, Judged] = {}
    for task in rubric.tasks:
        _resolve(task, rubric, alone, done)
    return done


def _judge(task: Task, case: Case, marks: Mapping[tuple[str, str, int], Any]) -> Judged:
    """The task by itself, whatever has to come first."""
    findings = tuple(
        _find(line, Case(case.replay, case.me, marks.get((case.me, task.key, place))))
        for place, line in enumerate(task.lines)
    )
    state = worst({finding.state for finding in findings})
    if state:
        return Judged(findings, None, state, _STATES[state])
    if len(findings) == 1:
        return Judged(findings, findings[0].share or Fraction(0))
    weights = sum(line.weight for line in task.lines)
    earned = sum(
        line.weight * (finding.share or 0) for line, finding in zip(task.lines, findings, strict=True)
    )
    return Judged(findings, Fraction(earned) / weights)


def _find(line: Line, case: Case) -> Finding:
    """What a check saw; whatever it raises means that it could not tell."""
    try:
        return line.check.judge(case)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        reason = Text(f"This check could not tell ({why}).", f"该检查无法判断（{why}）。")
        return Finding(None, reason, state=COULD_NOT_TELL)


def _resolve(task: Task, rubric: Rubric, alone: Mapping[str, Judged], done: dict[str, Judged]) -> Judged:
    """The task with its ``after`` applied; that one is resolved first."""
    if task.key in done:
        return done[task.key]
    found = alone[task.key]
    if task.after is not None:
        first = rubric.task(task.after)
        found = _after(found, first, _resolve(first, rubric, alone, done))
    done[task.key] = found
    return found


def _after(found: Judged, task: Task, first: Judged) -> Judged:
    """A task that waits for another: a state of either wins, then the share counts once that is whole."""
    state = worst({found.state, first.state})
    if state:
        reason = found.reason if found.state == state else _waits(task, state)
        return replace(found, share=None, state=state, reason=reason)
    if first.share is not None and first.share < 1:
        return replace(found, share=Fraction(0), reason=_first(task))
    return found


def worst(states: set[str | None]) -> str | None:
    """The state that wins."""
    return next((state for state in (COULD_NOT_TELL, TO_BE_MARKED) if state in states), None)


def _first(task: Task) -> Text:
    if task.hidden:
        return Text("first: another task", "请先完成另一项任务")
    return Text(f"first: {task.title.en}", f"请先完成：{task.title.zh}")


def _waits(task: Task, state: str) -> Text:
    name_en, name_zh = ("another task", "另一项任务") if task.hidden else (task.key, task.key)
    why = _STATES[state]
    return Text(f"waits for {name_en}: {why.en}", f"等待{name_zh}：{why.zh}")


_STATES = {
    TO_BE_MARKED: Text("to be marked", "等待评分"),
    COULD_NOT_TELL: Text("could not tell", "无法判断"),
}
