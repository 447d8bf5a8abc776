"""How often something was asked in somebody's name: counted in the database, so that all processes count together."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import DateTime, String, bindparam, case, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp import clock
from labapp.db import Model, db, dialects
from labapp.db.quick import Quick
from labapp.people.models import SignInAttempt

OK, WRONG, PENDING, UNLOCK = OUTCOMES = ("ok", "wrong", "pending", "unlock")  # of a try to sign in
REMEMBERED, KNOWN = timedelta(days=180), timedelta(days=2 * 365)


class RateCount(Model):
    """One name and window: how often, and until when it counts. Names are digests, as they hold addresses."""

    __tablename__ = "rate_count"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    times: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


def count_up(name: str, seconds: int) -> int:
    """Count once more in this name, in the running write transaction. Returns how often within the window.

    A window is this many seconds long and begins with the first call after the last one ended.
    """
    now = clock.now()
    values = {
        "name": sha256(name.encode()).hexdigest(),
        "times": 1,
        "expires_at": now + timedelta(seconds=seconds),
        "moment": now,
    }
    return int(_counting()(values).one()[0])


@dialects.made_once
def _counting() -> Quick:
    """Made once: begins a window or counts in the one that runs, by one statement."""
    table = RateCount.__table__
    statement = dialects.insert(table)
    over = table.c.expires_at <= bindparam("moment", type_=DateTime())
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={
            "times": case((over, 1), else_=table.c.times + 1),
            "expires_at": case((over, statement.excluded.expires_at), else_=table.c.expires_at),
        },
    )
    return Quick(statement.returning(table.c.times), ["name", "times", "expires_at"])


def prune_counts() -> None:
    """Forget the windows that have ended, in the running write transaction."""
    db.session.execute(delete(RateCount).where(RateCount.expires_at <= clock.now()))


def prune_attempts() -> int:
    """Forget tries to sign in of half a year ago and more, in the running write transaction. Returns how many.

    By which devices an account was signed in to stays known as long as a device keeps its cookie.
    """
    now, attempt = clock.now(), SignInAttempt
    by_device = select(func.max(attempt.id)).where(
        attempt.outcome.in_((OK, PENDING)), attempt.at > now - KNOWN
    )
    known = by_device.group_by(attempt.account_id, attempt.device)
    old = delete(attempt).where(attempt.at <= now - REMEMBERED, attempt.id.not_in(known))
    return len(db.session.execute(old.returning(attempt.id)).all())
