"""Bringing records from files: what is recognised, what is refused, what is written and what is taken back.

School (Ines instructs) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import csv
import io
import re
from decimal import Decimal

import pytest
import xlsxwriter
from sqlalchemy import select

from labapp import jobs
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.contacts.models import Contact
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.modules.products.models import Product
from labapp.people.models import Sandbox
from labapp.records.imports.models import ImportRow, ImportRun
from tests.lives import last_step, steps_since

LEADS = "Lead name,Company,Mobile,E-mail,City\n"
GRACE = "Grace,Hangzhou Lifts Co Ltd,138 1234 5678,grace@lifts.test,Hangzhou\n"
HENRY = "Henry,Ningbo Cranes Co Ltd,+86-13912345678,henry@cranes.test,Ningbo\n"


def send(browser, slug, content, name="file.csv"):
    """Send a file; the number of the import it became."""
    content = content.encode() if isinstance(content, str) else content
    answer = browser.post(
        f"/{slug}/import", {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return int(answer.location.rpartition("/")[2])


def run_of(run_id):
    db.session.remove()
    return db.session.get(ImportRun, run_id)


def rows_of(run_id):
    """The checked or written rows by their number in the file."""
    db.session.remove()
    run = db.session.get(ImportRun, run_id)
    query = select(ImportRow).where(ImportRow.run_id == run_id, ImportRow.number > run.head_row)
    return {row.number: row for row in db.session.scalars(query.order_by(ImportRow.number))}


def check(browser, slug, run_id, **said):
    """Check with the columns as they were guessed, or as said."""
    run = run_of(run_id)
    form = {f"c{place}": name for place, name in run.mapping.items()} | run.options | said
    answer = browser.post(f"/{slug}/import/{run_id}/check", form)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return rows_of(run_id)


def bring(browser, slug, content, name="file.csv", **said):
    """Send, check and run; the number of the import."""
    run_id = send(browser, slug, content, name)
    check(browser, slug, run_id, **said)
    assert browser.post(f"/{slug}/import/{run_id}/run").status_code == 302
    return run_id


def all_of(model):
    db.session.remove()
    query = select(model).where(model.deleted_at.is_(None)).order_by(model.id)
    return list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))


def whole(person):
    """The log of the sandbox is whole."""
    db.session.remove()
    return verify(db.session.get(Sandbox, person.sandbox_id)) is None


def said(row):
    return " ".join(sentence for _place, sentence in row.remarks)


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


# -- files as they are in life ---------------------------------------------------------------------------------------


def test_titles_below_other_rows_in_two_merged_rows(cast, browse):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 4, "2026年客户线索表")
    sheet.merge_range(3, 0, 4, 0, "姓名")
    sheet.merge_range(3, 1, 4, 1, "公司")
    sheet.merge_range(3, 2, 3, 3, "联系方式")
    sheet.write_row(4, 2, ["手机", "邮箱"])
    sheet.write_row(6, 0, ["王芳", "杭州电梯有限公司", 13812345678, "wang@lifts.test"])
    book.close()
    browser = browse(cast.ben)
    run_id = send(browser, "leads", out.getvalue(), "线索.xlsx")
    run = run_of(run_id)
    assert run.mapping == {"0": "name", "1": "company", "2": "mobile", "3": "email"}
    check(browser, "leads", run_id)
    browser.post(f"/leads/import/{run_id}/run")
    assert [(x.name, x.mobile, x.email) for x in all_of(Lead)] == [("王芳", "13812345678", "wang@lifts.test")]
    assert list(rows_of(run_id)) == [7]


def test_a_person_says_where_the_titles_stand(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", "Lead name,Company\nname,company\nGrace,Lifts Ltd\n")
    browser.post(f"/leads/import/{run_id}/check", {"move": "1", "head_row": "2"})
    assert run_of(run_id).head_row == 2
    assert run_of(run_id).total == 1
    wrong = browser.post(f"/leads/import/{run_id}/check", {"move": "1", "head_row": "3"})
    assert wrong.status_code == 422
    assert "no rows below" in wrong.get_data(as_text=True)


@pytest.mark.parametrize(
    "written",
    [
        "2026-09-07",
        "2026/9/7",
        "2026.9.7",
        "2026年9月7日",
        "20260907",
        "7 Sep 2026",
        "September 7, 2026",
        "46272",
    ],
)
def test_dates_in_every_notation(cast, browse, make, written):
    customer = make("customer", cast.ben, name="Hangzhou Lifts")
    content = f"Contact name;Customer;Birthday\nGrace;{customer.number};{written}\n"
    bring(browse(cast.ben), "contacts", content)
    assert [str(contact.birthday) for contact in all_of(Contact)] == ["2026-09-07"]


def test_a_date_that_can_be_read_in_two_ways_is_not_guessed(cast, browse, make):
    number = make("customer", cast.ben).number
    content = f"Contact name;Customer;Birthday\nGrace;{number};9/7/2026\nHenry;{number};25/12/2026\n"
    browser = browse(cast.ben)
    run_id = send(browser, "contacts", content)
    rows = check(browser, "contacts", run_id)
    assert rows[2].fate == "error"
    assert "two ways" in said(rows[2])
    assert rows[3].values["birthday"] == "2026-12-25"
    assert check(browser, "contacts", run_id, dates="day")[2].values["birthday"] == "2026-07-09"
    assert check(browser, "contacts", run_id, dates="month")[2].values["birthday"] == "2026-09-07"


def test_two_hundred_columns_and_gb18030(cast, browse):
    more = [f"备用列{n}" for n in range(198)]
    lines = [["姓名", "公司名称", *more], ["王芳", "杭州电梯有限公司", *["x"] * 198]]
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    browser = browse(cast.ben)
    run_id = send(browser, "leads", out.getvalue().encode("gb18030"))
    page = browser.get(f"/leads/import/{run_id}").get_data(as_text=True)
    assert page.count("<select") == 200 + 3
    assert "备用列197" in page
    assert "Not recognised" in page
    check(browser, "leads", run_id)
    browser.post(f"/leads/import/{run_id}/run")
    assert [lead.company for lead in all_of(Lead)] == ["杭州电梯有限公司"]


def test_titles_nearly_right_are_recognised(cast, browse):
    run_id = send(
        browse(cast.ben), "leads", "Lead Name *,Compny,Mobile (11 digits),e-mail address,Remark\nA,B,,,\n"
    )
    assert list(run_of(run_id).mapping.values()) == ["name", "company", "mobile", "email", "description"]


# -- the data standard -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "value", "sentence"),
    [
        ("Mobile", "1381234567", "11 digits"),
        ("Mobile", "138123456789", "11 digits"),
        ("Phone", "88123456", "area code"),
        ("E-mail", "grace@", "no e-mail address"),
        ("Annual revenue", "1,5", "no number"),
        ("Employees", "many", "no number"),
        ("Source", "Websit", "Did you mean"),
        ("Status", "converted", "does not begin"),
        ("Next follow-up", "2026-02-30 10:00", "no such date"),
    ],
)
def test_what_breaks_the_standard_is_told_by_row_and_column(cast, browse, title, value, sentence):
    browser = browse(cast.ben)
    out = io.StringIO()
    csv.writer(out).writerows(
        [["Lead name", "Company", title], ["Grace", "Lifts Ltd", value], ["Henry", "Cranes Ltd", ""]]
    )
    run_id = send(browser, "leads", out.getvalue())
    rows = check(browser, "leads", run_id)
    assert rows[2].fate == "error"
    assert rows[3].fate == "create"
    assert rows[2].remarks[0][0] == 2
    assert sentence in said(rows[2])
    page = browser.get(f"/leads/import/{run_id}").get_data(as_text=True)
    assert sentence in page
    assert f"C {title}" in page


def test_a_short_company_name_is_a_warning(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "customers", "客户名称\n北科\n北京科技有限公司\n")
    rows = check(browser, "customers", run_id)
    assert (rows[2].fate, rows[3].fate) == ("create", "create")
    assert "full legal name" in said(rows[2])
    assert said(rows[3]) == ""


def test_codes_are_known_by_key_and_by_label_of_either_language(cast, browse):
    browser = browse(cast.ben)
    bring(browser, "leads", "姓名,公司,来源\n甲,甲有限公司,web\n乙,乙有限公司,网站\n丙,丙有限公司,Website\n")
    assert {lead.source for lead in all_of(Lead)} == {"web"}


def test_what_is_needed_and_missing_is_an_error(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", "Lead name,Company\nGrace,\n,Cranes Ltd\n")
    rows = check(browser, "leads", run_id)
    assert {row.fate for row in rows.values()} == {"error"}
    assert "“Company” is needed" in said(rows[2])
    assert "“Lead name” is needed" in said(rows[3])


def test_a_customer_one_cannot_see_or_of_whom_there_are_two_is_an_error(cast, browse, make):
    make("customer", cast.cy, name="Hidden Lifts Ltd")
    make("customer", cast.ben, name="Twin Lifts Ltd")
    make("customer", cast.ben, name="Twin Lifts Ltd")
    browser = browse(cast.ben)
    run_id = send(
        browser,
        "contacts",
        "Contact name,Customer\nA,Hidden Lifts Ltd\nB,Twin Lifts Ltd\nC,No Such Lifts Ltd\n",
    )
    rows = check(browser, "contacts", run_id)
    assert "that you can see" in said(rows[2])
    assert said(rows[4]).replace("No Such", "Hidden") == said(rows[2])
    assert "Write the number" in said(rows[3])


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
    twice = browser.post(f"/leads/import/{run_id}/check", {"c0": "name", "c1": "name"})
    assert twice.status_code == 422
    assert "Two columns are taken" in twice.get_data(as_text=True)
    none = browser.post(f"/leads/import/{run_id}/check", {})
    assert none.status_code == 422
    assert "at least of one column" in none.get_data(as_text=True)


# -- the report and the way back -------------------------------------------------------------------------------------


def test_the_rows_in_error_are_downloaded_corrected_and_sent_again(cast, browse):
    browser = browse(cast.ben)
    run_id = bring(browser, "leads", LEADS + GRACE + HENRY.replace("139", "1"))
    report = browser.get(f"/leads/import/{run_id}/report.csv?errors=1").data.decode("utf-8-sig")
    assert "Henry" in report
    assert "Grace" not in report
    assert "11 digits" in report
    bring(browser, "leads", re.sub(r"'\+86-1\d+", "13912345678", report))
    assert [lead.mobile for lead in all_of(Lead)] == ["13812345678", "13912345678"]


def test_the_report_has_every_row_and_its_fate(cast, browse, make):
    make("lead", cast.ben, mobile="13812345678")
    browser = browse(cast.ben)
    run_id = bring(browser, "leads", LEADS + GRACE + HENRY)
    lines = list(
        csv.reader(io.StringIO(browser.get(f"/leads/import/{run_id}/report.csv").data.decode("utf-8-sig")))
    )
    assert [line[:2] for line in lines] == [["Row", "Outcome"], ["2", "left out"], ["3", "new"]]


def test_an_import_is_taken_back_whole(cast, browse, make):
    make("lead", cast.ben, name="Grace", mobile="13812345678", city="Wuhan")
    browser = browse(cast.ben)
    run_id = bring(browser, "leads", LEADS + GRACE + HENRY, twins="update")
    assert {lead.city for lead in all_of(Lead)} == {"Hangzhou", "Ningbo"}
    assert browser.post(f"/leads/import/{run_id}/undo").status_code == 302
    assert [lead.city for lead in all_of(Lead)] == ["Wuhan"]
    assert run_of(run_id).state == "undone"
    assert whole(cast.ben)


def test_an_import_is_not_taken_back_once_somebody_has_changed_one_of_its_records(cast, browse):
    browser = browse(cast.ben)
    run_id = bring(browser, "leads", LEADS + GRACE + HENRY)
    grace = all_of(Lead)[0]
    browse(cast.ada).post(f"/leads/{grace.id}/contact", {})
    answer = browser.post(f"/leads/import/{run_id}/undo")
    assert answer.status_code == 403
    page = answer.get_data(as_text=True)
    assert "Grace (row 2)" in page
    assert "Henry" not in page
    assert len(all_of(Lead)) == 2
    assert run_of(run_id).state == "done"


def test_an_import_is_not_taken_back_once_somebody_has_built_upon_it(cast, browse, make):
    browser = browse(cast.ben)
    run_id = bring(browser, "customers", "Customer name\nHangzhou Lifts Ltd\n")
    (customer,) = all_of(Customer)
    make("contact", cast.ada, customer_id=customer.id)
    answer = browser.post(f"/customers/import/{run_id}/undo")
    assert answer.status_code == 403
    assert "Hangzhou Lifts Ltd (row 2)" in answer.get_data(as_text=True)


def test_the_instructor_takes_back_the_import_of_a_student(cast, browse):
    run_id = bring(browse(cast.ben), "leads", LEADS + GRACE)
    assert browse(cast.ines).post(f"/leads/import/{run_id}/undo").status_code == 302
    assert all_of(Lead) == []


def test_a_file_that_was_not_imported_is_forgotten(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", LEADS + GRACE)
    assert browser.post(f"/leads/import/{run_id}/drop").status_code == 302
    assert run_of(run_id) is None
    assert db.session.scalars(select(ImportRow)).all() == []


# -- much at once ----------------------------------------------------------------------------------------------------


def many_leads(count):
    return LEADS + "".join(f"P{n},Firm {n} Ltd,1390{n:07d},p{n}@firm.test,Ningbo\n" for n in range(count))


def test_more_than_five_hundred_rows_run_as_a_job(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", many_leads(620))
    form = {f"c{p}": n for p, n in run_of(run_id).mapping.items()} | run_of(run_id).options
    browser.post(f"/leads/import/{run_id}/check", form)
    page = browser.get(f"/leads/import/{run_id}").get_data(as_text=True)
    assert "being checked" in page
    assert 'hx-trigger="every 1s"' in page
    jobs.work_off()
    browser.post(f"/leads/import/{run_id}/run")
    assert all_of(Lead) == []
    jobs.work_off()
    assert len(all_of(Lead)) == 620
    assert run_of(run_id).state == "done"
    polled = browser.get(f"/leads/import/{run_id}", headers={"HX-Request": "true"})
    assert polled.headers["HX-Redirect"] == f"/leads/import/{run_id}"
    browser.post(f"/leads/import/{run_id}/undo")
    jobs.work_off()
    assert all_of(Lead) == []
    assert whole(cast.ben)


# -- there and back --------------------------------------------------------------------------------------------------


def test_the_template_is_read_by_its_own_titles(cast, browse):
    for slug in ("leads", "customers", "products"):
        browser = browse(cast.ines)
        run_id = send(
            browser, slug, browser.get(f"/{slug}/import/template.xlsx", buffered=True).data, "t.xlsx"
        )
        rows = check(browser, slug, run_id)
        assert [row.fate for row in rows.values()] == ["create"], (slug, said(rows[2]))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_comes_back_the_same(cast, browse, make, catalog, form):
    values = {
        "name": "王芳",
        "company": "'=杭州电梯有限公司",
        "title": "=SUM(A1)",
        "mobile": "13812345678",
        "phone": "0571-88123456",
        "description": 'two\nlines, "quoted"',
        "annual_revenue": Decimal("1234567.80"),
        "employees": 1200,
        "source": "web",
    }
    make("lead", cast.ben, **values)
    names = [field.name for field in catalog["lead"].fields.values() if field.on_create]
    content = browse(cast.ben).get(f"/leads/export.{form}?cols={','.join(names)}", buffered=True).data
    run_id = bring(browse(cast.ben), "leads", content, f"leads.{form}", twins="create")
    assert [row.fate for row in rows_of(run_id).values()] == ["create"], said(rows_of(run_id)[2])
    one, other = all_of(Lead)
    assert {n: getattr(one, n) for n in names} == {n: getattr(other, n) for n in names}
