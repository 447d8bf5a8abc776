"""Sitting papers: begun, saved, handed in, taken away by the time; nothing right leaves the server too early.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy;  Ines instructs; Tess assists; Olga observes.
"""

import re
from datetime import timedelta
from decimal import Decimal

from labapp import clock
from labapp.access.actor import system_actor
from labapp.db import begin_write, db
from labapp.grading import grade, read_log, read_rubric
from labapp.lifecycle.chores import sweep
from labapp.lifecycle.verify import verify
from labapp.modules.exams.models import CourseExam
from labapp.modules.exams.sitting import next_closing, take_away
from labapp.oplog.export import export
from labapp.people.models import Course, Sandbox
from tests.lives import last_step, steps_since
from tests.sitting import RIGHT, SECRETS, attempt, begin, exam, filled_in, page, time_is_over, told
from tests.world import START

__all__ = ["exam"]


# -- the main road ---------------------------------------------------------------------------------


def test_a_paper_is_begun_answered_and_handed_in(cast, browse, exam):
    ben, before = browse(cast.ben), last_step(cast.ben)
    number = begin(ben)
    shown = page(ben.get(f"/exams/{number}"))
    assert shown.count('class="card exam-question"') == 5
    answer = ben.post(f"/exams/{number}/submit", filled_in(number))
    assert answer.headers["Location"] == f"/exams/{number}"
    found = attempt(number)
    assert (found.points, found.max, found.ended_by) == (Decimal("8.00"), Decimal("8.00"), "student")
    steps = [step for step in told(steps_since(cast.ben, before)) if step[0] in {"start", "submit"}]
    assert steps == [
        ("start", "screen", "done", {"paper": "entry"}),
        ("submit", "screen", "done", {"paper": "entry", "points": "8.00", "max": "8.00"}),
    ]
    assert "8 / 8" in page(ben.get(f"/exams/{number}"))


