"""Grades: every point leads to its steps; words of people stand over the grader and never touch it."""

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from labapp.db import begin_write, db
from labapp.gradebook.models import GradeRun, LedgerEntry
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Course
from tests.desk import clock_at

RUBRIC = """
rubric: 1
title: {en: First week, zh: 第一周}
pass: 50
due: "+1d 18:00"
late: {per_day: 10, max: 50}
tasks:
  - key: make
    title: {en: Make two leads, zh: 新建两条线索}
    points: 10
    checks:
      - did: {what: lead.create, times: 2, distinct: record}
      - holds: {kind: lead, times: 2, made_by: me}
      - in_order: {steps: [lead.create, lead.contact]}
  - key: essay
    title: {en: Essay, zh: 短文}
    points: 5
    checks:
      - by_hand: {scale: 4}
"""


@pytest.fixture
def rubric(app, cast):
    begin_write()
    db.session.scalars(select(Course)).one().rubric = RUBRIC
    db.session.commit()


@pytest.fixture
def ines(rubric, browse, cast):
    """Ines, after Ben has done the first task."""
    ben = browse(cast.ben)
    for name in ("Ann", "Bea"):
        assert ben.post("/leads/new", {"name": name, "company": "Hopper"}).status_code == 302
    assert ben.post("/leads/1/contact", {"version": "1"}).status_code == 302
    return browse(cast.ines)


def post(browser, what: str, **form: Any) -> int:
    return browser.post(f"/instructor/grades/{what}", form).status_code


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def page(browser, url: str = "/instructor/grades/s002") -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def test_the_matrix_shows_points_of_members_and_tasks_with_statistics(ines):
    shown = page(ines, "/instructor/grades")
    assert "Ben" in shown
    assert "<strong>10.00</strong> / 10" in shown
    assert "to be marked" in shown
    figures = page(ines, "/instructor/grades/statistics")
    for words in ("Distribution of points", "90–100 %", "data-chart", "Lower quartile", "Pass rate"):
        assert words in figures


def test_the_people_of_one_position_can_be_shown_alone(ines, cast):
    """Dee is in Class B, the others in Class A."""
    place = next(p.id for p in cast.ines.actor.directory.tree() if p.name_en == "class_b")
    shown = page(ines, f"/instructor/grades?place={place}")
    rows = re.findall(r'<th scope="row"><a href="/instructor/grades/(s\d+)"', shown)
    assert rows == ["s004"]
    assert "school / class_b" in shown
    assert ines.get(f"/instructor/grades/export.csv?place={place}").text.count("\n") == 2
    assert len(re.findall(r'<th scope="row"><a href', page(ines, "/instructor/grades?place=999"))) == 4


def test_every_step_shown_as_evidence_leads_to_record_and_time(ines, browse, cast):
    """Followed one by one: the step's page, the time on it, the record."""
    shown = ines.get("/instructor/grades/s002").text
    numbers = [int(number) for number in re.findall(r'href="/instructor/log/steps/(\d+)"', shown)]
    assert len(numbers) == 6
    for number in sorted(set(numbers)):
        step = db.session.scalars(select(Operation).where(Operation.id == number)).one()
        when, label = f"{step.lab_at:%Y-%m-%d %H:%M:%S}", step.label
        step_page = ines.get(f"/instructor/log/steps/{number}").text
        assert when in step_page
        record = re.search(rf'<a href="(/leads/\d+)">{label}</a>', step_page)
        assert record
        assert label in ines.get(record.group(1)).text
    for number in numbers:
        assert label_of(number) in browse(cast.ben).get(f"/coach/steps/{number}").text


def label_of(number: int) -> str:
    return db.session.scalar(select(Operation.label).where(Operation.id == number))


def test_an_override_needs_a_reason_and_points_within_the_task(ines):
    for form in ({"points": "5"}, {"points": "10.01", "reason": "x"}, {"points": "-1", "reason": "x"}):
        assert post(ines, "s002/override", task="make", **form) == 422
    for points in ("-1", "ten", "1.234", "NaN"):
        answer = ines.post(
            "/instructor/grades/s002/override", {"task": "make", "points": points, "reason": "x"}
        )
        assert answer.status_code == 422
        assert "Give points from 0 to 10, with at most two decimals." in answer.text
    assert post(ines, "s002/override", task="none", points="5", reason="x") == 422
    assert count(LedgerEntry) == 0
    assert post(ines, "s002/override", task="make", points="7.50", reason="Copied from Cy") == 302
    shown = page(ines)
    assert "<strong>7.50</strong> / 10" in shown
    assert "Copied from Cy" in shown
    assert "The grader says 10.00." in shown
    assert post(ines, "s002/withdrawn", task="make") == 302
    assert "<strong>10.00</strong> / 10" in page(ines)
    assert post(ines, "s002/withdrawn", task="make") == 422, "nothing is left to withdraw"
    acts = db.session.scalars(select(AdminEntry).order_by(AdminEntry.id)).all()
    assert [act.action for act in acts[-2:]] == ["grade.override", "grade.withdrawn"]
    assert acts[-2].details["reason"] == "Copied from Cy"
    assert acts[-2].subject == "autumn-a s002"


