"""A site that shows the way in before all of it is read."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Blueprint, Flask
from werkzeug.test import Client, run_wsgi_app
from werkzeug.test import create_environ as environ

from labapp.web.growing import Growing


@pytest.fixture
def site() -> Growing:
    app = Flask("growing")
    app.add_url_rule("/login", "login", lambda: "sign in")
    app.add_url_rule("/<slug>/", "list", lambda slug: slug)
    read: list[str] = []

    def rest(app: Flask) -> None:
        read.append("rest")
        console = Blueprint("console", __name__)
        console.add_url_rule("/courses", "courses", lambda: "courses")
        app.register_blueprint(console, url_prefix="/instructor")

    app.extensions["read"] = read
    return Growing(app, rest)


def status(site: Growing, path: str, **more: Any) -> int:
    return int(run_wsgi_app(site, environ(path, **more))[1].split()[0])


def test_the_way_in_does_not_wait_for_the_rest(site: Growing) -> None:
    for path in ("/login", "/", "/static/core.css"):
        status(site, path)
    assert status(site, "/login") == 200
    assert site.app.extensions["read"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"path": "/instructor/courses"},
        {"path": "/leads/"},
        {"path": "/login", "method": "POST"},
        {"path": "/", "headers": {"Cookie": "session=somebody"}},
    ],
)
def test_whatever_else_is_asked_for_has_the_rest_read(site: Growing, asked: dict[str, Any]) -> None:
    status(site, **asked)
    assert site.app.extensions["read"] == ["rest"]


def test_an_address_of_the_rest_answers_the_first_who_asks_for_it(site: Growing) -> None:
    assert status(site, "/login") == 200
    assert status(site, "/instructor/courses") == 200
    assert Client(site).get("/leads/").text == "leads"


def test_the_rest_is_read_once_however_many_ask(site: Growing) -> None:
    with ThreadPoolExecutor(8) as pool:
        pages = [pool.submit(status, site, "/instructor/courses") for _ in range(40)]
        pool.submit(site.grow).result()
    assert {page.result() for page in pages} == {200}
    assert site.app.extensions["read"] == ["rest"]


def test_a_rest_that_cannot_be_read_is_told_to_everybody_who_needs_it(site: Growing) -> None:
    def broken(_app: Flask) -> None:
        raise ImportError("no such console")

    site.rest = broken
    assert status(site, "/login") == 200
    for _ in range(2):
        with pytest.raises(ImportError, match="no such console"):
            status(site, "/instructor/courses")
