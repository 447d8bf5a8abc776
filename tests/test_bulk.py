"""One verb to many: each a step of its own; what may not be touched is listed and logged.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import re

import pytest

from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.people.models import Sandbox
from labapp.records import query
from tests.lives import last_step, steps_since


@pytest.fixture
def three(cast, make):
    """Two leads of Ben's and one of Cy's; their ids."""
    found = [make("lead", cast.ben).id, make("lead", cast.ben).id, make("lead", cast.cy).id]
    db.session.remove()
    return found


def bulk(browser, verb, ids, kind="leads", **answers):
    return browser.post(f"/{kind}/bulk/{verb}", {"confirm": "1", "ids": [str(i) for i in ids], **answers})


def lead(cast, lead_id):
    db.session.remove()
    return query.one(Lead, cast.ines.actor, lead_id)


def test_it_says_first_how_many_may_be_touched(cast, browse, three):
    page = (
        browse(cast.ben)
        .post("/leads/bulk", {"verb": "delete", "ids": [str(i) for i in three]})
        .get_data(as_text=True)
    )
    assert "2 of the 3 selected" in page
    assert lead(cast, three[0]) is not None


def test_what_may_be_touched_is_done_and_the_rest_logged_refused(cast, browse, three):
    before = last_step(cast.ben)
    page = bulk(browse(cast.ben), "delete", three).get_data(as_text=True)
    steps = steps_since(cast.ben, before)
    assert [(s.verb, s.origin, s.outcome) for s in steps] == [
        ("delete", "bulk", "done"),
        ("delete", "bulk", "done"),
        ("delete", "bulk", "refused"),
    ]
    assert len({step.request for step in steps}) == 1
    assert f"#{three[2]}" in page
    assert lead(cast, three[2]) is not None


def test_everything_behind_the_filter_as_it_stood(cast, browse, three):
    with_all = {"all_matching": "1", "filter": "?mine=1", "tags": ""}
    bulk(browse(cast.ada), "update", [], field="rating", rating="hot", **with_all | {"filter": "?owner=s002"})
    assert [lead(cast, i).rating == "hot" for i in three] == [
        True,
        True,
        lead(cast, three[2]).rating == "hot",
    ]


def test_one_field_is_changed_for_all(cast, browse, three):
    bulk(browse(cast.ben), "update", three[:2], field="city", city="Ningbo")
    assert [lead(cast, i).city for i in three[:2]] == ["Ningbo", "Ningbo"]


def test_tags_are_added_to_those_that_stand(cast, make, browse):
    customer = make("customer", cast.ben, tags=["old"]).id
    bulk(browse(cast.ben), "tag", [customer], "customers", tags="new, old")
    db.session.remove()
    assert query.one(Customer, cast.ben.actor, customer).tags == ["old", "new"]


def test_a_transfer_takes_along_what_is_ticked(cast, make, browse):
    customer = make("customer", cast.ben).id
    contact = make("contact", cast.ben, customer_id=customer).id
    bulk(
        browse(cast.ben),
        "transfer",
        [customer],
        "customers",
        owner_id=str(cast.cy.membership_id),
        take_contacts="y",
    )
    db.session.remove()
    assert query.one(Contact, cast.cy.actor, contact).owner_id == cast.cy.membership_id


def test_a_transfer_leaves_what_is_not_ticked(cast, make, browse):
    customer = make("customer", cast.ben).id
    contact = make("contact", cast.ben, customer_id=customer).id
    bulk(browse(cast.ben), "transfer", [customer], "customers", owner_id=str(cast.cy.membership_id))
    db.session.remove()
    assert query.one(Contact, cast.cy.actor, contact).owner_id == cast.ben.membership_id


def test_a_transfer_that_fails_half_way_does_nothing_and_is_logged(cast, make, browse, monkeypatch, catalog):
    """The contact that goes along is Ben's no more when its turn comes: the customer stays too."""
    customer = make("customer", cast.ben).id
    theirs = make("contact", cast.cy, customer_id=make("customer", cast.cy).id).id
    rules = catalog["customer"].rules
    monkeypatch.setitem(rules.__dict__, "follow_ups", lambda work, record, answers: [("contact", theirs)])
    before = last_step(cast.ben)
    answer = browse(cast.ben).post(
        f"/customers/{customer}/transfer", {"owner_id": str(cast.cy.membership_id)}
    )
    assert answer.status_code == 404
    assert [(s.kind, s.verb, s.outcome) for s in steps_since(cast.ben, before)] == [
        ("contact", "transfer", "refused")
    ]
    assert query.one(Customer, cast.ben.actor, customer).owner_id == cast.ben.membership_id
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_in_bulk_a_transfer_that_fails_half_way_is_logged_once(cast, make, browse, monkeypatch, catalog):
    customers = [make("customer", cast.ben).id, make("customer", cast.ben).id]
    theirs = make("contact", cast.cy, customer_id=make("customer", cast.cy).id).id
    along = iter([[("contact", theirs)], []])
    monkeypatch.setitem(
        catalog["customer"].rules.__dict__, "follow_ups", lambda work, record, answers: next(along)
    )
    before = last_step(cast.ben)
    bulk(browse(cast.ben), "transfer", customers, "customers", owner_id=str(cast.cy.membership_id))
    assert [(s.kind, s.outcome) for s in steps_since(cast.ben, before)] == [
        ("contact", "refused"),
        ("customer", "done"),
    ]


@pytest.mark.parametrize("answers", [{"owner_id": ""}, {"owner_id": "999"}, {"owner_id": "abc"}, {}])
def test_a_transfer_to_nobody_is_asked_again(cast, browse, three, answers):
    assert bulk(browse(cast.ben), "transfer", three[:1], **answers).status_code in {200, 422}
    assert lead(cast, three[0]).owner_id == cast.ben.membership_id


@pytest.mark.parametrize("person", ["olga", "tess"])
def test_readers_do_nothing_in_bulk(cast, browse, three, person):
    assert bulk(browse(getattr(cast, person)), "delete", three).status_code == 403


def test_nothing_selected_is_said(cast, browse):
    answer = bulk(browse(cast.ben), "delete", [])
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Nothing is selected" in page
    assert "Nothing was done" in page
    assert "Not allowed" not in page


def test_a_verb_that_is_not_for_many_is_refused(cast, browse, three):
    assert bulk(browse(cast.ben), "unconvert", three).status_code == 422
    assert bulk(browse(cast.ben), "nonsense", three).status_code == 422


def test_attachments_offer_no_field_to_change(cast, browse):
    page = browse(cast.ben).get("/attachments/").get_data(as_text=True)
    assert not re.search(r'value="update"', page)


def test_observer_is_refused_whatever_the_verb(cast, browse):
    assert browse(cast.olga).post("/customers/bulk", {"verb": "nosuch"}).status_code == 403
    assert browse(cast.olga).post("/customers/bulk").status_code == 403


@pytest.mark.parametrize("typed", ["9" * 5000, "9" * 19, "-1", "x", "\u0661"])
def test_numbers_that_no_record_has_select_nothing(cast, browse, three, typed):
    answer = browse(cast.ben).post("/leads/bulk", {"verb": "delete", "ids": typed})
    assert answer.status_code == 422
    assert "Nothing is selected" in answer.get_data(as_text=True)
