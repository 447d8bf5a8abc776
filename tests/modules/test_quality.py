"""How complete and how valid records are, and mending them on the spot (003 two-1, two-3).

School (Ines instructs, Olga observes) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.modules.leads.models import Lead
from labapp.records import quality
from labapp.records.standards import is_short_name
from tests.lives import last_step, steps_since

WHOLE = "Hangzhou Lifts Co., Ltd."


def lead_now(lead_id):
    db.session.remove()
    query = select(Lead).where(Lead.id == lead_id)
    return db.session.scalars(query, execution_options={"seen_by": EVERYONE}).one()


def of(person, catalog, name):
    found = quality.completeness(catalog["lead"], person.actor).fields
    return next((one.filled, one.total, one.share) for one in found if one.field.name == name)


def test_completeness_counts_what_one_can_see(cast, make, catalog):
    make("lead", cast.ben, city="Ningbo")
    make("lead", cast.ben, city=None)
    make("lead", cast.cy, city=None)
    make("lead", cast.dee, city="Wuhan")
    assert of(cast.ben, catalog, "city") == (1, 2, 50)
    assert of(cast.ada, catalog, "city") == (1, 3, 33)
    assert of(cast.ines, catalog, "city") == (2, 4, 50)


def test_the_number_that_is_missing_leads_to_exactly_those_records(cast, make, browse):
    make("lead", cast.ben, name="Grace", city=None)
    make("lead", cast.ben, name="Henry", city="Ningbo")
    page = browse(cast.ben).get("/leads/quality").get_data(as_text=True)
    assert 'href="/leads/?city=-">1</a>' in page
    listed = browse(cast.ben).get("/leads/?city=-").get_data(as_text=True)
    assert "Grace" in listed
    assert "Henry" not in listed


def test_bad_numbers_empty_addresses_and_short_names_are_listed(cast, make, browse):
    make(
        "lead",
        cast.ben,
        name="Grace",
        company=WHOLE,
        mobile="1381234",
        phone="88123456",
        email="a@",
        city="X",
    )
    make("lead", cast.ben, name="Henry", company="Acme", mobile=None, phone=None, email=None)
    make("lead", cast.cy, name="Ivy", company="Acme", mobile="1")
    page = browse(cast.ben).get("/leads/quality").get_data(as_text=True)
    for value in ("1381234", "88123456", "a@", "full legal name"):
        assert value in page
    assert "Ivy" not in page
    assert page.count('class="mend"') == 4
    lacking = browse(cast.ben).get("/leads/quality?empty=email").get_data(as_text=True)
    assert lacking.count('class="mend"') == 1
    assert "Henry" in lacking


def test_a_value_is_mended_on_the_spot(cast, make, browse):
    lead_id = make("lead", cast.ben, company=WHOLE, mobile="1381234").id
    before = last_step(cast.ben)
    sent = {"id": str(lead_id), "field": "mobile", "value": "138 1234 5678"}
    assert browse(cast.ben).post("/leads/quality", sent).status_code == 302
    assert lead_now(lead_id).mobile == "13812345678"
    (step,) = steps_since(cast.ben, before)
    assert (step.verb, step.origin, step.record) == ("edit", "screen", lead_now(lead_id).serial)


def test_a_value_that_is_still_wrong_stays_as_typed(cast, make, browse):
    lead_id = make("lead", cast.ben, company=WHOLE, mobile="1381234").id
    answer = browse(cast.ben).post(
        "/leads/quality", {"id": str(lead_id), "field": "mobile", "value": "13812345"}
    )
    assert answer.status_code == 422
    assert 'value="13812345"' in answer.get_data(as_text=True)
    assert lead_now(lead_id).mobile == "1381234"


def test_only_fields_that_are_checked_are_mended_here(cast, make, browse):
    lead_id = make("lead", cast.ben).id
    for field in ("status", "owner_id", "deleted_at", "description"):
        answer = browse(cast.ben).post("/leads/quality", {"id": str(lead_id), "field": field, "value": "won"})
        assert answer.status_code == 422


def test_an_observer_looks_and_mends_nothing(cast, make, browse):
    lead_id = make("lead", cast.ben, company=WHOLE, mobile="1381234").id
    page = browse(cast.olga).get("/leads/quality").get_data(as_text=True)
    assert "not by you" in page
    assert 'class="mend"' not in page
    sent = {"id": str(lead_id), "field": "mobile", "value": "13812345678"}
    assert browse(cast.olga).post("/leads/quality", sent).status_code == 403


def test_all_kinds_stand_on_one_page(cast, make, browse):
    make("customer", cast.ben, name="Acme", phone="0571-88123456", fax=None, email=None)
    make("lead", cast.ben, company=WHOLE)
    page = browse(cast.ben).get("/quality").get_data(as_text=True)
    assert 'href="/customers/quality#mend">1</a>' in page
    assert "/leads/quality" in page


def test_what_a_full_name_is():
    for short in ("北科", "上海医疗器械", "Acme", "acme"):
        assert is_short_name(short), short
    for full in (
        "上海医疗器械有限公司",
        "浙江大学",
        "第一人民医院",
        "Acme Ltd",
        "Smith & Sons",
        "Hangzhou Lift Works",
    ):
        assert not is_short_name(full), full


def test_a_short_name_is_saved_and_warned_of(cast, browse):
    browser = browse(cast.ben)
    saved = browser.post("/customers/new", {"name": "北科"}, follow_redirects=True).get_data(as_text=True)
    assert "full legal name" in saved
    assert "is saved" in saved
    whole = browser.post("/customers/new", {"name": "北京科技有限公司"}, follow_redirects=True)
    assert "full legal name" not in whole.get_data(as_text=True)
