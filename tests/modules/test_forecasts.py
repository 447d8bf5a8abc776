"""Forecasts and quotas: figures of a fiscal quarter, submissions, adjustments, the roll-up.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
              └─ Class B ── Sales B ── Staff B: Dee
The lab stands on 7 September 2026, in the third quarter of fiscal year 2026.
"""

from datetime import date
from decimal import Decimal

import pytest

from labapp.db import db
from labapp.gradebook.live import log_of_sandbox
from labapp.grading import grade, read_rubric
from labapp.modules.forecasts import reading, rollup
from labapp.modules.forecasts.models import Adjustment, Forecast
from labapp.modules.forecasts.submissions import submissions
from labapp.people.models import Sandbox
from labapp.records import query
from labapp.records.fiscal import Quarter
from tests import lives
from tests.forecasting import (
    NOW,
    adjust,
    forecast_of,
    give,
    go_to,
    last_step,
    sells,
    standing_of,
    submit,
    year_begins_in,
)

ALREADY = "already"

# -- a member's quarter ------------------------------------------------------------------------------


def test_the_figures_of_a_quarter(cast, make, browse):
    give(browse(cast.ada), cast.ben, 1000)
    sells(make, cast.ben, 250)
    sells(make, cast.ben, 999, day=date(2026, 6, 30))
    sells(make, cast.ben, 400, stage="quote", probability=50, day=date(2026, 9, 30))
    sells(make, cast.ben, 400, stage="lost")
    submit(browse(cast.ben), 700, 900)
    found = standing_of(cast.ben, cast.ben).figures
    assert (found.quota, found.completed, found.weighted) == (1000, 250, 200)
    assert (found.attainment, found.remaining) == (25, 750)
    assert (found.expected, found.best) == (700, 900)
    page = browse(cast.ben).get("/forecasts/").text
    for shown in ("￥1,000", "25.0%", "￥250", "￥750", "￥200", "￥700", "￥900"):
        assert shown in page


def test_without_quota_the_share_is_not_to_be_had(cast, make, browse):
    sells(make, cast.ben, 250)
    page = browse(cast.ben).get("/forecasts/").text
    assert "n/a" in page
    assert standing_of(cast.ben, cast.ben).figures.remaining is None


def test_more_than_the_quota_leaves_nothing_remaining(cast, make, browse):
    give(browse(cast.ada), cast.ben, 100)
    sells(make, cast.ben, 250)
    found = standing_of(cast.ben, cast.ben).figures
    assert (found.remaining, found.attainment) == (0, 250)


def test_the_start_of_the_fiscal_year_moves_every_quarter(cast, make, browse):
    sells(make, cast.ben, 250, day=date(2026, 9, 1))
    year_begins_in(cast, 9)
    assert standing_of(cast.ben, cast.ben, Quarter(2026, 1)).figures.completed == 250
    assert standing_of(cast.ben, cast.ben, NOW).figures.completed == 0
    page = browse(cast.ben).get("/forecasts/").text
    assert "2026-09-01 – 2026-11-30" in page


def test_other_quarters_are_a_choice_away(cast, browse):
    page = browse(cast.ben).get("/forecasts/").text
    assert "/forecasts/?year=2026&amp;quarter=2" in page
    assert "/forecasts/?year=2026&amp;quarter=4" in page
    assert "2026-01-01 – 2026-03-31" in browse(cast.ben).get("/forecasts/?year=2026&quarter=1").text


def test_a_list_with_other_filters_is_the_list_alone(cast, browse):
    page = browse(cast.ben).get("/forecasts/?expected_amount_min=1").text
    assert "Roll-up" not in page
    assert "Back to this quarter" in page


# -- submitting --------------------------------------------------------------------------------------


def test_submitting_again_keeps_what_was_submitted_before(cast, browse):
    ben = browse(cast.ben)
    assert submit(ben, 700, 900, comment="first").status_code == 302
    assert submit(ben, 650, 900, comment="second").status_code == 302
    forecast = forecast_of(cast.ben)
    with ben.app.test_request_context():
        found = submissions(cast.ben.actor, forecast)
    assert [(one.number, one.expected, one.moved, one.comment) for one in found] == [
        (2, 650, -50, "second"),
        (1, 700, None, "first"),
    ]
    assert last_step(cast.ben, "forecast").verb == "edit"
    page = ben.get("/forecasts/").text
    assert "−￥50" in page
    assert "−￥50" in browse(cast.ada).get(f"/forecasts/{forecast.id}").text


