"""Two people, one record: the second sees both values, chooses, and loses nothing.

School ── Class A ── Sales: Ada ── Staff: Ben
"""

import pytest

from labapp.db import db
from labapp.modules.leads.models import Lead
from labapp.records import query
from tests.forms import form_on
from tests.lives import last_step, steps_since
from tests.playing import Forms


@pytest.fixture
def tabs(cast, make, browse):
    """Ben's page was loaded before Ada saved another company and city."""
    lead = make("lead", cast.ben, company="Old Lifts", city="Ningbo", title="Buyer").id
    url = f"/leads/{lead}/edit"
    bens = form_on(browse(cast.ben), url, "company")
    adas = form_on(browse(cast.ada), url, "company")
    assert browse(cast.ada).post(url, {**adas, "company": "Ada's Lifts", "city": "Jinhua"}).status_code == 302
    return url, {**bens, "company": "Ben's Lifts", "title": "Head"}


def lead(cast):
    db.session.remove()
    return query.rows(Lead, cast.ben.actor)[0]


def test_the_stale_save_changes_nothing_and_is_logged_invalid(cast, browse, tabs):
    before = last_step(cast.ben)
    assert browse(cast.ben).post(*tabs).status_code == 409
    assert lead(cast).company == "Ada's Lifts"
    assert [(s.verb, s.outcome) for s in steps_since(cast.ben, before)] == [("edit", "invalid")]


def test_the_page_shows_both_values_of_each_field_that_differs(cast, browse, tabs):
    page = browse(cast.ben).post(*tabs).get_data(as_text=True)
    for value in ("Ada&#39;s Lifts", "Ben&#39;s Lifts", "Jinhua", "Ningbo", "Buyer", "Head"):
        assert value in page
    assert 'id="conflict-company"' in page
    assert 'id="conflict-name"' not in page


def test_my_choice_is_saved_field_by_field(cast, browse, tabs):
    url, _typed = tabs
    page = browse(cast.ben).post(*tabs).get_data(as_text=True)
    choice = next(fields for _action, fields in Forms(page).found if "company" in fields)
    assert browse(cast.ben).post(url, {**choice, "city": "Jinhua"}).status_code == 302
    found = lead(cast)
    assert (found.company, found.city, found.title) == ("Ben's Lifts", "Jinhua", "Head")


def test_a_third_change_meanwhile_is_shown_again(cast, browse, tabs):
    url, _typed = tabs
    choice = next(
        f for _action, f in Forms(browse(cast.ben).post(*tabs).get_data(as_text=True)).found if "company" in f
    )
    again = form_on(browse(cast.ada), url, "company")
    browse(cast.ada).post(url, {**again, "company": "Third Lifts"})
    answer = browse(cast.ben).post(url, choice)
    assert answer.status_code == 409
    assert "Third Lifts" in answer.get_data(as_text=True)
