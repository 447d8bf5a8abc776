"""Leads: status verbs, conversion and its undo, the web form.

Ada manages Ben and Cy; Dee is in another class; Ines instructs.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from labapp.access.errors import Invalid, Refused
from labapp.access.everyone import EVERYONE
from labapp.db import begin_write, db
from labapp.modules.activities.models import Activity
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.candidates import core, similar_customers
from labapp.modules.leads.models import Lead
from labapp.modules.notes.models import Note
from labapp.modules.opportunities.models import Opportunity
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records import standard
from labapp.records.work import Work


def act(person: Any, catalog: Any, kind: str, verb: str, record_id: int, **answers: Any) -> Any:
    """Do a verb of a module as the pages do it."""
    record_type = catalog[kind]
    with Work(person.actor, f"{kind}.{verb}", answers=answers) as work:
        record = work.on(record_type.model, record_id)
        return catalog.verbs(record_type)[verb].run(work, record, answers)


def edit(person: Any, catalog: Any, kind: str, record_id: int, **answers: Any) -> None:
    record_type = catalog[kind]
    with Work(person.actor, f"{kind}.edit", answers=answers) as work:
        standard.edit(work, record_type, work.on(record_type.model, record_id), answers)


def fetch(model: Any, record_id: int) -> Any:
    query = select(model).where(model.id == record_id)
    return db.session.execute(
        query, execution_options={"seen_by": EVERYONE, "populate_existing": True}
    ).scalar_one()


def everything(model: Any) -> list[Any]:
    query = select(model).order_by(model.id)
    return list(db.session.scalars(query, execution_options={"seen_by": EVERYONE, "populate_existing": True}))


def last_step() -> Operation:
    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def steps(verb: str, outcome: str = "done") -> list[Operation]:
    query = select(Operation).where(
        Operation.kind == "lead", Operation.verb == verb, Operation.outcome == outcome
    )
    return list(db.session.scalars(query.order_by(Operation.id)))


@pytest.fixture
def lead(make: Any, cast: SimpleNamespace) -> int:
    """Ben's qualified lead."""
    made = make("lead", cast.ben, name="王芳", company="上海医疗器械有限公司", status="qualified")
    return int(made.id)


def test_contact_sets_status_and_time(cast: SimpleNamespace, make: Any, catalog: Any) -> None:
    lead_id = make("lead", cast.ben, status="new").id
    act(cast.ben, catalog, "lead", "contact", lead_id)
    lead = fetch(Lead, lead_id)
    assert lead.status == "contacted"
    assert lead.last_contacted_at is not None
    assert last_step().changes[0]["after"]["status"] == "contacted"


