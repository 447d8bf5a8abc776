"""Possible duplicates a page at a time: every group once, whoever asks and by whichever way the keys are read.

School (Ines instructs) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import pytest

from labapp.db import db
from labapp.records import duplicates, slices
from labapp.records.duplicates import Place, page_of
from tests.listening import heard

NAMES = ("Alpine Lifts", "Boreal Cranes", "Cedar Pumps", "Delta Valves", "Ember Kilns")
WAYS = {"by few records": 2_000, "along the index": 0}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    monkeypatch.setattr(slices, "SMALL", WAYS[request.param])
    return request.param


@pytest.fixture
def dirty(cast, make):
    """Ben's customers: five entered twice, the last two of them with the same phone as well; two alike; one alone."""
    for number, name in enumerate(NAMES):
        phone = f"0571-8800000{number}" if number > 2 else None
        for form in ("Ltd", "Co Ltd"):
            make("customer", cast.ben, name=f"{name} {form}", phone=phone)
    make("customer", cast.ben, name="Fjord Networks East", phone="0571-77000000")
    make("customer", cast.ben, name="Fjord Networks Eats", phone="0571-77000001")
    make("customer", cast.ben, name="Onyx Freight", website="www.onyx.cn")
    make("customer", cast.ben, name="Quartz Rail", email="info@onyx.cn")
    make("customer", cast.ben, name="Solitary")
    make("customer", cast.dee, name="Solitary")
    db.session.remove()


def pages(person, catalog):
    """The groups of every page, as the names in them with their reasons."""
    actor, after, found = person.actor, "", []
    while after is not None:
        page = page_of(actor, catalog["customer"], after)
        found.append([(len(group.ids), frozenset(group.reasons)) for group in page.groups])
        after = page.after.written() if page.after else None
        assert len(found) < 50
    return found


WHOLE = {
    (2, frozenset({"name"})): 3,
    (2, frozenset({"name", "phone"})): 2,
    (2, frozenset({"domain"})): 1,
    (2, frozenset({"near"})): 1,
}


def test_one_page_has_every_group_once(cast, catalog, dirty, way):
    (page,) = pages(cast.ben, catalog)
    assert {group: page.count(group) for group in page} == WHOLE


def test_so_have_many_pages(cast, catalog, dirty, way, monkeypatch):
    monkeypatch.setattr(duplicates, "GROUPS", 2)
    monkeypatch.setattr(duplicates, "FEW", 2)
    monkeypatch.setattr(duplicates, "WALK", 6)
    found = pages(cast.ben, catalog)
    assert all(len(page) <= 2 for page in found)
    groups = [group for page in found for group in page]
    equal = {group: groups.count(group) for group in groups if "near" not in group[1]}
    assert equal == {group: count for group, count in WHOLE.items() if "near" not in group[1]}
    assert (2, frozenset({"near"})) in groups


def test_what_others_own_makes_no_group(cast, catalog, dirty, way):
    assert pages(cast.cy, catalog) == [[]]
    assert pages(cast.dee, catalog) == [[]]
    (everything,) = pages(cast.ines, catalog)
    assert len(everything) == sum(WHOLE.values()) + 1


def test_a_group_of_many_shows_some_and_counts_the_rest(cast, catalog, make, way):
    for _ in range(11):
        make("customer", cast.ben, name="Solitary")
    db.session.remove()
    (group,) = page_of(cast.ben.actor, catalog["customer"]).groups
    assert (len(group.ids), group.more) == (8, 3)


def test_the_page_leads_on_and_back(cast, browse, dirty, monkeypatch):
    monkeypatch.setattr(duplicates, "GROUPS", 2)
    ben = browse(cast.ben)
    first = ben.get("/customers/duplicates").get_data(as_text=True)
    assert first.count('class="card duplicates"') == 2
    address = first.split('rel="next" href="')[1].split('"')[0]
    second = ben.get(address).get_data(as_text=True)
    assert "Cedar Pumps" in second
    assert "Alpine Lifts" not in second
    assert 'href="/customers/duplicates">First page' in second


@pytest.mark.parametrize("after", ["x", "!!", Place("nowhere").written(), "W10", "bnVsbA", "a" * 5_000])
def test_a_broken_place_is_the_beginning(cast, browse, dirty, after):
    page = browse(cast.ben).get(f"/customers/duplicates?after={after}")
    assert page.status_code == 200
    assert "Alpine Lifts" in page.get_data(as_text=True)


def test_a_page_asks_as_much_for_many_as_for_few(cast, catalog, make, dirty, way):
    actor = cast.ben.actor
    with heard() as few:
        page_of(actor, catalog["customer"])
    for number in range(12):
        make("customer", cast.ben, name=NAMES[number % 5], phone=f"0571-6600000{number // 2}")
    db.session.remove()
    actor = cast.ben.actor
    with heard() as many:
        page_of(actor, catalog["customer"])
    assert len(many) <= len(few) + 2
