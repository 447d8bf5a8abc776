"""What the coach keeps to itself: the points of papers whose results are not released (B12)."""

from dataclasses import replace

from labapp.grading.coach import CheckProgress, Progress, TaskProgress
from labapp.grading.text import Text
from labapp.modules.exams.kinds import RELEASED
from labapp.modules.exams.sitting import exam_of

WAITING = "to_be_marked"
LATER = Text("Handed in. Your instructor will release the results.", "已交卷，成绩由教师公布。")


def told_papers(course_id: int) -> frozenset[str]:
    """The papers of a course whose points students may know."""
    found = exam_of(course_id)
    if found is None:
        return frozenset()
    exam, row = found
    return frozenset(p.key for p in exam.papers if p.shows != RELEASED or p.key in row.released)


def veiled(progress: Progress, course_id: int) -> Progress:
    """The progress without points that are not released; one statement, and none where no paper was handed in."""
    sat = {check.paper for task in progress.tasks for check in task.checks if check.paper and check.steps}
    hidden = sat - told_papers(course_id) if sat else sat
    if not hidden:
        return progress
    return replace(progress, tasks=tuple(_task(task, hidden) for task in progress.tasks))


def _task(task: TaskProgress, hidden: set[str]) -> TaskProgress:
    checks = tuple(_check(check, hidden) for check in task.checks)
    if checks == task.checks:
        return task
    return replace(task, points=None, share=None, state=WAITING, checks=checks)


def _check(check: CheckProgress, hidden: set[str]) -> CheckProgress:
    if check.paper not in hidden or not check.steps:
        return check
    return replace(check, share=None, state=WAITING, reason=LATER)
