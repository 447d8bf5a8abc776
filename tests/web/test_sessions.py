"""Sessions: what is kept of cookies is what Flask reads of them, and a cookie stays small."""

from datetime import timedelta
from typing import cast

import pytest
from flask import Flask, Response, flash, get_flashed_messages, jsonify, session
from flask.testing import FlaskClient
from markupsafe import Markup

from labapp.web.sessions import TOLD, KeptSessions


@pytest.fixture
def small() -> Flask:
    app = Flask(__name__)
    app.secret_key = "a key for tests"
    app.session_interface = KeptSessions()

    @app.get("/tell/<word>")
    def tell(word: str) -> str:
        flash(Markup("<b>{}</b>").format(word) if word == "bold" else word, "info")
        session["last"] = word
        return ""

    @app.get("/told")
    def told() -> Response:
        found = cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
        return jsonify([[category, message, isinstance(message, Markup)] for category, message in found])

    @app.get("/last")
    def last() -> str:
        return str(session.get("last"))

    return app


def last(client: FlaskClient) -> str:
    return str(client.get("/last").text)


def test_the_last_few_messages_wait_for_a_page(small: Flask) -> None:
    client = small.test_client()
    for number in range(TOLD + 3):
        client.get(f"/tell/{number}")
    assert client.get("/told").json == [["info", str(number), False] for number in range(3, TOLD + 3)]
    assert client.get("/told").json == []


def test_markup_stays_markup(small: Flask) -> None:
    client = small.test_client()
    client.get("/tell/bold")
    client.get("/tell/plain")
    assert client.get("/told").json == [["info", "<b>bold</b>", True], ["info", "plain", False]]


def test_a_kept_cookie_is_nobody_elses(small: Flask) -> None:
    client = small.test_client()
    client.get("/tell/mine")
    client.get("/told")
    assert [last(client), last(client)] == ["mine", "mine"]
    good = client.get_cookie("session")
    assert good is not None
    forged = small.test_client()
    forged.set_cookie("session", good.value[:-2] + ("AA" if good.value[-2:] != "AA" else "BB"))
    assert last(forged) == "None"


def test_a_kept_cookie_grows_old(small: Flask) -> None:
    client = small.test_client()
    client.get("/tell/mine")
    client.get("/told")
    assert last(client) == "mine"
    small.permanent_session_lifetime = timedelta(seconds=-1)
    assert last(client) == "None"


def test_what_one_request_changes_another_does_not_see(small: Flask) -> None:
    client = small.test_client()
    client.get("/tell/first")
    client.get("/told")
    assert last(client) == "first"
    other = small.test_client()
    held = client.get_cookie("session")
    assert held is not None
    other.set_cookie("session", held.value)
    other.get("/tell/second")
    assert last(client) == "first"
