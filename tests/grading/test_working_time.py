"""Working time, against walking through every minute."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.grading.working_time import WorkingHours, working_hours

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
