"""Slowing down and stopping those who guess passwords, without locking out a class that shares one address.

Failures are counted per account and device. A device that has signed in to the account before has a count of
its own, so strangers cannot lock its owner out; all others share one. No thread sleeps.
"""

import math
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from labapp import clock
from labapp.db import apart, db
from labapp.people.counts import OUTCOMES, count_up
from labapp.people.enrol import tidy_login
from labapp.people.models import Account, SignInAttempt
from labapp.values import dataclass

if TYPE_CHECKING:  # read with the first call that is counted: it takes a twentieth of the time of a start
    from limits import RateLimitItem

OK, WRONG, PENDING, UNLOCK = OUTCOMES
FREE, STOP = 3, 10
WINDOW, STOPPED = timedelta(hours=1), timedelta(minutes=15)
COOKIE, TWO_YEARS = "device", 2 * 365 * 24 * 60 * 60
# Per address, and a whole class may share one.
SIGN_INS, REGISTRATIONS, PUBLIC_FORMS = (
    "600 per minute",
    "120 per minute; 1000 per hour",
    "30 per minute; 300 per hour",
)

F = TypeVar("F", bound=Callable[..., Any])


def address() -> str:
    """The network address that asks."""
    return request.remote_addr or ""


def limited(
    limit: str, key: Callable[[], str] = address, *, methods: tuple[str, ...] = ("POST",)
) -> Callable[[F], F]:
    """Answer 429 to whoever calls a view more often than `limit` ("30 per minute; 300 per hour") allows.

    `key` says in whose name a call is counted; only these methods count. Off where RATELIMIT_ENABLED is false.
    """

    def mark(view: F) -> F:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            counts = request.method in methods and current_app.config.get("RATELIMIT_ENABLED", True)
            if counts and not is_heard(limit, view.__module__, view.__name__, key()):
                abort(429)
            return view(*args, **values)

        return cast(F, guarded)

    return mark


def is_heard(limit: str, *who: str) -> bool:
    """Count a call in this name. False where one of the limits is used up; the others count it all the same.

    The database counts: it is the same limit, whichever process answers.
    """
    with apart():
        heard = [count_up(each.key_for(*who), each.get_expiry()) <= each.amount for each in _parsed(limit)]
    return all(heard)


@cache
def _parsed(limit: str) -> "list[RateLimitItem]":
    from limits import parse_many

    return parse_many(limit)


def init_limits(app: Flask) -> None:
    """The cookie that tells devices apart."""
    app.after_request(keep_device)


def device() -> str:
    """The browser that asks, by its own signed cookie; a new one gets the cookie with the answer."""
    if "device" not in g:
        known = _read_device(request.cookies.get(COOKIE))
        g.new_device = known is None
        g.device = known or secrets.token_urlsafe(24)
    return str(g.device)


def _read_device(cookie: str | None) -> str | None:
    try:
        return str(_signer().loads(cookie))[:64] if cookie else None
    except BadData:
        return None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="labapp.device")


def keep_device(response: Response) -> Response:
    if g.get("new_device"):
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        value = _signer().dumps(g.device)
        response.set_cookie(COOKIE, value, max_age=TWO_YEARS, secure=secure, httponly=True, samesite="Lax")
    return response


@dataclass(frozen=True)
class Tally:
    """Failures within the last hour that count for this device, and when the last one was (UTC)."""

    failures: int
    last: datetime | None

    def wait(self, now: datetime) -> int:
        """Seconds until the next try is heard: doubling after three failures, 15 minutes after ten."""
        if self.last is None or self.failures < FREE:
            return 0
        pause = STOPPED if self.failures >= STOP else timedelta(seconds=2 ** (self.failures - FREE + 1))
        return max(0, math.ceil((self.last + pause - now).total_seconds()))


def tally(account_id: int | None, login: str, device_id: str) -> Tally:
    """What counts against this device at this account; a login that nobody has is counted by its text."""
    return _count(_attempts(account_id, login), _known_devices(account_id), device_id)


def _attempts(account_id: int | None, login: str) -> Sequence[SignInAttempt]:
    """The tries of the last hour, oldest first."""
    mine = SignInAttempt.account_id == account_id
    if account_id is None:
        mine = SignInAttempt.account_id.is_(None) & (SignInAttempt.login == _kept_login(login))
    counted = SignInAttempt.outcome.in_((OK, WRONG, PENDING, UNLOCK))
    recent = SignInAttempt.at > clock.now() - WINDOW
    return db.session.scalars(
        select(SignInAttempt).where(mine, counted, recent).order_by(SignInAttempt.id)
    ).all()


def _known_devices(account_id: int | None) -> frozenset[str]:
    """The devices that have signed in to this account before."""
    query = select(SignInAttempt.device).where(
        SignInAttempt.account_id == account_id, SignInAttempt.outcome.in_((OK, PENDING))
    )
    return frozenset(db.session.scalars(query.distinct())) if account_id is not None else frozenset()


def _count(attempts: Sequence[SignInAttempt], known: frozenset[str], device_id: str) -> Tally:
    failures: list[datetime] = []
    for attempt in attempts:
        same = attempt.device == device_id if device_id in known else attempt.device not in known
        if attempt.outcome == UNLOCK or (attempt.outcome != WRONG and same):
            failures.clear()
        elif attempt.outcome == WRONG and same:
            failures.append(attempt.at)
    return Tally(len(failures), failures[-1] if failures else None)


def note(account_id: int | None, login: str, outcome: str) -> None:
    """Add a try to the account's security log, in the running write transaction."""
    db.session.add(
        SignInAttempt(
            account_id=account_id,
            login=_kept_login(login),
            device=device(),
            address=(request.remote_addr or "")[:64],
            outcome=outcome,
        )
    )


def _kept_login(login: str) -> str:
    return tidy_login(login).replace("\x00", "")[:255]


def unlock(account: Account) -> None:
    """Forget the failures of this account: everybody may try again. In the running write transaction."""
    db.session.add(
        SignInAttempt(
            account_id=account.id,
            login=account.number or account.email or "",
            device="",
            address="",
            outcome=UNLOCK,
        )
    )


def stopped_until(account_id: int) -> datetime | None:
    """Until when strange devices are not heard (UTC); None while they are."""
    found = tally(account_id, "", "")
    stopped = found.failures >= STOP and found.last is not None and found.wait(clock.now()) > 0
    return found.last + STOPPED if stopped and found.last else None


def last_tries(account_id: int, limit: int = 20) -> Sequence[SignInAttempt]:
    """The security log of an account, newest first."""
    query = select(SignInAttempt).where(SignInAttempt.account_id == account_id)
    return db.session.scalars(query.order_by(SignInAttempt.id.desc()).limit(limit)).all()
