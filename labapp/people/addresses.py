"""One-time addresses: a new password without a mail server, and the first administrator (product.md P7b)."""

import hmac
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import select

from labapp.db import db
from labapp.people.models import Account

RESET_SECONDS = 7 * 24 * 60 * 60
APPLICANT_SECONDS = 30 * 60


class Signer(TimestampSigner):
    """Signs with the time. What a machine whose clock is ahead has signed is as good as what was signed just now."""

    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False
    ) -> Any:
        value, at = super().unsign(signed_value, None, True)
        age = self.get_timestamp() - int(at.timestamp())
        if max_age is not None and age > max_age:
            raise SignatureExpired(f"Signature age {age} > {max_age} seconds", payload=value, date_signed=at)
        return (value, at) if return_timestamp else value


def reset_address(account: Account) -> str:
    """The path at which this account sets a new password: for seven days, and once (the epoch moves on)."""
    return f"/reset/{_signer('reset').dumps([account.id, account.epoch])}"


def account_to_reset(token: str) -> Account | None:
    """Whose password this token may set; None if it is forged, used, or too old."""
    return _account(_signer("reset"), token, RESET_SECONDS)


def applicant_token(account: Account) -> str:
    """For one who gave the right password and still waits: opens their applications to them."""
    return str(_signer("applicant").dumps([account.id, account.epoch]))


def applicant_of(token: str | None) -> Account | None:
    """Who this token stands for, for half an hour."""
    return _account(_signer("applicant"), token, APPLICANT_SECONDS) if token else None


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        str(current_app.config["SECRET_KEY"]), salt=f"labapp.{purpose}", signer=Signer
    )


def _account(signer: URLSafeTimedSerializer, token: str, seconds: int) -> Account | None:
    try:
        account_id, epoch = signer.loads(token, max_age=seconds)
    except (BadData, TypeError, ValueError):
        return None
    account = db.session.get(Account, account_id)
    if account is None or account.epoch != epoch or account.disabled:
        return None
    return account


def administrator_missing() -> bool:
    """Whether this installation still waits for its first administrator (004 §3.1-1).

    Asked of the table: the first question to a class has all classes made ready, for which no first page need wait.
    """
    account = Account.__table__.c
    return db.session.execute(select(account.id).where(account.administrator).limit(1)).first() is None


def first_admin_token(app: Flask) -> str | None:
    """A new token for /setup/<token>, which makes the last one void; None where there is an administrator.

    Only its hash is kept, in the data folder.
    """
    with app.app_context():
        if not administrator_missing():
            return None
        token = secrets.token_urlsafe(24)
        path = _kept(app)
        path.touch(mode=0o600)
        path.write_text(_digest(token), encoding="ascii")
        return token


def is_first_admin_token(token: str) -> bool:
    """Whether this token makes the first administrator, and none is there yet."""
    path = _kept(current_app)
    if not path.exists() or not administrator_missing():
        return False
    return hmac.compare_digest(path.read_text(encoding="ascii").strip(), _digest(token))


def claim_first_admin_token(token: str) -> bool:
    """Use the token up. Of two who come at one moment only one gets True."""
    if not is_first_admin_token(token):
        return False
    try:
        _kept(current_app).unlink()
    except FileNotFoundError:
        return False
    return True


def _kept(app: Flask) -> Path:
    return Path(app.config["DATA"]) / "setup.token"


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
