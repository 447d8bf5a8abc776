"""Working time, against walking through every minute."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.working_time import WorkingHours, working_hours

HEADER = {
    "working_hours": {"days": [1, 2, 3, 4, 5], "from": "09:00", "to": "18:00"},
    "holidays": ["2026-10-01", "2026-10-03"],
}
moments = st.datetimes(datetime.fromisoformat("2026-09-25"), datetime.fromisoformat("2026-10-09")).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def walked(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    total = timedelta()
    while start < end:
        since_midnight = timedelta(hours=start.hour, minutes=start.minute)
        if hours.works_on(start.date()) and hours.opens <= since_midnight < hours.closes:
            total += timedelta(minutes=1)
        start += timedelta(minutes=1)
    return total


@settings(deadline=None, max_examples=30)
@given(moments, moments)
def test_elapsed_is_what_a_walk_through_every_minute_counts(one: datetime, other: datetime):
    start, end = sorted((one, other))
    hours = working_hours(HEADER)
    assert hours.elapsed(start, end) == walked(hours, start, end)


@settings(deadline=None, max_examples=60)
@given(moments, st.integers(1, 3000))
def test_after_is_the_first_moment_by_which_so_much_was_worked(start: datetime, minutes: int):
    hours = working_hours({**HEADER, "workdays": ["2026-10-10", "2026-09-27"]})
    length = timedelta(minutes=minutes)
    end = hours.after(start, length)
    assert hours.elapsed(start, end) == length
    assert hours.elapsed(start, end - timedelta(seconds=1)) < length


def test_a_make_up_workday_counts_and_a_holiday_on_it_does_not():
    hours = working_hours({**HEADER, "workdays": ["2026-10-03", "2026-10-10"]})
    assert [hours.works_on(date(2026, 10, day)) for day in (3, 4, 10)] == [False, False, True]
    friday, monday = datetime.fromisoformat("2026-10-09T18:00"), datetime.fromisoformat("2026-10-12T09:00")
    assert hours.elapsed(friday, monday) == timedelta(hours=9)


def test_no_end_where_nobody_ever_works():
    hours = working_hours({"working_hours": {"days": [], "from": "09:00", "to": "18:00"}})
    with pytest.raises(ValueError, match="never works"):
        hours.after(datetime.fromisoformat("2026-09-07"), timedelta(hours=1))


def test_no_work_at_weekends_and_on_holidays():
    hours = working_hours(HEADER)
    days = [date(2026, 9, 28) + timedelta(days=number) for number in range(7)]
    assert [hours.works_on(day) for day in days] == [True, True, True, False, True, False, False]


def test_a_day_that_closes_before_it_opens_has_no_working_time():
    hours = working_hours({"working_hours": {"days": [1], "from": "18:00", "to": "09:00"}})
    assert (
        hours.elapsed(datetime.fromisoformat("2026-09-07"), datetime.fromisoformat("2026-09-21"))
        == timedelta()
    )
