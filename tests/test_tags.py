"""Tags of one's own: put on and taken off, one by one and in bulk, offered, filtered by, counted.

School (Olga observes) ── Class A ── Sales: Ada ── Staff: Ben, Cy (a peer)
"""

import pytest
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from tests.lives import last_step, steps_since

SLUGS = {"lead": "leads", "customer": "customers", "contact": "contacts", "opportunity": "opportunities"}


@pytest.fixture(params=SLUGS)
def kind(request):
    return request.param


@pytest.fixture
def tagged(kind, cast, make):
    """make a record of the kind with these tags; its id."""

    def one(owner, *tags):
        more = {"stage": "contact"} if kind == "opportunity" else {}
        record_id = make(kind, owner, tags=list(tags), **more).id
        db.session.remove()
        return record_id

    return one


def tags_of(catalog, kind, record_id):
    db.session.remove()
    model = catalog[kind].model
    return db.session.scalar(
        select(model.tags).where(model.id == record_id), execution_options={"seen_by": EVERYONE}
    )


def test_on_the_page_of_a_record(cast, browse, catalog, kind, tagged):
    record_id, ben = tagged(cast.ben, "old"), browse(cast.ben)
    url, before = f"/{SLUGS[kind]}/{record_id}", last_step(cast.ben)
    assert ben.post(f"{url}/tags", {"add": "华东区域, key account"}).status_code == 302
    assert tags_of(catalog, kind, record_id) == ["old", "华东区域", "key account"]
    assert ben.post(f"{url}/tags", {"remove": "old"}).status_code == 302
    assert tags_of(catalog, kind, record_id) == ["华东区域", "key account"]
    assert [(step.verb, step.outcome) for step in steps_since(cast.ben, before)] == [("edit", "done")] * 2
    page = ben.get(url).get_data(as_text=True)
    assert f'href="/{SLUGS[kind]}/?tags=key%20account"' in page
    assert f'action="{url}/tags"' in page
    assert f'action="{url}/tags"' not in browse(cast.olga).get(url).get_data(as_text=True)


def test_who_may_not_is_told(cast, browse, catalog, kind, tagged):
    record_id = tagged(cast.ben, "old")
    statuses = {
        name: browse(getattr(cast, name)).post(f"/{SLUGS[kind]}/{record_id}/tags", {"add": "x"}).status_code
        for name in ("olga", "tess", "cy", "dee")
    }
    assert statuses == {"olga": 403, "tess": 403, "cy": 404, "dee": 404}
    assert tags_of(catalog, kind, record_id) == ["old"]


def test_in_bulk(cast, browse, catalog, kind, tagged):
    one, other = tagged(cast.ben, "a"), tagged(cast.ben)
    ticked = {"ids": [str(one), str(other)], "confirm": "1"}
    browse(cast.ben).post(f"/{SLUGS[kind]}/bulk/tag", {**ticked, "tags": "b,c"})
    assert [tags_of(catalog, kind, i) for i in (one, other)] == [["a", "b", "c"], ["b", "c"]]
    browse(cast.ben).post(f"/{SLUGS[kind]}/bulk/untag", {**ticked, "tags": "b"})
    assert [tags_of(catalog, kind, i) for i in (one, other)] == [["a", "c"], ["c"]]


def test_offered_are_those_one_sees(cast, browse, kind, tagged):
    tagged(cast.ben, "alpha", "beta")
    tagged(cast.ben, "alpha")
    tagged(cast.cy, "alphorn")

    def offered(person, words=""):
        return [row["text"] for row in browse(person).get(f"/{SLUGS[kind]}/tags?q={words}").json["results"]]

    assert offered(cast.ben) == ["alpha", "beta"]
    assert offered(cast.ben, "ALP") == ["alpha"]
    assert offered(cast.ada, "alp") == ["alpha", "alphorn"]
    assert offered(cast.dee) == []


def test_filtered_and_counted(cast, browse, kind, tagged):
    both, one, none = tagged(cast.ben, "a", "b"), tagged(cast.ben, "a"), tagged(cast.ben)
    ben = browse(cast.ben)

    def listed(query):
        return {row["id"] for row in ben.get(f"/{SLUGS[kind]}/?format=json&{query}").json["rows"]}

    assert listed("tags=a") == {both, one}
    assert listed("tags=a&tags=b") == {both}
    assert none in listed("tags=-")
    assert not {both, one} & listed("tags=-")
    lines = ben.get(f"/{SLUGS[kind]}/reports/tags.csv").get_data(as_text=True).splitlines()
    assert any(line.lstrip('"').startswith(("a,2", 'a","2', 'a",2')) for line in lines), lines


def test_too_many_and_kinds_without_tags(cast, make, browse, kind, tagged):
    record_id = tagged(cast.ben, *(f"t{number}" for number in range(20)))
    answer = browse(cast.ben).post(f"/{SLUGS[kind]}/{record_id}/tags", {"add": "one more"})
    assert answer.status_code == 422
    assert browse(cast.ben).get("/products/tags").status_code == 404
    assert (
        browse(cast.ines).post(f"/products/{make('product', cast.ines).id}/tags", {"add": "x"}).status_code
        == 404
    )
