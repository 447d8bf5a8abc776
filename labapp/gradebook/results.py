"""A member's result put away as plain JSON, exact, and taken out again."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from labapp.grading import Member, Rubric, Step
from labapp.grading.checks.base import Finding
from labapp.grading.grade import MemberResult, TaskResult, member_result
from labapp.grading.text import Text

NEVER = datetime.fromisoformat("0001-01-01T00:00:00")


def plain(result: MemberResult) -> list[Any]:
    """The tasks in the order of the rubric. Of evidence only the numbers of the steps."""
    return [_plain_task(task) for task in result.tasks]


def read(rubric: Rubric, member: Member, tasks: list[Any], *, evidence: bool = True) -> MemberResult:
    """What `plain` gave for the same rubric; without `evidence` the steps are left out.

    What was put away before lateness had a sentence is read without one.
    """
    found = tuple(
        TaskResult(
            task,
            None if points is None else Decimal(points),
            _fraction(share),
            tuple(_finding(one, evidence=evidence) for one in findings),
            state,
            _text(reason),
            _text(*late),
        )
        for task, (points, share, findings, state, reason, *late) in zip(rubric.tasks, tasks, strict=True)
    )
    return member_result(rubric, member, found)


def _plain_task(task: TaskResult) -> list[Any]:
    findings = [
        [_share(one.share), [one.reason.en, one.reason.zh], [step.id for step in one.steps], one.state]
        for one in task.findings
    ]
    points = None if task.points is None else str(task.points)
    said = [[text.en, text.zh] if text else None for text in (task.reason, task.late)]
    return [points, _share(task.share), findings, task.state, *said]


def _finding(plain_one: list[Any], *, evidence: bool) -> Finding:
    share, reason, steps, state = plain_one
    shown = tuple(_step(number) for number in steps) if evidence else ()
    return Finding(_fraction(share), Text(*reason), shown, state)


def _step(number: int) -> Step:
    """Nothing but its number is known of it."""
    return Step(number, None, NEVER, "", "", None, "", "", {}, (), number)


def _share(share: Fraction | None) -> str | None:
    return None if share is None else str(share)


def _fraction(share: str | None) -> Fraction | None:
    return None if share is None else Fraction(share)


def _text(pair: list[str] | None = None) -> Text | None:
    return Text(*pair) if pair else None
