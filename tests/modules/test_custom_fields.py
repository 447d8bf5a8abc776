"""Fields of a sandbox's own: made by the instructor, filled in like any other, in the log as extra.KEY.

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
from sqlalchemy import select

from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.customers.models import Customer
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records import query
from labapp.records.custom import CustomField, custom_in, fields_in
from tests.listening import heard, without_look

URL = "/instructor/fields"
CHOICES = {
    "choice_key": ["steel", "", ""],
    "choice_zh": ["钢铁", "餐饮", ""],
    "choice_en": ["Steel", "Catering", ""],
}
FIELDS = (
    {"key": "trade", "name_zh": "细分行业", "name_en": "Trade", "shape": "choice", **CHOICES},
    {"key": "years", "name_zh": "合作年限", "name_en": "Years together", "shape": "number"},
    {"key": "seen", "name_zh": "最后跟进时间", "name_en": "Last seen", "shape": "date"},
    {"key": "vip", "name_zh": "贵宾", "name_en": "VIP", "shape": "check"},
    {"key": "slogan", "name_zh": "口号", "name_en": "Slogan", "shape": "text", "help_en": "As on their door"},
)
FILLED = {
    "extra_trade": "catering",
    "extra_years": "7",
    "extra_seen": "2026-08-31",
    "extra_vip": "y",
    "extra_slogan": "Fresh & fast",
}
STORED = {"trade": "catering", "years": 7, "seen": "2026-08-31", "vip": True, "slogan": "Fresh & fast"}


@pytest.fixture
def ours(cast: Any, browse: Any) -> None:
    """The five fields on customers."""
    for said in FIELDS:
        answer = browse(cast.ines).post(f"{URL}/customer/add", said)
        assert answer.status_code == 302, answer.text


def last() -> Any:
    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def steps(verb: str) -> list[Any]:
    asked = select(Operation).where(Operation.verb == verb, Operation.outcome == "done")
    return list(db.session.scalars(asked.order_by(Operation.id)))


def row(key: str) -> Any:
    return db.session.scalars(select(CustomField).where(CustomField.key == key)).one_or_none()


def whole(cast: Any) -> bool:
    """Whether the log tells what stands in the tables."""
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    assert sandbox is not None
    found = verify(sandbox)
    assert found is None, str(found)
    return True


def new_customer(cast: Any, browse: Any, person: str = "ben", **more: str) -> Any:
    """A customer made by the form, with its custom fields."""
    browser = browse(getattr(cast, person))
    page = browser.post("/customers/new", {"name": "Noodle House", **FILLED, **more})
    assert page.status_code == 302, page.text
    return query.rows(Customer, getattr(cast, person).actor)[0]


# -- the console -------------------------------------------------------------------------------------------


def test_a_new_field_is_a_step_and_offered_at_once(cast: Any, browse: Any, ours: None) -> None:
    assert [(step.kind, step.outcome) for step in steps("create")[-5:]] == [("field", "done")] * 5
    change = steps("create")[-5].changes[0]
    assert change["kind"] == "field"
    assert change["after"]["choices"] == [
        {"key": "steel", "en": "Steel", "zh": "钢铁"},
        {"key": "catering", "en": "Catering", "zh": "餐饮"},
    ]
    form = browse(cast.ben).get("/customers/new").text
    for said in FIELDS:
        assert said["name_en"] in form
    assert "As on their door" in form
    assert "Trade" not in browse(cast.ben).get("/leads/new").text
    assert whole(cast)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"key": "Trade"}, "key"),
        ({"key": "due_from"}, "key"),
        ({"key": "merged_into"}, "key"),
        ({"name_zh": "", "name_en": ""}, "name_zh"),
        ({"shape": "money"}, "shape"),
        ({"shape": "choice"}, "choices"),
        ({"help_en": "x" * 300}, "help_en"),
    ],
)
def test_a_bad_field_is_said_and_kept_in_the_form(cast: Any, browse: Any, wrong: Any, where: str) -> None:
    said = {"key": "fresh", "name_zh": "新", "name_en": "New one", "shape": "text", **wrong}
    answer = browse(cast.ines).post(f"{URL}/customer/add", said)
    assert answer.status_code == 422
    assert f'id="field-{where}' in answer.text
    assert last().outcome == "invalid"
    assert (last().kind, last().verb) == ("field", "create")
    assert row("fresh") is None


def test_a_key_can_be_left_to_the_name(cast: Any, browse: Any) -> None:
    for name in ("Number of Shops!", "", "Number of shops"):
        said = {"name_zh": "门店数", "name_en": name, "shape": "number", "key": ""}
        assert browse(cast.ines).post(f"{URL}/lead/add", said).status_code == 302
    assert list(custom_in(cast.ines.actor, "lead")) == [
        "extra_number_of_shops",
        "extra_field1",
        "extra_field2",
    ]


def test_names_order_and_retiring(cast: Any, browse: Any, ours: None) -> None:
    years, browser = row("years").id, browse(cast.ines)
    assert (
        browser.post(f"{URL}/customer/{years}/edit", {"name_zh": "年限", "name_en": "Years"}).status_code
        == 302
    )
    assert browser.post(f"{URL}/customer/{years}/up").status_code == 302
    assert list(custom_in(cast.ines.actor, "customer"))[:2] == ["extra_years", "extra_trade"]
    assert browser.post(f"{URL}/customer/{years}/up").status_code == 422
    customer = new_customer(cast, browse)
    assert browser.post(f"{URL}/customer/{years}/retire").status_code == 302
    assert (last().kind, last().verb) == ("field", "retire")
    assert 'name="extra_years"' not in browse(cast.ben).get("/customers/new").text
    assert "Years" in browse(cast.ben).get(f"/customers/{customer.id}").text
    assert browser.post(f"{URL}/customer/{years}/offer").status_code == 302
    assert 'name="extra_years"' in browse(cast.ben).get("/customers/new").text
    assert whole(cast)


def test_only_what_nobody_filled_in_is_deleted(cast: Any, browse: Any, ours: None) -> None:
    new_customer(cast, browse, extra_slogan="")
    browser = browse(cast.ines)
    refused = browser.post(f"{URL}/customer/{row('years').id}/delete")
    assert refused.status_code == 422
    assert "1 record has this field filled in" in refused.text
    assert browser.post(f"{URL}/customer/{row('slogan').id}/delete").status_code == 302
    assert row("slogan") is None
    assert "Slogan" not in browse(cast.ben).get("/customers/new").text
    assert whole(cast)


def test_a_choice_that_is_used_stays(cast: Any, browse: Any, ours: None) -> None:
    new_customer(cast, browse)
    trade = row("trade").id
    lines = {
        "name_zh": "行业",
        "choice_key": ["steel", "catering"],
        "choice_zh": ["", ""],
        "choice_en": ["Iron", ""],
    }
    refused = browse(cast.ines).post(f"{URL}/customer/{trade}/edit", lines)
    assert refused.status_code == 422
    assert "1 record has the value catering" in refused.text
    lines |= {"choice_en": ["", "Food"]}
    assert browse(cast.ines).post(f"{URL}/customer/{trade}/edit", lines).status_code == 302
    assert row("trade").choices == [{"key": "catering", "en": "Food", "zh": "Food"}]


@pytest.mark.parametrize("who", ["ben", "ada", "tess", "olga"])
def test_others_do_not_change_fields(cast: Any, browse: Any, who: str) -> None:
    browser = browse(getattr(cast, who))
    assert browser.get(f"{URL}/customer").status_code == 403
    said = {"key": "trade", "name_zh": "行业", "shape": "text"}
    assert browser.post(f"{URL}/customer/add", said).status_code == 403
    assert row("trade") is None


def test_kinds_without_fields_of_their_own_are_not_there(cast: Any, browse: Any) -> None:
    for kind in ("product", "nonsense"):
        assert browse(cast.ines).get(f"{URL}/{kind}").status_code == 404
        said = {"key": "trade", "name_zh": "行业", "shape": "text"}
        assert browse(cast.ines).post(f"{URL}/{kind}/add", said).status_code == 404


def test_names_are_text_whatever_they_look_like(cast: Any, browse: Any) -> None:
    said = {"key": "bold", "name_zh": "<b>粗</b>", "name_en": "<b>Bold</b>", "shape": "text"}
    browse(cast.ines).post(f"{URL}/customer/add", said)
    customer = new_customer(cast, browse, extra_bold="<i>x</i>")
    pages = (
        "/customers/new",
        f"/customers/{customer.id}",
        "/customers/?cols=name,extra_bold",
        "/customers/filters",
    )
    for page in pages:
        text = browse(cast.ben).get(page).text
        assert "&lt;b&gt;Bold" in text
        assert "<b>Bold" not in text
        assert "<i>x" not in text


# -- records -----------------------------------------------------------------------------------------------


def test_the_form_fills_extra_and_the_log(cast: Any, browse: Any, ours: None) -> None:
    customer = new_customer(cast, browse)
    assert customer.extra == STORED
    after = steps("create")[-1].changes[0]["after"]
    assert {name: value for name, value in after.items() if name.startswith("extra.")} == {
        f"extra.{key}": value for key, value in STORED.items()
    }
    page = browse(cast.ben).get(f"/customers/{customer.id}").text
    for said in ("Catering", "2026-08-31", "Fresh &amp; fast", "Years together"):
        assert said in page
    found = browse(cast.ben).get(f"/customers/{customer.id}?format=json").get_json()
    assert {key: found[f"extra.{key}"] for key in STORED} == STORED
    assert whole(cast)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("extra_years", "many", "This is no number"),
        ("extra_years", "2.5", "whole number"),
        ("extra_seen", "2026-02-30", "no such date"),
        ("extra_trade", "magic", "Choose one of the values offered"),
        ("extra_slogan", "x" * 300, "At most 255"),
    ],
)
def test_a_bad_value_is_said_beside_its_input(
    cast: Any, browse: Any, ours: None, name: str, value: str, said: str
) -> None:
    answer = browse(cast.ben).post("/customers/new", {"name": "Noodle House", **FILLED, name: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Noodle House" in answer.text
    assert query.rows(Customer, cast.ben.actor) == []


def test_what_is_needed_is_needed(cast: Any, browse: Any) -> None:
    said = {"key": "code", "name_zh": "编码", "name_en": "Code", "shape": "text", "required": "1"}
    browse(cast.ines).post(f"{URL}/customer/add", said)
    assert browse(cast.ben).post("/customers/new", {"name": "Noodle House"}).status_code == 422
    customer = new_customer(cast, browse, extra_code="A1")
    answer = browse(cast.ben).post(
        f"/customers/{customer.id}/edit", {"name": "Noodle House", "version": "1", "extra_code": " "}
    )
    assert answer.status_code == 422


def test_editing_moves_only_what_moved(cast: Any, browse: Any, ours: None) -> None:
    customer = new_customer(cast, browse, extra_vip="")
    said = {
        "name": "Noodle House",
        "version": "1",
        **FILLED,
        "extra_vip": "",
        "extra_years": "8",
        "extra_slogan": "",
    }
    answer = browse(cast.ben).post(f"/customers/{customer.id}/edit", said)
    assert answer.status_code == 302, answer.text
    change = last().changes[0]
    assert change["before"] == {"extra.slogan": "Fresh & fast", "extra.years": 7}
    assert change["after"] == {"extra.slogan": None, "extra.years": 8}
    page = browse(cast.ben).get(f"/customers/{customer.id}").text
    assert "Years together: <del>7</del>" in page
    assert whole(cast)


def test_cloning_takes_them_along(cast: Any, browse: Any, ours: None) -> None:
    customer = new_customer(cast, browse)
    form = browse(cast.ben).get(f"/customers/{customer.id}/clone").text
    assert 'value="Fresh &amp; fast"' in form
    assert re.search(r'value="catering"[^>]*selected|selected[^>]*value="catering"', form)


def test_two_who_edit_at_once_choose_field_by_field(cast: Any, browse: Any, ours: None) -> None:
    customer = new_customer(cast, browse)
    browse(cast.ada).post(
        f"/customers/{customer.id}/edit",
        {"name": "Noodle House", "version": "1", **FILLED, "extra_years": "9"},
    )
    answer = browse(cast.ben).post(
        f"/customers/{customer.id}/edit",
        {"name": "Noodle House", "version": "1", **FILLED, "extra_years": "8", "extra_vip": ""},
    )
    assert answer.status_code == 409
    assert 'id="conflict-extra_years"' in answer.text
    assert 'id="conflict-extra_vip"' in answer.text
    assert 'id="conflict-extra_slogan"' not in answer.text


def test_changing_one_field_of_many(cast: Any, browse: Any, ours: None) -> None:
    first, second = new_customer(cast, browse), new_customer(cast, browse)
    said = {"ids": [first.id, second.id], "field": "extra_years", "extra_years": "12", "confirm": "1"}
    answer = browse(cast.ben).post("/customers/bulk/update", said)
    assert answer.status_code == 302, answer.text
    assert {one.extra["years"] for one in query.rows(Customer, cast.ben.actor)} == {12}
    assert {one.extra["trade"] for one in query.rows(Customer, cast.ben.actor)} == {"catering"}
    assert whole(cast)


def test_merging_asks_which_value_stays(cast: Any, browse: Any, ours: None) -> None:
    first = new_customer(cast, browse, extra_slogan="", extra_seen="").id
    second = new_customer(cast, browse, extra_years="0", extra_trade="steel").id
    url = f"/customers/{first}/merge"
    page = browse(cast.ben).get(f"{url}?other_id={second}").text
    assert "Years together" in page
    versions = re.search(r'name="versions"[^>]*value="([^"]*)"', page)
    assert versions is not None
    said = {
        "other_id": str(second),
        "versions": versions.group(1),
        "keep_extra_years": "other",
        "keep_extra_trade": "this",
        "keep_extra_seen": "this",
        "keep_extra_slogan": "other",
    }
    assert browse(cast.ben).post(url, said).status_code == 302
    (stays,) = query.rows(Customer, cast.ben.actor)
    assert (stays.id, stays.extra) == (
        first,
        {"trade": "catering", "years": 0, "vip": True, "slogan": "Fresh & fast"},
    )
    assert whole(cast)


# -- lists -------------------------------------------------------------------------------------------------

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
    from tests import world

    others = world.build("spring-b")
    assert fields_in(others["Ben"].actor, catalog["customer"]) is catalog["customer"].fields
    assert len(custom_in(cast.ben.actor, "customer")) == 5


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
