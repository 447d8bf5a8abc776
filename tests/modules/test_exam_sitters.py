"""Who sits which paper, and how often.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy;  Ines instructs; Tess assists; Olga observes.
"""

import pytest
from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.modules.exams.models import Attempt, MoreAttempts
from labapp.modules.exams.sitting import put_aside
from labapp.people.models import Sandbox
from tests.lives import last_step, steps_since
from tests.sitting import attempt, begin, exam, filled_in, page

__all__ = ["exam"]


def test_a_paper_is_sat_as_often_as_it_says(cast, browse, exam):
    ben = browse(cast.ben)
    for _turn in range(2):
        number = begin(ben)
        ben.post(f"/exams/{number}/submit", filled_in(number))
    refused = ben.post("/exams/papers/entry/start")
    assert refused.status_code == 403
    assert "You have used every attempt at this paper." in page(refused)
    begin_write()
    db.session.add(MoreAttempts(membership_id=cast.ben.membership_id, paper="entry", more=1))
    db.session.commit()
    assert attempt(begin(ben)).number == 3


def test_who_is_reset_sits_every_paper_anew(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben, "finals")
    begin_write()
    put_aside(cast.ben.membership_id)
    db.session.commit()
    assert attempt(number).ended_by == "reset"
    assert ben.post(f"/exams/{number}/submit", filled_in(number)).status_code == 403
    again = begin(ben, "finals")
    assert attempt(again).number == 2
    assert "Hand in" in page(ben.get(f"/exams/{again}"))


def test_a_paper_handed_in_is_not_changed_any_more(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    ben.post(f"/exams/{number}/submit", filled_in(number, {}))
    for verb in ("save", "submit"):
        answer = ben.post(f"/exams/{number}/{verb}", filled_in(number))
        assert answer.status_code == 403
        assert "This paper has been handed in" in page(answer)
    assert attempt(number).points == 0


def test_a_paper_that_is_not_open_yet_says_when(cast, browse, exam):
    refused = browse(cast.ben).post("/exams/papers/later/start")
    assert refused.status_code == 403
    assert "This paper opens at 2026-09-09 09:00" in page(refused)


@pytest.mark.parametrize("name", ["cy", "ada", "dee", "ines", "tess", "olga"])
def test_a_paper_is_nobody_elses(cast, browse, exam, name):
    number = begin(browse(cast.ben))
    other, before = browse(getattr(cast, name)), last_step(cast.ben)
    assert other.get(f"/exams/{number}").status_code == 404
    for verb in ("save", "submit"):
        assert other.post(f"/exams/{number}/{verb}", {"a1": "1"}).status_code in {403, 404}
    assert {step.outcome for step in steps_since(cast.ben, before)} == {"refused"}
    assert attempt(number).answers == {}


@pytest.mark.parametrize("name", ["ines", "tess", "olga"])
def test_only_students_sit(cast, browse, exam, name):
    browser = browse(getattr(cast, name))
    assert "Only students sit these papers." in page(browser.get("/exams/"))
    assert browser.post("/exams/papers/entry/start").status_code == 403
    assert db.session.scalars(select(Attempt)).all() == []


def test_a_frozen_sandbox_takes_no_answers(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    begin_write()
    db.session.get_one(Sandbox, cast.ben.sandbox_id).state = "frozen"
    db.session.commit()
    for url in (f"/exams/{number}/save", f"/exams/{number}/submit", "/exams/papers/finals/start"):
        answer = ben.post(url, filled_in(number))
        assert answer.status_code == 403
        assert "frozen" in page(answer)
    assert attempt(number).answers == {}


@pytest.mark.parametrize("paper", ["nothing", "q_single"])
def test_there_is_no_other_paper(cast, browse, exam, paper):
    assert browse(cast.ben).post(f"/exams/papers/{paper}/start").status_code == 404


def test_a_course_without_examination_says_so_and_has_no_entry_in_the_menu(cast, browse):
    shown = page(browse(cast.ben).get("/exams/"))
    assert "This course has no examination." in shown
    assert 'href="/exams/"' not in page(browse(cast.ben).get("/leads/"))


def test_the_menu_and_the_first_page_lead_to_the_papers(cast, browse, exam):
    ben = browse(cast.ben)
    first = page(ben.get("/"))
    assert "Entry test" in first
    assert "Later" not in first
    assert 'href="/exams"' in first
    number = begin(ben)
    assert f'href="/exams/{number}"' in page(ben.get("/"))
    ben.post("/language", {"language": "zh"})
    assert "入门测验" in page(ben.get("/"))
