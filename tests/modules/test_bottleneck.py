"""Time in each stage: added up from the stays that every move keeps, and the slowest stage marked.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
              └─ Class B ── Sales B ── Staff B: Dee
"""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from labapp.db import begin_write, db
from labapp.modules.opportunities import dwell
from labapp.modules.opportunities.models import Opportunity, Stay, fill_stays, stays_of
from labapp.records.reports import ask_of
from tests.world import START


def stay(stage, days, start="2026-08-01T09:00:00"):
    begun = datetime.fromisoformat(start)
    return {"stage": stage, "entered_at": start, "left_at": (begun + timedelta(days=days)).isoformat()}


def kept(opportunity_id):
    query = select(Stay.stage, Stay.seconds).where(Stay.opportunity_id == opportunity_id).order_by(Stay.id)
    return [tuple(row) for row in db.session.execute(query)]


@pytest.fixture
def sales(cast, make):
    """Ben's two and Dee's one; Ben's stand four and eight days in needs, one of them stayed two in contact."""
    for days, history in ((4, [stay("contact", 2)]), (8, [])):
        since = START - timedelta(days=days)
        more = {"stage_since": since, "stage_history": history, "probability": 30, "amount": Decimal(1000)}
        make("opportunity", cast.ben, stage="needs", **more)
    make("opportunity", cast.dee, stage="quote", stage_history=[stay("contact", 90)], amount=Decimal(5))


def rows(app, catalog, person, name, **said):
    record_type = catalog["opportunity"]
    report = next(r for r in record_type.reports if r.name == name)
    with app.test_request_context():
        ask = ask_of(person.actor, record_type, report, MultiDict(said))
        return {str(row.values[0]): row for row in report.rows(ask)}


def test_each_stage_tells_count_amount_worth_and_time(app, cast, catalog, sales):
    found = rows(app, catalog, cast.ben, "bottleneck")
    assert found["Needs analysis"].values[1:] == (2, Decimal("2000.00"), Decimal("600.00"), Decimal("6.0"), 2)
    assert found["First contact"].values[1:] == (0, Decimal("0.00"), Decimal("0.00"), Decimal("2.0"), 1)
    assert found["Contract"].values[1:] == (0, Decimal("0.00"), Decimal("0.00"), None, 0)
    assert [name for name, row in found.items() if row.mark] == ["Needs analysis"]


def test_only_stays_of_what_the_reader_sees_are_counted(app, cast, catalog, sales):
    assert rows(app, catalog, cast.dee, "dwell")["First contact"].values[4:] == (1, Decimal("90.0"))
    assert rows(app, catalog, cast.ben, "dwell")["First contact"].values[4:] == (1, Decimal("2.0"))
    everything = rows(app, catalog, cast.ines, "dwell")["First contact"].values
    assert everything[4:] == (2, Decimal("46.0"))
    mine = rows(app, catalog, cast.ines, "dwell", owner="s002")["First contact"].values
    assert mine[4:] == (1, Decimal("2.0"))


def test_the_page_marks_the_slowest_and_draws_its_chart(cast, browse, sales):
    page = browse(cast.ben).get("/opportunities/reports/bottleneck").text
    assert page.count("slowest") == 2  # the line above the table and the badge
    assert 'class="marked"' in page
    assert "data-chart=" in page
    assert "Needs analysis (slowest)" in browse(cast.ben).get(
        "/opportunities/reports/bottleneck.csv"
    ).get_data(as_text=True)


def test_every_move_keeps_its_stay_and_deleted_ones_do_not_count(app, cast, browse, catalog, make):
    sale = make("opportunity", cast.ben, stage="contact", stage_since=START - timedelta(days=3)).id
    ben = browse(cast.ben)
    assert ben.post(f"/opportunities/{sale}/advance", {"stage": "needs"}).status_code == 302
    assert [stage for stage, _seconds in kept(sale)] == ["contact"]
    assert ben.post(f"/opportunities/{sale}/advance", {"stage": "quote"}).status_code == 302
    assert [stage for stage, _seconds in kept(sale)] == ["contact", "needs"]
    assert kept(sale)[0][1] >= 3 * dwell.DAY
    assert rows(app, catalog, cast.ben, "dwell")["First contact"].values[4] == 1
    ben.post(f"/opportunities/{sale}/delete", {})
    assert rows(app, catalog, cast.ben, "dwell")["First contact"].values[4] == 0
    browse(cast.ben).post(f"/opportunities/{sale}/restore", {})
    assert rows(app, catalog, cast.ben, "dwell")["First contact"].values[4] == 1


def test_an_older_database_gets_its_stays(cast, sales):
    before = db.session.execute(select(Stay.opportunity_id, Stay.stage, Stay.seconds)).all()
    begin_write()
    db.session.execute(delete(Stay))
    db.session.commit()
    assert fill_stays() == 2
    assert db.session.execute(select(Stay.opportunity_id, Stay.stage, Stay.seconds)).all() == before
    assert fill_stays() == 0


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001 (lab time)


@given(st.lists(st.tuples(st.sampled_from(("contact", "needs", "quote")), MOMENTS, st.integers(0, 10**7))))
def test_the_stays_are_the_history_in_seconds(stays):
    history = [
        {
            "stage": stage,
            "entered_at": start.isoformat(),
            "left_at": (start + timedelta(seconds=n)).isoformat(),
        }
        for stage, start, n in stays
    ]
    assert [(row["stage"], row["seconds"]) for row in stays_of(7, history)] == [(s, n) for s, _t, n in stays]
    assert {row["opportunity_id"] for row in stays_of(7, history)} <= {7}


def test_the_stays_belong_to_the_opportunity_that_made_them(cast, sales):
    query = select(Opportunity).order_by(Opportunity.id)
    for sale in db.session.scalars(query, execution_options={"seen_by": cast.ines.actor}):
        assert kept(sale.id) == [(s["stage"], s["seconds"]) for s in stays_of(sale.id, sale.stage_history)]
