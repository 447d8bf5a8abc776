"""One line of JSON per request on standard error: what was asked, by whom, how it ended, how long it took."""

import json
import logging
import sys
from functools import partial
from typing import Any

from flask import Flask, Response

from labapp import clock
from labapp.afterwards import afterwards
from labapp.people.words import here, this_request

log = logging.getLogger("labapp.request")
said = json.JSONEncoder(ensure_ascii=False).encode


def init_request_log(app: Flask) -> None:
    """Write a line per request, static files apart. Query strings and bodies stay out: they hold what people typed."""
    if not log.handlers and not app.testing:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    app.before_request(start)
    app.after_request(finish)


def start() -> None:
    here().began = clock.monotonic()


def logged_path() -> str:
    """The path asked for; of a one-time address its pattern only, as the address itself is a secret."""
    asked = this_request()
    rule = asked.url_rule.rule if asked.url_rule is not None else ""
    return rule if "<token>" in rule else asked.path


def finish(response: Response) -> Response:
    mine, asked = here(), this_request()
    if asked.endpoint != "static" and log.isEnabledFor(logging.INFO):
        source, actor = mine.get("source"), mine.get("actor")
        line = {
            "request": source.request if source else "",
            "method": asked.method,
            "path": logged_path(),
            "status": response.status_code,
            "ms": round((clock.monotonic() - mine.get("began", clock.monotonic())) * 1000, 1),
            "member": actor.key if actor else None,
            "sandbox": actor.sandbox_id if actor else None,
        }
        afterwards(partial(write, line))
    return response


def write(line: dict[str, Any]) -> None:
    log.handle(log.makeRecord(log.name, logging.INFO, __file__, 0, said(line), (), None))
