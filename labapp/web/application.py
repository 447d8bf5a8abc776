"""Flask as this product uses it: what Flask works out anew for every request, and never differs, is worked out once."""

from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, Request
from flask.ctx import RequestContext
from flask.templating import Environment
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from werkzeug.routing import IntegerConverter, Map, Rule

from labapp.admission import awaited
from labapp.afterwards import Sent, finish, wait
from labapp.web.sessions import KeptSessions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask.testing import FlaskClient

PRESERVE = "werkzeug.debug.preserve_context"  # a debugger or a test goes on in the request's context itself
F = TypeVar("F", bound=Callable[..., Any])
LARGEST = 2**63 - 1


class LabEnvironment(Environment):
    """Templates whose names for everybody are one plain mapping: each import of macros compares them."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


class KeptTemplates(FileSystemBytecodeCache):
    """Templates as they were translated once, in this folder, for all processes and starts.

    A template or a setting of the environment that has changed is translated anew; a folder that cannot be written
    costs time and nothing else.
    """

    def __init__(self, folder: Path, settings: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(str(folder), "%s.cache")
        self.settings = settings

    def get_source_checksum(self, source: str) -> str:
        return sha256(f"{self.settings}\n{source}".encode()).hexdigest()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


class RowNumber(IntegerConverter):
    """A number in an address that a row can have: a larger one is no page, and reaches no database."""

    def __init__(self, map: Map, *args: Any, **values: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **values})


class Asked(Request):
    """A request. A NUL in its address says nothing, and not every database can be asked for one: it is left out."""

    def __init__(self, environ: dict[str, Any], *args: Any, **more: Any) -> None:
        query = environ.get("QUERY_STRING", "")
        if "%00" in query:
            environ = {**environ, "QUERY_STRING": query.replace("%00", "")}
        super().__init__(environ, *args, **more)


class LateRule(Rule):
    """A rule of addresses whose builders are made when its first address is: most of a process's rules build none."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        make, name = super()._compile_builder, "_build_unknown" if append_unknown else "_build"

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            made = make(append_unknown).__get__(rule, None)
            setattr(rule, name, made)
            return cast("tuple[str, str]", made(**values))

        return build


class Application(Flask):
    """Its requests go on after the answer (`labapp.afterwards`). No view is a coroutine, so none has to be asked."""

    jinja_environment = LabEnvironment
    url_rule_class = LateRule
    request_class = Asked

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.session_interface = KeptSessions()
        self.url_map.converters["int"] = RowNumber

    def ensure_sync(self, func: F) -> F:
        return func

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """As Flask's, but that the request ends when its answer has been sent, not before.

        What is sent piece by piece is made after the end, as Flask has it. Where others wait for their turn, the
        request ends first too: who has an answer comes with the next request, and all would compute at once.
        """
        if PRESERVE in environ:
            return super().wsgi_app(environ, start_response)
        context, error, goes_on = self.request_context(environ), None, False
        try:
            try:
                context.push()
                wait()
                response = self.full_dispatch_request()
            except Exception as caught:
                error = caught
                response = self.handle_exception(caught)
            answer, goes_on = response(environ, start_response), not (response.is_streamed or awaited())
            return Sent(answer, partial(self._end, context, error)) if goes_on else answer
        finally:
            if not goes_on:
                self._end(context, error)

    def test_client(self, use_cookies: bool = True, **more: Any) -> "FlaskClient":
        """As Flask's, but that it reads every answer to its end at once: only then is a request over."""
        client = super().test_client(use_cookies, **more)
        client.open = partial(client.open, buffered=True)  # type: ignore[method-assign]  # of this client alone
        return client

    def _end(self, context: RequestContext, error: Exception | None) -> None:
        """Do what was left for after the answer, and end the request."""
        try:
            finish()
        except Exception:
            self.logger.exception("What was left for after the answer could not be done")
        finally:
            context.pop(error)
