"""Flask as this product uses it: what Flask works out anew for every request, and never differs, is worked out once."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any, TypeVar

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.templating import Environment
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import IntegerConverter, Map

F = TypeVar("F", bound=Callable[..., Any])
LARGEST = 2**63 - 1


class LabEnvironment(Environment):
    """Templates whose names for everybody are one plain mapping: each import of macros compares them."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


class KeptSessions(SecureCookieSessionInterface):
    """Flask's signed cookies; what signs and reads them is made once for each secret key."""

    def __init__(self) -> None:
        self.made: dict[object, URLSafeTimedSerializer | None] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        keys = (app.secret_key, *(app.config["SECRET_KEY_FALLBACKS"] or ()))
        if keys not in self.made:
            self.made[keys] = super().get_signing_serializer(app)
        return self.made[keys]


class RowNumber(IntegerConverter):
    """A number in an address that a row can have: a larger one is no page, and reaches no database."""

    def __init__(self, map: Map, *args: Any, **values: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **values})


class Application(Flask):
    """No view here is a coroutine, so none has to be asked."""

    jinja_environment = LabEnvironment

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.session_interface = KeptSessions()
        self.url_map.converters["int"] = RowNumber

    def ensure_sync(self, func: F) -> F:
        return func


@lru_cache(maxsize=2_000)
def signed_token(secret: str, raw: str, _minute: int) -> str:
    """The token of a session's forms as Flask-WTF signs it: one for all pages of a minute."""
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))