def test_the_best_case_is_never_below_the_expected(cast, browse):
    ben = browse(cast.ben)
    answer = submit(ben, 700, 699)
    assert answer.status_code == 422
    assert "not below the expected" in answer.text
    assert 'value="699"' in answer.text
    submit(ben, 700, 700)
    assert (
        ben.post(f"/forecasts/{forecast_of(cast.ben).id}/edit", {"expected_amount": "701"}).status_code == 422
    )


def test_one_forecast_for_a_person_and_quarter(cast, browse):
    ben = browse(cast.ben)
    submit(ben, 700, 900)
    said = {"year": "2026", "quarter": "3", "expected_amount": "1", "best_case_amount": "1"}
    answer = ben.post("/forecasts/new", said)
    assert answer.status_code == 422
    assert ALREADY in answer.text
    assert forecast_of(cast.ben).expected_amount == 700


@pytest.mark.parametrize(
    ("year", "quarter"), [("2026", "5"), ("2026", "0"), ("26", "1"), ("", "1"), ("x", "1")]
)
def test_there_are_four_quarters_in_a_year(cast, browse, year, quarter):
    said = {"year": year, "quarter": quarter, "expected_amount": "1", "best_case_amount": "1"}
    assert browse(cast.ben).post("/forecasts/submit", said).status_code == 422
    assert query.rows(Forecast, cast.ben.actor) == []


def test_a_quarter_that_is_over_takes_no_forecast(cast, browse):
    ben = browse(cast.ben)
    answer = submit(ben, 700, 900, Quarter(2026, 2))
    assert answer.status_code == 422
    assert "is over" in answer.text
    submit(ben, 700, 900)
    forecast = forecast_of(cast.ben)
    go_to(cast.ben, "2026-10-02T09:00:00")
    assert submit(ben, 1, 900).status_code == 422
    assert ben.post(f"/forecasts/{forecast.id}/delete", {}).status_code == 422
    assert forecast_of(cast.ben).expected_amount == 700


def test_nobody_but_its_owner_changes_a_forecast(cast, browse):
    submit(browse(cast.ben), 700, 900)
    url = f"/forecasts/{forecast_of(cast.ben).id}"
    answer = browse(cast.ada).post(f"{url}/edit", {"expected_amount": "1", "best_case_amount": "1"})
    assert answer.status_code == 403
    assert "a superior adds their own view beside it" in answer.text
    assert browse(cast.ada).post(f"{url}/delete", {}).status_code == 403
    assert browse(cast.cy).get(url).status_code == 404
    assert forecast_of(cast.ben).expected_amount == 700


def test_submitting_in_two_tabs_does_not_overwrite(cast, browse):
    ben = browse(cast.ben)
    submit(ben, 700, 900)
    assert submit(ben, 600, 900, version="1").status_code == 302
    before = lives.last_step(cast.ben)
    assert submit(ben, 500, 900, version="1").status_code == 422
    assert [(step.verb, step.outcome) for step in lives.steps_since(cast.ben, before)] == [
        ("edit", "invalid")
    ]
    assert forecast_of(cast.ben).expected_amount == 600


# -- adjusting ---------------------------------------------------------------------------------------


def test_an_adjustment_stands_beside_the_original(cast, browse):
    submit(browse(cast.ben), 700, 900)
    forecast = forecast_of(cast.ben)
    assert adjust(browse(cast.ada), forecast.id, 500, 800).status_code == 302
    found = standing_of(cast.ada, cast.ben).figures
    assert (found.expected, found.adjustment, found.adjusted_expected) == (700, -200, 500)
    assert (found.best, found.adjusted_best) == (900, 800)
    assert forecast_of(cast.ben).version == forecast.version
    step = last_step(cast.ben, "adjustment")
    assert [change["kind"] for change in step.changes] == ["adjustment"]
    assert "Two deals slip into October" in browse(cast.ben).get(f"/forecasts/{forecast.id}").text
    assert "adjusted your forecast" in browse(cast.ben).get("/notices").text


