"""The student's coach: what is done, what is missing, at once after an act, and at next to no cost."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from labapp.clock import now as clock_now
from labapp.db import begin_write, db
from labapp.gradebook import coach, models, state
from labapp.notices.board import HINT, Words, tell
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.web import coach as web_coach
from tests.coached import (
    RUBRIC,
    clock_of,
    create_lead,
    enforce,
    strip_of,
    text_of,
    word,
)


@pytest.fixture
def rubric(app):
    """rubric(text) brings a rubric into force."""
    enforce(RUBRIC)
    return enforce


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """clock(6) lets six seconds pass."""
    return clock_of(monkeypatch)


def test_the_page_says_what_is_done_what_is_missing_and_the_hint(rubric, browse, cast):
    ben = browse(cast.ben)
    page = text_of(ben)
    assert "Make two leads" in page
    assert "Leads are under Leads." in page
    assert "0 of 2 done" in page
    assert "The hidden one" not in page
    assert "1 more task is hidden" in page
    create_lead(ben)
    page = text_of(ben)
    assert "1 of 2 done" in page
    assert "5.00 of 10 points" in page
    create_lead(ben)
    assert "1 of 1 tasks done." in text_of(ben)
    assert "All tasks are done." in text_of(ben, "/leads/")


def test_polls_are_no_looks_and_answer_304_while_nothing_changes(rubric, browse, cast):
    ben = browse(cast.ben)
    create_lead(ben)
    before = last_step(cast)
    first = ben.get("/coach/tasks")
    assert "<html" not in first.text
    assert "1 of 2 done" in first.text
    again = ben.get("/coach/tasks", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert last_step(cast) == before
    create_lead(ben)
    changed = ben.get("/coach/tasks", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "2 of 2 done" in changed.text


def last_step(cast) -> int:
    return db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True).last_step


def test_every_post_tells_the_strips_to_ask_again(rubric, browse, cast):
    answer = browse(cast.ben).post("/leads/new", {"name": "Grace", "company": "Hopper"})
    assert answer.headers["HX-Trigger"] == "coach-refresh"


def test_an_own_step_is_shown_in_full_and_anothers_only_exists(rubric, browse, cast):
    ben, cy = browse(cast.ben), browse(cast.cy)
    create_lead(ben, "Grace Murray")
    number = db.session.scalars(
        select(Operation.id).where(Operation.member == cast.ben.key, Operation.verb == "create")
    ).one()
    assert f"/coach/steps/{number}" in text_of(ben)
    mine = text_of(ben, f"/coach/steps/{number}")
    assert "Grace Murray" in mine
    assert "/leads/" in mine
    theirs = text_of(cy, f"/coach/steps/{number}")
    assert "Grace Murray" not in theirs
    assert "not yours" in theirs
    assert cy.get("/coach/steps/99999").status_code == 404


def test_nobody_else_is_coached(rubric, browse, cast):
    for person in (cast.ines, cast.tess, cast.olga):
        assert "There are no tasks for you" in text_of(browse(person))
        assert strip_of(person)[0] is None


def test_released_grades_show_words_total_and_hidden_tasks(rubric, browse, cast, clock):
    ben = browse(cast.ben)
    create_lead(ben)
    word(models.OVERRIDE, cast.ben, task="make", points=8, reason="the second was good")
    assert "the second was good" not in text_of(ben)
    word(models.RELEASE, cast.ben)
    page = text_of(ben)
    assert "the second was good" in page
    assert "The hidden one" in page
    assert "<strong>8.00</strong> / 15" in page
    word(models.HOLD, cast.ben)
    assert "The hidden one" not in text_of(ben)


def test_a_rubric_that_cannot_be_read_is_said_and_breaks_no_page(rubric, browse, cast):
    rubric("rubric: 7")
    ben = browse(cast.ben)
    assert "cannot be read" in text_of(ben)
    assert ben.get("/leads/").status_code == 200


def test_self_checks_show_the_last_one_and_have_a_budget(rubric, browse, cast):
    rubric(RUBRIC.replace("rubric: 1", "rubric: 1\nself_checks_per_hour: 2", 1))
    ben = browse(cast.ben)
    create_lead(ben)
    page = text_of(ben)
    assert "0 of 2 done" in page
    assert "not had your work checked" in page
    assert ben.post("/coach/check").status_code == 302
    assert "1 of 2 done" in text_of(ben)
    create_lead(ben)
    assert "1 of 2 done" in text_of(ben), "only a check looks again"
    assert ben.post("/coach/check").status_code == 302
    assert "2 of 2 done" in text_of(ben)
    beyond = ben.post("/coach/check")
    assert beyond.status_code == 403
    assert "used up the self-checks" in beyond.text
    assert outcomes(cast.ben) == ["done", "done", "refused"]
    coach.forget()
    assert "2 of 2 done" in text_of(ben), "another process says the same"


def test_without_self_checks_there_is_nothing_to_check(rubric, browse, cast):
    assert browse(cast.ben).post("/coach/check").status_code == 403
    assert outcomes(cast.ben) == ["refused"]


def outcomes(person) -> list[str]:
    query = select(Operation.outcome).where(Operation.member == person.key, Operation.verb == "self_check")
    return list(db.session.scalars(query.order_by(Operation.id)))


def test_two_checks_at_once_do_not_exceed_the_budget(rubric, browse, cast, monkeypatch):
    """Both pages have asked for the view when the first check is written: the second is counted under the lock."""
    rubric(RUBRIC.replace("rubric: 1", "rubric: 1\nself_checks_per_hour: 1", 1))
    first, second = browse(cast.ben), browse(cast.ben)
    asked = web_coach.view_now

    def meanwhile() -> Any:
        found = asked()
        monkeypatch.setattr(web_coach, "view_now", asked)
        assert first.post("/coach/check").status_code == 302
        return found

    monkeypatch.setattr(web_coach, "view_now", meanwhile)
    late = second.post("/coach/check")
    assert late.status_code == 403
    assert "used up the self-checks" in late.text
    assert outcomes(cast.ben) == ["done", "refused"]


def test_a_self_check_is_kept_for_every_process(rubric, browse, cast, monkeypatch):
    """A process that has nothing in memory, and does not read the log."""
    rubric(RUBRIC.replace("rubric: 1", "rubric: 1\nself_checks_per_hour: 2", 1))
    ben = browse(cast.ben)
    create_lead(ben)
    assert ben.post("/coach/check").status_code == 302
    create_lead(ben)
    coach.forget()
    monkeypatch.setattr("labapp.gradebook.judging.caught_up", pytest.fail)
    monkeypatch.setattr("labapp.gradebook.state.views", pytest.fail)
    assert "1 of 2 done" in text_of(ben)


def test_a_check_that_the_state_has_passed_is_judged_from_the_log(rubric, browse, cast):
    """Another rubric comes into force after the check, and what is kept has gone on."""
    rubric(RUBRIC.replace("rubric: 1", "rubric: 1\nself_checks_per_hour: 2", 1))
    ben = browse(cast.ben)
    create_lead(ben)
    assert ben.post("/coach/check").status_code == 302
    create_lead(ben)
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    assert (
        state._moved_on(sandbox, state._blank(sandbox, None, looks=False), 1e9, 0).head.step
        == sandbox.last_step
    )
    rubric(RUBRIC.replace("rubric: 1", "rubric: 1\nself_checks_per_hour: 3", 1))
    assert "1 of 2 done" in text_of(ben)


def test_the_strip_brings_the_bell_and_is_not_sent_again(rubric, browse, cast):
    ben = browse(cast.ben)
    first = ben.get("/coach/strip")
    assert 'id="bell"' in first.text
    assert 'hx-swap-oob="true"' in first.text
    tag = {"If-None-Match": first.headers["ETag"]}
    before = last_step(cast)
    assert ben.get("/coach/strip", headers=tag).status_code == 304
    assert last_step(cast) == before
    begin_write()
    tell(cast.ben.sandbox_id, [cast.ben.membership_id], HINT, Words("Look up", "看上面"), clock_now())
    db.session.commit()
    again = ben.get("/coach/strip", headers=tag)
    assert "Notices: 1 unread" in again.text


def test_the_page_says_when_tasks_are_due_and_what_is_left(rubric, browse, cast):
    rubric(RUBRIC.replace("rubric: 1", 'rubric: 1\ndue: "+2d 18:00"', 1))
    page = text_of(browse(cast.ben))
    assert "Your tasks are due on" in page
    assert "days left" in page
    rubric(RUBRIC.replace("rubric: 1", 'rubric: 1\ndue: "2020-01-01T00:00:00"', 1))
    assert "The time is over." in text_of(browse(cast.ben))


def test_evidence_leads_to_the_record(rubric, browse, cast):
    ben = browse(cast.ben)
    create_lead(ben, "Grace Murray")
    assert re.search(r'Lead <a href="/leads/\d+">Grace Murray</a>', re.sub(r"\s+", " ", text_of(ben)))


def test_while_the_log_is_still_being_counted_pages_go_on(rubric, browse, cast, monkeypatch):
    def not_yet(*_args: Any, **_more: Any) -> Any:
        raise state.NotYet

    ben = browse(cast.ben)
    create_lead(ben)
    monkeypatch.setattr(state, "views", not_yet)
    coach.forget()
    assert "still being counted" in text_of(ben)
    assert ben.get("/leads/").status_code == 200
