"""Limits per address: whoever calls too often is told so, and nobody else is."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from labapp.db import db
from labapp.people.counts import RateCount, prune_counts
from labapp.records.work import writing
from labapp.web import limits


@pytest.fixture
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with its limits on."""
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    return app


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
    assert not limits.is_heard("3 per hour", "a view", "somebody")
    assert limits.is_heard("3 per hour", "a view", "somebody else")


def test_a_window_that_has_ended_begins_anew(limited: Flask) -> None:
    with time_machine.travel("2026-09-07T08:00:00Z", tick=False) as traveller:
        assert [limits.is_heard("2 per minute", "x") for _ in range(3)] == [True, True, False]
        traveller.shift(60)
        assert [limits.is_heard("2 per minute", "x") for _ in range(3)] == [True, True, False]


def test_what_has_ended_is_forgotten_and_no_address_is_kept(limited: Flask) -> None:
    with time_machine.travel("2026-09-07T08:00:00Z", tick=False) as traveller:
        limits.is_heard("2 per minute; 5 per hour", "192.0.2.7")
        kept = db.session.scalars(select(RateCount.name)).all()
        assert len(kept) == 2
        assert "192.0.2.7" not in "".join(kept)
        traveller.shift(60)
        with writing():
            prune_counts()
        assert db.session.scalar(select(func.count()).select_from(RateCount)) == 1
