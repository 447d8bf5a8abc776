"""What single students are given in a paper: extra minutes, and points for a short text that a reader understands."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from labapp import clock
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.notices.board import notices_of
from labapp.oplog.models import AdminEntry
from labapp.people.models import Sandbox
from labapp.scenario.exams import read_exam
from tests.lives import last_step, steps_since
from tests.sitting import RIGHT, attempt, begin, change, exam, filled_in, page, told
from tests.small import BANK

__all__ = ["exam"]
URL = "/instructor/exams"
MINUTES = f"{URL}/papers/entry/minutes"


def acts() -> list[tuple[str, Any]]:
    db.session.remove()
    found = db.session.scalars(select(AdminEntry).order_by(AdminEntry.id))
    return [(entry.action, entry.details) for entry in found if entry.action.startswith("exam.")]


def given(cast: Any, **minutes: str) -> dict[str, str]:
    return {f"m{getattr(cast, name).membership_id}": typed for name, typed in minutes.items()}


def length(number: int) -> timedelta:
    found = attempt(number)
    return found.ends_at - found.started_at


# -- extra minutes ---------------------------------------------------------------------------------


def test_extra_minutes_count_in_the_limit_of_the_server_and_of_nobody_else(cast, browse, exam):
    ines, ben = browse(cast.ines), browse(cast.ben)
    assert ines.post(MINUTES, given(cast, ben="15")).status_code == 302
    assert "35 minutes · 15 extra minutes for you" in page(ben.get("/exams/"))
    assert length(begin(ben)) == timedelta(minutes=35)
    assert length(begin(browse(cast.cy))) == timedelta(minutes=20)
    about = {"paper": "entry", "member": cast.ben.key, "minutes": 15, "before": 0}
    assert acts() == [("exam.extra_minutes", about)]


def test_a_paper_that_runs_is_longer_and_shorter_at_once(cast, browse, exam):
    ines, ben = browse(cast.ines), browse(cast.ben)
    number = begin(ben)
    ines.post(MINUTES, given(cast, ben="10"))
    assert length(number) == timedelta(minutes=30)
    saved = page(ben.post(f"/exams/{number}/save", filled_in(number), headers={"HX-Request": "true"}))
    seconds = int(saved.partition('data-seconds="')[2].partition('"')[0])
    assert 25 * 60 < seconds <= 30 * 60
    shown = page(ines.get(MINUTES))
    assert 'value="10"' in shown
    was = {f"was{cast.ben.membership_id}": "10"}
    ines.post(MINUTES, {**given(cast, ben=""), **was})
    assert length(number) == timedelta(minutes=20)


def test_a_paper_whose_time_is_over_is_not_opened_again(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    change(number, ends_at=clock.now() - timedelta(seconds=1))
    browse(cast.ines).post(MINUTES, given(cast, ben="10"))
    assert ben.post(f"/exams/{number}/save", filled_in(number)).status_code == 403
    ben.get(f"/exams/{number}")
    assert attempt(number).ended_by == "time"
    assert length(begin(ben)) == timedelta(minutes=30)


def test_only_what_was_changed_on_the_page_is_saved(cast, browse, exam):
    ines = browse(cast.ines)
    ines.post(MINUTES, given(cast, cy="5"))
    ines.post(MINUTES, {**given(cast, ben="15", cy=""), f"was{cast.cy.membership_id}": ""})
    assert [details["member"] for _act, details in acts()] == [cast.cy.key, cast.ben.key]
    assert length(begin(browse(cast.cy))) == timedelta(minutes=25)


@pytest.mark.parametrize("typed", ["-5", "601", "ten", "1.5", "٣", "99999"])
def test_what_is_no_number_of_minutes_is_not_saved_and_kept_on_the_page(cast, browse, exam, typed):
    answer = browse(cast.ines).post(MINUTES, given(cast, ben=typed, cy="5"))
    assert answer.status_code == 422
    assert "A whole number from 0 to 600." in page(answer)
    assert f'value="{typed}"' in page(answer)
    assert acts() == []


def test_extra_minutes_are_given_by_who_grades(cast, browse, exam):
    for name in ("ben", "ada", "olga"):
        browser = browse(getattr(cast, name))
        assert browser.get(MINUTES).status_code == 403
        assert browser.post(MINUTES, given(cast, ben="15")).status_code == 403
    assert browse(cast.ines).get(f"{URL}/papers/nonsense/minutes").status_code == 404
    assert acts() == []
    assert browse(cast.tess).post(MINUTES, given(cast, ben="15")).status_code == 302
    assert len(acts()) == 1


def test_the_list_of_a_paper_says_who_has_more(cast, browse, exam):
    ines = browse(cast.ines)
    ines.post(MINUTES, given(cast, ben="1"))
    assert "+1 minute<" in page(ines.get(f"{URL}/papers/entry"))


# -- short texts -----------------------------------------------------------------------------------


@pytest.fixture
def misread(cast: Any, browse: Any, exam: Any) -> int:
    """Ben has handed in everything right, but in words of his own."""
    ben = browse(cast.ben)
    number = begin(ben)
    ben.post(f"/exams/{number}/submit", filled_in(number, {**RIGHT, "q_text": "the one we call"}))
    assert attempt(number).points == 7
    return number


def place_of(number: int, key: str) -> int:
    return [q["key"] for q in attempt(number).drawn["questions"]].index(key) + 1


def test_a_short_text_gets_the_points_of_a_reader(cast, browse, misread):
    before = last_step(cast.ben)
    address = f"{URL}/attempts/{misread}/marks/{place_of(misread, 'q_text')}"
    ines = browse(cast.ines)
    assert address in page(ines.get(f"{URL}/attempts/{misread}"))
    assert ines.post(address, {"points": "0.5"}).status_code == 302
    assert str(attempt(misread).points) == "7.50"
    answers = {"paper": "entry", "points": "7.50", "max": "8.00", "marked": place_of(misread, "q_text")}
    assert told(steps_since(cast.ben, before)) == [("submit", "automation", "done", answers)]
    assert [notice.text_en for notice in notices_of(cast.ben.membership_id)] == [
        "An answer of your paper “Entry test” was marked by hand: 7.5 / 8 now."
    ]
    assert acts()[-1][0] == "exam.mark"
    assert verify(db.session.get_one(Sandbox, cast.ben.sandbox_id)) is None
    assert "7.5 / 8" in page(browse(cast.ben).get(f"/exams/{misread}"))


def test_nobody_is_told_points_of_a_paper_that_is_not_released(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben, "finals")
    texts = [q.model_dump(mode="json") for q in read_exam(BANK).questions if q.key == "q_text"]
    change(number, drawn={**attempt(number).drawn, "questions": texts})
    ben.post(f"/exams/{number}/submit", {"a1": "the one we call"})
    browse(cast.ines).post(f"{URL}/attempts/{number}/marks/1", {"points": "1"})
    assert attempt(number).points == 1
    assert notices_of(cast.ben.membership_id) == []


@pytest.mark.parametrize("typed", ["0", "1.01", "-1", "", "one", "0.001"])
def test_points_lie_above_those_of_the_program_and_within_the_question(cast, browse, misread, typed):
    address = f"{URL}/attempts/{misread}/marks/{place_of(misread, 'q_text')}"
    answer = browse(cast.ines).post(address, {"points": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in page(answer)
    assert attempt(misread).points == 7


def test_only_short_texts_that_are_handed_in_are_marked_by_hand(cast, browse, misread):
    ines = browse(cast.ines)
    for key, said in (("q_number", "Only short texts"), ("q_single", "Only short texts")):
        answer = ines.post(f"{URL}/attempts/{misread}/marks/{place_of(misread, key)}", {"points": "1"})
        assert (answer.status_code, said in page(answer)) == (403, True)
    assert ines.post(f"{URL}/attempts/{misread}/marks/6", {"points": "1"}).status_code == 404
    running = begin(browse(cast.cy))
    answer = ines.post(f"{URL}/attempts/{running}/marks/{place_of(running, 'q_text')}", {"points": "1"})
    assert "This paper is still being sat." in page(answer)
    change(misread, set_aside=True)
    answer = ines.post(f"{URL}/attempts/{misread}/marks/{place_of(misread, 'q_text')}", {"points": "1"})
    assert "before the member was reset" in page(answer)


@pytest.mark.parametrize(
    ("name", "status", "points"), [("ben", 403, 7), ("ada", 403, 7), ("olga", 403, 7), ("tess", 302, 8)]
)
def test_who_grades_marks_and_nobody_else(cast, browse, misread, name, status, points):
    """An assistant grades (product.md P3)."""
    address = f"{URL}/attempts/{misread}/marks/{place_of(misread, 'q_text')}"
    assert browse(getattr(cast, name)).post(address, {"points": "1"}).status_code == status
    assert attempt(misread).points == points
