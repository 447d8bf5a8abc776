"""Customers: deleting with all that belongs to them, transfer with what goes along, care for many.

Ada manages Ben and Cy; Dee is in another class; Ines instructs.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from labapp.access.errors import Invalid, Refused
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.activities.models import Activity
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.notes.models import Note
from labapp.modules.opportunities.models import Opportunity
from labapp.oplog.models import Operation
from labapp.records import standard
from labapp.records.work import Work


def fetch(model: Any, record_id: int) -> Any:
    query = select(model).where(model.id == record_id)
    return db.session.execute(
        query, execution_options={"seen_by": EVERYONE, "populate_existing": True}
    ).scalar_one()


def steps(verb: str) -> list[Operation]:
    query = select(Operation).where(Operation.verb == verb, Operation.outcome == "done")
    return list(db.session.scalars(query.order_by(Operation.id)))


def delete(person: Any, catalog: Any, customer_id: int) -> None:
    with Work(person.actor, "customer.delete") as work:
        standard.delete(work, catalog["customer"], work.on(Customer, customer_id))


@pytest.fixture
def rich(make: Any, cast: SimpleNamespace) -> dict[str, int]:
    """Ben's customer with a contact, a note on each, and an activity."""
    customer = make("customer", cast.ben, name="上海医疗器械有限公司").id
    contact = make("contact", cast.ben, customer_id=customer).id
    return {
        "customer": customer,
        "contact": contact,
        "note": make("note", cast.ben, related_kind="customer", related_id=customer).id,
        "contact_note": make("note", cast.ben, related_kind="contact", related_id=contact).id,
        "activity": make("activity", cast.ben, related_kind="customer", related_id=customer).id,
    }


MODELS = {"contact": Contact, "note": Note, "contact_note": Note, "activity": Activity}


def test_delete_takes_all_along_in_one_step(cast: SimpleNamespace, rich: Any, catalog: Any) -> None:
    delete(cast.ben, catalog, rich["customer"])
    assert all(fetch(model, rich[name]).deleted_at for name, model in MODELS.items())
    (step,) = steps("delete")
    assert len(step.changes) == 5
    assert {c["what"] for c in step.changes} == {"deleted"}


def test_restore_brings_all_back(cast: SimpleNamespace, rich: Any, catalog: Any, browse: Any) -> None:
    delete(cast.ben, catalog, rich["customer"])
    browse(cast.ada).post(f"/customers/{rich['customer']}/restore")
    assert fetch(Customer, rich["customer"]).deleted_at is None
    assert not any(fetch(model, rich[name]).deleted_at for name, model in MODELS.items())
    (step,) = steps("restore")
    assert len(step.changes) == 5
    assert {c["what"] for c in step.changes} == {"created"}


def test_restore_leaves_what_was_deleted_before(
    cast: SimpleNamespace, rich: Any, catalog: Any, browse: Any
) -> None:
    with Work(cast.ben.actor, "note.delete") as work:
        standard.delete(work, catalog["note"], work.on(Note, rich["note"]))
    delete(cast.ben, catalog, rich["customer"])
    browse(cast.ben).post(f"/customers/{rich['customer']}/restore")
    assert fetch(Note, rich["note"]).deleted_at is not None
    assert fetch(Note, rich["contact_note"]).deleted_at is None


def test_open_opportunities_stop_the_delete(
    cast: SimpleNamespace, rich: Any, catalog: Any, make: Any
) -> None:
    make("opportunity", cast.ben, name="监护仪采购", customer_id=rich["customer"])
    with pytest.raises(Refused, match="监护仪采购"):
        delete(cast.ben, catalog, rich["customer"])
    assert fetch(Customer, rich["customer"]).deleted_at is None


def test_a_hidden_opportunity_stops_it_without_a_name(
    cast: SimpleNamespace, rich: Any, catalog: Any, make: Any
) -> None:
    make("opportunity", cast.dee, name="Secret deal", customer_id=rich["customer"])
    with pytest.raises(Refused) as refused:
        delete(cast.ben, catalog, rich["customer"])
    assert "Secret" not in str(refused.value)


def test_lost_opportunities_do_not_stop_it(cast: SimpleNamespace, rich: Any, catalog: Any, make: Any) -> None:
    make("opportunity", cast.ben, customer_id=rich["customer"], stage="lost")
    delete(cast.ben, catalog, rich["customer"])
    assert fetch(Customer, rich["customer"]).deleted_at is not None


def test_a_company_is_not_its_own_parent(cast: SimpleNamespace, catalog: Any, make: Any) -> None:
    above = make("customer", cast.ben).id
    below = make("customer", cast.ben, parent_id=above).id
    with pytest.raises(Invalid), Work(cast.ben.actor, "customer.edit") as work:
        standard.edit(work, catalog["customer"], work.on(Customer, above), {"parent_id": below})


def give(browse: Any, giver: Any, taker: Any, customer: int, **answers: str) -> Any:
    data = {"owner_id": str(taker.membership_id), **answers}
    return browse(giver).post(f"/customers/{customer}/transfer", data)


TAKE = {"take_contacts": "y", "take_opportunities": "y", "take_activities": "y"}


def test_transfer_takes_along_a_step_each(cast: SimpleNamespace, rich: Any, make: Any, browse: Any) -> None:
    sale = make("opportunity", cast.ben, customer_id=rich["customer"]).id
    lost = make("opportunity", cast.ben, customer_id=rich["customer"], stage="lost").id
    assert give(browse, cast.ben, cast.cy, rich["customer"], **TAKE).status_code == 302
    cy = cast.cy.membership_id
    assert fetch(Customer, rich["customer"]).owner_id == cy
    assert fetch(Contact, rich["contact"]).owner_id == cy
    assert fetch(Activity, rich["activity"]).owner_id == cy
    assert fetch(Opportunity, sale).owner_id == cy
    assert fetch(Opportunity, lost).owner_id == cast.ben.membership_id
    given = steps("transfer")
    assert [step.kind for step in given] == ["customer", "contact", "opportunity", "activity"]
    assert len({step.request for step in given}) == 1


def test_transfer_leaves_what_is_not_ticked(cast: SimpleNamespace, rich: Any, browse: Any) -> None:
    give(browse, cast.ben, cast.cy, rich["customer"])
    assert [step.kind for step in steps("transfer")] == ["customer"]
    assert fetch(Contact, rich["contact"]).owner_id == cast.ben.membership_id


def test_what_is_not_the_givers_stays(cast: SimpleNamespace, rich: Any, make: Any, browse: Any) -> None:
    other = make("opportunity", cast.dee, customer_id=rich["customer"]).id
    give(browse, cast.ben, cast.cy, rich["customer"], **TAKE)
    assert fetch(Opportunity, other).owner_id == cast.dee.membership_id


def test_care_plans_one_activity_each(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    found = [make("customer", cast.ben).id for _n in range(3)]
    hidden = make("customer", cast.dee).id
    data = {
        "ids": [*found, hidden],
        "confirm": "1",
        "subject": "回访新客户",
        "activity_type": "call",
        "due_at": "2026-09-10 10:00",
    }
    assert browse(cast.ben).post("/customers/bulk/care", data).status_code == 200
    query = select(Activity).order_by(Activity.id)
    planned = list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))
    assert [(a.subject, a.activity_type, a.related_id) for a in planned] == [
        ("回访新客户", "call", customer) for customer in found
    ]
    assert [step.record for step in steps("care")] == [fetch(Customer, c).serial for c in found]
