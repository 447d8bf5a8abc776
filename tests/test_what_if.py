"""Another rubric tried before it counts: who moves, who crosses the line, which words disagree; nothing is written.

Ada manages Ben (two leads, one contacted) and Cy (one lead). Ines instructs.
"""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from labapp.db import db
from labapp.gradebook.book import Book, line_of
from labapp.gradebook.ledger import Fold, Override
from labapp.gradebook.models import GradeRun, RubricVersion
from labapp.gradebook.rubric_check import plain
from labapp.gradebook.what_if import DOWN, GONE, TOO_MANY, UP, what_if
from labapp.grading import Member, Replay, Views, grade_member, log_of, read_rubric
from labapp.oplog.models import Operation
from tests.grading.builder import HEADER
from tests.grading.test_properties import step_rows
from tests.grading_class import RUBRIC, count, the_sandbox, worked  # noqa: F401 (a fixture)
from tests.instructor.test_grades import page
from tests.tables import everything, moved
from tests.world import START

HERE = "/instructor/grades/rubric"
THREE = RUBRIC.replace("times: 2", "times: 3")


def rubric_of(text: str):
    return read_rubric(text.encode(), "rubric.yaml")


def one_line(points: str, passed: bool | None, words: Fold | None = None, text: str = RUBRIC):
    """A line of somebody who did nothing, with points of our own."""
    rubric = rubric_of(text)
    result = grade_member(Views(Replay(log_of(HEADER, []).header)), rubric, Member("s001"))
    line = line_of(rubric, result, 1, words or Fold())
    return replace(line, points=Decimal(points), passed=passed)


def book(text: str, *lines) -> Book:
    return Book(rubric_of(text), tuple(lines))


# -- the comparison --------------------------------------------------------------------------------


def test_who_crosses_the_pass_line_either_way_is_named():
    found = what_if(
        book(RUBRIC, one_line("4", False), one_line("9", True), one_line("9", True)),
        book(RUBRIC, one_line("8", True), one_line("3", False), one_line("9", True)),
        {},
    )
    assert [len(found.moves), len(found.crossed(UP)), len(found.crossed(DOWN))] == [2, 1, 1]
    assert [move.by for move in found.moves] == [Decimal("-6"), Decimal("4")], "the greatest first"


def test_overrides_that_no_longer_fit_are_listed_with_the_reason():
    def words(task: str, points: str) -> Fold:
        return Fold(overrides={task: Override("x", "Ines", START, Decimal(points))})

    without = RUBRIC.replace("key: essay", "key: paper")
    gone = what_if(
        book(RUBRIC, one_line("0", None, words("essay", "2"))),
        book(without, one_line("0", None, words("essay", "2"), without)),
        {},
    )
    assert [one.why for one in gone.disagreements] == [GONE]
    less = RUBRIC.replace("points: 10", "points: 4")
    over = what_if(
        book(RUBRIC, one_line("0", None, words("make", "7"))),
        book(less, one_line("0", None, words("make", "7"), less)),
        {},
    )
    assert [one.why for one in over.disagreements] == [TOO_MANY]


def test_who_has_nothing_moves_nowhere_when_only_the_maximum_moves():
    more = RUBRIC.replace("points: 10", "points: 20")
    found = what_if(book(RUBRIC, one_line("0", None)), book(more, one_line("0", None, text=more)), {})
    assert [move.tasks for move in found.moves] == []
    found = what_if(book(RUBRIC, one_line("5", None)), book(more, one_line("5", None, text=more)), {})
    assert [move.by for move in found.moves] == [0], "the same points are a smaller part now"


def test_marks_without_a_place_are_listed():
    moved_check = RUBRIC.replace("      - did: {what: lead.contact}\n", "")
    marks = {("s001", "essay", 1): Decimal(3)}
    found = what_if(book(RUBRIC, one_line("0", None)), book(moved_check, one_line("0", None)), marks)
    assert [(one.member, one.task, one.check) for one in found.lost] == [("s001", "essay", 1)]
    small = RUBRIC.replace("scale: 4", "scale: 2")
    found = what_if(book(RUBRIC, one_line("0", None)), book(small, one_line("0", None)), marks)
    assert [one.mark for one in found.lost] == [3]


@settings(max_examples=25)
@given(rows=step_rows())
def test_a_rubric_against_itself_moves_nobody(rows):
    rubric = rubric_of(RUBRIC)
    replay = Replay(log_of(HEADER, rows).header)
    replay.feed(log_of(HEADER, rows).steps)
    lines = tuple(
        line_of(rubric, grade_member(Views(replay), rubric, member), n, Fold())
        for n, member in enumerate(replay.header.students)
    )
    found = what_if(Book(rubric, lines), Book(rubric, lines), {})
    assert (found.moves, found.disagreements, found.lost) == ((), (), ())
    assert all(old == new for _label, old, new in found.spread)


# -- in the browser --------------------------------------------------------------------------------


def tried(ines, text: str):
    answer = ines.post(HERE, {"text": text})
    return answer.status_code, re.sub(r"\s+", " ", answer.text)


def test_the_what_if_writes_nothing_at_all(worked):  # noqa: F811
    page(worked, HERE)
    stands = everything()
    status, shown = tried(worked, THREE)
    assert status == 200
    assert moved(stands) == []
    assert "What this rubric would do" in shown
    assert "6.67 / 10" in shown
    assert "-3.33" in shown
    assert 'Make two leads <span class="whole">10.00 → 6.67</span>' in shown
    assert "data-chart" in shown


def test_mistakes_are_named_with_file_and_line_and_the_text_is_kept(worked):  # noqa: F811
    stands = everything()
    status, shown = tried(
        worked, RUBRIC.replace("lead.create", "lead.creat").replace("points: 5", "points: 0")
    )
    assert status == 422
    assert "rubric.yaml:11: " in shown
    assert "rubric.yaml:14: " in shown
    assert "lead.creat," in shown, "what was typed"
    assert moved(stands) == []