@pytest.mark.parametrize(
    ("what", "typed", "kept"),
    [
        (
            "override",
            {"task": "make", "points": "abc", "reason": "Copied"},
            ('value="abc"', 'value="Copied"'),
        ),
        ("exemption", {"task": "make", "points": "", "reason": " "}, ()),
        ("mark", {"task": "essay", "check": "0", "points": "999"}, ('value="999"',)),
        ("comment", {"task": "make", "comment": " ", "keep": "own"}, ('<option value="own" selected>',)),
        ("extension", {"until": "2026-09-07T10:00", "reason": "Ill"}, ("2026-09-07T10:00", 'value="Ill"')),
        ("withdrawn", {"task": "make"}, ()),
    ],
)
def test_what_cannot_be_taken_leaves_the_page_as_it_was_typed(ines, what, typed, kept):
    last = db.session.scalar(select(func.max(Operation.id)))
    answer = ines.post(f"/instructor/grades/s002/{what}", typed)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'id="task-make"' in answer.text, "the page itself"
    assert ("-wrong" in answer.text) == (what != "withdrawn")
    assert [one for one in kept if one not in answer.text] == []
    steps = select(Operation.outcome).where(Operation.id > last)
    assert list(db.session.scalars(steps)) == ["invalid"]
    assert ines.get(f"/instructor/grades/s002/{what}").headers["Location"] == "/instructor/grades/s002"


def test_a_mark_by_hand_keeps_to_the_scale_of_its_check(ines):
    assert post(ines, "s002/mark", task="essay", check="0", points="4.01") == 422
    assert post(ines, "s002/mark", task="make", check="0", points="1") == 422, (
        "that one is not marked by hand"
    )
    assert post(ines, "s002/mark", task="essay", check="9", points="1") == 422
    assert post(ines, "s002/mark", task="essay", check="0", points="3") == 302
    assert "<strong>3.75</strong> / 5" in page(ines)


def test_an_exempt_task_leaves_the_total_and_says_why(ines, browse, cast):
    assert post(ines, "s002/exemption", task="essay") == 422
    assert post(ines, "s002/exemption", task="essay", reason="Was <ill> & 100% away") == 302
    shown = page(ines)
    assert '<strong>10.00</strong> / 10 points <span class="badge tone-success">passed' in shown
    assert ": Was &lt;ill&gt; &amp; 100% away The grader says –." in shown
    post(ines, "release")
    assert "Was &lt;ill&gt; &amp; 100% away" in page(browse(cast.ben), "/coach/grades")


def test_an_extension_must_be_later_and_can_be_withdrawn(ines):
    assert post(ines, "s002/extension", until="2026-09-07T10:00", reason="Ill") == 422
    assert post(ines, "s002/extension", until="2026-09-20T18:00") == 422
    assert post(ines, "s002/extension", until="2026-09-20T18:00", reason="Ill") == 302
    assert "For this student they are due on 2026-09-20 18:00." in page(ines)
    assert post(ines, "s002/withdrawn") == 302
    assert "For this student they are due" not in page(ines)


@pytest.mark.parametrize(("language", "said"), [("en", "2 days late"), ("zh", "迟交 2 天")])
def test_what_lateness_costs_is_said_to_instructor_and_student(rubric, browse, cast, language, said):
    clock_at(cast, "2026-09-10T10:00")
    ben, ines = browse(cast.ben), browse(cast.ines)
    for one in (ben, ines):
        one.post("/language", {"language": language})
    for name in ("Ann", "Bea"):
        ben.post("/leads/new", {"name": name, "company": "Hopper"})
    ben.post("/leads/1/contact", {"version": "1"})
    for one, url in (
        (ines, "/instructor/grades/s002"),
        (ines, "/instructor/wall/s002/make"),
        (ben, "/coach"),
    ):
        shown = page(one, url)
        assert said in shown
        assert "8.00" in shown
    post(ines, "release")
    for url in ("/coach/grades", "/coach/grades/dispute?task=make&check=0"):
        assert said in page(ben, url)
    post(ines, "s002/extension", until="2026-09-20T18:00", reason="Ill")
    for one, url in ((ines, "/instructor/grades/s002"), (ben, "/coach/grades"), (ben, "/coach")):
        assert said not in page(one, url)