def test_disqualify_keeps_the_reason_in_the_log(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    act(cast.ben, catalog, "lead", "disqualify", lead, reason="No budget")
    assert fetch(Lead, lead).status == "unqualified"
    assert last_step().answers == {"reason": "No budget"}


def test_a_new_lead_is_never_converted(cast: SimpleNamespace, catalog: Any) -> None:
    with pytest.raises(Invalid), Work(cast.ben.actor, "lead.create") as work:
        standard.create(work, catalog["lead"], {"name": "A", "company": "B", "status": "converted"})
    assert last_step().outcome == "invalid"


def test_convert_makes_three_records_in_one_step(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    customer = act(cast.ben, catalog, "lead", "convert", lead, opportunity="监护仪采购", amount=None)
    row = fetch(Lead, lead)
    assert row.status == "converted"
    assert row.customer_id == customer.id
    contact, sale = fetch(Contact, row.contact_id), fetch(Opportunity, row.opportunity_id)
    assert (contact.name, contact.customer_id) == ("王芳", customer.id)
    assert (sale.name, sale.stage, sale.probability) == ("监护仪采购", "contact", 10)
    step = last_step()
    assert [(c["what"], c["kind"]) for c in step.changes] == [
        ("created", "customer"),
        ("created", "contact"),
        ("created", "opportunity"),
        ("changed", "lead"),
    ]
    assert step.record == row.serial


def test_convert_without_a_name_makes_no_opportunity(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    act(cast.ben, catalog, "lead", "convert", lead)
    assert fetch(Lead, lead).opportunity_id is None


def test_what_a_manager_converts_stays_with_the_owner(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    customer = act(cast.ada, catalog, "lead", "convert", lead, opportunity="A sale")
    assert fetch(Customer, customer.id).owner_id == cast.ben.membership_id
    assert fetch(Opportunity, fetch(Lead, lead).opportunity_id).owner_id == cast.ben.membership_id


def test_activities_and_notes_move_to_the_customer(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    make("customer", cast.ben)
    activity = make("activity", cast.ben, related_kind="lead", related_id=lead).id
    note = make("note", cast.ben, related_kind="lead", related_id=lead).id
    customer = act(cast.ben, catalog, "lead", "convert", lead).id
    for model, row_id in ((Activity, activity), (Note, note)):
        row = fetch(model, row_id)
        assert (row.related_kind, row.related_id) == ("customer", customer)
    moved = [c for c in last_step().changes if c["kind"] == "note"]
    assert moved[0]["after"]["related_kind"] == "customer"
    assert moved[0]["after"]["related"] == fetch(Customer, customer).serial


def test_convert_into_an_existing_customer_and_contact(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    customer = make("customer", cast.ben, name="上海医疗器械").id
    contact = make("contact", cast.ben, customer_id=customer).id
    act(cast.ben, catalog, "lead", "convert", lead, customer_id=customer, contact_id=contact)
    row = fetch(Lead, lead)
    assert (row.customer_id, row.contact_id) == (customer, contact)
    assert [c["what"] for c in last_step().changes] == ["changed"]
    assert last_step().answers["customer"] == fetch(Customer, customer).serial


def test_a_customer_one_cannot_see_is_no_target(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    hidden = make("customer", cast.dee).id
    with pytest.raises(Invalid):
        act(cast.ben, catalog, "lead", "convert", lead, customer_id=hidden)
    assert fetch(Lead, lead).status == "qualified"


def test_the_contact_of_another_customer_does_not_fit(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    contact = make("contact", cast.ben).id
    with pytest.raises(Invalid):
        act(cast.ben, catalog, "lead", "convert", lead, contact_id=contact)
    assert last_step().outcome == "invalid"


def test_convert_twice_is_refused_with_the_way_to_what_was_made(
    cast: SimpleNamespace, lead: int, catalog: Any
) -> None:
    customer = act(cast.ben, catalog, "lead", "convert", lead)
    with pytest.raises(Refused) as refused:
        act(cast.ben, catalog, "lead", "convert", lead)
    assert (customer.name, f"/customers/{customer.id}") in refused.value.links
    assert len(everything(Customer)) == 1


def test_a_converted_lead_is_read_only(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    act(cast.ben, catalog, "lead", "convert", lead)
    with pytest.raises(Refused):
        edit(cast.ben, catalog, "lead", lead, name="Another")


def test_unconvert_takes_everything_back(cast: SimpleNamespace, lead: int, catalog: Any, make: Any) -> None:
    note = make("note", cast.ben, related_kind="lead", related_id=lead).id
    act(cast.ben, catalog, "lead", "convert", lead, opportunity="A sale")
    act(cast.ben, catalog, "lead", "unconvert", lead)
    row = fetch(Lead, lead)
    assert (row.status, row.customer_id, row.contact_id, row.opportunity_id) == (
        "qualified",
        None,
        None,
        None,
    )
    assert (fetch(Note, note).related_kind, fetch(Note, note).related_id) == ("lead", lead)
    assert all(r.deleted_at for model in (Customer, Contact, Opportunity) for r in everything(model))


def test_a_lead_can_be_converted_again_after_the_undo(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    for verb in ("convert", "unconvert", "convert", "unconvert", "convert"):
        act(cast.ben, catalog, "lead", verb, lead)
    assert fetch(Lead, lead).status == "converted"


def test_undo_into_an_existing_customer_leaves_it(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    customer = make("customer", cast.ben).id
    act(cast.ben, catalog, "lead", "convert", lead, customer_id=customer)
    act(cast.ben, catalog, "lead", "unconvert", lead)
    assert fetch(Customer, customer).deleted_at is None


def test_undo_is_refused_when_something_was_changed(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    customer = act(cast.ben, catalog, "lead", "convert", lead)
    edit(cast.ada, catalog, "customer", customer.id, city="杭州")
    with pytest.raises(Refused, match="上海医疗器械有限公司"):
        act(cast.ben, catalog, "lead", "unconvert", lead)
    assert fetch(Lead, lead).status == "converted"


def test_undo_is_refused_when_something_was_added(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    customer = act(cast.ben, catalog, "lead", "convert", lead)
    make("activity", cast.ben, subject="Ring back", related_kind="customer", related_id=customer.id)
    with pytest.raises(Refused, match="Ring back"):
        act(cast.ben, catalog, "lead", "unconvert", lead)


def test_what_others_added_is_not_named(cast: SimpleNamespace, lead: int, catalog: Any, make: Any) -> None:
    customer = act(cast.ben, catalog, "lead", "convert", lead)
    make("opportunity", cast.dee, name="Secret deal", customer_id=customer.id)
    with pytest.raises(Refused) as refused:
        act(cast.ben, catalog, "lead", "unconvert", lead)
    assert "Secret" not in str(refused.value)


def test_undo_is_refused_on_the_next_day(cast: SimpleNamespace, lead: int, catalog: Any) -> None:
    act(cast.ben, catalog, "lead", "convert", lead)
    next_day(cast.ben.sandbox_id)
    with pytest.raises(Refused):
        act(cast.ben, catalog, "lead", "unconvert", lead)


def next_day(sandbox_id: int) -> None:
    begin_write()
    sandbox = db.session.get(Sandbox, sandbox_id)
    assert sandbox is not None
    sandbox.clock_base += timedelta(days=1)
    db.session.commit()


def test_a_peer_cannot_convert_a_private_lead(cast: SimpleNamespace, lead: int, browse: Any) -> None:
    assert browse(cast.cy).post(f"/leads/{lead}/convert", {}).status_code == 404
    assert browse(cast.olga).post(f"/leads/{lead}/convert", {}).status_code == 403
    assert fetch(Lead, lead).status == "qualified"


def test_convert_by_its_page(cast: SimpleNamespace, lead: int, browse: Any, make: Any) -> None:
    make("customer", cast.ben, name="上海医疗器械厂")
    make("customer", cast.dee, name="上海医疗器械二厂")
    page = browse(cast.ben).get(f"/leads/{lead}/convert").text
    assert "上海医疗器械厂" in page
    assert "上海医疗器械二厂" not in page
    answer = browse(cast.ben).post(f"/leads/{lead}/convert", {"opportunity": "试用", "amount": "12,000"})
    assert answer.status_code == 302
    assert fetch(Opportunity, fetch(Lead, lead).opportunity_id).amount == 12000
    again = browse(cast.ben).post(f"/leads/{lead}/convert", {})
    assert again.status_code == 403
    assert f'href="/customers/{fetch(Lead, lead).customer_id}"' in again.text
    assert len(steps("convert")) == 1


def test_bulk_conversion(cast: SimpleNamespace, browse: Any, make: Any) -> None:
    found = [make("lead", cast.ben, company=f"第{n}有限公司", status="new").id for n in range(3)]
    found.append(make("lead", cast.ben, status="unqualified").id)
    browse(cast.ben).post("/leads/bulk/convert", {"ids": found, "confirm": "1"})
    assert [step.origin for step in steps("convert")] == ["bulk"] * 3
    assert len({step.request for step in steps("convert")}) == 1
    assert len(steps("convert", "refused")) == 1
    assert len(everything(Customer)) == 3


def test_deleting_a_lead_takes_its_notes_and_brings_them_back(
    cast: SimpleNamespace, lead: int, catalog: Any, make: Any
) -> None:
    note = make("note", cast.ben, related_kind="lead", related_id=lead).id
    with Work(cast.ben.actor, "lead.delete") as work:
        standard.delete(work, catalog["lead"], work.on(Lead, lead))
    assert fetch(Note, note).deleted_at is not None
    with Work(cast.ada.actor, "lead.restore") as work:
        row = work.deleted(Lead, lead)
        work.restore(row)
        catalog["lead"].rules.restored(work, row)
    assert fetch(Note, note).deleted_at is None


@pytest.mark.parametrize(
    ("name", "alike"),
    [("上海医疗器械股份有限公司", True), ("上海医疗器械", True), ("成都餐饮有限公司", False)],
)
def test_similar_names_are_found(cast: SimpleNamespace, make: Any, name: str, alike: bool) -> None:
    make("customer", cast.ben, name=name)
    assert bool(similar_customers(cast.ben.actor, "上海医疗器械有限公司")) is alike


def test_the_legal_form_does_not_count() -> None:
    assert core("Acme Group Co., Ltd.") == core("ACME Inc")


VISITOR = {"name": "李雷", "company": "广州贸易有限公司", "mobile": "13812345678"}


def test_a_visitor_writes_a_lead(cast: SimpleNamespace, browse: Any) -> None:
    answer = browse().post("/public/autumn-a/lead", VISITOR)
    assert answer.status_code == 200
    (lead,) = everything(Lead)
    assert (lead.name, lead.source, lead.status) == ("李雷", "web", "new")
    assert lead.owner_id == cast.ines.membership_id
    step = last_step()
    assert (step.member, step.origin, step.verb) == (None, "public", "create")
    assert step.address


def test_the_web_form_asks_for_a_way_to_answer(app: Any, browse: Any) -> None:
    answer = browse().post("/public/autumn-a/lead", {**VISITOR, "mobile": ""})
    assert answer.status_code == 422
    assert "李雷" in answer.text
    assert everything(Lead) == []


def test_what_fills_the_trap_is_dropped(app: Any, browse: Any) -> None:
    assert browse().post("/public/autumn-a/lead", {**VISITOR, "fax_number": "1"}).status_code == 200
    assert everything(Lead) == []


def test_the_web_form_has_a_limit(app: Any, browse: Any) -> None:
    app.config["WEB_LEADS_PER_HOUR"] = 2
    codes = [browse().post("/public/autumn-a/lead", VISITOR).status_code for _n in range(3)]
    del app.config["WEB_LEADS_PER_HOUR"]
    assert codes == [200, 200, 429]
    assert len(everything(Lead)) == 2


def test_the_web_form_goes_to_the_named_member_and_can_be_shut(cast: SimpleNamespace, browse: Any) -> None:
    set_up(cast.ben.sandbox_id, {"web_to_lead.owner": "s003"})
    browse().post("/public/autumn-a/lead", VISITOR)
    assert everything(Lead)[0].owner_id == cast.cy.membership_id
    set_up(cast.ben.sandbox_id, {"web_to_lead.enabled": False})
    assert browse().get("/public/autumn-a/lead").status_code == 404


def test_there_is_no_form_for_an_unknown_sandbox(browse: Any) -> None:
    assert browse().get("/public/nowhere/lead").status_code == 404


def set_up(sandbox_id: int, values: dict[str, Any]) -> None:
    begin_write()
    sandbox = db.session.get(Sandbox, sandbox_id)
    assert sandbox is not None
    sandbox.settings = {**sandbox.settings, **values}
    db.session.commit()


def test_two_people_convert_at_once_and_one_is_told(
    app: Any, cast: SimpleNamespace, lead: int, browse: Any
) -> None:
    def convert(page: Any) -> int:
        with app.app_context():
            return int(page.post(f"/leads/{lead}/convert", {}).status_code)

    pages = [browse(person) for person in (cast.ben, cast.ada)]
    db.session.remove()
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(convert, pages)) == [302, 403]
    assert len(everything(Customer)) == 1
    assert len(steps("convert")) == 1
    assert len(steps("convert", "refused")) == 1