def test_every_change_is_saved_and_there_again_after_a_reload(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    before = last_step(cast.ben)
    saved = ben.post(
        f"/exams/{number}/save", filled_in(number, {"q_number": "12"}), headers={"HX-Request": "true"}
    )
    assert 'data-answered="1"' in page(saved)
    ben.post(f"/exams/{number}/save", filled_in(number, {"q_number": "12", "q_single": ["wrong_two"]}))
    assert [s for s in steps_since(cast.ben, before) if s.kind == "attempt" and s.verb == "submit"] == []
    assert attempt(number).answers == {"q_number": "12", "q_single": ["wrong_two"]}
    again = page(browse(cast.ben).get(f"/exams/{number}"))
    assert 'value="12"' in again
    assert len(re.findall(r'type="radio"[^>]*checked', again)) == 1


def test_answers_that_are_taken_back_are_gone(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    ben.post(f"/exams/{number}/save", filled_in(number, {"q_number": "12"}))
    ben.post(f"/exams/{number}/save", filled_in(number, {}))
    assert attempt(number).answers == {}


def test_beginning_twice_goes_on_with_the_one_that_runs(cast, browse, exam):
    ben = browse(cast.ben)
    assert begin(ben) == begin(ben)


def test_the_log_of_a_paper_verifies_and_is_graded(cast, browse, exam, tmp_path):
    ben = browse(cast.ben)
    number = begin(ben)
    ben.post(f"/exams/{number}/submit", filled_in(number, {**RIGHT, "q_multiple": ["a"], "q_number": "1"}))
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    assert verify(sandbox) is None
    export(sandbox, tmp_path / "log.jsonl")
    rubric = (
        "rubric: 1\ntitle: {en: T, zh: 题}\ntasks:\n  - key: exam\n    title: {en: T, zh: 题}\n    points: 16\n"
        "    checks:\n      - answered: {paper: entry}\n"
    )
    log = read_log(tmp_path / "log.jsonl")
    points = {
        r.member.member: r.points for r in grade(log, read_rubric(rubric.encode(), "r", log=log)).members
    }
    assert points["s002"] == 9  # 4.50 of 8 points
    assert points["s003"] == 0


def test_of_two_windows_the_one_opened_last_saves(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    first, second = (
        re.search(r'name="window" value="(\w{16})"', page(ben.get(f"/exams/{number}")))[1]
        for _turn in range(2)
    )
    form = filled_in(number, {"q_number": "12"})
    ben.post(f"/exams/{number}/save", {**form, "window": second})
    told_so = page(ben.post(f"/exams/{number}/save", {"window": first}, headers={"HX-Request": "true"}))
    assert "open in another window" in told_so
    assert "data-reload" not in told_so
    assert ben.post(f"/exams/{number}/submit", {"window": first}).status_code == 409
    assert attempt(number).answers == {"q_number": "12"}
    assert ben.post(f"/exams/{number}/submit", {**form, "window": second}).status_code == 302
    assert attempt(number).points == 0


# -- nothing right leaves the server ---------------------------------------------------------------


def test_a_paper_that_is_sat_tells_nothing_of_what_is_right(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    pages = [
        page(ben.get(url)) for url in (f"/exams/{number}", "/exams/", "/", f"/exams/{number}?format=json")
    ]
    pages.append(page(ben.post(f"/exams/{number}/save", filled_in(number, {"q_single": ["wrong_one"]}))))
    for text in pages:
        main = text.partition("<main")[2] or text
        assert [secret for secret in SECRETS if secret in main] == []


def test_results_that_are_released_later_show_nothing_before(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben, "finals")
    ben.post(f"/exams/{number}/submit", filled_in(number))
    shown = page(ben.get(f"/exams/{number}"))
    assert "Your instructor will release the results." in shown
    assert "exam-outcomes" not in shown
    assert re.search(r"<strong>\d", page(ben.get("/exams/"))) is None
    begin_write()
    db.session.get_one(CourseExam, 1).released = {"finals": "2026-09-08T10:00:00"}
    db.session.commit()
    shown = page(ben.get(f"/exams/{number}"))
    assert "exam-outcomes" in shown


COUNTED = """\
rubric: 1
title: {en: T, zh: 题}
tasks:
  - {key: exam, title: {en: Sit it, zh: 参加考试}, points: 16, checks: [{answered: {paper: finals}}]}
"""


def test_the_coach_tells_no_points_before_they_are_released(cast, browse, exam):
    begin_write()
    db.session.get_one(Course, 1).rubric = COUNTED
    db.session.commit()
    ben = browse(cast.ben)
    number = begin(ben, "finals")
    ben.post(f"/exams/{number}/submit", filled_in(number))
    step = last_step(cast.ben)
    for url in ("/coach", "/coach/tasks", "/coach/strip", f"/coach/steps/{step}"):
        shown = page(ben.get(url))
        assert [word for word in ("100%", "100 %", "16.00", "1 of 1", "points</dt>") if word in shown] == []
    assert "Your instructor will release the results." in page(ben.get("/coach"))
    begin_write()
    db.session.get_one(CourseExam, 1).released = {"finals": "2026-09-08T10:00:00"}
    db.session.commit()
    assert "16.00" in page(ben.get("/coach"))
    assert "points" in page(ben.get(f"/coach/steps/{step}"))


def test_right_answers_wait_until_no_attempt_is_left(cast, browse, exam):
    ben = browse(cast.ben)
    first = begin(ben)
    ben.post(f"/exams/{first}/submit", filled_in(first, {"q_single": ["wrong_one"], "q_number": "7"}))
    shown = page(ben.get(f"/exams/{first}"))
    assert "The right answers are told once" in shown
    assert [
        secret for secret in ("A stranger who asks", "1400", "The secret reason") if secret in shown
    ] == []
    second = begin(ben)
    ben.post(f"/exams/{second}/submit", filled_in(second))
    shown = page(ben.get(f"/exams/{first}"))
    assert "A stranger who asks" in shown
    assert "Right: 1400 ± 0.5" in shown
    assert "The secret reason." in shown


# -- time ------------------------------------------------------------------------------------------


def test_answers_after_the_time_are_refused_and_what_was_saved_counts(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    ben.post(f"/exams/{number}/save", filled_in(number, {"q_number": "1400"}))
    time_is_over(number)
    before = last_step(cast.ben)
    late = ben.post(f"/exams/{number}/submit", filled_in(number))
    assert late.status_code == 403
    assert "The time is over. What was saved before counts" in page(late)
    assert [(s.verb, s.outcome) for s in steps_since(cast.ben, before)] == [("submit", "refused")]
    assert attempt(number).answers == {"q_number": "1400"}
    saved = ben.post(f"/exams/{number}/save", filled_in(number), headers={"HX-Request": "true"})
    assert "data-reload" in page(saved)
    assert attempt(number).answers == {"q_number": "1400"}
    assert sweep("autumn-a") == 1
    assert attempt(number).points == Decimal("2.00")


def test_the_sweep_hands_in_once_in_the_name_of_who_sat(cast, browse, exam):
    number = begin(browse(cast.ben))
    time_is_over(number)
    before = last_step(cast.ben)
    assert (sweep("autumn-a"), sweep("autumn-a")) == (1, 0)
    (step,) = steps_since(cast.ben, before)
    assert (step.member, step.origin, step.kind, step.verb, step.record, step.changes) == (
        "s002",
        "automation",
        "attempt",
        "submit",
        None,
        [],
    )
    assert step.answers == {"paper": "entry", "points": "0.00", "max": "8.00"}
    assert verify(db.session.get_one(Sandbox, cast.ben.sandbox_id)) is None
    assert "what had been saved was handed in" in page(browse(cast.ben).get(f"/exams/{number}"))


def test_a_page_that_is_opened_after_the_time_hands_in_at_once(cast, browse, exam):
    ben = browse(cast.ben)
    number = begin(ben)
    time_is_over(number)
    assert "what had been saved was handed in" in page(ben.get(f"/exams/{number}"))
    assert attempt(number).ended_by == "time"
    assert sweep("autumn-a") == 0


def test_before_its_time_nothing_is_taken_away(cast, browse, exam):
    number = begin(browse(cast.ben))
    assert sweep("autumn-a") == 0
    assert attempt(number).is_open


def test_a_paper_that_closes_is_handed_in_by_the_sandbox_clock(cast, browse, exam):
    number = begin(browse(cast.ben), "finals")
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    assert next_closing(system_actor(sandbox)) == START.replace(day=10, hour=18)
    begin_write()
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    sandbox.clock_base, sandbox.clock_set_at = START + timedelta(days=4), clock.now()
    db.session.commit()
    sweep("autumn-a")
    assert attempt(number).ended_by == "time"
    refused = browse(cast.cy).post("/exams/papers/finals/start")
    assert refused.status_code == 403
    assert "This paper closed at 2026-09-10 18:00" in page(refused)


def test_of_two_that_take_it_away_one_does(cast, browse, exam):
    number = begin(browse(cast.ben))
    time_is_over(number)
    before = last_step(cast.ben)
    house = system_actor(db.session.get_one(Sandbox, cast.ben.sandbox_id))
    take_away(house, number)
    take_away(house, number)
    assert len(steps_since(cast.ben, before)) == 1
