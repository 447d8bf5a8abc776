"""Archives are larger than all else that is sent; the server lets them in from whoever may restore one.

It stops whatever is too large before the application sees it. For what is larger, it asks the application here whether
the address is one that takes large files (`takes_large_files` marks its view) and who it is that sends.
"""

import logging
from typing import Any

from flask import Flask, request
from sqlalchemy.exc import DBAPIError
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from werkzeug.exceptions import HTTPException

from labapp.web.growing import Growing

log = logging.getLogger("labapp")


class Widened:
    """The server's settings with another limit."""

    def __init__(self, settings: Any, most: int) -> None:
        self._settings, self.max_request_body_size = settings, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)


def channel_of(site: Growing) -> type[HTTPChannel]:
    """The class of the server's connections. The console is read when something large is sent before it was."""

    class Parser(HTTPRequestParser):
        """Reads a request; its limit is known with its headers."""

        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            usual = self.adj.max_request_body_size
            if self.command == "POST" and (self.chunked or self.content_length >= usual):
                site.grow()
                most = most_of(site.app, self.path, self.headers.get("COOKIE", ""))
                self.adj = Widened(self.adj, max(most, usual))

    class Channel(HTTPChannel):
        """A connection of a browser."""

        parser_class = Parser

    return Channel


def most_of(app: Flask, path: str, cookies: str) -> int:
    """How many bytes the bearer of these cookies may send to this address at once; 0 for a stranger, and elsewhere."""
    if not is_large(app, path):
        return 0
    with app.test_request_context(path, method="POST", headers={"Cookie": cookies}):
        try:
            app.preprocess_request()
        except (HTTPException, DBAPIError) as error:  # the token is in the body, which is still to come
            log.debug("an archive is announced: %s", error)
        return request.max_content_length or 0


def is_large(app: Flask, path: str) -> bool:
    """Does this address take large files?"""
    try:
        endpoint, _values = app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return False
    return bool(getattr(app.view_functions[endpoint], "takes_large_files", False))
