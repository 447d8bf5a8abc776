"""Cleaning is judged by the records: who mends the right ones wrongly, or changes what was fine, loses.

The walkthrough is a perfect clean-up (tests/test_scenarios.py); here students do other things.
"""

import pytest

from labapp.people.directory import sandboxes_of
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import read_scenario
from labapp.scenario.shape_records import Act, Target
from tests.bringing import bring
from tests.conftest import Browser
from tests.playing import Player
from tests.test_scenarios import graded, seated
from tests.world import Person

BEGIN = [
    Act(do="customer.edit", on=Target(kind="customer", key=key), answers={"description": "checked"})
    for key in ("short_hangzhou", "short_chengdu", "extension_hefei")
]
MERGES = (
    ("customer", "twice_suzhou", "twice_suzhou_again"),
    ("customer", "twice_changsha", "twice_changsha_again"),
    ("contact", "person_suzhou", "person_suzhou_again"),
    ("lead", "lead_twice_xiamen", "lead_twice_xiamen_again"),
)


def merge(kind, key, other):
    return Act(do=f"{kind}.merge", on=Target(kind=kind, key=key), answers={"other_id": {"ref": other}})


def edit(kind, key, **answers):
    return Act(do=f"{kind}.edit", on=Target(kind=kind, key=key), answers=answers)


@pytest.fixture
def player(app):
    """A student of the class."""
    scenario = read_scenario(scenario_folder("data-cleaning"))
    course = open_course(scenario, Opening("autumn", seed=4, students=2, language="zh"))
    sandbox_id = sandboxes_of(course.id)[0].id
    member = seated(sandbox_id, "s002")
    person = Person("李娜", "s002", member.account_id, member.id, sandbox_id)
    return Player(app, scenario, sandbox_id, member.id, Browser(app, person))


@pytest.fixture
def points(player, tmp_path):
    """The student's points by task, as they stand."""

    def tell():
        results = graded(player.scenario, player.sandbox_id, tmp_path)
        mine = next(one for one in results if one.member.member == "s002")
        return {task.task.key: (float(task.points), float(task.task.points)) for task in mine.tasks}

    return tell


@pytest.fixture
def clerk(player, points):
    """Does these acts as the student and tells the points."""

    def play(acts):
        for act in acts:
            player.act(act)
        return points()

    return play


def lost(points):
    """The tasks that did not earn everything."""
    return {key for key, (got, most) in points.items() if got < most}


def test_touching_three_records_without_mending_any_earns_next_to_nothing(clerk):
    points = clerk(BEGIN)
    assert sum(got for got, _most in points.values()) == 4


def test_a_guess_is_worth_nothing(clerk):
    wrong = [
        edit("customer", "short_hangzhou", name="某某贸易有限公司"),
        edit("customer", "phone_xian", phone="010-88123456"),
        edit("contact", "mobile_short_hangzhou", mobile="13800000001"),
        edit("contact", "mobile_short_xian", mobile="15000000001"),
    ]
    points = clerk(wrong)
    assert [points[task][0] for task in ("names", "phones", "mobiles")] == [0, 0, 0]


def test_merging_two_sisters_costs_points_for_what_was_right(clerk):
    merges = [merge(*one) for one in MERGES]
    points = clerk([*BEGIN, *merges, merge("customer", "sister_ningbo", "sister_wenzhou")])
    assert {"alone"} < lost(points)
    assert "duplicates" not in lost(points)


def test_filling_in_what_nobody_knows_costs_points_too(clerk):
    merges = [merge(*one) for one in MERGES]
    fine = clerk([*BEGIN, *merges])["alone"]
    assert fine[0] == fine[1]
    spoiled = clerk([edit("contact", "no_mobile_hefei", mobile="13800000001")])["alone"]
    assert spoiled[0] < fine[0]


def test_the_second_entry_kept_instead_of_the_checked_one_is_seen(clerk):
    turned = [merge("customer", "twice_suzhou_again", "twice_suzhou"), *(merge(*one) for one in MERGES[1:])]
    points = clerk([*BEGIN, *turned])
    assert "kept" in lost(points)


def test_a_spreadsheet_is_a_road_too(player, points):
    """Export, correct, import again by customer number: what a class learns in 003 two-3."""
    keys = ("short_hangzhou", "short_chengdu", "short_wuhan")
    content = player.browser.get("/customers/export.csv?cols=number,name").get_data().decode("utf-8-sig")
    for key in keys:
        plan = player.plan(key)
        content = content.replace(f",{plan.values['name']}", f",{plan.right['name']}")
    bring(player.browser, "customers", content, by="number", twins="update")
    earned = points()
    assert earned["begin"][0] == 4
    assert earned["names"][0] == 10.5  # the fourth is a lead
