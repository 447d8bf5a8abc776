"""For every report, line, number and reader: the number equals the rows of the list it links to.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
              └─ Class B ── Sales B ── Staff B: Dee
"""

from datetime import timedelta
from decimal import Decimal
from random import Random
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.datastructures import MultiDict

from labapp.db import db
from labapp.records import query
from labapp.records.catalog import catalog as known
from labapp.records.describe import Filters
from labapp.records.question import question_of
from labapp.records.report_views import address_at, chart_of
from labapp.records.reports import Ask, ask_of
from labapp.records.setup import Setup
from tests.world import START

KINDS = (
    "lead",
    "customer",
    "contact",
    "opportunity",
    "competitor",
    "rival",
    "ticket",
    "survey",
    "campaign",
    "activity",
    "quota",
    "forecast",
)
READERS = ("ben", "ada", "dee", "ines", "olga")
OWNERS = ("ada", "ben", "cy", "dee", "ben", "ben")
KNOWN: dict[tuple[int, str], list] = {}
CONDITIONS = (
    {"from": "2026-08-15", "to": "2026-09-20"},
    {"owner": "s002"},
    {"position": "3", "days": "10"},
    {"source": "web", "industry": "education"},
)


def crowd(cast, make):
    """Records of every kind for everybody, spread over months, stages and codes; some fields empty."""
    chance = Random(7)
    stages = ("contact", "needs", "quote", "contract", "won", "lost")
    planned(cast, make)
    campaigns = [outreach(make, getattr(cast, name), place) for place, name in enumerate(OWNERS[:4])]
    for number in range(24):
        owner = getattr(cast, OWNERS[number % len(OWNERS)])
        made = START - timedelta(days=4 * number)
        source = chance.choice(("web", "referral", None))
        status = chance.choice(("new", "contacted", "qualified", "unqualified", "converted"))
        campaign = chance.choice([*campaigns, None])
        lead = make("lead", owner, source=source, status=status, campaign_id=campaign)
        dated(lead, made)
        dated(reached(make, owner, campaign or campaigns[0], lead, number), made)
        customer = make("customer", owner, source=source, last_contacted_at=chance.choice((None, made)))
        dated(customer, made)
        dated(make("contact", owner, customer_id=customer.id), made)
        stage = stages[number % 6]
        sale = make(
            "opportunity",
            owner,
            customer_id=customer.id,
            stage=stage,
            amount=chance.choice((None, Decimal(1000 + number))),
            close_date=(START + timedelta(days=10 - 5 * number)).date(),
            source=source,
            campaign_id=campaign,
            stage_history=[
                {"stage": "contact", "entered_at": "2026-08-01T09:00:00", "left_at": "2026-08-04T21:00:00"}
            ],
            **({"lost_reason": "price"} if stage == "lost" else {}),
        )
        dated(sale, made)
        competitor = make("competitor", owner, threat=chance.choice(("high", "low", None)))
        dated(competitor, made)
        outcome = chance.choice(("open", "beaten", "lost_to", "withdrew"))
        dated(
            make("rival", owner, opportunity_id=sale.id, competitor_id=competitor.id, outcome=outcome), made
        )
        serve(cast, make, number, owner, customer, made)


def outreach(make, owner, place):
    """A campaign of so many months ago. Its id."""
    start = (START - timedelta(days=30 * place)).date()
    status = ("planned", "active", "completed", "active")[place]
    cost = Decimal(700 * place) or None
    dates = {"start_date": start, "end_date": start + timedelta(days=20)}
    return make("campaign", owner, status=status, actual_cost=cost, **dates).id


def reached(make, owner, campaign_id, lead, number):
    """The lead as a member of the campaign; the task that is about it."""
    response = ("invited", "responded", "interested", "declined")[number % 4]
    make("campaign_member", owner, campaign_id=campaign_id, lead_id=lead.id, response=response)
    return make(
        "activity",
        owner,
        related_kind="campaign",
        related_id=campaign_id,
        status=("open", "done", "cancelled")[number % 3],
        due_at=START - timedelta(days=3 * number),
    )


def planned(cast, make):
    """Quotas and forecasts of two quarters for those who sell, some adjusted."""
    for place, name in enumerate(("ada", "ben", "cy", "dee")):
        owner = getattr(cast, name)
        for quarter in (2, 3):
            make("quota", owner, year=2026, quarter=quarter, amount=Decimal(5000 + 100 * place))
            forecast = make("forecast", owner, year=2026, quarter=quarter)
            if place % 2:
                make("adjustment", cast.ines, forecast_id=forecast.id)


