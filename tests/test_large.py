"""What the server takes: an archive of hundreds of megabytes from who may restore it, from nobody else."""

from typing import Any

import pytest
from waitress.adjustments import Adjustments

from labapp.app import begun, complete
from labapp.cli.large import channel_of, most_of
from labapp.db import db
from labapp.web.growing import Growing

RESTORE = "/instructor/semester/restore"
MOST = 22 * 1024 * 1024


def parsed(app: Any, cookie: str, url: str = RESTORE, size: int = 300 * 1024 * 1024) -> Any:
    """The head of a request as the server reads it."""
    site = app if isinstance(app, Growing) else Growing(app, lambda app: None)
    parser = channel_of(site).parser_class(Adjustments(max_request_body_size=MOST))
    lines = [f"POST {url} HTTP/1.1", "Host: localhost", f"Content-Length: {size}", f"Cookie: {cookie}"]
    parser.received(("\r\n".join(lines) + "\r\n\r\n").encode())
    return parser


def cookie_of(browser: Any) -> str:
    return f"session={browser.client.get_cookie('session').value}"


def test_an_instructor_sends_an_archive(app: Any, cast: Any, browse: Any) -> None:
    parser = parsed(app, cookie_of(browse(cast.ines)))
    assert parser.error is None
    assert not parser.completed, "its body is waited for"


@pytest.mark.parametrize("name", ["ben", "tess", "olga"])
def test_others_do_not(app: Any, cast: Any, browse: Any, name: str) -> None:
    parser = parsed(app, cookie_of(browse(getattr(cast, name))))
    assert parser.error is not None
    assert parser.error.code == 413


@pytest.mark.parametrize("cookie", ["", "session=forged", "session=", "=;;;"])
def test_a_stranger_does_not(app: Any, cookie: str) -> None:
    assert parsed(app, cookie).error.code == 413


def test_elsewhere_an_instructor_sends_no_more_than_others(app: Any, cast: Any, browse: Any) -> None:
    assert parsed(app, cookie_of(browse(cast.ines)), "/documents/new").error.code == 413
    assert parsed(app, cookie_of(browse(cast.ines)), RESTORE, 8 * 1024**3).error.code == 413


@pytest.mark.parametrize(("name", "code"), [("ines", None), ("ben", 413)])
def test_an_archive_that_is_the_first_thing_sent_after_a_start(
    app: Any, cast: Any, browse: Any, name: str, code: int | None
) -> None:
    """The console, whose address it is, is read two seconds after a start."""
    cookie = cookie_of(browse(getattr(cast, name)))
    site = Growing(begun(app.config), complete)
    assert getattr(parsed(site, cookie).error, "code", None) == code
    assert site.whole
    with site.app.app_context():
        db.engine.dispose()


def test_what_is_not_large_has_nothing_read(app: Any, cast: Any, browse: Any) -> None:
    site = Growing(begun(app.config), complete)
    assert parsed(site, cookie_of(browse(cast.ines)), size=MOST - 1).error is None
    assert not site.whole
    with site.app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    "url", ["//", "/%00", "/nowhere", "http://elsewhere.test/", "/instructor/semester/restore/"]
)
def test_odd_addresses_are_not_large(app: Any, cast: Any, browse: Any, url: str) -> None:
    assert parsed(app, cookie_of(browse(cast.ines)), url).error.code == 413


def test_asking_who_sends_writes_nothing(app: Any, cast: Any, browse: Any) -> None:
    from tests.tables import everything, moved

    cookie, stands = cookie_of(browse(cast.ben)), everything()
    assert most_of(app, RESTORE, cookie) < MOST
    assert moved(stands) == []
