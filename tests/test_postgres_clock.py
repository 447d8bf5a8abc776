"""The clock over PostgreSQL, where several really write at once: two walks of one clock do everything once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from labapp.db import db
from labapp.lifecycle.clockwork import Walk
from labapp.lifecycle.moving import send
from labapp.lifecycle.verify import verify
from labapp.records.work import Source
from tests.postgres import Site
from tests.timelines import advance, box, opened, steps, teacher

pytestmark = pytest.mark.postgres


@pytest.fixture
def app(postgres_site: Site) -> Iterator[Flask]:
    """The application over a database of its own."""
    with postgres_site("labapp_clock") as app:
        yield app


def written(sandbox_id: int) -> list[Any]:
    found = steps(sandbox_id, "timeline", "automation")
    return [(s.kind, s.verb, s.record, s.lab_at, s.label, s.changes) for s in found]


def walk(app: Flask, sandbox_id: int, ended: list[bool]) -> None:
    with app.app_context():
        ended.append(Walk(sandbox_id).go())
        db.session.remove()


def test_two_that_walk_at_once_do_everything_once(app: Flask, tmp_path: Path) -> None:
    alone, together = opened(tmp_path, "alone"), opened(tmp_path, "together")
    advance(alone, days=8)
    actor, ended = teacher(together), []
    send(actor, actor.lab_now + timedelta(days=8), Source())
    db.session.remove()
    threads = [Thread(target=walk, args=(app, together, ended)) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [True, True]
    assert written(together) == written(alone)
    assert len(written(together)) > 10
    assert box(together).clock_goal is None
    assert verify(box(together)) is None
