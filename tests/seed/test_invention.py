"""Invention depends on the key alone, and what it makes up passes the rules that real data must pass."""

import re
from datetime import datetime
from decimal import Decimal
from random import Random

import pytest

from seed import generator
from seed.invent import Inventor
from seed.shapes import BY_SHAPE, value_for
from seed.tables import places, texts, ware_trades

MONDAY = datetime.fromisoformat("2026-09-07T09:00:00")
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{2,3}-\d{7,8}(-\d{1,6})?", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")


@pytest.fixture(params=["zh", "en"])
def inventor(request) -> Inventor:
    return generator.inventor(7, request.param, MONDAY)


def everything(inventor, member="s001", count=6):
    """Records of every kind, as many of each."""
    for number in range(count):
        yield inventor.lead(member, number)
        customer = inventor.customer(member, number)
        yield customer
        yield inventor.contact(customer, member, number)
        yield inventor.opportunity(customer, member, number)
        yield inventor.activity(customer, member, number)
        yield inventor.note(customer, member, number)
        yield inventor.product(member, number)


def test_the_same_key_gives_the_same_whatever_was_asked_before(inventor):
    other = Inventor(7, inventor.language, MONDAY)
    other.opportunity(other.customer("s009", 3), "s009", 3)
    assert inventor.lead("s002", 4) == other.lead("s002", 4)
    assert list(everything(inventor)) == list(everything(other))


def test_another_seed_or_member_gives_other_data(inventor):
    other = Inventor(8, inventor.language, MONDAY)
    assert inventor.lead("s001", 1)["company"] != other.lead("s001", 1)["company"]
    assert inventor.lead("s001", 1)["mobile"] != inventor.lead("s002", 1)["mobile"]


def test_known_values_stay_as_they_are():
    lead = Inventor(1, "zh", MONDAY).lead("s001", 0)
    assert lead["name"] == "汤玉莉"
    assert lead["company"] == "天津信邦饮料有限公司"


def test_five_thousand_companies_have_names_of_their_own(inventor):
    names = {inventor.company(number)["name"] for number in range(5000)}
    assert len(names) >= 4990


def test_company_names_are_full_legal_names(inventor):
    ending = "公司" if inventor.language == "zh" else "Co., Ltd"
    assert all(str(inventor.company(number)["name"]).endswith(ending) for number in range(300))


def test_telephones_and_addresses_belong_to_the_city(inventor):
    known = {place.city.say(inventor.language): place for place in places()}
    for number in range(300):
        customer = inventor.customer("s001", number)
        place = known[customer["city"]]
        assert customer["province"] == place.province.say(inventor.language)
        assert customer["city"] in customer["address"]
        assert customer["postcode"] == place.postcode
        area, local = customer["phone"].split("-")
        assert (area, len(local)) == (place.area_code, place.digits)


def test_every_province_has_two_cities_but_the_four_that_are_cities():
    provinces = [place.province.zh for place in places()]
    assert len(set(provinces)) == 31
    assert {name[:2] for name in provinces if provinces.count(name) == 1} == {"北京", "天津", "上海", "重庆"}


def test_telephones_and_mail_addresses_are_valid(inventor):
    for values in everything(inventor, count=60):
        assert MOBILE.fullmatch(values.get("mobile", "13800000000"))
        assert LANDLINE.fullmatch(values.get("phone", "010-12345678"))
        assert EMAIL.fullmatch(values.get("email", "a@b.example"))
        assert values.get("email", ".example").endswith(".example")


def test_no_blank_of_a_sentence_stays_open(inventor):
    for values in everything(inventor, count=80):
        assert not [text for text in values.values() if re.search(r"[{}]|None\b.", str(text))]


def test_an_open_deal_closes_in_the_future_with_the_probability_of_its_stage(inventor):
    customer = inventor.customer("s001", 1)
    for number in range(100):
        deal = inventor.opportunity(customer, "s001", number)
        assert deal["stage"] in ("contact", "needs", "quote", "contract")
        assert deal["probability"] == {"contact": 10, "needs": 30, "quote": 50, "contract": 70}[deal["stage"]]
        assert deal["close_date"] > MONDAY.date()
        assert deal["lost_reason"] is None
        assert deal["amount"] > 0