def test_the_highest_superior_has_the_last_word(cast, browse):
    submit(browse(cast.ben), 700, 900)
    forecast = forecast_of(cast.ben)
    adjust(browse(cast.ines), forecast.id, 400, 900)
    adjust(browse(cast.ada), forecast.id, 500, 800)
    for reader in (cast.ben, cast.ada, cast.ines, cast.olga):
        found = standing_of(reader, cast.ben)
        assert found.figures.adjusted_expected == 400
        assert [word.expected for word in found.words] == [500, 400]


def test_a_forecast_submitted_after_the_adjustment_is_marked(cast, browse):
    submit(browse(cast.ben), 700, 900)
    adjust(browse(cast.ada), forecast_of(cast.ben).id, 500, 800)
    go_to(cast.ben, "2026-09-08T09:00:00")
    submit(browse(cast.ben), 650, 900)
    assert standing_of(cast.ada, cast.ben).figures.adjusted_expected == 500
    assert "submitted again since" in browse(cast.ada).get("/forecasts/").text


@pytest.mark.parametrize(
    ("who", "status"), [("ben", 403), ("cy", 422), ("dee", 422), ("olga", 403), ("tess", 403)]
)
def test_only_superiors_adjust(cast, browse, who, status):
    submit(browse(cast.ben), 700, 900)
    answer = adjust(browse(getattr(cast, who)), forecast_of(cast.ben).id, 1, 1)
    assert answer.status_code in {403, status}
    assert query.rows(Adjustment, cast.ines.actor) == []


def test_a_superior_does_not_adjust_the_own_forecast(cast, browse):
    submit(browse(cast.ada), 700, 900)
    assert adjust(browse(cast.ada), forecast_of(cast.ada).id, 1, 1).status_code == 403


def test_a_superior_adjusts_once_and_changes_that(cast, browse):
    submit(browse(cast.ben), 700, 900)
    forecast, ada = forecast_of(cast.ben), browse(cast.ada)
    adjust(ada, forecast.id, 500, 800)
    assert adjust(ada, forecast.id, 400, 800).status_code == 422
    (row,) = query.rows(Adjustment, cast.ada.actor)
    assert f"/adjustments/{row.id}/edit" in ada.get("/forecasts/").text
    said = {"expected_amount": "450", "best_case_amount": "800", "reason": "better"}
    assert browse(cast.ben).post(f"/adjustments/{row.id}/edit", said).status_code == 403
    assert ada.post(f"/adjustments/{row.id}/edit", said).status_code == 302
    assert standing_of(cast.ben, cast.ben).figures.adjusted_expected == 450


def test_deleting_a_forecast_takes_its_adjustments_along_and_back(cast, browse):
    ben = browse(cast.ben)
    submit(ben, 700, 900)
    forecast = forecast_of(cast.ben)
    adjust(browse(cast.ada), forecast.id, 500, 800)
    ben.post(f"/forecasts/{forecast.id}/delete", {})
    assert query.rows(Adjustment, cast.ines.actor) == []
    ben.post(f"/forecasts/{forecast.id}/restore", {})
    assert standing_of(cast.ben, cast.ben).figures.adjusted_expected == 500


# -- the roll-up -------------------------------------------------------------------------------------


def test_the_roll_up_lists_my_scope_and_no_one_else(cast, browse):
    names = {
        "ada": {"Ada", "Ben", "Cy"},
        "ines": {"Ada", "Ben", "Cy", "Dee"},
        "olga": {"Ada", "Ben", "Cy", "Dee"},
        "ben": {"Ben"},
    }
    for who, expected in names.items():
        actor = getattr(cast, who).actor
        assert {actor.directory.members[i].name for i in rollup.scope(actor)} == expected
    page = browse(cast.ada).get("/forecasts/").text
    assert "Dee" not in page[page.index('id="roll-up"') :]
    assert 'id="roll-up"' not in browse(cast.ben).get("/forecasts/").text