@pytest.mark.parametrize("text", ["", RUBRIC.replace("lead.create", "lead.creat")], ids=["none", "mistaken"])
def test_a_trial_that_is_refused_is_one_step(worked, text):  # noqa: F811 (a fixture)
    last = db.session.scalar(select(func.max(Operation.id)))
    assert tried(worked, text)[0] == 422
    steps = select(Operation.outcome, Operation.kind, Operation.verb).where(Operation.id > last)
    assert [tuple(step) for step in db.session.execute(steps)] == [("invalid", "setting", "change")]


def test_a_rubric_that_pays_the_idle_is_refused_as_scenario_check_does(worked):  # noqa: F811
    idle = RUBRIC.replace("did: {what: lead.contact}", "never: {what: lead.delete}")
    status, shown = tried(worked, idle)
    assert status == 422
    assert "rubric.yaml:16: &#39;never&#39; pays who does nothing" in shown


def force(ines, text: str, reason: str = "Three are enough"):
    return ines.post(f"{HERE}/force", {"text": text, "reason": reason})


def test_put_into_force_makes_a_version_a_run_and_an_entry_of_the_administration_log(worked):  # noqa: F811
    assert force(worked, THREE, reason="").status_code == 422
    assert count(RubricVersion) == 1
    assert force(worked, THREE.replace("\n", "\r\n")).status_code == 302
    assert (count(RubricVersion), count(GradeRun)) == (2, 1)
    shown = page(worked, "/instructor/grades")
    assert "<strong>6.67</strong> / 10" in shown
    log = page(worked, "/instructor/log/administration")
    assert "rubric.force" in log
    assert "Three are enough" in log


def test_the_same_rubric_and_the_same_run_again_write_nothing(worked):  # noqa: F811
    force(worked, THREE)
    stands = everything()
    assert force(worked, THREE).status_code == 302
    assert worked.post("/instructor/grades/run").status_code == 302
    assert moved(stands) == []


def test_a_new_run_and_a_new_rubric_never_touch_the_word_of_a_person(worked):  # noqa: F811
    worked.post(
        "/instructor/grades/s002/override", {"task": "make", "points": "9", "reason": "shown in class"}
    )
    status, shown = tried(worked, THREE)
    assert status == 200
    assert "set to 9.00 by hand; the grader says 10.00 now and would say 6.67" in shown
    force(worked, THREE)
    assert "<strong>9.00</strong> / 10" in page(worked, "/instructor/grades")


def test_who_would_wait_for_a_mark_is_told_as_not_decided(worked):  # noqa: F811
    graded = RUBRIC.replace("- by_hand: {scale: 4}", "- did: {what: lead.contact}")
    assert force(worked, graded).status_code == 302
    assert "not decided yet" in tried(worked, RUBRIC)[1]
    assert "not decided yet" not in tried(worked, graded.replace("points: 5", "points: 6"))[1]


def test_who_keeps_the_points_is_listed_with_what_changes(worked):  # noqa: F811 (the fixture above)
    worked.post("/instructor/grades/s002/override", {"task": "make", "points": "9", "reason": "x"})
    shown = tried(worked, RUBRIC.replace("points: 10", "points: 20"))[1]
    row = shown.split('href="/instructor/grades/s002"')[-1].split("</tr>")[0]
    assert "+0.00" in row
    assert "90.0 % → 45.0 %" in row
    graded = RUBRIC.replace("- by_hand: {scale: 4}", "- did: {what: lead.contact}")
    assert force(worked, graded.replace("pass: 50\n", "")).status_code == 302
    shown = tried(worked, graded)[1]
    row = shown.split('href="/instructor/grades/s003"')[-1].split("</tr>")[0]
    assert "+0.00" in row
    assert "not passed" in row


def test_versions_are_listed_with_what_changed(worked):  # noqa: F811
    force(worked, THREE)
    listed = page(worked, HERE)
    newest = re.findall(rf"{HERE}/(\d+)\"", listed)[0]
    shown = worked.get(f"{HERE}/{newest}").text
    assert (
        '<span class="diff-out">-      - did: {what: lead.create, times: 2, distinct: record}</span>' in shown
    )
    assert (
        '<span class="diff-in">+      - did: {what: lead.create, times: 3, distinct: record}</span>' in shown
    )
    first = re.findall(rf"{HERE}\?version=(\d+)", listed)[0]
    assert "times: 2" in page(worked, f"{HERE}?version={first}")
    assert worked.get(f"{HERE}/99").status_code == 404
    assert worked.get(f"{HERE}?version=99").status_code == 404


@pytest.mark.parametrize("name", ["tess", "olga", "ben", "ada"])
def test_only_instructors_change_the_rubric(name, worked, browse, cast):  # noqa: F811
    browser = browse(getattr(cast, name))
    stands = everything()
    assert browser.post(HERE, {"text": THREE}).status_code == 403
    assert force(browser, THREE).status_code == 403
    assert browser.get(HERE).status_code == (200 if name == "tess" else 403)
    assert moved(stands) == []


def test_the_what_if_reads_a_course_whose_rubric_is_broken(worked):  # noqa: F811
    from tests.grading_class import set_rubric

    set_rubric("rubric: 2\n")
    status, shown = tried(worked, RUBRIC)
    assert status == 200
    assert "Nobody moves" in shown


@given(st.text(alphabet="a\n ", max_size=30))
def test_line_ends_of_every_sort_are_one(text):
    once = plain(text)
    assert plain(once) == plain(text.replace("\n", "\r\n")) == plain(text.replace("\n", "\r")) == once
