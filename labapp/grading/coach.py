"""What a student's own page shows: what is done, what is missing, the hint; hidden tasks only counted."""

from decimal import Decimal
from fractions import Fraction

from labapp.grading.checks.answered import Answered
from labapp.grading.checks.never import Never
from labapp.grading.grade import MemberResult, TaskResult
from labapp.grading.rubric import Rubric, Task
from labapp.grading.text import Text
from labapp.values import dataclass


@dataclass(frozen=True)
class CheckProgress:
    """One check, or all of a task that say the same: how far (exact, None where it has a state), why, and the ids of
    the steps that prove it.

    `paper` is the examination paper whose points it counts.
    """

    name: str
    share: Fraction | None
    weight: Fraction
    reason: Text
    steps: tuple[int, ...]
    state: str | None = None
    paper: str = ""

    @property
    def done(self) -> bool:
        return self.share == 1


@dataclass(frozen=True)
class TaskProgress:
    """One visible task. ``first`` is the title of the task to do before, while that is not done.

    ``late`` says what lateness has cost.
    """

    key: str
    title: Text
    hint: Text | None
    points: Decimal | None
    max: Fraction
    share: Fraction | None
    state: str | None
    reason: Text | None
    first: Text | None
    late: Text | None
    checks: tuple[CheckProgress, ...]

    @property
    def done(self) -> bool:
        return self.share == 1


@dataclass(frozen=True)
class Progress:
    """A student's page: the visible tasks, and how many are hidden."""

    tasks: tuple[TaskProgress, ...]
    hidden: int

    @property
    def done(self) -> int:
        """How many of the visible tasks are done."""
        return sum(task.done for task in self.tasks)

    @property
    def next(self) -> TaskProgress | None:
        """The first visible task that is not done and waits for nothing."""
        waiting = [task for task in self.tasks if not task.done and task.state is None]
        ready = (task for task in waiting if task.reason is None)
        return next(ready, waiting[0] if waiting else None)


def progress(rubric: Rubric, result: MemberResult) -> Progress:
    """A student's page from the student's result (``grade.grade_member``)."""
    visible = [task for task in result.tasks if not task.task.hidden]
    return Progress(
        tasks=tuple(_task(rubric, task) for task in visible),
        hidden=len(result.tasks) - len(visible),
    )


def waits_for_work(result: MemberResult) -> bool:
    """Whether a `never` gives nothing because the member has done nothing at all: the first look would be something."""
    return any(
        isinstance(line.check, Never) and finding.share == 0 and not finding.steps
        for task in result.tasks
        for line, finding in zip(task.task.lines, task.findings, strict=True)
    )


def _task(rubric: Rubric, result: TaskResult) -> TaskProgress:
    task = result.task
    return TaskProgress(
        key=task.key,
        title=task.title,
        hint=task.hint,
        points=result.points,
        max=task.points,
        share=result.share,
        state=result.state,
        reason=result.reason,
        first=_first(rubric, task, result),
        late=result.late,
        checks=_checks(result),
    )


def _checks(result: TaskResult) -> tuple[CheckProgress, ...]:
    """The checks of a task; those that say the same of it are one, with the steps of all."""
    found: dict[tuple[object, ...], CheckProgress] = {}
    for line, finding in zip(result.task.lines, result.findings, strict=True):
        paper = line.check.paper if isinstance(line.check, Answered) else ""
        says = (finding.reason, finding.share, finding.state, paper)
        same = found.get(says)
        found[says] = CheckProgress(
            name=line.name,
            share=finding.share,
            weight=line.weight + (same.weight if same else 0),
            reason=finding.reason,
            steps=tuple(dict.fromkeys((*(same.steps if same else ()), *(step.id for step in finding.steps)))),
            state=finding.state,
            paper=paper,
        )
    return tuple(found.values())


def _first(rubric: Rubric, task: Task, result: TaskResult) -> Text | None:
    """The title of the visible task that has to come first, where this one waits for it."""
    if task.after is None or result.reason is None:
        return None
    before = rubric.task(task.after)
    return None if before.hidden else before.title