def test_the_roll_up_adds_up_along_the_tree(cast, browse, make):
    for person, quota, sold, expected in ((cast.ben, 1000, 250, 700), (cast.cy, 500, 100, 300)):
        give(browse(cast.ada), person, quota)
        sells(make, person, sold)
        submit(browse(person), expected, expected)
    adjust(browse(cast.ada), forecast_of(cast.cy).id, 200, 300)
    actor = cast.ada.actor
    found = reading.standings(actor, NOW, rollup.scope(actor))
    with browse(cast.ada).app.test_request_context():
        lines = {line.label: line.figures for line in rollup.rolled_up(actor, found)}
    assert list(lines) == ["sales", "Ada", "staff", "Ben", "Cy", "Total"]
    staff, total = lines["staff"], lines["Total"]
    assert (staff.quota, staff.completed, staff.expected, staff.adjusted_expected) == (1500, 350, 1000, 900)
    assert total == lines["sales"] == staff + lines["Ada"]


# -- after the quarter -------------------------------------------------------------------------------


def test_error_and_bias_once_the_quarter_is_over(cast, browse, make):
    submit(browse(cast.ben), 1000, 1200)
    adjust(browse(cast.ada), forecast_of(cast.ben).id, 900, 1200)
    sells(make, cast.ben, 800)
    assert "Forecast against actual" not in browse(cast.ada).get("/forecasts/").text
    go_to(cast.ben, "2026-10-01T09:00:00")
    page = browse(cast.ada).get("/forecasts/?year=2026&quarter=3").text
    told = page[page.index('id="accuracy"') :]
    for shown in ("25.0%", "12.5%", "+￥200"):
        assert shown in told
    assert "+￥200" in browse(cast.ben).get(f"/forecasts/{forecast_of(cast.ben).id}").text


def test_the_report_tells_error_and_bias_of_what_is_over(cast, browse, make):
    submit(browse(cast.ben), 1000, 1200)
    sells(make, cast.ben, 800)
    url = "/forecasts/reports/accuracy.csv?year=2026&quarter=3"
    running = browse(cast.ada).get(url).text.splitlines()[1]
    assert running.startswith("Ben,1,1000.00,1000.00,1200.00,800.00,,,")
    go_to(cast.ben, "2026-10-01T09:00:00")
    over = browse(cast.ada).get("/forecasts/reports/accuracy.csv").text.splitlines()
    assert over[1] == "Ben,1,1000.00,1000.00,1200.00,800.00,25.00,25.00,200.00"
    assert over[2].startswith("Total,1,1000.00")


def test_the_report_tells_how_far_quotas_are_reached(cast, browse, make):
    give(browse(cast.ada), cast.ben, 1000)
    give(browse(cast.ada), cast.ben, 400, Quarter(2026, 4))
    sells(make, cast.ben, 250)
    sells(make, cast.ben, 100, day=date(2026, 12, 31))
    lines = (
        browse(cast.ada).get("/quotas/reports/attainment.csv?year=2026&group=quarter").text.splitlines()[1:]
    )
    assert lines == [
        "3,1,1000.00,250.00,25.00,750.00",
        "4,1,400.00,100.00,25.00,300.00",
        "Total,2,1400.00,350.00,25.00,1050.00",
    ]


RUBRIC = """
rubric: 1
title: {en: A quarter, zh: 一个季度}
tasks:
  - key: submit
    title: {en: Submit, zh: 提交}
    points: 1
    checks: [{did: {what: forecast.create}}]
  - key: quota
    title: {en: Quota, zh: 配额}
    points: 10
    after: submit
    checks: [{measure: {name: quota_attainment, full: 1, zero: 0, quarter: 2026Q3}}]
  - key: forecast
    title: {en: Forecast, zh: 预期}
    points: 10
    after: submit
    checks: [{measure: {name: forecast_error, full: 0, zero: 1, quarter: 2026Q3}}]
"""


def test_the_grader_measures_the_log_that_the_pages_write(cast, browse, make, tmp_path):
    give(browse(cast.ada), cast.ben, 1000)
    submit(browse(cast.ben), 900, 900)
    submit(browse(cast.ben), 1000, 1200)
    sells(make, cast.ben, 800)
    db.session.remove()
    log = log_of_sandbox(db.session.get(Sandbox, cast.ben.sandbox_id))
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(RUBRIC, encoding="utf-8")
    results = grade(log, read_rubric(rubric))
    (ben,) = [result for result in results.members if result.member.member == cast.ben.key]
    assert {task.task.key: task.points for task in ben.tasks} == {
        "submit": 1,
        "quota": 8,
        "forecast": Decimal("7.5"),
    }
