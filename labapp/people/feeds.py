"""The secret address of a member's calendar feed: no sign-in, so the address itself is the key (product.md M11).

Only a running number is kept. The address is signed from it, so that neither the database nor a backup holds a secret,
and renewing it makes the former one void.
"""

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from labapp.db import Model, db
from labapp.people.models import Membership


class CalendarFeed(Model):
    """Which address of a member is good: the one of this number, while `open`."""

    __tablename__ = "calendar_feed"

    membership_id: Mapped[int] = mapped_column(
        ForeignKey("membership.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(default=1)
    open: Mapped[bool] = mapped_column(default=True)


def feed_token(membership_id: int) -> str | None:
    """The token of this member's address; None where there is none."""
    found = db.session.get(CalendarFeed, membership_id)
    return None if found is None or not found.open else str(_signer().dumps([membership_id, found.number]))


def renew_feed(membership_id: int) -> None:
    """Make an address, or another one in place of the former. In the running write transaction."""
    found = db.session.get(CalendarFeed, membership_id)
    if found is None:
        db.session.add(CalendarFeed(membership_id=membership_id))
    else:
        found.number, found.open = found.number + 1, True


def close_feed(membership_id: int) -> None:
    """No address is good any more. In the running write transaction."""
    found = db.session.get(CalendarFeed, membership_id)
    if found is not None:
        found.open = False


def member_of_feed(token: str) -> Membership | None:
    """Whose address this token stands for; None if it is forged or was renewed or closed."""
    try:
        membership_id, number = _signer().loads(token)
    except (BadData, TypeError, ValueError):
        return None
    wanted = select(Membership).join(CalendarFeed, CalendarFeed.membership_id == Membership.id)
    wanted = wanted.where(CalendarFeed.membership_id == membership_id, CalendarFeed.number == number)
    return db.session.scalars(wanted.where(CalendarFeed.open)).one_or_none()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="labapp.calendar")
