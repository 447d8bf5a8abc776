"""What is deleted lies in the bin of those who may bring it back, with all that went along.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

from decimal import Decimal

import pytest
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.opportunities.models import ContactRole, Line, Opportunity, Partner
from labapp.people.models import Sandbox
from labapp.records import query
from labapp.records.catalog import catalog
from tests.lives import last_step, steps_since

PARTS = ("line", "contact_role", "partner", "note", "activity")


@pytest.fixture
def sale(cast, make):
    """An opportunity of Ben's with a line, a person, a partner, a note and an activity; its id."""
    found = make("opportunity", cast.ben).id
    for kind in ("line", "contact_role", "partner"):
        make(kind, cast.ben, opportunity_id=found)
    for kind in ("note", "activity"):
        make(kind, cast.ben, related_kind="opportunity", related_id=found)
    db.session.remove()
    return found


def alive(*kinds):
    db.session.remove()
    models = [catalog()[kind].model for kind in kinds]
    return {
        model.__tablename__: len(
            db.session.scalars(
                select(model.id).where(model.deleted_at.is_(None)), execution_options={"seen_by": EVERYONE}
            ).all()
        )
        for model in models
    }


def test_an_opportunity_takes_along_all_it_has_in_one_step(cast, browse, sale):
    before = last_step(cast.ben)
    assert browse(cast.ben).post(f"/opportunities/{sale}/delete").status_code == 302
    assert alive(*PARTS) == dict.fromkeys(PARTS, 0)
    (step,) = steps_since(cast.ben, before)
    assert {c["kind"] for c in step.changes if c["what"] == "deleted"} == {"opportunity", *PARTS}


def test_it_comes_back_with_all_of_it(cast, browse, sale):
    amount = query.one(Opportunity, cast.ben.actor, sale).amount
    browse(cast.ben).post(f"/opportunities/{sale}/delete")
    before = last_step(cast.ben)
    assert browse(cast.ben).post(f"/opportunities/{sale}/restore").status_code == 302
    assert alive(*PARTS) == dict.fromkeys(PARTS, 1)
    assert len(steps_since(cast.ben, before)) == 1
    assert query.one(Opportunity, cast.ben.actor, sale).amount == amount != Decimal(0)
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_what_was_deleted_before_stays_in_the_bin(cast, browse, sale):
    (note,) = query.rows(catalog()["note"].model, cast.ben.actor)
    browse(cast.ben).post(f"/notes/{note.id}/delete")
    browse(cast.ben).post(f"/opportunities/{sale}/delete")
    browse(cast.ben).post(f"/opportunities/{sale}/restore")
    assert alive(*PARTS) == {**dict.fromkeys(PARTS, 1), "note": 0}


def test_parts_of_a_deleted_opportunity_are_nowhere(cast, browse, sale):
    browse(cast.ben).post(f"/opportunities/{sale}/delete")
    for model, slug in ((Line, "lines"), (ContactRole, "contact-roles"), (Partner, "partners")):
        assert query.rows(model, cast.ines.actor) == []
        assert browse(cast.ben).get(f"/{slug}/?format=json").json["rows"] == []


def test_the_bin_of_each_shows_what_each_may_restore(cast, make, browse):
    lead = make("lead", cast.ben, company="Old Lifts").id
    browse(cast.ben).post(f"/leads/{lead}/delete")
    shown = {
        n: "Old Lifts" in browse(getattr(cast, n)).get("/leads/bin").get_data(as_text=True)
        for n in ("ben", "ada", "ines", "cy", "dee")
    }
    assert shown == {"ben": True, "ada": True, "ines": True, "cy": False, "dee": False}


def test_restoring_twice_is_not_there(cast, make, browse):
    lead = make("lead", cast.ben).id
    browse(cast.ben).post(f"/leads/{lead}/delete")
    assert browse(cast.ben).post(f"/leads/{lead}/restore").status_code == 302
    assert browse(cast.ben).post(f"/leads/{lead}/restore").status_code == 404


def test_a_restored_one_is_found_by_search_again(cast, make, browse):
    lead = make("lead", cast.ben, company="Quzhou Lifts").id
    browse(cast.ben).post(f"/leads/{lead}/delete")
    browse(cast.ben).post(f"/leads/{lead}/restore")
    assert [row["id"] for row in browse(cast.ben).get("/leads/?format=json&q=quzhou").json["rows"]] == [lead]


def test_an_empty_bin_says_what_it_is_for_and_leads_back(cast, browse):
    page = browse(cast.ben).get("/leads/bin").get_data(as_text=True)
    assert "What is deleted lies here and can be brought back." in page
    assert '<a class="btn btn-primary btn-sm" href="/leads/">Back to the list</a>' in page


def test_a_bin_says_that_it_shows_the_last_alone(cast, make, browse, monkeypatch):
    monkeypatch.setattr("labapp.records.views.binned.PAGE", 2)
    browser = browse(cast.ben)
    for count in range(3):
        assert ("deleted last" in browser.get("/leads/bin").get_data(as_text=True)) is (count > 1)
        browser.post(f"/leads/{make('lead', cast.ben).id}/delete")
    assert browser.get("/leads/bin").get_data(as_text=True).count("/restore") == 2
