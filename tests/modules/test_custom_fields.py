"""Fields of a sandbox's own: made by the instructor, filled in like any other, in the log as extra.KEY.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy; Dee is in another class.
"""

import re
from typing import Any

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.modules.customers.models import Customer
from labapp.oplog.models import Operation
from labapp.people.models import Position
from labapp.records import query
from labapp.records.custom import CustomField, custom_in
from labapp.records.setup import Setup
from tests.ownfields import FIELDS, FILLED, STORED, URL, make_fields, new_customer, whole


@pytest.fixture
def ours(cast: Any, browse: Any) -> None:
    """The five fields on customers."""
    make_fields(cast, browse)


def last() -> Any:
    return db.session.scalars(select(Operation).order_by(Operation.id.desc()).limit(1)).one()


def steps(verb: str) -> list[Any]:
    asked = select(Operation).where(Operation.verb == verb, Operation.outcome == "done")
    return list(db.session.scalars(asked.order_by(Operation.id)))


def row(key: str) -> Any:
    return db.session.scalars(select(CustomField).where(CustomField.key == key)).one_or_none()


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


def test_a_configurator_changes_fields(cast: Any, browse: Any) -> None:
    with Setup(cast.ada.actor, "position.edit") as work:
        place = work.get(Position, cast.ada.actor.member.positions[0])
        work.update(place, profile="configurator")
    said = {"key": "trade", "name_zh": "行业", "shape": "text"}
    assert browse(cast.ada).post(f"{URL}/customer/add", said).status_code == 302
    assert last().member == cast.ada.key
    assert browse(cast.ada).get(f"{URL}/customer").status_code == 200


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
