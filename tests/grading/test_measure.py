"""measure: the figures of a business."""

from datetime import date
from fractions import Fraction

import pytest

from labapp.grading import BadRubric
from labapp.grading.checks.measures import fiscal_quarter
from tests.grading.builder import Lab, found, rubric, share, shown, task


def opportunity(
    lab: Lab, serial: int, stage: str, amount: str | None, close: str | None = "2026-10-15", **more: object
):
    lab.creates("ada", "opportunity", serial, stage=stage, amount=amount, close_date=close, **more)


def sales() -> Lab:
    lab = Lab()
    opportunity(lab, 1, "won", "3000.00")
    opportunity(lab, 2, "won", "1000.50", "2026-09-30")
    opportunity(lab, 3, "lost", "7000.00")
    opportunity(lab, 4, "quote", "2000.00")
    opportunity(lab, 5, "won", None)
    opportunity(lab, 6, "won", "500.00", close=None)
    opportunity(lab, 7, "won", "9000.00", owner="ben")
    return lab


def value(lab: Lab, name: str, rest: str = "") -> Fraction:
    """The value of a measure: full credit is far away, so the share shows it exactly."""
    return share(lab, f"measure: {{name: {name}, full: 1000000, zero: 0{rest}}}") * 1000000


Q4 = ", quarter: 2026Q4"


def test_won_amount_is_the_sum_of_mine_won():
    assert value(sales(), "won_amount") == Fraction("4500.5")


def test_a_quarter_chooses_by_close_date():
    assert value(sales(), "won_amount", Q4) == 3000
    assert value(sales(), "won_amount", ", quarter: 2026Q3") == Fraction("1000.5")


def test_won_count():
    assert (value(sales(), "won_count"), value(sales(), "won_count", Q4)) == (4, 2)


def test_win_rate_is_won_of_won_and_lost():
    assert value(sales(), "win_rate", Q4) == Fraction(2, 3)


def test_win_rate_shows_the_closed_ones():
    assert shown(sales(), "measure: {name: win_rate, full: 1, zero: 0, quarter: 2026Q4}") == [1, 3, 5]


def test_win_rate_without_closed_ones_is_undefined_and_says_so():
    finding = found(Lab(), "measure: {name: win_rate, full: 1, zero: 0}")
    assert (finding.share, finding.reason.en) == (0, "Win rate: no opportunity is won or lost yet.")


def test_undefined_is_nothing_even_where_nothing_would_be_full():
    assert share(Lab(), "measure: {name: forecast_error, full: 0, zero: 1, quarter: 2026Q4}") == 0
    assert share(Lab(), "measure: {name: won_amount, full: 0, zero: 100}") == 1


def test_lead_conversion_chooses_by_creation_set_up_included():
    lab = Lab()
    lab.at("09-07 09:00").creates(None, "lead", 1, origin="setup", owner="ada", status="converted")
    lab.at("10-07 09:00").creates("ada", "lead", 2, status="new")
    assert value(lab, "lead_conversion") == Fraction(1, 2)
    assert value(lab, "lead_conversion", ", quarter: 2026Q3") == 1
    assert value(lab, "lead_conversion", Q4) == 0


def test_a_restored_lead_is_created_when_it_first_was():
    lab = Lab()
    lab.at("09-07 09:00").creates("ada", "lead", 1, status="converted")
    lab.deletes("ada", "lead", 1)
    lab.at("10-07 09:00").creates("ada", "lead", 1, status="converted")
    assert value(lab, "lead_conversion", ", quarter: 2026Q3") == 1


def test_quota_attainment_divides_by_my_quota_of_the_quarter():
    lab = sales()
    lab.creates("ines", "quota", 1, owner="ada", year=2026, quarter=4, amount="6000.00")
    lab.creates("ines", "quota", 2, owner="ada", year=2026, quarter=3, amount="1.00")
    lab.creates("ines", "quota", 3, owner="ben", year=2026, quarter=4, amount="2.00")
    assert value(lab, "quota_attainment", Q4) == Fraction(1, 2)
    assert shown(lab, "measure: {name: quota_attainment, full: 1, zero: 0, quarter: 2026Q4}") == [1, 5, 8]


