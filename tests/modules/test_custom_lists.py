"""Custom fields in lists, filters, files and views; and from the form to the log and back.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy; Dee is in another class.
"""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labapp.modules.customers.models import Customer
from labapp.records import query
from labapp.records.custom import KINDS, custom_in, fields_in
from tests import world
from tests.listening import heard, without_look
from tests.ownfields import STORED, URL, make_fields, new_customer, whole


@pytest.fixture
def ours(cast: Any, browse: Any) -> None:
    """The five fields on customers."""
    make_fields(cast, browse)


COLUMNS = "name,extra_trade,extra_years,extra_seen,extra_vip,extra_slogan"


def listed(browser: Any, asked: str) -> list[int]:
    answer = browser.get(f"/customers/?format=json&{asked}")
    return [one["serial"] for one in answer.get_json()["rows"]]


def test_columns_files_and_json(cast: Any, browse: Any, ours: None) -> None:
    new_customer(cast, browse)
    page = browse(cast.ben).get(f"/customers/?cols={COLUMNS}").text
    for said in ("Trade", "Catering", "2026-08-31", "Fresh &amp; fast", "Yes"):
        assert said in page
    found = browse(cast.ben).get(f"/customers/?format=json&cols={COLUMNS}").get_json()["rows"][0]
    assert {key: found[f"extra.{key}"] for key in STORED} == STORED
    file = browse(cast.ben).get(f"/customers/export.csv?cols={COLUMNS}").get_data().decode("utf-8-sig")
    heads, line = csv.reader(io.StringIO(file))
    assert heads[1:] == ["Trade", "Years together", "Last seen", "VIP", "Slogan"]
    assert line[1:] == ["Catering", "7", "2026-08-31", "Yes", "Fresh & fast"]
    book = browse(cast.ben).get(f"/customers/export.xlsx?cols={COLUMNS}")
    assert book.get_data().startswith(b"PK")
    book.close()


@pytest.mark.parametrize(
    ("asked", "hits"),
    [
        ("extra_trade=catering", True),
        ("extra_trade=steel", False),
        ("extra_trade=steel&extra_trade=catering", True),
        ("extra_trade=-", False),
        ("extra_years=7", True),
        ("extra_years_min=7&extra_years_max=7", True),
        ("extra_years_min=8", False),
        ("extra_seen_from=2026-08-31&extra_seen_to=2026-08-31", True),
        ("extra_seen_from=2026-09-01", False),
        ("extra_seen=2026-08-31", True),
        ("extra_vip=1", True),
        ("extra_vip=0", False),
        ("extra_slogan=FRESH", True),
        ("extra_slogan=%25", False),
        ("extra_slogan=-", False),
    ],
)
def test_filters(cast: Any, browse: Any, make: Any, ours: None, asked: str, hits: bool) -> None:
    customer = new_customer(cast, browse)
    serial = customer.serial
    plain = make("customer", cast.ben).serial
    found = listed(browse(cast.ben), asked)
    assert (serial in found) is hits
    negated = any(end in asked for end in ("=-", "=0"))
    assert (plain in found) is negated
    page = browse(cast.ben).get(f"/customers/?{asked}")
    assert "Remove this filter" in page.text
    assert browse(cast.ben).get(f"/customers/filters?{asked}").status_code == 200


def test_search_finds_their_texts(cast: Any, browse: Any, ours: None) -> None:
    customer = new_customer(cast, browse, extra_slogan="又鲜又快")
    assert listed(browse(cast.ben), "q=又快") == [customer.serial]
    assert listed(browse(cast.cy), "q=又快") == []
    said = {"name": "Noodle House", "version": str(customer.version), "extra_slogan": "Late but warm"}
    browse(cast.ben).post(f"/customers/{customer.id}/edit", said)
    assert listed(browse(cast.ben), "q=warm") == [customer.serial]
    assert listed(browse(cast.ben), "q=又快") == []


def test_an_unknown_custom_field_filters_nothing(cast: Any, browse: Any, make: Any) -> None:
    serial = make("customer", cast.ben).serial
    for asked in (
        "extra_magic=1",
        "extra_magic_from=2026-01-01",
        "cols=extra_magic",
        "sort=extra_magic",
        "extra=1",
    ):
        assert listed(browse(cast.ben), asked) == [serial]


def test_pages_of_a_filtered_list_follow_each_other(cast: Any, browse: Any, make: Any, ours: None) -> None:
    for number in range(120):
        make("customer", cast.ben, name=f"C{number:03d}", extra={"years": number % 2})
    seen: list[int] = []
    url = "/customers/?format=json&sort=name&cols=name,extra_years&extra_years=1"
    while url:
        found = browse(cast.ben).get(url).get_json()
        assert {one["extra.years"] for one in found["rows"]} == {1}
        seen += [one["serial"] for one in found["rows"]]
        url = found["next"] and f"{found['next']}&format=json"
    assert len(seen) == len(set(seen)) == 60


