"""Bringing records from files: what is written, by whom, and what becomes of duplicates.

School (Ines instructs) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import io

import pytest

from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.modules.products.models import Product
from tests.bringing import GRACE, HENRY, LEADS, all_of, bring, check, rows_of, run_of, said, send, whole
from tests.lives import last_step, steps_since
from tests.ownfields import FIELDS, make_fields

# -- the ordinary way ------------------------------------------------------------------------------------------------


def test_leads_come_from_a_file_each_by_a_step_marked_as_import(cast, browse):
    before = last_step(cast.ben)
    bring(browse(cast.ben), "leads", LEADS + GRACE + HENRY)
    grace, henry = all_of(Lead)
    assert (grace.name, grace.mobile, grace.city, grace.status) == ("Grace", "13812345678", "Hangzhou", "new")
    assert henry.mobile == "13912345678"
    assert henry.owner_id == cast.ben.membership_id
    steps = steps_since(cast.ben, before)
    assert [(s.kind, s.verb, s.origin, s.member) for s in steps] == [("lead", "create", "import", "s002")] * 2
    assert len({step.request for step in steps}) == 1
    assert whole(cast.ben)


def test_what_is_imported_is_found_by_search(cast, browse):
    bring(browse(cast.ben), "leads", LEADS + GRACE)
    assert "Grace" in browse(cast.ben).get("/leads/?q=5678").get_data(as_text=True)


def test_nothing_is_written_before_the_run(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", LEADS + GRACE)
    check(browser, "leads", run_id)
    page = browser.get(f"/leads/import/{run_id}").get_data(as_text=True)
    assert "Import 1 row" in page
    assert "Grace" in page
    assert all_of(Lead) == []


def test_customers_get_running_numbers_and_contacts_find_their_customer(cast, browse):
    browser = browse(cast.ben)
    bring(
        browser,
        "customers",
        "客户名称,电话\n杭州电梯有限公司,0571 88123456\n宁波起重机有限公司,(0574)87654321\n",
    )
    hangzhou, ningbo = all_of(Customer)
    assert hangzhou.number.startswith("C2026")
    assert ningbo.number > hangzhou.number
    assert (hangzhou.phone, ningbo.phone) == ("0571-88123456", "0574-87654321")
    bring(
        browser,
        "contacts",
        f"姓名,所属客户,手机\n王芳,杭州电梯有限公司,13812345678\n李强,{ningbo.number},13912345678\n",
    )
    assert [(c.name, c.customer_id) for c in all_of(Contact)] == [("王芳", hangzhou.id), ("李强", ningbo.id)]


def test_products_come_with_thousands_and_full_width_digits(cast, browse):
    content = '产品编号,产品名称,标价,底价\nP-1,客梯,"1,200,000.50",￥９００００\nP-2,货梯,80万,\n'
    bring(browse(cast.ines), "products", content)
    assert [(p.code, str(p.list_price), p.active) for p in all_of(Product)] == [
        ("P-1", "1200000.50", True),
        ("P-2", "800000.00", True),
    ]


def test_the_owner_is_given_where_one_may_else_it_is_oneself(cast, browse):
    content = "Lead name,Company,Owner\nGrace,Lifts Ltd,Cy\nHenry,Cranes Ltd,Ada\nIvy,Hoists Ltd,Nobody\n"
    run_id = bring(browse(cast.ada), "leads", content)
    assert [lead.owner_id for lead in all_of(Lead)] == [cast.cy.membership_id, cast.ada.membership_id]
    assert "Nobody called" in said(rows_of(run_id)[4])
    bring(browse(cast.ben), "leads", "Lead name,Company,Owner\nKit,Pulleys Ltd,Ada\n")
    assert all_of(Lead)[-1].owner_id == cast.ben.membership_id


# -- duplicates ------------------------------------------------------------------------------------------------------


def test_what_is_there_already_is_left_out(cast, browse, make):
    make("lead", cast.ben, name="Grace", mobile="13812345678")
    rows = rows_of(bring(browse(cast.ben), "leads", LEADS + GRACE + HENRY + HENRY))
    assert [row.fate for row in rows.values()] == ["skip", "create", "skip"]
    assert "there already" in said(rows[2])
    assert "row 3" in said(rows[4])
    assert len(all_of(Lead)) == 2


def test_what_is_there_is_changed_where_asked_but_not_its_status_or_owner(cast, browse, make):
    lead_id = make(
        "lead",
        cast.ben,
        name="Grace",
        company="Lifts Ltd",
        mobile="13812345678",
        city="Wuhan",
        status="qualified",
    ).id
    content = (
        "Lead name,Company,Mobile,City,Province,Status,Owner\nGrace Li,,13812345678,Hangzhou,,contacted,Cy\n"
    )
    before = last_step(cast.ben)
    bring(browse(cast.ben), "leads", content, twins="update")
    (lead,) = all_of(Lead)
    assert (lead.id, lead.name, lead.city, lead.company) == (lead_id, "Grace Li", "Hangzhou", "Lifts Ltd")
    assert (lead.status, lead.owner_id) == ("qualified", cast.ben.membership_id)
    (step,) = steps_since(cast.ben, before)
    assert (step.verb, step.origin) == ("edit", "import")
    assert step.changes[0]["after"].keys() == {"name", "city"}
    assert whole(cast.ben)


def test_a_second_one_is_made_where_asked(cast, browse, make):
    make("lead", cast.ben, mobile="13812345678")
    bring(browse(cast.ben), "leads", LEADS + GRACE, twins="create")
    assert len(all_of(Lead)) == 2


def test_a_record_of_a_peer_is_no_duplicate(cast, browse, make):
    make("lead", cast.cy, mobile="13812345678")
    rows = rows_of(bring(browse(cast.ben), "leads", LEADS + GRACE))
    assert [row.fate for row in rows.values()] == ["create"]


def test_what_somebody_entered_since_the_check_is_left_out(cast, browse, make):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", LEADS + GRACE)
    check(browser, "leads", run_id)
    make("lead", cast.ben, mobile="13812345678")
    browser.post(f"/leads/import/{run_id}/run")
    assert len(all_of(Lead)) == 1
    assert "since the check" in said(rows_of(run_id)[2])


def test_a_third_of_duplicates_is_found(cast, browse):
    people = [f"P{n % 70},Firm {n % 70} Ltd,139{n % 70:08d},,\n" for n in range(100)]
    bring(browse(cast.ben), "leads", LEADS + "".join(people))
    assert len(all_of(Lead)) == 70


def test_a_converted_lead_is_not_changed_and_the_refusal_is_logged(cast, browse, make):
    make("lead", cast.ben, mobile="13812345678", status="converted")
    before = last_step(cast.ben)
    rows = rows_of(bring(browse(cast.ben), "leads", LEADS + GRACE + HENRY, twins="update"))
    assert rows[2].fate == "error"
    assert "read only" in said(rows[2])
    assert [(s.verb, s.outcome) for s in steps_since(cast.ben, before)] == [
        ("create", "done"),
        ("edit", "refused"),
    ]


# -- who may ---------------------------------------------------------------------------------------------------------


def test_only_the_importer_and_the_instructor_see_an_import(cast, browse):
    run_id = bring(browse(cast.ben), "leads", LEADS + GRACE)
    assert browse(cast.ines).get(f"/leads/import/{run_id}").status_code == 200
    for person in (cast.cy, cast.ada, cast.dee):
        assert browse(person).get(f"/leads/import/{run_id}").status_code == 404
        assert browse(person).post(f"/leads/import/{run_id}/undo").status_code == 404
    assert browse(cast.olga).get("/leads/import").status_code == 403
    assert "file.csv" in browse(cast.ines).get("/leads/import").get_data(as_text=True)
    assert "file.csv" not in browse(cast.cy).get("/leads/import").get_data(as_text=True)


def test_an_instructor_does_not_run_the_file_of_a_student(cast, browse):
    run_id = send(browse(cast.ben), "leads", LEADS + GRACE)
    check(browse(cast.ben), "leads", run_id)
    assert browse(cast.ines).post(f"/leads/import/{run_id}/run").status_code == 403
    assert all_of(Lead) == []


def test_kinds_that_are_not_imported_have_no_such_page(cast, browse):
    assert browse(cast.ben).get("/notes/import").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "0 bytes"),
        (b"MZ\x90", "a.csv", "no text"),
        (b"a,b", "a.pdf", "Only CSV"),
        (b"Lead name,Company\n", "a.csv", "no rows below"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_logged(cast, browse, content, name, sentence):
    before = last_step(cast.ben)
    answer = browse(cast.ben).post(
        "/leads/import", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert [step.outcome for step in steps_since(cast.ben, before)] == ["invalid"]


def test_a_name_with_a_path_is_a_name(cast, browse):
    run_id = send(browse(cast.ben), "leads", LEADS + GRACE, "../../evil/leads.csv")
    assert run_of(run_id).file_name == "leads.csv"


def test_columns_must_be_said_once_each(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", LEADS + GRACE)
    twice = browser.post(f"/leads/import/{run_id}/check", {"c0": "name", "c1": "name", "twins": "update"})
    assert twice.status_code == 422
    assert "Two columns are imported" in twice.get_data(as_text=True)
    page = twice.get_data(as_text=True)
    assert page.count('<option value="name" selected>') == 2
    assert '<option value="update" selected>' in page
    none = browser.post(f"/leads/import/{run_id}/check", {})
    assert none.status_code == 422
    assert "for at least one column" in none.get_data(as_text=True)


def test_fields_of_ones_own_come_from_a_file_and_go_back_to_one(cast, browse):
    make_fields(cast, browse)
    browser = browse(cast.ben)
    heads = ",".join(f'"{field["name_zh"]}"' for field in FIELDS)
    sent = {"trade": "餐饮", "years": "7", "seen": "2026/8/31", "vip": "是", "slogan": "又鲜又快"}
    cells = ",".join(sent[field["key"]] for field in FIELDS)
    bring(browser, "customers", f"客户名称,{heads}\n杭州电梯有限公司,{cells}\n")
    (customer,) = all_of(Customer)
    assert customer.extra["slogan"] == "又鲜又快"
    assert len(customer.extra) == len(FIELDS)
    names = ",".join(["name", *(f"extra_{field['key']}" for field in FIELDS)])
    content = browser.get(f"/customers/export.csv?cols={names}").data
    bring(browser, "customers", content, twins="create")
    assert all_of(Customer)[1].extra == customer.extra
    assert whole(cast.ben)
