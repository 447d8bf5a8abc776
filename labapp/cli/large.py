"""Archives are larger than all else that is sent; the server lets them in from whoever may restore one.

It stops whatever is too large before the application sees it, and asks the application here who it is that sends.
"""

import logging
from typing import Any

from flask import Flask, request
from sqlalchemy.exc import DBAPIError
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from werkzeug.exceptions import HTTPException

RESTORE = "/instructor/semester/restore"
log = logging.getLogger("labapp")


class Widened:
    """The server's settings with another limit."""

    def __init__(self, settings: Any, most: int) -> None:
        self._settings, self.max_request_body_size = settings, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)


def channel_of(app: Flask) -> type[HTTPChannel]:
    """The class of the server's connections."""

    class Parser(HTTPRequestParser):
        """Reads a request; its limit is known with its headers."""

        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.command == "POST" and self.path == RESTORE:
                most = most_of(app, self.headers.get("COOKIE", ""))
                self.adj = Widened(self.adj, max(most, self.adj.max_request_body_size))

    class Channel(HTTPChannel):
        """A connection of a browser."""

        parser_class = Parser

    return Channel


def most_of(app: Flask, cookies: str) -> int:
    """How many bytes the bearer of these cookies may send at once; 0 for a stranger."""
    with app.test_request_context(RESTORE, method="POST", headers={"Cookie": cookies}):
        try:
            app.preprocess_request()
        except (HTTPException, DBAPIError) as error:  # the token is in the body, which is still to come
            log.debug("an archive is announced: %s", error)
        return request.max_content_length or 0
