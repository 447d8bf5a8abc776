"""What is done once an answer has been sent: after its last byte, before the request is over, whatever happens."""

from typing import Any

import pytest
from flask import Flask, Response, g
from sqlalchemy import text
from werkzeug.test import create_environ

from labapp.admission import Admission, Door
from labapp.afterwards import afterwards
from labapp.db import db
from labapp.web.application import Application


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def site(told: list[str]) -> Flask:
    """An application that says what happens."""
    site = Application("small", static_folder=None)
    site.teardown_request(lambda _error: told.append("over"))

    @site.get("/page")
    def page() -> str:
        g.word = "the same request"
        afterwards(lambda: told.append(g.word))
        told.append("built")
        return "page"

    @site.get("/fails")
    def fails() -> str:
        afterwards(lambda: 1 / 0)
        afterwards(lambda: told.append("the next"))
        return "page"

    @site.get("/pieces")
    def pieces() -> Response:
        afterwards(lambda: told.append("done"))
        return Response(told.append(f"piece {n}") or b"." for n in range(2))

    @site.get("/error")
    def error() -> str:
        afterwards(lambda: told.append("done"))
        raise OSError("no page")

    return site


def ask(site: Any, path: str) -> Any:
    """The answer as a server gets it, before it reads any of it."""
    return site(create_environ(path), lambda status, _headers, _info=None: None)


def test_it_is_done_after_the_last_byte_in_the_same_request(site: Flask, told: list[str]) -> None:
    answer = ask(site, "/page")
    assert b"".join(answer) == b"page"
    assert told == ["built"]
    answer.close()
    assert told == ["built", "the same request", "over"]


def test_who_hangs_up_before_reading_keeps_nothing_from_being_done(site: Flask, told: list[str]) -> None:
    ask(site, "/page").close()
    assert told == ["built", "the same request", "over"]


def test_it_may_fail(site: Flask, told: list[str], caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(site, "/fails")
    assert b"".join(answer) == b"page"
    answer.close()
    assert told == ["the next", "over"]
    assert "ZeroDivisionError" in caplog.text


def test_before_what_is_sent_piece_by_piece(site: Flask, told: list[str]) -> None:
    answer = ask(site, "/pieces")
    assert told == ["done", "over"]
    assert b"".join(answer) == b".."
    answer.close()
    assert told == ["done", "over", "piece 0", "piece 1"]


def test_after_the_page_of_an_error(site: Flask, told: list[str]) -> None:
    answer = ask(site, "/error")
    assert b"Internal Server Error" in b"".join(answer)
    answer.close()
    assert told == ["done", "over"]


def test_at_once_where_nothing_is_sent(site: Flask, told: list[str]) -> None:
    afterwards(lambda: told.append("outside"))
    with site.app_context():
        afterwards(lambda: told.append("of a command"))
    assert told == ["outside", "of a command"]


def test_the_door_stays_shut_until_it_is_done(site: Flask, told: list[str]) -> None:
    admission = Admission(site.wsgi_app, 1)
    answer = ask(admission, "/page")
    b"".join(answer)
    assert len(admission.door._inside) == 1
    answer.close()
    assert admission.door._inside == []
    assert told[-1] == "over"


def test_who_waits_at_the_door_has_it_done_first(
    site: Flask, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next requests come in while this one still computes, and all of them get in each other's way."""
    monkeypatch.setattr(Door, "has_waiting", True)
    admission = Admission(site.wsgi_app, 1)
    answer = ask(admission, "/page")
    assert told == ["built", "the same request", "over"]
    assert admission.door._inside == []
    assert b"".join(answer) == b"page"


def test_a_look_is_written_once_the_page_is_there(app: Flask, cast: Any, browse: Any) -> None:
    client = browse(cast.ben).client
    before = lists_seen()
    answer = client.get("/leads/", buffered=False)
    assert b"</html>" in next(iter(answer.response))
    between = lists_seen()
    answer.close()
    assert (between - before, lists_seen() - before) == (0, 1)


def lists_seen() -> int:
    with db.engine.connect() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM operation WHERE verb = 'list'")).scalar_one()
        )
