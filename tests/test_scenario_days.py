"""What the clock brings in the shipped scenarios: the same for every seat, and the end of the quarter."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from labapp.access.actor import actor_of
from labapp.access.errors import Invalid
from labapp.db import db
from labapp.modules.customers.models import Customer
from labapp.modules.forecasts.models import Forecast
from labapp.modules.tickets.models import Ticket
from labapp.notices.models import Notice
from labapp.people.models import Membership
from labapp.records import standard
from labapp.records.catalog import catalog
from labapp.records.work import Work
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_sandbox
from labapp.scenario.read import read_scenario
from tests.timelines import advance, all_of, box


def shipped(key, language="en"):
    """The id of a sandbox of a shipped scenario with three seats."""
    return open_sandbox(
        read_scenario(scenario_folder(key)), Opening(key, seed=4, students=3, language=language)
    ).id


def first_student(sandbox_id):
    query = select(Membership.id).filter_by(sandbox_id=sandbox_id, key="s001")
    return actor_of(box(sandbox_id), db.session.scalars(query).one())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_seat_of_the_service_desk_gets_the_same_cases_from_customers_of_its_own(app, language):
    number = shipped("service-desk", language)
    advance(number, days=2)
    customers = {customer.id: customer for customer in all_of(number, Customer)}
    cases = {}
    for ticket in all_of(number, Ticket):
        customer = customers[ticket.customer_id]
        assert customer.owner_id == ticket.owner_id
        said = ticket.subject.replace(customer.name, "…")
        cases.setdefault(ticket.owner_id, []).append((said, ticket.kind, ticket.submitted_at, ticket.due_at))
    assert len(cases) == 3
    first, *others = cases.values()
    assert len(first) == 7
    assert all(other == first for other in others)
    assert all("{" not in ticket.subject + ticket.content for ticket in all_of(number, Ticket))
    assert len({customer.name for customer in customers.values()}) == len(customers)


def test_the_quarter_ends_by_the_clock_and_nothing_can_be_forecast_afterwards(app):
    number = shipped("forecast-quarter")
    amounts = {"expected_amount": 1000, "best_case_amount": 2000}
    student = first_student(number)
    with Work(student, "forecast.create") as work:
        standard.create(work, catalog()["forecast"], {"year": 2026, "quarter": 3, **amounts})
    advance(number, days=30)
    student, found = first_student(number), all_of(number, Forecast)[0].id
    with pytest.raises(Invalid, match="is over"), Work(student, "forecast.edit") as work:
        standard.edit(work, catalog()["forecast"], work.on(Forecast, found), {"expected_amount": 1500})
    told = db.session.scalars(select(Notice).where(Notice.text_en.like("2026 Q3 is over%"))).all()
    assert len(told) == 3
    mine = next(notice for notice in told if notice.membership_id == student.id)
    assert mine.text_en == "2026 Q3 is over. You had forecast ￥1,000.00 and sold ￥0.00."
    assert mine.url == "/forecasts/?year=2026&quarter=3"
    assert mine.at == box(number).starts_at.replace(hour=0, minute=0) + timedelta(days=30)
