"""A rubric must not pay the idle: whoever does nothing must earn nothing."""

from labapp.grading.checks.holds import Holds
from labapp.grading.problems import Problem
from labapp.grading.rubric import Line, Rubric
from labapp.grading.text import Text

NEED_AFTER = ("never", "filled", "valid", "measure", "setting")


def pays_the_idle(rubric: Rubric) -> list[Problem]:
    """Every check that could give points for what the set-up brought, in a task that waits for no other."""
    return [
        Problem(line.line, _why(line))
        for task in rubric.tasks
        if task.after is None
        for line in task.lines
        if _pays(line)
    ]


def _pays(line: Line) -> bool:
    if isinstance(line.check, Holds):
        return line.check.made_by != "me"
    return line.name in NEED_AFTER


def _why(line: Line) -> Text:
    if line.name == "holds":
        return Text(
            "'holds' pays who does nothing; the task needs 'after', or the check 'made_by: me'",
            "'holds' 会让什么都不做的人得分；任务需要 'after'，或检查需要 'made_by: me'",
        )
    return Text(
        f"{line.name!r} pays who does nothing; the task needs 'after'",
        f"{line.name!r} 会让什么都不做的人得分；任务需要 'after'",
    )
