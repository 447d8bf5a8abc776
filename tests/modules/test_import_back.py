"""The report, the way back, much at once, and what is exported coming back the same.

School (Ines instructs) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import csv
import io
import re
import tracemalloc
from datetime import datetime
from decimal import Decimal

import pytest
from flask import current_app
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from labapp import jobs
from labapp.db import db
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.records import parse
from labapp.records.export import _drawer, table_file
from labapp.records.imports.checking import Check
from labapp.records.imports.models import ImportRow
from labapp.records.imports.tables import read_table
from labapp.records.imports.targets import fields_for, guess, names_of
from labapp.records.links import Links
from labapp.records.values import typed
from tests.bringing import GRACE, HENRY, LEADS, all_of, bring, check, rows_of, run_of, said, send, whole

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


def test_a_long_report_is_never_held_in_memory(app):
    rows = ([number, "new", "", "x" * 60] for number in range(50_000))
    tracemalloc.start()
    with app.test_request_context():
        answer = table_file("csv", "report", ["Row", "Outcome", "Why", "Name"], rows)
        sizes = [len(block) for block in answer.response]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(sizes) == answer.content_length > 3_500_000
    assert max(sizes) <= 65_536
    assert most < 3_000_000


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


def test_that_somebody_has_looked_at_a_record_hinders_nothing(cast, browse):
    browser = browse(cast.ben)
    run_id = bring(browser, "leads", LEADS + GRACE + HENRY)
    assert "Grace" in browse(cast.ada).get(f"/leads/{all_of(Lead)[0].id}").get_data(as_text=True)
    assert browser.post(f"/leads/import/{run_id}/undo").status_code == 302
    assert all_of(Lead) == []


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


def to_the_second(moment):
    return moment.replace(microsecond=0)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
LEAD = st.fixed_dictionaries(
    {
        "name": TEXT.map(parse.text).filter(bool),
        "company": TEXT.map(parse.text).filter(bool),
        "description": st.none() | TEXT.map(parse.prose).filter(bool),
        "mobile": st.none() | st.from_regex(r"\A1[3-9][0-9]{9}\Z"),
        "phone": st.none() | st.from_regex(r"\A0[0-9]{2,3}-[0-9]{7,8}\Z"),
        "annual_revenue": st.none() | st.decimals(0, 10**11, places=2),
        "employees": st.none() | st.integers(0, 2**31 - 1),
        "source": st.none() | st.sampled_from(["web", "referral"]),
        "next_follow_up_at": st.none()
        | st.datetimes(datetime(1950, 1, 1), datetime(2099, 1, 1)).map(to_the_second),  # noqa: DTZ001
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=LEAD, form=st.sampled_from(["csv", "xlsx"]), locale=st.sampled_from(["en", "zh_Hans_CN"]))
def test_whatever_a_lead_holds_an_export_and_an_import_keep_it(cast, catalog, values, form, locale):
    """The cells that an export writes, read and parsed again, are the values that stood there."""
    actor, record_type = cast.ben.actor, catalog["lead"]
    names = list(values)
    shapes = [record_type.fields[name] for name in names]
    with force_locale(locale):
        heads = [str(shape.label) for shape in shapes]
        row = [_drawer(shape, actor, Links(actor))(values[shape.name]) for shape in shapes]
        with current_app.test_request_context():
            answer = table_file(form, "leads", heads, [row])
            answer.direct_passthrough = False
            content = answer.get_data()
            answer.close()
        table = read_table(content, f"leads.{form}")
        mapping = guess(table.rows[0].cells, names_of(record_type, fields_for(record_type, actor)))
        assert list(mapping.values()) == names
        (checked,) = Check(actor, record_type, mapping).rows([(2, table.rows[1].cells)])
    kept = {name: typed(record_type.fields[name].shape, checked.values.get(name)) for name in names}
    assert kept == values, checked.remarks
