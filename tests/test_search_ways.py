"""What is searched for comes in the order that was asked, page by page, by whichever way the rows are come by.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

from datetime import datetime

import pytest
from sqlalchemy import delete, insert, select

from labapp.db import Model, Record, db, entries, is_sqlite
from labapp.modules.leads.models import Lead
from labapp.records import search, slices
from labapp.records.listing import PAGE
from labapp.records.snapshot import kind_of
from tests.test_lists import pages

FOUND = 2 * PAGE + 9
ORDERS = ("-id", "id", "company", "-company", "next_follow_up_at", "-next_follow_up_at")


@pytest.fixture
def lifts(cast, make):
    """109 leads of Ben's and Cy's that are found by 西湖, among as many that are not; their entries in any order."""
    first = make("lead", cast.ben, name="王一", company="西湖电梯").id
    leads, words = (db.metadata.tables[name] for name in ("lead", "search_entry"))
    with db.engine.begin() as connection:
        row = dict(connection.execute(select(leads).where(leads.c.id == first)).mappings().one())
        rows = [
            row | another(i, first, (cast.ben.membership_id, cast.cy.membership_id))
            for i in range(1, 2 * FOUND - 1)
        ]
        connection.execute(insert(leads), rows)
        made = [search.entry_of(Lead(**one)) for one in rows]
        connection.execute(insert(words), sorted(made, key=lambda one: one["record_id"] % 7))
    db.session.remove()
    return {first, *(one["id"] for one in rows if one["company"].startswith("西湖"))}


def another(i, first, owners):
    """What the lead of this number has of its own."""
    company = f"西湖电梯{i % 4}" if i % 2 else f"东湖电梯{i % 4}"
    due = datetime(2026, 9, 10 + i % 7, 9) if i % 5 else None  # noqa: DTZ001 (lab time has no zone)
    more = {"id": first + i, "serial": 1000 + i, "owner_id": owners[i // 2 % 2], "company": company}
    return more | {"next_follow_up_at": due}


@pytest.fixture(params=["small", "large"])
def slice_of_many(request, monkeypatch):
    """Whether a member's own rows are few beside all, or so many that nobody would go through them."""
    if request.param == "large":
        monkeypatch.setattr(slices, "SMALL", 1)


@pytest.mark.usefixtures("slice_of_many")
@pytest.mark.parametrize("sort", ORDERS)
def test_every_page_of_what_is_found_in_the_order_asked_for(cast, browse, lifts, sort):
    assert len(lifts) == FOUND
    ada = browse(cast.ada)
    found = pages(ada, f"/leads/?q=西湖&sort={sort}")
    everything = pages_of_all(ada, sort)
    assert [row["id"] for row in found] == [number for number in everything if number in lifts]


def pages_of_all(browser, sort):
    """The ids of every lead she sees, in this order."""
    return [row["id"] for row in pages(browser, f"/leads/?sort={sort}")]


@pytest.mark.usefixtures("slice_of_many")
def test_who_sees_some_of_it_finds_those_alone(cast, browse, lifts):
    own = [row["id"] for row in pages(browse(cast.cy), "/leads/?q=西湖")]
    assert set(own) < lifts
    assert own == sorted(own, reverse=True)
    assert 0 < len(own) < FOUND
    assert pages(browse(cast.dee), "/leads/?q=西湖") == []


@pytest.mark.usefixtures("slice_of_many")
def test_a_filter_beside_the_words_holds(cast, browse, lifts):
    found = pages(browse(cast.ada), f"/leads/?q=西湖&owner={cast.cy.key}")
    by_hand = [row for row in pages(browse(cast.ada), "/leads/?q=西湖") if row["owner"] == cast.cy.key]
    assert [row["id"] for row in found] == [row["id"] for row in by_hand] != []


@pytest.mark.usefixtures("slice_of_many")
def test_what_is_found_is_counted(cast, browse, lifts):
    counted = browse(cast.ada).get("/leads/count?q=西湖", headers={"X-Requested-With": "labapp"})
    assert str(FOUND) in counted.text


def test_every_kind_that_is_searched_has_a_place_of_its_own(app):
    kinds = {
        kind_of(mapper.class_)
        for mapper in Model.registry.mappers
        if issubclass(mapper.class_, Record) and search.searched(mapper.class_)
    }
    assert kinds <= set(entries.KINDS)
    assert len(set(entries.KINDS)) == len(entries.KINDS) <= entries.ROOM


def test_places_are_those_that_databases_were_numbered_by():
    """A kind that moves would have its entries taken for those of other records."""
    known = (
        "activity announcement article campaign category competitor contact customer document forecast lead note "
        "opportunity product rival survey ticket attachment"
    ).split()
    assert (entries.KINDS[: len(known)], entries.ROOM) == (known, 64)


def test_an_entry_of_an_older_program_is_numbered_right(cast, browse, make):
    """It let the database number it: what it wrote is found, changed and taken out all the same."""
    if not is_sqlite():
        pytest.skip("PostgreSQL numbers its entries itself")
    number = make("lead", cast.ben, name="Grace").id
    table = db.metadata.tables["search_entry"]
    with db.engine.begin() as connection:
        connection.execute(delete(table).where(table.c.record_id == number))
        own = {"sandbox_id": cast.ben.sandbox_id, "kind": "lead", "record_id": number}
        tokens = f"{search.prefix(cast.ben.sandbox_id, 'lead')}zebra"
        connection.execute(insert(table), [own | {"tokens": tokens}])
        assert connection.execute(select(table.c.id)).scalars().all()[-1] == entries.entry_id("lead", number)
        connection.exec_driver_sql("INSERT INTO search_fts(search_fts) VALUES ('integrity-check')")
    ben = browse(cast.ben)
    assert [row["id"] for row in pages(ben, "/leads/?q=zebra")] == [number]
    ben.post(f"/leads/{number}/delete", {"version": "1"})
    assert pages(ben, "/leads/?q=zebra") == []
    with db.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO search_fts(search_fts) VALUES ('integrity-check')")
