"""Points: tasks, what comes first, states, lateness, rounding, the result."""

from decimal import Decimal
from fractions import Fraction

import pytest

from labapp.grading import as_json, grade_member, run_of, views_of
from labapp.grading.numbers import half_up
from tests.grading.builder import Lab, moment, results_of, rubric, task

LEAD = "did: {what: lead.create}"
THREE = "did: {what: lead.create, times: 3}"
WIN = "did: {what: opportunity.win}"
BROKEN = "within: {start: lead.create, finish: lead.qualify, limit: 1h, clock: working}"


def one(lab: Lab, *tasks: str, rest: str = "", cutoff: str | None = None):
    return results_of(lab, *tasks, rest=rest, cutoff=cutoff).members[0]


def leads(count: int, **header: object) -> Lab:
    lab = Lab(**header)
    for serial in range(1, count + 1):
        lab.creates("ada", "lead", serial)
    return lab


def test_only_students_are_graded_in_the_order_of_the_header():
    assert [result.member.member for result in results_of(Lab(), task("a", LEAD)).members] == ["ada", "ben"]


def test_a_task_is_the_weighted_mean_of_its_checks():
    result = one(leads(1), task("a", THREE, f"{WIN}, weight: 2", points=9))
    assert (result.tasks[0].share, result.points) == (Fraction(1, 9), 1)


def test_points_are_rounded_half_up_once_and_the_total_is_their_sum():
    result = one(leads(1), *(task(key, THREE, points=0.385) for key in "abc"))
    assert [task.points for task in result.tasks] == [Decimal("0.13")] * 3
    assert result.points == Decimal("0.39")


def test_a_half_goes_up():
    assert half_up(Fraction("0.125"), 2) == Decimal("0.13")
    assert half_up(Fraction("0.135"), 2) == Decimal("0.14")


def test_a_task_waits_until_the_one_before_is_whole():
    result = one(leads(2), task("a", THREE), task("b", LEAD, rest="after: a"))
    second = result.tasks[1]
    assert (second.share, second.points, second.reason.en) == (0, 0, "first: a")
    assert second.findings[0].share == 1


def test_the_task_to_do_first_is_called_by_its_title():
    before = task("a", THREE).replace("{en: a, zh: a}", "{en: Begin, zh: 开始}")
    reason = one(leads(2), before, task("b", LEAD, rest="after: a")).tasks[1].reason
    assert (reason.en, reason.zh) == ("first: Begin", "请先完成：开始")


def test_a_task_may_wait_for_a_later_one():
    result = one(leads(3), task("b", LEAD, rest="after: a"), task("a", THREE))
    assert [task.share for task in result.tasks] == [1, 1]


def test_waiting_passes_on():
    tasks = (task("a", WIN), task("b", LEAD, rest="after: a"), task("c", LEAD, rest="after: b"))
    assert [task.share for task in one(leads(1), *tasks).tasks] == [0, 0, 0]


def test_a_hidden_task_is_not_named():
    tasks = (task("a", WIN, rest="hidden: true"), task("b", LEAD, rest="after: a"))
    assert "a" not in one(leads(1), *tasks).tasks[1].reason.en.removeprefix("first: ").split()


def test_a_task_to_be_marked_counts_neither_way():
    result = one(
        leads(1), task("a", LEAD, points=5), task("b", "by_hand: {}", LEAD, points=7), rest="pass: 50"
    )
    second = result.tasks[1]
    assert (second.points, second.share, second.state) == (None, None, "to_be_marked")
    assert (result.points, result.max, result.passed) == (5, 5, None)


def test_could_not_tell_wins_over_to_be_marked():
    result = one(leads(1, working_hours=None), task("a", "by_hand: {}", BROKEN))
    assert result.tasks[0].state == "could_not_tell"


