"""Coach, wall and what they keep, over PostgreSQL."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.gradebook import coach, live, state
from labapp.gradebook.models import GradeState
from labapp.gradebook.rubrics import rubric_of
from labapp.grading import as_json, grade, grade_member
from labapp.grading.grade import Results
from labapp.people.models import Sandbox
from tests import world
from tests.coached import create_lead, enforce
from tests.conftest import Browser
from tests.postgres import Site

pytestmark = pytest.mark.postgres
RUBRIC = """
rubric: 1
title: {en: First week, zh: 第一周}
due: "+1d 18:00"
late: {per_day: 10, max: 50}
self_checks_per_hour: 1
tasks:
  - key: make
    title: {en: Make two leads, zh: 新建两条线索}
    points: 10
    hint: {en: Leads are under Leads., zh: 在线索页面新建。}
    checks:
      - did: {what: lead.create, times: 2, distinct: record}
      - valid: {kind: lead, field: name, rule: unique}
      - holds: {kind: lead, owner: anyone, times: 9}
      - within: {start: lead.create, finish: lead.contact, limit: 8h}
"""


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, the wall judges everybody."""
    monkeypatch.setattr("labapp.gradebook.wall.BUDGET", 60)


@pytest.fixture(scope="module")
def site(postgres_site: Site) -> Iterator[Callable[[str], Browser]]:
    """site("Ben") is Ben at his computer, over a database of its own, with the rubric in force."""
    with postgres_site("labapp_wall") as app:
        cast = world.build()
        coach.forget()
        live.forget()
        enforce(RUBRIC)
        yield lambda name: Browser(app, cast[name])
        coach.forget()
        live.forget()


def the_sandbox() -> Sandbox:
    db.session.rollback()
    return db.session.scalars(select(Sandbox)).one()


def test_the_wall_the_hint_and_the_checks(site: Any) -> None:
    ben, ines = site("Ben"), site("Ines")
    for name in ("Grace", "Ann"):
        create_lead(ben, name)
    first = ines.get("/instructor/wall/rows")
    assert "Make two leads: begun" in first.text
    assert (
        ines.get("/instructor/wall/rows", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    )
    assert ines.get("/instructor/wall/s002/make").status_code == 200
    assert ines.post("/instructor/wall/hint", {"member": "s002", "task": "make"}).status_code == 302
    assert "Leads are under Leads." in ben.get("/coach").text
    assert ben.post("/coach/check").status_code == 302
    assert ben.post("/coach/check").status_code == 403
    assert "2 of 2 done" in ben.get("/coach").text


def test_the_state_is_worth_the_whole_log(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "PORTION", 7)
    ben = site("Ben")
    for name in ("Grace", "Bea", "Cid"):
        create_lead(ben, name)
    assert state.keep_up(the_sandbox()) <= state.LITTLE
    state._moved_on(the_sandbox(), state.stored(state._blank(the_sandbox(), None, looks=False)), 1e9, 0)
    for name in ("Grace", "Dan"):
        create_lead(ben, name)
    sandbox = the_sandbox()
    rubric = rubric_of(sandbox)
    students = state.header_of(sandbox).students
    found = [grade_member(state.views(sandbox, one.member, rubric), rubric, one) for one in students]
    live.forget()
    assert as_json(Results(rubric, None, tuple(found))) == as_json(
        grade(live.log_of_sandbox(sandbox), rubric)
    )
    state._set_aside(db.session.scalars(select(GradeState.id)).one())
    state.sweep()
    assert db.session.scalars(select(GradeState)).all() == []