@pytest.mark.parametrize("who", ["cy", "dee"])
@pytest.mark.parametrize(
    "asked", ["extra_trade=catering", "extra_years_min=1", "extra_slogan=fresh", "extra_vip=1"]
)
def test_no_filter_shows_what_is_hidden(cast: Any, browse: Any, ours: None, who: str, asked: str) -> None:
    new_customer(cast, browse)
    browser = browse(getattr(cast, who))
    assert listed(browser, asked) == []
    assert browser.get(f"/customers/count?format=json&{asked}").get_json()["count"] == 0
    assert "Fresh" not in browser.get(f"/customers/export.csv?cols={COLUMNS}&{asked}").get_data(as_text=True)


def test_a_page_asks_nothing_more_for_them(cast: Any, browse: Any, ours: None) -> None:
    customer_id = new_customer(cast, browse).id
    browser = browse(cast.ben)
    for url in (f"/customers/?cols={COLUMNS}", "/customers/new", f"/customers/{customer_id}"):
        browser.get(url)
        with heard() as said:
            assert browser.get(url).status_code == 200
        assert not [one for one in without_look(said) if "custom_field" in one]
        if "cols" in url:
            assert len(without_look(said)) <= 6, "\n".join(said)


def test_a_kept_view_keeps_them(cast: Any, browse: Any, ours: None) -> None:
    new_customer(cast, browse)
    url = f"/customers/views?cols={COLUMNS}&extra_trade=catering"
    assert browse(cast.ben).post(url, {"name": "Caterers"}).status_code == 302
    page = browse(cast.ben).get("/customers/").text
    address = re.search(r'class="chip" href="([^"]*extra_trade[^"]*)"', page)
    assert address is not None
    assert "Catering" in browse(cast.ben).get(address.group(1).replace("&amp;", "&")).text


def test_another_sandbox_knows_nothing_of_them(app: Any, cast: Any, ours: None, catalog: Any) -> None:
    others = world.build("spring-b")
    assert fields_in(others["Ben"].actor, catalog["customer"]) is catalog["customer"].fields
    assert len(custom_in(cast.ben.actor, "customer")) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_may_have_them_shows_them(
    cast: Any, browse: Any, make: Any, catalog: Any, kind: str
) -> None:
    said = {"key": "motto", "name_zh": "口号", "name_en": "Motto", "shape": "text"}
    assert browse(cast.ines).post(f"{URL}/{kind}/add", said).status_code == 302
    base, record = f"/{catalog[kind].slug}/", make(kind, cast.ben, extra={"motto": "Fresh and fast"})
    record_id, browser = record.id, browse(cast.ada)
    assert 'name="extra_motto"' in browser.get(f"{base}new").text
    assert 'value="Fresh and fast"' in browser.get(f"{base}{record_id}/edit").text
    for page in (f"{base}{record_id}", f"{base}?cols=extra_motto&extra_motto=fast"):
        text = browser.get(page).text
        assert "Motto" in text
        assert "Fresh and fast" in text


# -- round trip --------------------------------------------------------------------------------------------

LINE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "extra_trade": st.sampled_from(["steel", "catering", ""]),
        "extra_years": st.one_of(st.just(""), st.integers(0, 2_147_483_647).map(str)),
        "extra_seen": st.one_of(st.just(""), st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(str)),
        "extra_vip": st.just("y"),
        "extra_slogan": LINE,
    },
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=VALUES, second=VALUES)
def test_from_form_to_log_and_back(cast: Any, browse: Any, ours: None, first: Any, second: Any) -> None:
    """Whatever is typed, twice: the page says it, and the log replayed gives the table."""
    browser = browse(cast.ben)
    assert browser.post("/customers/new", {"name": "Noodle House", **first}).status_code == 302
    customer = query.rows(Customer, cast.ben.actor)[0]
    said = {"name": "Noodle House", "version": str(customer.version), **second}
    assert browser.post(f"/customers/{customer.id}/edit", said).status_code == 302
    found = browser.get(f"/customers/{customer.id}?format=json").get_json()
    for name, typed in second.items():
        typed = " ".join(typed.split()) if name == "extra_slogan" else typed
        value = found.get(name.replace("extra_", "extra."))
        expected = {"extra_vip": True}.get(name, typed or None)
        assert (value if isinstance(value, (bool, type(None))) else str(value)) == expected
    assert whole(cast)
