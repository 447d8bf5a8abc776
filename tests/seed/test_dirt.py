"""Every kind of dirt breaks just what it says, can be mended from what is known, and leaves the rest alone."""

import re
from datetime import datetime

import pytest

from seed.companies import any_company
from seed.dirt import DIRT
from seed.draw import draw
from seed.invent import Inventor
from seed.places import places_by_key

MONDAY = datetime.fromisoformat("2026-09-07T09:00:00")
LANDLINE = re.compile(r"0\d{2,3}-\d{7,8}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
WHICH = {
    "short_name": {"lead": {"company"}, "customer": {"name"}},
    "near_duplicate": {"lead": {"company", "website"}, "customer": {"name", "website"}},
    "short_mobile": {"lead": {"mobile"}, "contact": {"mobile"}},
    "letters_in_mobile": {"lead": {"mobile"}, "contact": {"mobile"}},
    "no_area_code": {"lead": {"phone"}, "customer": {"phone"}},
    "broken_mail": {"lead": {"email"}, "customer": {"email"}, "contact": {"email"}},
    "swapped_columns": {
        "lead": {"name", "company"},
        "customer": {"province", "city"},
        "contact": {"name", "title"},
    },
    "unfilled": {
        "lead": {"industry", "source", "rating"},
        "customer": {"industry", "level", "nature", "source"},
    },
}
CASES = [(dirt, kind) for dirt, kinds in WHICH.items() for kind in kinds]


@pytest.fixture(params=["zh", "en"])
def inventor(request):
    return Inventor(7, request.param, MONDAY)


def clean(inventor, kind, number, place="hangzhou"):
    if kind == "contact":
        return inventor.contact(clean(inventor, "customer", number), "s001", number)
    return getattr(inventor, kind)("s001", number, place=place)


def test_every_kind_of_dirt_is_known_here():
    assert set(WHICH) == set(DIRT)


@pytest.mark.parametrize(("dirt", "kind"), CASES)
def test_dirt_changes_its_own_fields_and_nothing_else(inventor, dirt, kind):
    for number in range(25):
        values = clean(inventor, kind, number)
        dirty = inventor.soiled(dirt, kind, values, "s001", number)
        assert {name for name in values if dirty[name] != values[name]} == WHICH[dirt][kind], (values, dirty)


def test_a_near_duplicate_of_a_person_has_the_same_name_and_number(inventor):
    person = clean(inventor, "contact", 1)
    again = inventor.soiled("near_duplicate", "contact", person, "s001", 1)
    assert (again["name"], again["mobile"]) == (person["name"], person["mobile"])
    assert again["email"] is None


def test_dirty_numbers_and_addresses_break_the_standard_and_the_clean_ones_keep_it(inventor):
    for number in range(40):
        values = clean(inventor, "lead", number)
        assert LANDLINE.fullmatch(values["phone"])
        assert not LANDLINE.fullmatch(inventor.soiled("no_area_code", "lead", values, "a", number)["phone"])
        assert EMAIL.fullmatch(values["email"])
        assert not EMAIL.fullmatch(inventor.soiled("broken_mail", "lead", values, "a", number)["email"])
        for dirt in ("short_mobile", "letters_in_mobile"):
            mobile = inventor.soiled(dirt, "lead", values, "a", number)["mobile"]
            assert not re.fullmatch(r"1[3-9]\d{9}", mobile, re.ASCII)


def test_a_short_name_is_part_of_the_full_one(inventor):
    for number in range(60):
        values = clean(inventor, "customer", number)
        short = inventor.soiled("short_name", "customer", values, "a", number)["name"]
        assert short in values["name"]
        assert not re.search(r"公司|Ltd|杭州|Hangzhou", short)


def test_a_placed_company_begins_with_its_city_and_has_its_area_code(inventor):
    for key, place in places_by_key().items():
        values = clean(inventor, "customer", 3, place=key)
        assert values["name"].startswith(place.city.say(inventor.language).removesuffix("市"))
        assert values["phone"].startswith(f"{place.area_code}-")
        assert values["postcode"] == place.postcode


def test_the_same_chance_at_another_place_is_a_sister_company():
    places = places_by_key()
    one, other = (any_company(draw(3, "x"), "zh", places[key]) for key in ("ningbo", "wenzhou"))
    assert one.name.removeprefix("宁波") == other.name.removeprefix("温州")
    assert (one.word, one.trade, one.form) == (other.word, other.trade, other.form)
    assert one.phone != other.phone