def serve(cast, make, number, owner, customer, made):
    """A ticket of this customer's, every fourth one handled, and what they answered when asked."""
    done = number % 4 == 0
    values = {"response_minutes": 30 + number, "resolution_minutes": 600} if done else {}
    make(
        "ticket",
        owner,
        customer_id=customer.id,
        kind=("feedback", "complaint", "service")[number % 3],
        status="closed" if done else ("new", "assigned", "waiting")[number % 3],
        submitted_at=made,
        overdue=number % 5 == 0,
        assignee_id=(None, cast.cy.membership_id, cast.dee.membership_id)[number % 3],
        satisfaction=number % 5 + 1 if done else None,
        **values,
    )
    make("survey", owner, customer_id=customer.id, asked_on=made.date())


def dated(record, moment):
    """Say when it was made: history that only a set-up can write."""
    owner = record.owner_id
    from labapp.access.actor import actor_of
    from labapp.people.models import Sandbox

    actor = actor_of(db.session.get(Sandbox, record.sandbox_id), owner)
    with Setup(actor, f"{record.__tablename__}.edit", nobody=True) as work:
        work.update(work.get(type(record), record.id), created_at=moment)


def rows_behind(ask: Ask, filters: Filters) -> list:
    """The rows of the list at the address that a number links to."""
    address = ask.address(filters)
    found = KNOWN.get((ask.actor.id, address))
    if found is None:
        parts = urlsplit(address)
        listed = known().slugs[parts.path.strip("/")]
        question = question_of(listed, ask.actor, MultiDict(parse_qsl(parts.query)))
        found = KNOWN[ask.actor.id, address] = query.rows(listed.model, ask.actor, *question.where)
    return found


def check_answer(ask: Ask) -> int:
    """Follow every number of one answer to its list. Returns how many were followed."""
    columns, followed = ask.report.columns(ask), 0
    lines = ask.report.rows(ask)
    for line in lines:
        assert len(line.values) == len(columns)
        where = f"{ask.report.name} by {ask.group} {dict(ask.said)}: {line.values}"
        if line.records is not None and line.links[0] is not None:
            assert len(rows_behind(ask, line.links[0])) == line.records, where
            followed += 1
        for column, value, link in zip(columns, line.values, line.links, strict=False):
            if column.counts:
                assert value == (len(rows_behind(ask, link)) if link is not None else 0), where
                followed += 1
            if column.money and link is not None and "eighted" not in str(column.label):
                rows = rows_behind(ask, link)
                if all(hasattr(row, "amount") for row in rows):
                    assert value == sum((row.amount or Decimal(0) for row in rows), Decimal(0)), where
    check_bars(ask, columns, lines)
    return followed


def check_bars(ask, columns, lines):
    """Every bar of the chart has the number of its line and the address of its records."""
    drawn = chart_of(ask, columns, lines)
    if drawn is None or not ask.group:
        return
    shown = [line for line in lines if not line.total]
    for series, place in zip(drawn["urls"], ask.report.series, strict=True):
        assert series == [address_at(ask, line, place) for line in shown]


@pytest.fixture
def crowded(app, cast, make, home):
    """The crowd, made once for each process where the database is a file: it takes four seconds."""
    if home.has("crowd"):
        home.renew("crowd")
        return
    crowd(cast, make)
    db.session.remove()
    home.keep("crowd")


@pytest.mark.usefixtures("crowded")
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_equals_the_rows_of_its_list(cast, catalog, app, kind):
    KNOWN.clear()
    record_type = catalog[kind]
    assert record_type.reports
    readers = [getattr(cast, reader).actor for reader in READERS]
    with app.test_request_context():
        for report in record_type.reports:
            assert check_report(record_type, report, readers) > 50, report.name


def check_report(record_type, report, readers) -> int:
    """Every reader and group, and every condition with the first groups. Returns how many were followed."""
    groups, followed = report.groups or ("",), 0
    asked = [({}, group) for group in groups]
    asked += [(said, group) for said in CONDITIONS for group in {*groups[:2], *groups[-1:]}]
    for actor in readers:
        for said, group in asked:
            ask = ask_of(actor, record_type, report, MultiDict({**said, "group": group}))
            assert ask.group == group
            followed += check_answer(ask)
    return followed
