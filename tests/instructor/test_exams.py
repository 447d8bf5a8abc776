"""Examinations in the console: who sits, results, statistics, release, one more attempt, the bank of questions."""

from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import begin_write, db
from labapp.lifecycle.verify import verify
from labapp.modules.exams.kinds import SHOWN
from labapp.modules.exams.models import Attempt, CourseExam
from labapp.notices.board import notices_of
from labapp.oplog.models import AdminEntry
from labapp.people.models import Course, Sandbox
from tests.sitting import begin, exam, filled_in, page, time_is_over
from tests.small import BANK

__all__ = ["exam"]
URL = "/instructor/exams"
PAPER = f"{URL}/papers/entry"


@pytest.fixture
def sat(cast: Any, browse: Any, exam: Any) -> dict[str, int]:
    """Ben has handed in everything right, Cy everything wrong, Ada sits."""
    numbers = {}
    answers = {"ben": None, "cy": {"q_single": ["wrong_one"], "q_number": "3"}, "ada": {}}
    for name, given in answers.items():
        browser = browse(getattr(cast, name))
        numbers[name] = begin(browser)
        form = filled_in(numbers[name]) if given is None else filled_in(numbers[name], given)
        if name != "ada":
            browser.post(f"/exams/{numbers[name]}/submit", form)
        else:
            browser.post(f"/exams/{numbers[name]}/save", filled_in(numbers[name], {"q_truth": "true"}))
    return numbers


def acts() -> list[str]:
    db.session.remove()
    return list(db.session.scalars(select(AdminEntry.action).order_by(AdminEntry.id)))


def bank() -> CourseExam | None:
    db.session.remove()
    return db.session.get(CourseExam, 1)


def test_the_list_says_who_sits_and_how_it_went(cast, browse, sat):
    shown = page(browse(cast.ines).get(URL))
    assert "Entry test" in shown
    row = shown.partition("Entry test</a></th>")[2].partition("</tr>")[0]
    assert '<td class="num">1</td><td class="num">2</td><td class="num">50 %</td>' in row


