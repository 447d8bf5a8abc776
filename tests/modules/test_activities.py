"""Activities: completing and cancelling, and whom that contacted.

Ada manages Ben and Cy; Dee is in another class; Ines instructs.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from labapp.access.errors import Invalid, NotFound
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.activities.models import Activity
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.oplog.models import Operation
from labapp.records import query, standard
from labapp.records.work import Work
from tests.world import START


def fetch(model: Any, record_id: int) -> Any:
    asked = select(model).where(model.id == record_id)
    return db.session.execute(
        asked, execution_options={"seen_by": EVERYONE, "populate_existing": True}
    ).scalar_one()


def last_step() -> Operation:
    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def complete(person: Any, catalog: Any, activity_id: int, **answers: Any) -> None:
    with Work(person.actor, "activity.complete", answers=answers) as work:
        activity = work.on(Activity, activity_id)
        catalog.verbs(catalog["activity"])["complete"].run(work, activity, answers)


def test_complete_keeps_the_result(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    activity = make("activity", cast.ben, activity_type="task").id
    complete(cast.ben, catalog, activity, result="Done well")
    row = fetch(Activity, activity)
    assert (row.status, row.result) == ("done", "Done well")
    assert [c["kind"] for c in last_step().changes] == ["activity"]


@pytest.mark.parametrize("kind", ["call", "visit", "mail", "message", "meeting"])
def test_a_call_contacts_the_customer(cast: SimpleNamespace, make: Any, catalog: Any, kind: str) -> None:
    customer = make("customer", cast.ben).id
    activity = make("activity", cast.ben, activity_type=kind, related_kind="customer", related_id=customer).id
    complete(cast.ben, catalog, activity)
    assert fetch(Customer, customer).last_contacted_at is not None
    assert [c["kind"] for c in last_step().changes] == ["activity", "customer"]


def test_a_task_contacts_nobody(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    customer = make("customer", cast.ben).id
    activity = make(
        "activity", cast.ben, activity_type="task", related_kind="customer", related_id=customer
    ).id
    complete(cast.ben, catalog, activity)
    assert fetch(Customer, customer).last_contacted_at is None


def test_a_call_on_a_lead_contacts_the_lead(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    lead = make("lead", cast.ben).id
    activity = make("activity", cast.ben, activity_type="call", related_kind="lead", related_id=lead).id
    complete(cast.ben, catalog, activity)
    assert fetch(Lead, lead).last_contacted_at is not None


@pytest.mark.parametrize("kind", ["contact", "opportunity"])
def test_a_call_on_what_is_the_customers_contacts_the_customer(
    cast: SimpleNamespace, make: Any, catalog: Any, kind: str
) -> None:
    customer = make("customer", cast.ben).id
    about = make(kind, cast.ben, customer_id=customer).id
    activity = make("activity", cast.ben, activity_type="call", related_kind=kind, related_id=about).id
    complete(cast.ben, catalog, activity)
    assert fetch(Customer, customer).last_contacted_at is not None


def test_the_contact_of_the_activity_counts_too(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    contact = make("contact", cast.ben)
    customer = contact.customer_id
    activity = make("activity", cast.ben, activity_type="call", contact_id=contact.id).id
    complete(cast.ben, catalog, activity)
    assert fetch(Customer, customer).last_contacted_at is not None


def test_what_one_does_not_see_is_left_alone(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    customer = make("customer", cast.dee).id
    activity = make(
        "activity", cast.ben, activity_type="call", related_kind="customer", related_id=customer
    ).id
    complete(cast.ben, catalog, activity)
    assert fetch(Customer, customer).last_contacted_at is None


def test_done_is_done(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    activity = make("activity", cast.ben).id
    assert browse(cast.ben).post(f"/activities/{activity}/complete", {"result": "ok"}).status_code == 302
    assert browse(cast.ben).post(f"/activities/{activity}/cancel", {}).status_code == 403
    assert fetch(Activity, activity).status == "done"


@pytest.mark.parametrize(
    "values",
    [
        {"starts_at": START.replace(hour=15), "ends_at": START.replace(hour=14)},
        {"ends_at": START},
        {"due_at": START, "reminder_at": START.replace(hour=10)},
        {"status": "done"},
    ],
)
def test_what_cannot_be_is_refused(cast: SimpleNamespace, catalog: Any, values: Any) -> None:
    with pytest.raises(Invalid), Work(cast.ben.actor, "activity.create") as work:
        standard.create(work, catalog["activity"], {"subject": "A", "activity_type": "call", **values})


def test_an_activity_is_about_something_one_sees(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    hidden = make("customer", cast.dee).id
    values = {"subject": "A", "activity_type": "call", "related_kind": "customer", "related_id": hidden}
    with pytest.raises(NotFound), Work(cast.ben.actor, "activity.create") as work:
        standard.create(work, catalog["activity"], values)


def test_it_is_added_on_the_page_of_the_record(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    customer = make("customer", cast.ben, name="上海医疗").id
    page = browse(cast.ben).get(f"/activities/new?related_kind=customer&related_id={customer}").text
    assert f'name="related_id" type="hidden" value="{customer}"' in page
    data = {
        "subject": "回访",
        "activity_type": "call",
        "status": "open",
        "related_kind": "customer",
        "related_id": str(customer),
    }
    assert browse(cast.ben).post("/activities/new", data).status_code == 302
    (activity,) = query.rows(Activity, cast.ben.actor)
    assert (activity.related_kind, activity.related_id) == ("customer", customer)
    shown = browse(cast.ben).get(f"/activities/{activity.id}").text
    assert f'<a href="/customers/{customer}">上海医疗</a>' in shown
    listed = browse(cast.ben).get("/activities/?format=json").json
    assert listed["rows"][0]["related"] == 1
