"""Lists: filters, sorting, keyset pages, columns; the page for machines shows the same.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

from datetime import datetime

import pytest
from sqlalchemy import insert, select, update

from labapp.db import db
from labapp.records.listing import PAGE
from tests import world

MANY = 2 * PAGE + 7


@pytest.fixture
def many(cast, make):
    """107 leads of Ben's: companies in four groups, every fifth without a next follow-up."""
    first = make("lead", cast.ben).id
    table = db.metadata.tables["lead"]
    with db.engine.begin() as connection:
        row = dict(connection.execute(select(table).where(table.c.id == first)).mappings().one())
        del row["id"]
        connection.execute(insert(table), [row | another(i) for i in range(1, MANY)])
    db.session.remove()


def another(i):
    """What the lead of this number has of its own."""
    due = datetime(2026, 9, 10 + i % 7, 9) if i % 5 else None  # noqa: DTZ001 (lab time has no zone)
    return {"serial": 1000 + i, "company": f"C{i % 4}", "next_follow_up_at": due}


def pages(browser, url):
    """The rows of all pages, one after the other."""
    rows, count = [], 0
    while url and count < 9:
        answer = browser.get(url + ("&" if "?" in url else "?") + "format=json").json
        rows += answer["rows"]
        url, count = answer["next"], count + 1
    return rows


@pytest.mark.parametrize(
    "sort",
    ["-id", "id", "company", "-company", "next_follow_up_at", "-next_follow_up_at", "created_at", "-name"],
)
def test_the_pages_together_show_each_row_once_in_order(cast, browse, many, sort):
    name = sort.removeprefix("-")
    rows = pages(browse(cast.ben), f"/leads/?sort={sort}&cols=company,next_follow_up_at,created_at,name")
    assert len({row["id"] for row in rows}) == len(rows) == MANY
    filled = [(row[name], row["id"]) for row in rows if row[name] is not None]
    assert filled == sorted(filled, reverse=sort.startswith("-"))
    assert [row[name] for row in rows[len(filled) :]] == [None] * (MANY - len(filled))


def test_a_filter_stays_through_the_pages(cast, browse, many):
    rows = pages(browse(cast.ben), "/leads/?company=C1&sort=company")
    assert {row["company"] for row in rows} == {"C1"}
    assert len(rows) == browse(cast.ben).get("/leads/count?company=C1&format=json").json["count"]


def test_a_list_shows_the_columns_that_are_asked_for(cast, make, browse):
    make("lead", cast.ben, city="Ningbo", company="Lifts")
    page = browse(cast.ben).get("/leads/?cols=city").get_data(as_text=True)
    assert "Ningbo" in page
    assert "Lifts" not in page


FILTERS = {
    "rating=hot": True,
    "rating=cold": False,
    "rating=hot&rating=cold": True,
    "source=-": True,
    "rating=-": False,
    "owner=s002": True,
    "owner=s003": False,
    "mine=1": True,
    "employees_min=100": True,
    "employees_max=99": False,
    "annual_revenue_min=1000&annual_revenue_max=1000": True,
    "next_follow_up_at_from=2026-09-10&next_follow_up_at_to=2026-09-10": True,
    "next_follow_up_at_from=2026-09-11": False,
    "created_from=2026-09-07": True,
    "quiet_days=1": False,
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_finds_what_it_says(cast, make, browse, query):
    values = {"rating": "hot", "source": None, "employees": 100, "annual_revenue": 1000}
    evening = world.START.replace(day=10, hour=23, minute=59)
    make("lead", cast.ben, next_follow_up_at=evening, **values)
    rows = browse(cast.ben).get(f"/leads/?format=json&{query}").json["rows"]
    assert bool(rows) == FILTERS[query]


def test_what_points_at_a_hidden_record_says_not_visible(cast, make, browse):
    hidden = make("customer", cast.cy, name="Secret Lifts")
    make("contact", cast.ben, customer_id=hidden.id)
    page = browse(cast.ben).get("/contacts/").get_data(as_text=True)
    assert "not visible to you" in page
    assert "Secret Lifts" not in page


def change(model, record_id, **values):
    table = model.__table__
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == record_id).values(**values))


def test_a_row_that_was_drawn_before_says_what_its_link_says_now(cast, make, browse):
    customer = make("customer", cast.ben, name="Old Lifts")
    model, customer_id = type(customer), customer.id
    make("contact", cast.ben, customer_id=customer_id)
    ben, ada = browse(cast.ben), browse(cast.ada)
    assert ">Old Lifts</a>" in ben.get("/contacts/").text
    change(model, customer_id, name="New Lifts")
    assert ">New Lifts</a>" in ben.get("/contacts/").text
    change(model, customer_id, owner_id=cast.cy.membership_id)
    page = ben.get("/contacts/").text
    assert "not visible to you" in page
    assert "New Lifts" not in page
    assert ">New Lifts</a>" in ada.get("/contacts/").text


def test_the_form_of_filters_answers_with_an_address(cast, browse):
    answer = browse(cast.ben).get("/leads/filtered?rating=hot&source=&columns=name&columns=city")
    assert answer.headers["Location"] == "/leads/?rating=hot&cols=name%2Ccity"


def test_an_empty_list_says_what_to_do(cast, browse):
    """Whoever may enter is told so, whoever may not is told that others do."""
    leads = browse(cast.ben).get("/leads/").get_data(as_text=True)
    assert "Nothing here yet that you can see." in leads
    assert "Enter the first one, or import them from a file (More)." in leads
    assert 'href="/leads/new"' in leads
    watching = browse(cast.olga).get("/leads/").get_data(as_text=True)
    assert "Others enter these; what they enter appears here." in watching
    lines = browse(cast.ben).get("/lines/").get_data(as_text=True)
    assert "These are entered on the page of what they belong to." in lines