def test_a_closed_deal_closed_in_the_past_and_a_lost_one_says_why(inventor):
    customer = inventor.customer("s001", 1)
    for number in range(60):
        deal = inventor.opportunity(customer, "s001", number, closed=True)
        assert deal["close_date"] < MONDAY.date()
        assert (deal["lost_reason"] is not None) == (deal["stage"] == "lost")


def test_done_activities_have_a_result_and_open_ones_lie_ahead(inventor):
    lead = inventor.lead("s001", 1)
    for number in range(80):
        activity = inventor.activity(lead, "s001", number)
        at = activity["starts_at"] or activity["due_at"]
        assert (activity["status"] == "done") == (at < MONDAY) == (activity["result"] is not None)


def test_deals_are_about_the_price_list_that_was_given():
    inventor = Inventor(1, "zh", MONDAY, products=(("咖啡机", Decimal(3000)),))
    deal = inventor.opportunity(inventor.customer("s001", 1), "s001", 1)
    assert "咖啡机" in deal["name"]
    assert deal["amount"] // 1000 % 3 == 0
    assert deal["amount"] % 100  # what marks it as this member's


@pytest.mark.parametrize("trade", ware_trades())
def test_every_trade_has_products_whose_floor_is_below_the_list(trade):
    inventor = Inventor(1, "zh", MONDAY, trade)
    for number in range(20):
        product = inventor.product(number)
        assert 0 < product["floor_price"] < product["list_price"]


def test_an_unknown_trade_is_refused():
    with pytest.raises(ValueError, match="unicorns"):
        Inventor(1, "zh", MONDAY, "unicorns")


@pytest.mark.parametrize("shape", sorted(BY_SHAPE))
def test_every_shape_has_a_value_when_it_is_required(shape):
    for number in range(30):
        assert value_for(shape, "name", True, ("a", "b"), Random(number)) is not None


def test_optional_fields_are_empty_now_and_then():
    values = [value_for("text", "city", False, (), Random(number)) for number in range(60)]
    assert {type(value) for value in values} == {str, type(None)}


def test_an_unknown_shape_and_a_choice_without_choices_are_refused():
    with pytest.raises(ValueError, match="link"):
        value_for("link", "customer", True, (), Random(1))
    with pytest.raises(ValueError, match="nothing to choose"):
        value_for("choice", "status", True, (), Random(1))


def test_every_sentence_has_the_same_blanks_in_both_languages():
    blanks = re.compile(r"{(\w+)}")
    for where in ("lead hot", "lead warm", "customer", "opportunity", "story", "note", "call"):
        assert texts(where)
        for words in texts(where):
            assert set(blanks.findall(words.zh)) == set(blanks.findall(words.en)), words


def test_a_contact_of_a_customer_with_an_extension_has_an_extension_of_its_own(inventor):
    customer = inventor.customer("s001", 1) | {"phone": "0551-61234567-8012"}
    assert LANDLINE.fullmatch(inventor.contact(customer, "s001", 1)["phone"])


@pytest.mark.parametrize(
    ("trade", "usual"), [("medical", "medical"), ("training", "manufacturing"), ("food", "retail")]
)
def test_customers_are_of_the_industries_that_buy_what_is_sold(trade, usual):
    inventor = Inventor(5, "zh", MONDAY, trade)
    found = [inventor.customer("s001", number)["industry"] for number in range(200)]
    assert max(set(found), key=found.count) == usual
    assert len(set(found)) < 7


def test_a_company_of_a_wanted_industry_has_a_name_of_that_industry(inventor):
    customers = [inventor.customer("s001", number, industry="medical") for number in range(40)]
    assert {customer["industry"] for customer in customers} == {"medical"}
    trades = (
        ("医疗", "医药", "生物", "康复", "健康")
        if inventor.language == "zh"
        else ("Medical", "Biotechnology", "Pharmaceutical", "Rehabilitation", "Health")
    )
    assert all(any(word in customer["name"] for word in trades) for customer in customers)


def test_an_industry_without_trades_is_any(inventor):
    assert inventor.customer("s001", 1, industry="government")["name"]