def test_release_to_one_and_to_all_and_hold_back(ines, browse, cast):
    ben, cy = browse(cast.ben), browse(cast.cy)
    post(ines, "release", member="s002")
    assert "My grades" in ben.get("/coach").text
    assert "My grades" not in cy.get("/coach").text
    post(ines, "release")
    assert "My grades" in cy.get("/coach").text
    post(ines, "release", hold="1")
    assert "My grades" not in ben.get("/coach").text


def test_the_same_run_again_stores_nothing_new_and_says_so(ines):
    assert "Graded and stored." in graded(ines)
    assert "stored already" in graded(ines)
    assert count(GradeRun) == 1
    early = graded(ines, "2026-09-07T00:00")
    assert "Graded and stored." in early
    assert count(GradeRun) == 2
    assert post(ines, "run", cutoff="yesterday") == 422
    newest, first = re.findall(r"/instructor/grades/runs/(\d+)\.json", early)
    points = [points_of(ines, number) for number in (first, newest)]
    assert points == [10, 0], "before the start nothing was done"


def graded(browser, cutoff: str = "") -> str:
    assert post(browser, "run", cutoff=cutoff) == 302
    return page(browser, "/instructor/grades")


def points_of(browser, number: str) -> float:
    found = browser.get(f"/instructor/grades/runs/{number}.json").json
    return next(row["points"] for row in found["results"] if row["member"] == "s002")


def test_words_never_touch_a_stored_result(ines):
    post(ines, "run")
    before = db.session.scalars(select(GradeRun)).one().result
    post(ines, "s002/override", task="make", points="1", reason="x")
    post(ines, "run")
    assert count(GradeRun) == 1
    assert db.session.scalars(select(GradeRun)).one().result == before


def test_the_file_has_the_words_applied(ines):
    post(ines, "s002/override", task="make", points="7.5", reason="x")
    text = ines.get("/instructor/grades/export.csv").data.decode("utf-8-sig")
    rows = {row["member"]: row for row in csv.DictReader(io.StringIO(text))}
    assert list(rows["s002"]) == ["member", "number", "name", "make", "essay", "points", "max", "passed"]
    assert (rows["s002"]["make"], rows["s002"]["essay"], rows["s002"]["points"]) == ("7.5", "", "7.5")
    with ines.get("/instructor/grades/export.xlsx") as answer:
        assert answer.data.startswith(b"PK")


POSTS = (
    "run",
    "release",
    "s002/override",
    "s002/mark",
    "s002/exemption",
    "s002/extension",
    "s002/withdrawn",
)


@pytest.mark.parametrize("who", ["olga", "ben", "ada"])
def test_grades_are_closed_to_observers_and_students(who: str, ines, browse, cast):
    person = getattr(cast, who)
    urls = ["/instructor/grades", "/instructor/grades/s002", "/instructor/grades/export.csv"]
    for url in urls:
        assert browse(person).get(url).status_code == 403
    for what in POSTS:
        assert post(browse(person), what, task="make", points="10", reason="x") == 403
    refused = select(func.count()).where(Operation.member == person.key, Operation.outcome == "refused")
    assert db.session.scalar(refused) == len(urls) + len(POSTS)
    assert (count(LedgerEntry), count(GradeRun)) == (0, 0)


def test_assistants_grade(ines, browse, cast):
    assert post(browse(cast.tess), "s002/mark", task="essay", check="0", points="2") == 302


def test_a_broken_rubric_is_shown_with_all_its_mistakes(ines):
    begin_write()
    db.session.scalars(select(Course)).one().rubric = "rubric: 2\ntasks: []\n"
    db.session.commit()
    shown = page(ines, "/instructor/grades")
    assert "cannot be read" in shown
    assert "rubric.yaml:1" in shown
    for url in ("/instructor/grades/s002", "/instructor/grades/export.csv"):
        assert ines.get(url).status_code == 422
    assert post(ines, "run") == 422