def test_a_state_passes_on_to_what_waits_and_wins_over_after():
    lab = leads(1, working_hours=None)
    tasks = (
        task("a", BROKEN),
        task("b", WIN),
        task("c", "by_hand: {}", rest="after: a"),
        task("d", "by_hand: {}", rest="after: b"),
        task("e", LEAD, rest="after: d"),
    )
    states = [task.state for task in one(lab, *tasks).tasks]
    assert states == ["could_not_tell", None, "could_not_tell", "to_be_marked", "to_be_marked"]


def test_the_other_checks_of_a_task_with_a_state_keep_their_share():
    result = one(leads(1, working_hours=None), task("a", BROKEN, LEAD))
    assert [finding.share for finding in result.tasks[0].findings] == [None, 1]


def test_could_not_tell_names_member_task_and_check():
    results = results_of(leads(1, working_hours=None), task("a", BROKEN))
    assert results.could_not_tell()[0].startswith("ada: a: within (line ")


def test_passed_is_against_the_maximum():
    tasks = (task("a", LEAD, points=6), task("b", WIN, points=4))
    assert one(leads(1), *tasks, rest="pass: 60").passed is True
    assert one(leads(1), *tasks, rest="pass: 60.01").passed is False
    assert one(leads(1), *tasks).passed is None


LATE = 'due: "+1d 18:00"\nlate: {per_day: 10, max: 25}'


def late_by(moment_: str, **rest: object) -> Lab:
    lab = Lab()
    lab.at(moment_).creates("ada", "lead", 1, **rest)
    return lab


@pytest.mark.parametrize(
    ("done", "points"),
    [
        ("09-08 18:00", 10),
        ("09-08 18:01", 9),
        ("09-09 18:00", 9),
        ("09-09 18:01", 8),
        ("09-20 18:00", Decimal("7.5")),
    ],
)
def test_each_day_begun_costs_up_to_the_most(done: str, points: object):
    lab = late_by(done)
    lab.at("12-01 00:00").does("ben", "lead.list")
    assert one(lab, task("a", LEAD), rest=LATE).points == points


def test_nothing_is_late_without_late_or_before_due():
    lab = late_by("09-20 18:00")
    assert one(lab, task("a", LEAD), rest='due: "+1d 18:00"').points == 10
    assert one(lab, task("a", LEAD), rest='due: "+99d 18:00"\nlate: {per_day: 10, max: 25}').points == 10


def test_the_better_of_then_and_now_is_earned():
    lab = Lab()
    lab.at("09-08 10:00").creates("ada", "lead", 1)
    lab.at("09-08 10:00").creates("ada", "lead", 2)
    lab.at("09-10 10:00").creates("ada", "lead", 3)
    result = one(lab, task("a", THREE, points=9), rest='due: "+1d 18:00"\nlate: {per_day: 30, max: 100}')
    assert (result.tasks[0].share, result.points) == (1, 6)


def test_what_was_lost_after_due_is_kept():
    lab = Lab()
    lab.at("09-08 10:00").creates("ada", "lead", 1)
    lab.at("09-10 10:00").deletes("ada", "lead", 1)
    result = one(lab, task("a", "holds: {kind: lead, made_by: me}"), rest=LATE)
    assert (result.tasks[0].share, result.points) == (0, 10)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("09-08 18:00", None),
        (
            "09-08 18:01",
            ("1 day late, each day begun counted: 10% off", "迟交 1 天（不足一天按一天计），扣除 10%"),
        ),
        (
            "09-20 18:00",
            ("12 days late, each day begun counted: 25% off", "迟交 12 天（不足一天按一天计），扣除 25%"),
        ),
    ],
)
def test_lateness_is_said(done: str, said: tuple[str, str] | None):
    lab = late_by(done)
    lab.at("12-01 00:00").does("ben", "lead.list")
    late = one(lab, task("a", LEAD), rest=LATE).tasks[0].late
    assert (late and (late.en, late.zh)) == said


def test_what_counts_as_of_due_is_said():
    lab = Lab()
    lab.at("09-08 10:00").creates("ada", "lead", 1)
    lab.at("09-10 10:00").deletes("ada", "lead", 1)
    late = one(lab, task("a", "holds: {kind: lead, made_by: me}"), rest=LATE).tasks[0].late
    assert "when it was due, 2026-09-08 18:00: 100%;" in late.en
    assert "2026-09-08 18:00" in late.zh


