"""What people and machines type, paste and forge: taken as text, or refused with a sentence. Nothing ever breaks.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import csv
import io
import threading
import zipfile

import pytest
from sqlalchemy import func, select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.records.question import place_of
from tests.lives import last_step, steps_since

HTML = "<script>alert('x')</script><b onmouseover=y>&amp;"
TEXTS = {"text", "prose"}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=cmd|'/c calc'!A1"]


def lead_with(browser, **typed):
    return browser.post("/leads/new", {"name": "Grace", "company": "Lifts", **typed})


def leads():
    db.session.remove()
    return list(db.session.scalars(select(Lead).order_by(Lead.id), execution_options={"seen_by": EVERYONE}))


def text_fields(app, kind="lead"):
    return [
        f.name for f in app.extensions["catalog"][kind].fields.values() if f.shape in TEXTS and f.on_create
    ]


def test_html_in_every_text_field_is_kept_as_typed_and_shown_escaped(app, cast, browse):
    typed = dict.fromkeys(text_fields(app), HTML)
    assert lead_with(browse(cast.ben), **typed).status_code == 302
    (lead,) = leads()
    assert {getattr(lead, name) for name in typed} == {HTML}
    for url in (
        "/leads/",
        f"/leads/{lead.id}",
        f"/leads/{lead.id}/edit",
        f"/leads/{lead.id}/delete",
        "/search?q=alert",
    ):
        page = browse(cast.ben).get(url).get_data(as_text=True)
        assert "<script>alert" not in page
        assert "<b onmouseover" not in page


@pytest.mark.parametrize(
    "words",
    ["王小明 😀👨‍👩‍👧", "שלום עולם", "\u202eabc\u202c", "e\u0301", "𠮷野家", "a'b\"c; DROP TABLE lead;--"],
)
def test_any_script_of_the_world_is_kept(cast, browse, words):
    assert lead_with(browse(cast.ben), company=words).status_code == 302
    assert leads()[0].company == words


@pytest.mark.parametrize("words", ["a\x00b", "\x00", "a\x1bb", "\x7f"])
def test_characters_that_no_text_has_are_refused(cast, browse, words):
    answer = lead_with(browse(cast.ben), description=words)
    assert answer.status_code == 422
    assert "cannot be stored" in answer.get_data(as_text=True)
    assert leads() == []


def test_a_lone_surrogate_breaks_nothing(cast, browse):
    body = b"name=Grace&company=%ED%A0%80x"
    answer = browse(cast.ben).post("/leads/new", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {302, 422}


@pytest.mark.parametrize("name", ["name", "company", "description", "address"])
def test_a_text_of_one_megabyte_is_refused_in_words(cast, browse, name):
    answer = lead_with(browse(cast.ben), **{name: "长" * 350_000})
    assert answer.status_code in {413, 422}
    assert leads() == []


def test_a_text_of_one_megabyte_does_not_swell_the_log(cast, browse):
    before = last_step(cast.ben)
    lead_with(browse(cast.ben), company="x" * 400_000)
    assert all(len(str(step.answers)) < 10_000 for step in steps_since(cast.ben, before))


AMOUNTS = {
    "1e400": None,
    "-0": "0.00",
    "9.999": None,
    "-1": None,
    "NaN": None,
    "Infinity": None,
    "1e-400": None,
    "0x10": None,
    "１２": "12.00",
    "￥12,000.50": "12000.50",
    "1e3": "1000.00",
    "999999999999.99": "999999999999.99",
    "1000000000000": None,
    "9" * 5000: None,
}


@pytest.mark.parametrize("typed", AMOUNTS, ids=lambda typed: typed[:20])
def test_amounts(cast, browse, typed):
    answer = lead_with(browse(cast.ben), annual_revenue=typed)
    expected = AMOUNTS[typed]
    assert answer.status_code == (422 if expected is None else 302)
    assert [str(lead.annual_revenue) for lead in leads()] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-13-01", "0000-00-00", "30/02/2026", "tomorrow", "9999-12-31", "-1"]
)
def test_days_that_do_not_exist(cast, make, browse, day):
    customer = make("customer", cast.ben).id
    typed = {"name": "Lifts", "customer_id": str(customer), "stage": "contact", "close_date": day}
    answer = browse(cast.ben).post("/opportunities/new", typed)
    assert answer.status_code == 422
    assert day in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "value", ["-1", "0", str(2**63), str(2**64), "abc", "1.5", "99999", "1 OR 1=1", "\u0661"]
)
def test_links_to_what_is_not_there(cast, browse, value):
    typed = {"name": "Lifts", "customer_id": value, "stage": "contact", "close_date": "2026-10-01"}
    assert browse(cast.ben).post("/opportunities/new", typed).status_code == 422


@pytest.mark.parametrize(
    "value", ["-1", "0", str(2**53), str(2**63), str(2**64), "abc", "1e3", "%00", "\u0661"]
)
@pytest.mark.parametrize("verb", ["", "/edit", "/convert", "/restore", "/nonsense"])
def test_ids_that_are_not_there(cast, browse, value, verb):
    browser = browse(cast.ben)
    assert browser.get(f"/leads/{value}{verb}").status_code in {404, 405}
    assert browser.post(f"/leads/{value}{verb}", {}).status_code in {404, 405}


def test_a_choice_that_is_not_offered_is_refused(cast, browse):
    assert lead_with(browse(cast.ben), source="nonsense").status_code == 422
    assert lead_with(browse(cast.ben), status="converted").status_code == 422
    assert leads() == []


def test_fields_that_are_no_fields_are_passed_over(cast, browse):
    forged = {
        "owner_id": "6",
        "id": "99",
        "sandbox_id": "2",
        "serial": "7",
        "version": "9",
        "deleted_at": "x",
        "customer_id": "1",
    }
    assert lead_with(browse(cast.ben), **forged).status_code == 302
    (lead,) = leads()
    assert (lead.owner_id, lead.serial, lead.version, lead.customer_id) == (
        cast.ben.membership_id,
        1,
        1,
        None,
    )


@pytest.mark.parametrize(
    "query",
    [
        "sort=nonsense",
        "sort=-password",
        "sort=--id",
        "nonsense=1",
        "status=nonsense",
        "owner=nobody",
        "position=x",
        "after=%%%",
        "after=!!!",
        "after=bnVsbA",
        "page=999999999",
        "page=-1",
        "q=%00",
        "q=%22%27*%28OR",
        "q=-",
        "q=NEAR(",
        "format=nonsense",
        "format=xml",
        "cols=password,version",
        "cols=",
        "employees_min=abc",
        "annual_revenue_max=1e400",
        "created_from=2026-02-30",
        "quiet_days=-1",
        "quiet_days=9999",
        "tags=x",
        "mine=2",
        "status=-",
        "sort=name&after=WzEsMl0",
        "q=" + "长" * 500,
        "view=9",
        "customer_id=9999999999999999999",
        "owner=99999999999999999999",
    ],
)
def test_addresses_that_make_no_sense_show_a_list(cast, make, browse, query):
    make("lead", cast.ben)
    for url in ("/leads/", "/leads/count", "/leads/suggest", "/leads/filters", "/leads/export.csv"):
        assert browse(cast.ben).get(f"{url}?{query}").status_code == 200, url


@pytest.mark.parametrize(
    "place", [["x", 1], [None, "1"], [[1], 2], {"a": 1}, [1, 2**70], ["2026-02-30", 1], [True, 1], 7, [1]]
)
@pytest.mark.parametrize("sort", ["-id", "name", "-created_at"])
def test_a_forged_place_shows_a_list(cast, make, browse, place, sort):
    import base64
    import json

    make("lead", cast.ben)
    token = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    assert browse(cast.ben).get("/leads/", query_string={"sort": sort, "after": token}).status_code == 200
    assert place_of(1, 2)


def test_a_double_click_on_convert_converts_once(cast, make, browse):
    lead = make("lead", cast.ben).id
    browser = browse(cast.ben)
    assert browser.post(f"/leads/{lead}/convert", {}).status_code == 302
    again = browser.post(f"/leads/{lead}/convert", {})
    assert again.status_code == 403
    assert "converted already" in again.get_data(as_text=True)
    assert customers() == 1


def customers():
    db.session.remove()
    return db.session.scalar(select(func.count(Customer.id)), execution_options={"seen_by": EVERYONE})


def test_two_people_convert_one_lead_at_once(app, cast, make, browse):
    lead = make("lead", cast.ben).id
    browsers, answers, start = [browse(cast.ben), browse(cast.ada)], [], threading.Barrier(2)
    db.session.remove()

    def convert(browser):
        start.wait()
        with app.app_context():
            answers.append(browser.post(f"/leads/{lead}/convert", {}).status_code)

    people = [threading.Thread(target=convert, args=(browser,)) for browser in browsers]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert (sorted(answers), customers()) == ([302, 403], 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("virus.exe", b"MZ\x90\x00"),
        ("page.html", b"<script>x</script>"),
        ("picture.svg", b"<svg/>"),
        ("empty.pdf", b""),
        ("not.pdf", b"MZ not a pdf"),
        ("no ending", b"x"),
        (".pdf", b"%PDF-1.4"),
        ("macro.docm", b"PK\x03\x04"),
        ("a.pdf.exe", b"%PDF-1.4"),
        ("lies.png", b"%PDF-1.4"),
    ],
)
def test_files_of_the_wrong_kind_are_refused(cast, make, browse, name, content):
    assert upload(cast, make, browse, name, content).status_code == 422


def upload(cast, make, browse, name, content):
    customer = make("customer", cast.ben).id
    data = {"file": (io.BytesIO(content), name), "related_kind": "customer", "related_id": str(customer)}
    return browse(cast.ben).post("/attachments/new", data, content_type="multipart/form-data")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", "C:\\windows\\notes.txt", "/etc/notes.txt", "a/b/notes.txt"]
)
def test_a_path_in_the_name_of_a_file_goes_nowhere(app, cast, make, browse, name):
    from labapp.modules.attachments.models import Attachment

    assert upload(cast, make, browse, name, b"hello").status_code in {302, 422}
    kept = db.session.scalars(select(Attachment), execution_options={"seen_by": EVERYONE}).all()
    assert all("/" not in row.file_name and "\\" not in row.file_name for row in kept)


def test_a_file_that_is_too_large_is_refused(app, cast, make, browse, monkeypatch):
    monkeypatch.setitem(app.config, "UPLOAD_LIMIT", 100)
    assert upload(cast, make, browse, "large.txt", b"x" * 101).status_code == 422


def test_a_request_that_is_too_large_is_refused_unread(app, cast, browse, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100)
    answer = browse(cast.ben).post("/leads/new", {"name": "x" * 200})
    assert answer.status_code == 413
    assert leads() == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_export_holds_a_live_formula(cast, make, browse, form):
    for formula in FORMULAS:
        make("lead", cast.ben, company=formula, name=formula)
    answer = browse(cast.ben).get(f"/leads/export.{form}?cols=name,company", buffered=True)
    if form == "csv":
        cells = [
            cell
            for row in csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff")))
            for cell in row
        ]
        assert len(cells) == 2 + 2 * len(FORMULAS)
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    else:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_an_export_of_an_unknown_form_is_not_there(cast, browse):
    assert browse(cast.ben).get("/leads/export.exe").status_code == 404


def test_json_that_is_no_form_changes_nothing(cast, browse):
    answer = browse(cast.ben).post("/leads/new", data="{", content_type="application/json")
    assert answer.status_code in {400, 415, 422}
    assert leads() == []
