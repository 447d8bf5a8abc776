"""What the checks of records share: whose records, and how parts become a share."""

from collections.abc import Iterable
from fractions import Fraction

from labapp.grading.checks.base import Case
from labapp.grading.log import Step
from labapp.grading.replay import Record


def records_of(case: Case, kind: str, owner: str) -> list[Record]:
    """The existing records of the kind, the member's own or anyone's, in the order of their numbers."""
    return case.replay.owned(kind, case.me) if owner == "me" else case.replay.existing(kind)


def last_steps(records: Iterable[Record]) -> tuple[Step, ...]:
    """The last step that changed each record, each step once."""
    return tuple({record.last.place: record.last for record in records}.values())


def reached(part: int, whole: int, cases: int, wanted: Fraction, least: int) -> Fraction:
    """part / whole against the share that is wanted; nothing where there are fewer cases than ``least``."""
    if cases < least or not whole:
        return Fraction(0)
    return min(Fraction(1), Fraction(part, whole) / wanted)
