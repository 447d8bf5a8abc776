"""Limits per address: whoever calls too often is told so, and nobody else is."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from labapp.web import limits


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with its limits on, and nothing counted yet."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    limits._window.cache_clear()
    yield app
    limits._window.cache_clear()


def statuses(browser: Any, path: str, count: int, **options: Any) -> list[int]:
    return [browser.client.post(path, data={}, **options).status_code for _ in range(count)]


def test_a_form_sent_too_often_from_one_address_is_stopped(limited: Flask, browse: Any) -> None:
    allowed = int(limits.REGISTRATIONS.partition(" ")[0])
    found = statuses(browse(), "/register", allowed + 1)
    assert 429 not in found[:-1]
    assert found[-1] == 429


def test_another_address_is_heard(limited: Flask, browse: Any) -> None:
    statuses(browse(), "/register", int(limits.REGISTRATIONS.partition(" ")[0]))
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert statuses(browse(), "/register", 1, environ_overrides=elsewhere) != [429]


def test_opening_the_page_is_not_counted(limited: Flask, browse: Any) -> None:
    browser = browse()
    for _ in range(130):
        assert browser.get("/register").status_code == 200


def test_each_limit_counts_also_behind_one_that_is_used_up(limited: Flask) -> None:
    heard = [limits.is_heard("1 per minute; 3 per hour", "a view", "somebody") for _ in range(4)]
    assert heard == [True, False, False, False]
    assert not limits._window().test(limits._parsed("3 per hour")[0], "a view", "somebody")
