"""The life of a customer in one line, as far as the reader sees it (004 §1.3).

School ── Class A ── Sales: Ada ── Staff: Ben, Cy (a peer)
"""

from datetime import date
from decimal import Decimal

import pytest

from labapp.db import db
from labapp.modules.customers.lifecycle import life_of
from labapp.modules.customers.models import Customer
from labapp.records import query
from tests.listening import heard


@pytest.fixture
def quartz(cast, make):
    """Ben's customer: a lead became it; one sale won, one of Cy's; a ticket; a campaign that reached its contact."""
    customer = make("customer", cast.ben, name="Quartz").id
    make("lead", cast.ben, name="Ling", status="converted", customer_id=customer)
    make("opportunity", cast.ben, name="Lamps", customer_id=customer, stage="won", amount=Decimal("900.00"))
    make("opportunity", cast.cy, name="Hidden", customer_id=customer, stage="needs")
    make("ticket", cast.ben, subject="Broken", customer_id=customer)
    contact = make("contact", cast.ben, customer_id=customer).id
    fair = make("campaign", cast.ada, name="Fair", start_date=date(2026, 9, 1), end_date=date(2026, 9, 30)).id
    make("campaign_member", cast.ada, campaign_id=fair, contact_id=contact)
    make("campaign", cast.ada, name="Elsewhere")
    db.session.rollback()
    return customer


def life(person, customer_id):
    actor = person.actor
    return life_of(actor, query.one(Customer, actor, customer_id))


def test_the_line_has_every_station(app, cast, quartz):
    with app.test_request_context():
        found = life(cast.ben, quartz)
    assert [(phase.label, phase.count) for phase in found.phases] == [
        ("Lead", 1),
        ("Customer", 1),
        ("Opportunities", 1),
        ("Won", 1),
        ("Service", 1),
        ("Campaigns", 1),
    ]
    assert {step.title for step in found.steps} == {"Quartz", "Ling", "Lamps", "Broken", "Fair"}
    assert [step.at for step in found.steps] == sorted((step.at for step in found.steps), reverse=True)


def test_a_superior_sees_the_whole_team_in_it(app, cast, quartz):
    with app.test_request_context():
        assert "Hidden" in {step.title for step in life(cast.ada, quartz).steps}


def test_it_stands_on_the_page_of_the_customer(cast, browse, quartz):
    page = browse(cast.ben).get(f"/customers/{quartz}").text.split('id="life"')[1].split("</section>")[0]
    assert "Lamps" in page
    assert "￥900.00" in page
    assert "Hidden" not in page
    assert f"/calendar?customer={quartz}" in page


def test_it_costs_two_statements_however_long(app, cast, make, quartz):
    for _number in range(20):
        make("opportunity", cast.ben, customer_id=quartz, stage="needs")
    actor = cast.ben.actor
    customer = query.one(Customer, actor, quartz)
    with app.test_request_context():
        life_of(actor, customer)
        with heard() as said:
            life_of(actor, customer)
    assert len(said) == 2