def test_a_paper_shows_every_student_and_every_question(cast, browse, sat):
    shown = page(browse(cast.ines).get(PAPER))
    for said in ("Ben", "Cy", "Ada", "Dee", "Sitting", "Not begun", "1/5", "A stranger who asks"):
        assert said in shown, said
    assert "<strong>8</strong> / 8" in shown
    hardest = shown.index("Which is a lead?")
    assert shown.index("A lead converts twice.") > 0
    assert hardest > 0
    fragment = page(browse(cast.ines).get(PAPER, headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div class="table-frame" id="exam-people"')
    assert "every 10s" in fragment


@pytest.mark.parametrize(
    ("topics", "language", "expected"),
    [
        ("topics: {leads: {en: New leads, zh: 新线索}}\n", "en", "New leads"),
        ("topics: {leads: {en: New leads, zh: 新线索}}\n", "zh", "新线索"),
        ("", "zh", "leads"),
    ],
)
def test_a_topic_is_called_by_its_name(cast, browse, sat, topics, language, expected):
    ines = browse(cast.ines)
    typed = BANK.replace("exam: 1\n", f"exam: 1\n{topics}")
    ines.post(f"{URL}/bank", {"text": typed, "version": "1"})
    ines.post("/language", {"language": language})
    assert f'<th scope="row">{expected}</th>' in page(ines.get(URL))
    assert f"<td>{expected}</td>" in page(ines.get(PAPER))


def test_an_attempt_is_shown_with_what_is_right(cast, browse, sat):
    shown = page(browse(cast.ines).get(f"{URL}/attempts/{sat['cy']}"))
    assert "A buyer of ten years" in shown
    assert "Right: 1400 ± 0.5" in shown
    assert browse(cast.ines).get(f"{URL}/attempts/999").status_code == 404


def test_an_assistant_reads_and_grades_and_does_not_touch_the_bank(cast, browse, sat):
    """P3: reviews and grades, but changes no structure."""
    tess = browse(cast.tess)
    assert "/instructor/exams/bank" not in page(tess.get(URL))
    for url in (PAPER, f"{PAPER}/results.csv", f"{URL}/attempts/{sat['ben']}"):
        assert tess.get(url).status_code == 200, url
    for url in (f"{URL}/bank", f"{URL}/exam.yaml"):
        assert tess.get(url).status_code == 403, url
    assert tess.post(f"{URL}/bank", {"text": BANK, "version": "1"}).status_code == 403
    assert tess.post(f"{URL}/papers/finals/release").status_code == 302
    assert bank().version == 1


@pytest.mark.parametrize("name", ["ben", "ada", "olga"])
def test_the_pages_are_not_for_others(cast, browse, sat, name):
    browser = browse(getattr(cast, name))
    for url in (URL, PAPER, f"{URL}/bank", f"{URL}/exam.yaml", f"{URL}/attempts/{sat['ben']}"):
        answer = browser.get(url)
        assert answer.status_code == 403, url
        assert "right_one" not in page(answer)
    for url in (f"{URL}/bank", f"{URL}/papers/finals/release", f"{PAPER}/more"):
        assert browser.post(url, {"text": BANK, "version": "1"}).status_code == 403
    assert bank().version == 1


def test_results_are_released_everybody_is_told_once_and_hidden_again(cast, browse, exam):
    ben, ines = browse(cast.ben), browse(cast.ines)
    number = begin(ben, "finals")
    ben.post(f"/exams/{number}/submit", filled_in(number))
    for _turn in range(2):
        ines.post(f"{URL}/papers/finals/release")
    assert "exam-outcomes" in page(ben.get(f"/exams/{number}"))
    told = [notice.text_en for notice in notices_of(cast.ben.membership_id)]
    assert told == ["The results of the paper “Finals” are released."]
    assert notices_of(cast.cy.membership_id) == []
    ines.post(f"{URL}/papers/finals/withdraw")
    assert "exam-outcomes" not in page(ben.get(f"/exams/{number}"))
    assert acts()[-3:] == ["exam.release", "exam.release", "exam.withdraw"]


def test_a_student_is_given_one_more_attempt(cast, browse, exam):
    ben, ines = browse(cast.ben), browse(cast.ines)
    number = begin(ben, "finals")
    time_is_over(number)
    ben.get(f"/exams/{number}")
    assert ben.post("/exams/papers/finals/start").status_code == 403
    assert "One more attempt" in page(ines.get(f"{URL}/papers/finals"))
    ines.post(f"{URL}/papers/finals/more", {"member": str(cast.ben.membership_id)})
    assert begin(ben, "finals") != number
    assert acts()[-1] == "exam.more_attempts"


@pytest.mark.parametrize("member", ["", "0", "abc", "t001", "1"])
def test_only_a_student_of_the_course_is_given_more(cast, browse, exam, member):
    assert browse(cast.ines).post(f"{PAPER}/more", {"member": member}).status_code == 404


def test_results_are_taken_along_as_a_table(cast, browse, sat):
    ines = browse(cast.ines)
    rows = page(ines.get(f"{PAPER}/results.csv")).lstrip("\ufeff").splitlines()
    assert len(rows) == 5
    ben = next(row for row in rows if "Ben" in row)
    assert ",8" in ben
    assert next(row for row in rows if "Dee" in row).rstrip(",").endswith("0")
    workbook = ines.get(f"{PAPER}/results.xlsx")
    assert workbook.get_data().startswith(b"PK")
    workbook.close()
    assert browse(cast.ben).get(f"{PAPER}/results.csv").status_code == 403


# -- the bank --------------------------------------------------------------------------------------


def test_the_bank_is_changed_as_text_and_papers_that_are_sat_stay(cast, browse, exam):
    ben, ines = browse(cast.ben), browse(cast.ines)
    number = begin(ben)
    assert "key: q_single" in page(ines.get(f"{URL}/bank"))
    typed = BANK.replace("Which is a lead?", "Which one is new?").replace("\n", "\r\n")
    assert ines.post(f"{URL}/bank", {"text": typed, "version": "1"}).status_code == 302
    assert bank().version == 2
    assert bank().text == typed.replace("\r\n", "\n")
    assert "Which is a lead?" in page(ben.get(f"/exams/{number}"))
    assert "Which one is new?" in page(browse(cast.cy).get(f"/exams/{begin(browse(cast.cy))}"))
    assert page(ines.get(f"{URL}/exam.yaml")) == typed.replace("\r\n", "\n")


def test_a_bank_with_mistakes_is_not_saved_and_its_text_is_kept(cast, browse, exam):
    typed = BANK.replace("kind: single", "kind: sungle").replace("count: 2", "count: 9")
    answer = browse(cast.ines).post(f"{URL}/bank", {"text": typed, "version": "1"})
    shown = page(answer)
    assert answer.status_code == 422
    assert "kind: sungle" in shown
    assert 'data-line="22">exam.yaml:22</a>' in shown
    assert bank().text == BANK


def test_a_paper_that_the_rubric_asks_for_stays(cast, browse, exam):
    begin_write()
    db.session.get_one(Course, 1).rubric = (
        "rubric: 1\ntitle: {en: T, zh: 题}\ntasks:\n  - key: exam\n    title: {en: T, zh: 题}\n    points: 16\n"
        "    checks:\n      - answered: {paper: entry}\n"
    )
    db.session.commit()
    typed = BANK.replace("key: entry", "key: entrance")
    answer = browse(cast.ines).post(f"{URL}/bank", {"text": typed, "version": "1"})
    assert "exam.yaml has no paper &#39;entry&#39;; possible: entrance" in page(answer)
    assert bank().text == BANK


def test_of_two_tabs_the_second_is_told(cast, browse, exam):
    ines = browse(cast.ines)
    ines.post(f"{URL}/bank", {"text": BANK.replace("minutes: 20", "minutes: 21"), "version": "1"})
    answer = ines.post(f"{URL}/bank", {"text": BANK.replace("minutes: 20", "minutes: 22"), "version": "1"})
    assert "Somebody changed the question bank" in page(answer)
    assert "minutes: 22" in page(answer)
    assert 'name="version" value="2"' in page(answer)
    assert "minutes: 21" in bank().text


def test_a_course_without_examination_gets_one(cast, browse):
    ines = browse(cast.ines)
    assert "no examination yet" in page(ines.get(URL))
    assert ines.get(f"{URL}/exam.yaml").status_code == 404
    ines.post(f"{URL}/bank", {"text": BANK, "version": "0"})
    assert bank().text == BANK
    assert db.session.get_one(Sandbox, cast.ben.sandbox_id).settings[SHOWN] is True
    assert 'href="/exams"' in page(browse(cast.ben).get("/"))
    assert db.session.scalars(select(Attempt)).all() == []
    assert verify(db.session.get_one(Sandbox, cast.ben.sandbox_id)) is None