def test_what_was_done_in_time_has_no_word_of_lateness():
    lab = late_by("09-08 10:00")
    lab.at("09-20 10:00").creates("ada", "lead", 2)
    result = one(lab, task("a", LEAD), task("b", WIN), rest=LATE)
    assert [(task.points, task.late) for task in result.tasks] == [(10, None), (0, None)]


def test_only_own_steps_make_late():
    lab = Lab()
    lab.at("09-08 10:00").creates("ada", "lead", 1)
    lab.at("09-08 10:00").creates("ben", "lead", 2, owner="ada")
    lab.at("09-10 10:00").changes("ben", "lead.edit", 1, name="x")
    assert one(lab, task("a", "holds: {kind: lead, times: 2}"), rest=LATE).points == 10


def test_a_check_that_gives_nothing_does_not_make_late():
    lab = Lab()
    lab.at("09-08 10:00").creates("ada", "lead", 1)
    lab.at("09-10 10:00").deletes("ada", "lead", 1)
    result = one(
        lab,
        task("a", LEAD, "never: {what: lead.delete}"),
        rest='due: "+0d 09:00"\nlate: {per_day: 10, max: 100}',
    )
    assert result.points == Decimal("4.0")


def test_after_is_judged_as_of_due_too():
    lab = Lab()
    lab.at("09-08 10:00").creates("ada", "lead", 1)
    lab.at("09-09 10:00").does("ada", "opportunity.win", 1)
    result = one(lab, task("a", WIN), task("b", LEAD, rest="after: a"), rest=LATE)
    assert [task.points for task in result.tasks] == [9, 10]


def test_an_extension_is_a_later_due_for_one_member():
    lab = late_by("09-20 18:00")
    rules = rubric(task("a", LEAD), rest=LATE)
    views = views_of(lab.log, rules, due=moment("09-30 18:00"))
    assert grade_member(views, rules, lab.log.header.students[0]).points == 10


def test_the_result_has_the_form_of_the_contract():
    lab = leads(2)
    results = results_of(lab, task("a", THREE, points=20), task("essay", "by_hand: {}"), cutoff="09-08 09:00")
    found = as_json(results)
    first = found["results"][0]
    assert found["rubric"] == results.rubric.digest
    assert found["cutoff"] == "2026-09-08T09:00:00"
    assert (first["member"], first["points"], first["max"], first["passed"]) == ("ada", 13.33, 20, None)
    done, essay = first["tasks"]
    assert {key: done[key] for key in ("key", "points", "max", "share")} == {
        "key": "a",
        "points": 13.33,
        "max": 20,
        "share": 0.6667,
    }
    assert set(done["checks"][0]) == {"check", "share", "reason", "steps"}
    assert done["checks"][0]["steps"] == [1, 2]
    assert (essay["points"], essay["share"], essay["state"]) == (None, None, "to_be_marked")
    assert set(essay["reason"]) == {"en", "zh"}


def test_without_cutoff_the_result_says_null():
    assert as_json(results_of(leads(1), task("a", LEAD)))["cutoff"] is None


def test_an_empty_log_gives_everybody_nothing():
    assert [result.points for result in results_of(Lab(), task("a", LEAD), rest=LATE).members] == [0, 0]


def test_a_run_is_known_by_rubric_cutoff_last_step_and_marks():
    marks = {("ada", "a", 0): 4, ("ben", "a", 0): "3.50"}
    again = {("ben", "a", 0): Decimal("3.5"), ("ada", "a", 0): "4.0"}
    assert run_of("r", None, 5, marks) == run_of("r", None, 5, again)
    assert run_of("r", None, 5, marks) != run_of("r", None, 5, {})
    assert run_of("r", None, 5, {}) != run_of("r", moment("09-08 09:00"), 5, {})
