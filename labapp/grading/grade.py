"""A log and a rubric in, points and evidence out (grading.md 2, Points)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from labapp.grading.checks.base import Case, Finding
from labapp.grading.collector import collector_at_rest
from labapp.grading.judge import Judged, judge_tasks
from labapp.grading.lateness import share_after_due
from labapp.grading.log import Log, Member
from labapp.grading.numbers import half_up
from labapp.grading.replay import Replay, replayed
from labapp.grading.rubric import Late, Rubric, Task
from labapp.grading.text import Text
from labapp.values import dataclass

Marks = Mapping[tuple[str, str, int], Any]
Shares = Mapping[str, Fraction | None]  # by task key


@dataclass(frozen=True)
class TaskResult:
    """What one member has for one task; ``points`` and ``share`` are None where there is a ``state``.

    ``late`` says why ``points`` are not ``share`` of the task's, where its time is over.
    """

    task: Task
    points: Decimal | None
    share: Fraction | None
    findings: tuple[Finding, ...]
    state: str | None = None
    reason: Text | None = None
    late: Text | None = None


@dataclass(frozen=True)
class MemberResult:
    """What one member has. ``max`` leaves out tasks with a state; ``passed`` may be undecided."""

    member: Member
    points: Decimal
    max: Fraction
    passed: bool | None
    tasks: tuple[TaskResult, ...]


@dataclass(frozen=True)
class Results:
    """A whole run. ``cutoff`` is the one that was asked for, None for the end of the log."""

    rubric: Rubric
    cutoff: datetime | None
    members: tuple[MemberResult, ...]

    def could_not_tell(self) -> list[str]:
        """A sentence for each check that could not tell."""
        return [
            f"{result.member.member}: {task.task.key}: {line.name} (line {line.line}): {finding.reason.en}"
            for result in self.members
            for task in result.tasks
            for line, finding in zip(task.task.lines, task.findings, strict=True)
            if finding.state == "could_not_tell"
        ]


@dataclass(frozen=True)
class Views:
    """The log at the cut-off, and at ``due`` where lateness has to be judged.

    ``then``: what the member had at ``due``, where that is known; ``at_due`` is not asked for it.
    """

    now: Replay
    due: datetime | None = None
    at_due: Replay | None = None
    then: Shares | None = None


def grade(log: Log, rubric: Rubric, cutoff: datetime | None = None, marks: Marks | None = None) -> Results:
    """Grade every student of the log, in the order of the header.

    Without ``cutoff`` everything in the log counts. ``marks`` are the instructor's for ``by_hand``,
    by member, task key and place of the check in the task (from 0).
    """
    with collector_at_rest():
        views = views_of(log, rubric, cutoff)
        members = tuple(grade_member(views, rubric, member, marks) for member in log.header.students)
    return Results(rubric, cutoff, members)


def views_of(log: Log, rubric: Rubric, cutoff: datetime | None = None, due: datetime | None = None) -> Views:
    """The log as grading needs it. ``due`` replaces the rubric's: an extension."""
    return views_at(replayed(log, cutoff), log, rubric, due)


def views_at(now: Replay, log: Log, rubric: Rubric, due: datetime | None = None) -> Views:
    """The same for a log that is already replayed, as a live page keeps it."""
    if due is None and rubric.due is not None:
        due = rubric.due.on(log.header.starts_at)
    if due is None or rubric.late is None or now.cutoff <= due:
        return Views(now)
    return Views(now, due, replayed(log, due))


def grade_member(views: Views, rubric: Rubric, member: Member, marks: Marks | None = None) -> MemberResult:
    """Grade one member: a pure function of log, rubric, cut-off and marks."""
    judged = judge_tasks(rubric, Case(views.now, member.member), marks or {})
    then = views.then
    if then is None and views.at_due is not None:
        then = shares_of(views.at_due, rubric, member, marks)
    tasks = tuple(
        _task_result(
            task, judged[task.key], (then or {}).get(task.key), member.member, views.due, rubric.late
        )
        for task in rubric.tasks
    )
    return member_result(rubric, member, tasks)


def shares_of(replay: Replay, rubric: Rubric, member: Member, marks: Marks | None = None) -> Shares:
    """How far one member had got with each task."""
    judged = judge_tasks(rubric, Case(replay, member.member), marks or {})
    return {key: found.share for key, found in judged.items()}


def _task_result(
    task: Task, judged: Judged, then: Fraction | None, member: str, due: datetime | None, late: Late | None
) -> TaskResult:
    share, why = judged.share, None
    if share is not None and due is not None and late is not None:
        share, why = share_after_due(judged, then, member, due, late)
    points = None if share is None else half_up(share * task.points, 2)
    return TaskResult(task, points, judged.share, judged.findings, judged.state, judged.reason, why)


def member_result(rubric: Rubric, member: Member, tasks: tuple[TaskResult, ...]) -> MemberResult:
    """The sums over the tasks of one member."""
    counted = [task for task in tasks if task.state is None]
    points = sum((task.points or Decimal(0) for task in counted), Decimal(0))
    most = sum((task.task.points for task in counted), Fraction(0))
    passed = None
    if rubric.pass_percent is not None and len(counted) == len(tasks):
        passed = Fraction(points) >= rubric.pass_percent * most / 100
    return MemberResult(member, points, most, passed, tasks)
