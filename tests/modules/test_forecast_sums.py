"""Fiscal quarters and sums of figures, for any day, month and tree."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from labapp.grading.checks.measures import fiscal_quarter
from labapp.modules.forecasts import figures, rollup
from labapp.modules.forecasts.figures import Figures, Standing
from labapp.people.directory import Directory, Member, Place
from labapp.records.fiscal import FiscalCalendar, Quarter

# -- the fiscal year -------------------------------------------------------------------------------

days = st.dates(date(2001, 1, 1), date(2098, 12, 31))
months = st.integers(1, 12)


@given(days, months)
def test_every_day_lies_in_its_quarter_and_in_no_other(day, first_month):
    calendar = FiscalCalendar(first_month)
    quarter = calendar.quarter_of(day)
    assert calendar.first_day(quarter) <= day <= calendar.last_day(quarter)
    assert calendar.last_day(quarter.plus(-1)) < day < calendar.first_day(quarter.plus(1))


@given(days, months)
def test_page_and_grader_name_the_quarter_alike(day, first_month):
    quarter = FiscalCalendar(first_month).quarter_of(day)
    assert (quarter.year, quarter.quarter) == fiscal_quarter(day, first_month)


@given(st.integers(2001, 2090), months)
def test_a_fiscal_year_has_twelve_months_and_begins_in_the_year_it_is_named_by(year, first_month):
    calendar = FiscalCalendar(first_month)
    quarters = [Quarter(year, number) for number in (1, 2, 3, 4)]
    names = [name for quarter in quarters for name in calendar.months(quarter)]
    assert calendar.first_day(quarters[0]) == date(year, first_month, 1)
    assert len(set(names)) == 12
    assert all(calendar.last_day(a) < calendar.first_day(b) for a, b in pairwise(quarters))


@given(st.integers(2001, 2090), st.integers(1, 4), st.integers(-40, 40))
def test_going_on_and_back_again(year, number, quarters):
    quarter = Quarter(year, number)
    assert quarter.plus(quarters).plus(-quarters) == quarter


# -- sums ------------------------------------------------------------------------------------------

amounts = st.decimals(0, 10**9, places=2)
maybe = st.none() | amounts
figure = st.builds(Figures, maybe, amounts, amounts, maybe, maybe, maybe, maybe)


class Reader:
    """An instructor who looks at a tree of departments, each below the one before or beside it."""

    sees_all = True

    def __init__(self, parents, homes):
        places = {0: Place(1, 1, None, "/1/", "instructor", "School", "学校", None, 0)}
        for number, parent in enumerate(parents, 1):
            above = places[parent % number]
            name = f"Department {number}"
            path = f"{above.path}{number + 1}/"
            places[number] = Place(number + 1, number + 1, above.id, path, "department", name, name, None, 0)
        members = [
            Member(
                100 + n, n, f"s{n}", f"Member {n}", None, "student", "active", None, (1 + h % len(places),)
            )
            for n, h in enumerate(homes)
        ]
        self.directory = Directory(members, places.values(), ())

    def path_of(self, member_id):
        (place_id,) = self.directory.members[member_id].positions
        return self.directory.places[place_id].path


@given(
    st.lists(st.integers(0, 9), max_size=6),
    st.lists(st.tuples(st.integers(0, 9), figure), min_size=1, max_size=8),
)
def test_the_roll_up_is_the_sum_of_its_members_on_every_level(app_once, parents, people):
    reader = Reader(parents, [home for home, _figures in people])
    found = {100 + n: Standing(100 + n, figures) for n, (_home, figures) in enumerate(people)}
    with app_once.test_request_context():
        lines = rollup.rolled_up(reader, found)
    members = [line for line in lines if line.kind == rollup.MEMBER]
    assert sorted(line.standing.owner_id for line in members) == sorted(found)
    assert lines[-1].figures == rollup.total(found, found)
    for line in (line for line in lines if line.kind == rollup.PLACE):
        path = reader.directory.places[line.place_id].path
        inside = [
            i
            for i in found
            if reader.directory.places[reader.directory.members[i].positions[0]].path.startswith(path)
        ]
        for name in figures.AMOUNTS:
            parts = [getattr(found[i].figures, name) for i in inside]
            known = [part for part in parts if part is not None]
            assert getattr(line.figures, name) == (sum(known) if known else None)


@given(figure)
def test_what_is_shown_of_figures_agrees_with_itself(one):
    assert one.remaining is None or one.remaining >= 0
    assert (one.attainment is None) == (not one.quota)
    if one.expected is not None and one.adjusted_expected is not None:
        assert one.expected + one.adjustment == one.adjusted_expected
    if one.expected is not None:
        assert one.bias == one.expected - one.completed
        assert one.error == figures.error_of(one.completed + abs(one.bias), one.completed)
