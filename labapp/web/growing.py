"""A site that shows the way in before all of it is read: the console, and what is done beside the pages, come after."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

WAY_IN = ("/", "/login")  # for who brings no cookie, and so is signed in nowhere


class Growing:
    """The application as a server calls it. Any request but those of the way in waits for the rest of the program.

    `rest(app)` reads it and adds it. The worker beside the server has it read two seconds after the start, so that
    hardly anybody waits. Until then requests are answered one by one: no address is looked for while others are added.
    """

    def __init__(self, app: Flask, rest: Callable[[Flask], object]) -> None:
        self.app, self.rest = app, rest
        self.alone, self.whole = Lock(), False

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self.whole:
            return self.app(environ, start_response)
        with self.alone:
            if not is_way_in(environ):
                self._read()
            return self.app(environ, start_response)

    def grow(self) -> None:
        """Have the rest read by now. Raises what reading it raises."""
        if not self.whole:
            with self.alone:
                self._read()

    def _read(self) -> None:
        if self.whole:
            return
        self.app._got_first_request = (
            False  # Flask adds nothing to a site that has answered; here nobody is asking
        )
        self.rest(self.app)
        self.whole = True


def is_way_in(environ: "WSGIEnvironment") -> bool:
    """Does this request ask for the sign-in page, or for a file that a page needs?"""
    if environ["REQUEST_METHOD"] != "GET":
        return False
    path = environ.get("PATH_INFO", "")
    return path.startswith("/static/") or (path in WAY_IN and "HTTP_COOKIE" not in environ)