def test_a_quota_of_nothing_is_no_divisor():
    lab = sales()
    lab.creates("ines", "quota", 1, owner="ada", year=2026, quarter=4, amount="0.00")
    assert value(lab, "quota_attainment", Q4) == 0


def test_pipeline_coverage_is_open_amount_by_quota():
    lab = sales()
    lab.creates("ines", "quota", 1, owner="ada", year=2026, quarter="4", amount="4000.00")
    assert value(lab, "pipeline_coverage", Q4) == Fraction(1, 2)


def test_forecast_error_is_relative_to_what_was_won():
    lab = sales()
    lab.creates("ada", "forecast", 1, year=2026, quarter=4, expected_amount="2400.00")
    assert value(lab, "forecast_error", Q4) == Fraction(1, 5)


def test_forecast_error_without_sales_is_one_unless_nothing_was_expected():
    lab = Lab()
    lab.creates("ada", "forecast", 1, year=2026, quarter=4, expected_amount="2400.00")
    assert value(lab, "forecast_error", Q4) == 1
    lab.changes("ada", "forecast.edit", 1, expected_amount=None)
    assert (
        "no forecast"
        in found(lab, "measure: {name: forecast_error, full: 0, zero: 1, quarter: 2026Q4}").reason.en
    )


def test_a_measure_may_fall_from_zero_to_full():
    lab = sales()
    lab.creates("ada", "forecast", 1, year=2026, quarter=4, expected_amount="2400.00")
    assert share(lab, "measure: {name: forecast_error, full: 0.1, zero: 0.5, quarter: 2026Q4}") == Fraction(
        3, 4
    )


def test_response_and_resolution_are_mean_lab_hours_of_tickets_in_my_charge():
    lab = Lab()
    lab.at("09-07 09:00").creates("ben", "ticket", 1, assignee="ada", first_response_at="2026-09-07T10:30:00")
    lab.at("09-07 09:00").creates("ada", "ticket", 2, first_response_at="2026-09-07T09:30:00")
    lab.at("09-07 09:00").creates("ada", "ticket", 3, assignee="ben", first_response_at="2026-09-09T09:30:00")
    lab.at("09-07 09:00").creates("ada", "ticket", 4, resolved_at="2026-09-08T09:00:00", satisfaction=4)
    assert value(lab, "first_response_hours") == 1
    assert value(lab, "resolution_hours") == 24
    assert value(lab, "satisfaction") == 4


def test_nothing_to_average_is_undefined():
    assert "nothing to average" in found(Lab(), "measure: {name: satisfaction, full: 5, zero: 0}").reason.en


def test_an_unreadable_amount_could_not_be_told():
    lab = Lab()
    opportunity(lab, 1, "won", "much")
    assert found(lab, "measure: {name: won_amount, full: 1, zero: 0}").state == "could_not_tell"


@pytest.mark.parametrize(
    ("day", "first_month", "quarter"),
    [
        ("2026-01-01", 1, (2026, 1)),
        ("2026-12-31", 1, (2026, 4)),
        ("2026-03-31", 4, (2025, 4)),
        ("2026-04-01", 4, (2026, 1)),
        ("2027-01-15", 10, (2026, 2)),
    ],
)
def test_a_fiscal_year_is_named_by_the_year_it_begins_in(
    day: str, first_month: int, quarter: tuple[int, int]
):
    assert fiscal_quarter(date.fromisoformat(day), first_month) == quarter


@pytest.mark.parametrize("name", ["quota_attainment", "forecast_error", "pipeline_coverage"])
def test_what_needs_a_quota_or_forecast_needs_a_quarter(name: str):
    with pytest.raises(BadRubric, match="needs 'quarter'"):
        rubric(task("only", f"measure: {{name: {name}, full: 1, zero: 0}}"))


def test_full_and_zero_differ():
    with pytest.raises(BadRubric, match="must differ"):
        rubric(task("only", "measure: {name: won_count, full: 1, zero: 1.0}"))
