"""Sessions in signed cookies, as Flask has them; what was signed is worked out and read once, not for every page."""

import json
from functools import lru_cache
from time import time
from typing import Any, cast

from flask import Flask, Request, Response
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

from labapp.people.addresses import Signer

FLASHED, TOLD = "_flashes", 5  # a browser throws away a cookie of more than 4 KiB, and the sign-in with it
KEPT = 2_000
PLAIN = frozenset({str, int, bool, type(None)})
MARKED = '{" '  # how what Flask marks begins


class PlainTags(TaggedJSONSerializer):
    """Flask's JSON of a session. Most hold numbers and texts alone, and what is to be told: those need no marks."""

    def dumps(self, value: Any) -> str:
        if all(_is_plain(name, one) for name, one in value.items()):
            return json.dumps(value, separators=(",", ":"))
        return super().dumps(value)

    def loads(self, value: str) -> Any:
        return super().loads(value) if MARKED in value else json.loads(value)


def _is_plain(name: str, value: Any) -> bool:
    if name == FLASHED:
        return all(type(part) is str for told in value for part in told)
    return type(value) in PLAIN


class KeptSessions(SecureCookieSessionInterface):
    """Flask's signed cookies. What signs them is made once for each secret key; a cookie that was good is read once.

    A browser that is sent on and on without being shown a page keeps the last few things it was to be told.
    """

    serializer = PlainTags()

    def __init__(self) -> None:
        self.made: dict[object, URLSafeTimedSerializer | None] = {}
        self.known: dict[tuple[object, str], tuple[dict[str, Any], int]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = _keys(app)
        if keys not in self.made:
            made = self.made[keys] = super().get_signing_serializer(app)
            if made is not None:
                made.signer = Signer
        return self.made[keys]

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app))
        found = self.known.get((_keys(app), cookie)) if cookie else None
        if (
            cookie is None
            or found is None
            or time() - found[1] > app.permanent_session_lifetime.total_seconds()
        ):
            return self._read(app, request, cookie)
        return self.session_class(found[0])

    def _read(self, app: Flask, request: Request, cookie: str | None) -> SecureCookieSession | None:
        """As Flask reads it; kept if it is good and holds nothing that could be changed in place."""
        opened = super().open_session(app, request)
        if cookie and opened and all(type(value) in PLAIN for value in opened.values()):
            if len(self.known) >= KEPT:
                self.known.clear()
            serializer = cast("URLSafeTimedSerializer", self.get_signing_serializer(app))
            _value, at = serializer.loads(cookie, return_timestamp=True)
            self.known[_keys(app), cookie] = dict(opened), int(at.timestamp())
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session.modified and len(session.get(FLASHED, ())) > TOLD:
            session[FLASHED] = session[FLASHED][-TOLD:]
        super().save_session(app, session, response)


def _keys(app: Flask) -> tuple[object, ...]:
    return (app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ()))


@lru_cache(maxsize=KEPT)
def signed_token(secret: str, raw: str, _minute: int) -> str:
    """The token of a session's forms as Flask-WTF signs it: one for all pages of a minute."""
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))
