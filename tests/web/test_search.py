"""One search over everything one may see: every kind, its best few, phone numbers however they are written."""

import pytest

from labapp.records.search import searched


def kinds(catalog):
    return sorted(name for name, record_type in catalog.items() if searched(record_type.model))


def test_every_kind_with_words_is_found_by_who_sees_it(cast, make, browse, catalog):
    """A peer finds only what everybody reads."""
    made = {}
    for name in kinds(catalog):
        record_type = catalog[name]
        if name in {"attachment", "document"}:
            continue
        typed = next(f for f in searched(record_type.model) if f.shape in {"text", "prose"} and f.on_create)
        values = {"status": "published"} if name == "article" else {}
        made[name] = make(name, cast.ben, **{typed.name: "Zebrawood"}, **values).id
    page = browse(cast.ines).get("/search?q=zebrawood").text
    peer = browse(cast.cy).get("/search?q=zebrawood").text
    for name, record_id in made.items():
        record_type = catalog[name]
        address = f'href="/{record_type.slug}/{record_id}"'
        assert address in page, name
        if record_type.model.reach in {"private", "follows", "hanging", "related", "assigned"}:
            assert address not in peer, name


@pytest.mark.parametrize(
    "words",
    [
        "0571-88123456",
        "057188123456",
        "0571 8812 3456",
        "(0571) 88123456",
        "88123456",
        "3456",
        "+86 571-88123456",
    ],
)
def test_a_landline_is_found_however_it_is_written(cast, make, browse, words):
    number = make("customer", cast.ben, name="Quartz", phone="0571-88123456").id
    page = browse(cast.ben).get("/search", query_string={"q": words}).text
    assert f'href="/customers/{number}"' in page


@pytest.mark.parametrize(
    "words", ["13905712680", "139 0571 2680", "+86 139 0571 2680", "008613905712680", "2680"]
)
def test_a_mobile_number_is_found_however_it_is_written(cast, make, browse, words):
    customer = make("customer", cast.ben).id
    number = make("contact", cast.ben, name="Ling", mobile="13905712680", customer_id=customer).id
    page = browse(cast.ben).get("/search", query_string={"q": words}).text
    assert f'href="/contacts/{number}"' in page
    assert "13905712680" in page


def test_more_than_eight_of_a_kind_lead_to_the_list(cast, make, browse):
    for _number in range(10):
        make("lead", cast.ben, name="Zebra & Co")
    page = browse(cast.ben).get("/search?q=zebra+co").text
    assert page.count(">Zebra &amp; Co</a>") == 8
    assert "8+" in page
    assert 'href="/leads/?q=zebra+co"' in page
