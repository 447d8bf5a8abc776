"""Files as they are in life, and the data standard that their rows are held to (003 two-3).

School (Ines instructs) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import csv
import io

import pytest
import xlsxwriter

from labapp.modules.contacts.models import Contact
from labapp.modules.leads.models import Lead
from tests.bringing import all_of, bring, check, rows_of, run_of, said, send

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
        ("Source", "Webstie", "Did you mean"),
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


def test_a_word_that_is_a_part_of_one_label_only_is_taken_for_it_and_that_is_said(cast, browse):
    browser = browse(cast.ben)
    run_id = send(browser, "leads", "Lead name,Company,Source\nGrace,Lifts Ltd,Websit\n")
    row = check(browser, "leads", run_id)[2]
    assert (row.fate, row.values["source"]) == ("create", "web")
    assert "“Websit” is taken for “Website”" in said(row)
