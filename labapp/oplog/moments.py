"""Lab time never goes back in a sandbox (grading.md, the log), so a stretch of it is a stretch of step numbers.

What is asked of a day, an hour or a moment is asked of numbers: by the key of the log and by the index of a member's
steps, which both go by number.
"""

from datetime import datetime

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import aliased

from labapp.db import db
from labapp.oplog.models import Operation


def first_from(sandbox_id: int, moment: datetime) -> ScalarSelect[int]:
    """The number of the first step from this lab time on; null where there is none."""
    one = aliased(Operation)
    own = select(one.id).where(one.sandbox_id == sandbox_id, one.lab_at >= moment)
    return own.order_by(one.lab_at, one.id).limit(1).scalar_subquery()


def step_at(sandbox_id: int, moment: datetime) -> int:
    """The number of the last step up to this lab time, it included; 0 before the first."""
    own = select(Operation.id).where(Operation.sandbox_id == sandbox_id, Operation.lab_at <= moment)
    return db.session.scalar(own.order_by(Operation.lab_at.desc(), Operation.id.desc()).limit(1)) or 0
