"""A student with a coach: rubrics, the strip as a page makes it and what it costs, words of the instructor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from labapp import clock
from labapp.db import begin_write, db
from labapp.gradebook import coach, models
from labapp.people.models import Course, Membership, Sandbox

RUBRIC = """
rubric: 1
title: {en: First week, zh: 第一周}
tasks:
  - key: make
    title: {en: Make two leads, zh: 新建两条线索}
    points: 10
    hint: {en: Leads are under Leads., zh: 在线索页面新建。}
    checks:
      - did: {what: lead.create, times: 2, distinct: record}
      - holds: {kind: lead, times: 2, made_by: me}
  - key: secret
    title: {en: The hidden one, zh: 隐藏的任务}
    points: 5
    hidden: true
    checks:
      - did: {what: lead.contact}
"""
LOOKING = """
rubric: 1
title: {en: Looking, zh: 查看}
tasks:
  - key: look
    title: {en: Open the list, zh: 打开列表}
    points: 1
    checks:
      - did: {what: lead.list}
"""


def enforce(text: str) -> None:
    """Bring a rubric into force."""
    begin_write()
    db.session.scalars(select(Course)).one().rubric = text
    db.session.commit()


def clock_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """forward(6) lets six seconds pass."""
    now = [1000.0]
    monkeypatch.setattr("labapp.clock.monotonic", lambda: now[0])

    def forward(seconds: float) -> None:
        now[0] += seconds

    return forward


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is sent inside."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def strip_of(person) -> tuple[Any, list[str]]:
    """The strip as a page view makes it, and the statements that it costs."""
    sandbox = db.session.get_one(Sandbox, person.sandbox_id, populate_existing=True)
    head = db.session.get_one(Membership, person.membership_id, populate_existing=True).last_hash
    actor = person.actor
    with statements() as sent:
        words = coach.strip(sandbox, actor, head)
    return words, sent


def done(person) -> int:
    return strip_of(person)[0]["done"]


def word(kind: str, person, **values: Any) -> None:
    """A word of the instructor."""
    begin_write()
    row = {
        "sandbox_id": person.sandbox_id,
        "membership_id": person.membership_id,
        "account": "Ines",
        **values,
    }
    db.session.add(models.LedgerEntry(kind=kind, **row))
    db.session.commit()


def try_lead(browser, name: str) -> int:
    """Send the form of a new lead: 302 where it was taken, 422 where not."""
    return browser.post("/leads/new", {"name": name, "company": "Hopper"}).status_code


def create_lead(browser, name: str = "Grace") -> None:
    assert try_lead(browser, name) == 302


def forward(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    """Let real time go on."""
    later = clock.now() + timedelta(**span)
    monkeypatch.setattr("labapp.clock.now", lambda: later)


def text_of(browser, url: str = "/coach") -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.text
