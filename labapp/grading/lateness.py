"""What a task earns once its time is over, and the sentence that says so (grading.md 2, Points)."""

from datetime import datetime, timedelta
from fractions import Fraction

from labapp.grading.judge import Judged
from labapp.grading.rubric import Late
from labapp.grading.text import Text
from labapp.grading.wording import counted, percent, plain

DAY = timedelta(hours=24)


def share_after_due(
    judged: Judged, then: Fraction | None, member: str, due: datetime, late: Late
) -> tuple[Fraction, Text | None]:
    """The share that counts after ``due`` (lab time), and why it is not the one reached; None where it is.

    ``judged``: the task at the cut-off, with a share. ``then``: the share at ``due``, None where it had a state.
    It is the better of the two, the later one less what lateness costs.
    """
    share, at_due = judged.share or Fraction(0), then or Fraction(0)
    days = _days_over(judged, member, due)
    off = min(late.most, late.per_day * days)
    reduced = share * (1 - off / 100)
    if at_due > reduced:
        return at_due, None if at_due == share else _as_at(due, at_due)
    return reduced, _late_by(days, off) if reduced < share else None


def _days_over(judged: Judged, member: str, due: datetime) -> int:
    """How many days were begun between ``due`` and the latest own step that a check with something to give shows."""
    own = [
        step.lab_at
        for finding in judged.findings
        if finding.share
        for step in finding.steps
        if step.member == member
    ]
    over = max(own, default=due) - due
    return -(-over // DAY) if over > timedelta(0) else 0


def _late_by(days: int, off: Fraction) -> Text:
    return Text(
        f"{counted(days, 'day')} late, each day begun counted: {plain(off)}% off",
        f"迟交 {days} 天（不足一天按一天计），扣除 {plain(off)}%",
    )


def _as_at(due: datetime, share: Fraction) -> Text:
    when = f"{due:%Y-%m-%d %H:%M}"
    return Text(
        f"as it stood when it was due, {when}: {percent(share)}; that is more than it would be worth now, late",
        f"按截止时间 {when} 的完成情况（{percent(share)}）计分，高于按现在的迟交情况计分",
    )
