"""Quotas: given from above, once for a member and quarter, by the grid of a year and on the page of a member.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
              └─ Class B ── Sales B ── Staff B: Dee
"""

import re

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.modules.forecasts.models import Quota
from labapp.oplog.models import Operation
from labapp.people.models import Position
from labapp.records import query
from labapp.records.setup import Setup

GRID = "/instructor/quotas"


def quotas_of(person, reader=None):
    """{(year, quarter): amount} of the quotas that the person has, as the reader sees them."""
    db.session.remove()
    found = query.rows(Quota, (reader or person).actor, Quota.owner_id == person.membership_id)
    return {(row.year, row.quarter): row.amount for row in found}


def cell(person, quarter, typed, stood=""):
    name = f"q-{person.membership_id}-{quarter}"
    return {name: typed, f"was-{name}": stood}


def save(browser, *cells, year=2026):
    form = {"year": str(year)}
    for one in cells:
        form |= one
    return browser.post(f"{GRID}/save", form)


def steps(person):
    found = select(Operation).where(Operation.sandbox_id == person.sandbox_id, Operation.kind == "quota")
    return [(s.verb, s.outcome) for s in db.session.scalars(found.order_by(Operation.id)) if s.verb != "list"]


def make_configurator(cast, place="staff"):
    """Whoever holds this position keeps the set-up of the sandbox."""
    with Setup(cast.ines.actor, "position.edit") as work:
        (row,) = work.rows(Position, Position.name_en == place)
        work.update(row, profile="configurator")
    db.session.remove()


def test_many_cells_are_saved_at_once_one_step_each(cast, browse):
    answer = save(
        browse(cast.ada), cell(cast.ben, 3, "1,000"), cell(cast.ben, 4, "2000"), cell(cast.cy, 3, "500")
    )
    assert answer.status_code == 302
    assert quotas_of(cast.ben) == {(2026, 3): 1000, (2026, 4): 2000}
    assert quotas_of(cast.cy) == {(2026, 3): 500}
    assert steps(cast.ben) == [("create", "done")] * 3
    assert "set your quota for 2026 Q3" in browse(cast.ben).get("/notices").text


def test_the_grid_shows_the_sum_of_every_position(cast, browse):
    save(browse(cast.ines), cell(cast.ben, 3, "1000"), cell(cast.cy, 3, "500"), cell(cast.dee, 3, "70"))
    page = browse(cast.ines).get(f"{GRID}?year=2026").text
    rows = re.findall(r'<tr class="line-(?:place|total)"><th[^>]*>(\w+)</th>(.*?)</tr>', page)
    sums = {label: re.findall(r"￥[\d,.]+", cells)[2] for label, cells in rows}
    assert sums["staff"] == sums["sales"] == sums["class_a"] == "￥1,500"
    assert sums["class_b"] == "￥70"
    assert sums["Total"] == "￥1,570"


def test_a_superior_gives_to_those_below_alone(cast, browse):
    page = browse(cast.ada).get(GRID).text
    assert "Ben, FY2026 Q3" in page
    assert "Dee, FY2026 Q3" not in page
    assert "Ada, FY2026 Q3" not in page
    save(browse(cast.ada), cell(cast.dee, 3, "1"), cell(cast.ada, 3, "1"))
    assert quotas_of(cast.dee) == quotas_of(cast.ada) == {}


def test_changing_and_emptying_a_cell(cast, browse):
    ada = browse(cast.ada)
    save(ada, cell(cast.ben, 3, "1000"), cell(cast.ben, 4, "2000"))
    save(
        ada, cell(cast.ben, 3, "1500", "1000.00"), cell(cast.ben, 4, "", "2000.00"), cell(cast.cy, 1, "", "")
    )
    assert quotas_of(cast.ben) == {(2026, 3): 1500}
    assert steps(cast.ben)[2:] == [("edit", "done"), ("delete", "done")]


def test_a_bad_amount_saves_nothing_and_keeps_what_was_typed(cast, browse):
    answer = save(
        browse(cast.ada), cell(cast.ben, 3, "1000"), cell(cast.cy, 3, "many"), cell(cast.cy, 4, "-5")
    )
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert 'value="1000"' in answer.text
    assert quotas_of(cast.ben) == {}
    assert steps(cast.ben) == [("edit", "invalid")]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(cast, browse):
    save(browse(cast.ines), cell(cast.ben, 3, "900"))
    answer = save(browse(cast.ada), cell(cast.ben, 3, "1000"), cell(cast.cy, 3, "1"))
    assert answer.status_code == 422
    assert "Somebody changed the quota of Ben meanwhile" in answer.text
    assert quotas_of(cast.ben) == {(2026, 3): 900}
    assert quotas_of(cast.cy) == {}


def test_copying_fills_what_is_empty(cast, browse):
    ada = browse(cast.ada)
    save(ada, cell(cast.ben, 1, "100"), cell(cast.ben, 2, "200"), cell(cast.cy, 1, "50"), year=2025)
    save(ada, cell(cast.ben, 1, "111"))
    assert ada.post(f"{GRID}/copy", {"year": "2026", "what": "year", "percent": "10"}).status_code == 302
    assert quotas_of(cast.ben) == {(2025, 1): 100, (2025, 2): 200, (2026, 1): 111, (2026, 2): 220}
    assert quotas_of(cast.cy)[2026, 1] == 55
    ada.post(f"{GRID}/copy", {"year": "2026", "what": "3"})
    assert quotas_of(cast.ben)[2026, 3] == 220
    assert ada.post(f"{GRID}/copy", {"year": "2026", "what": "all"}).status_code == 422
    assert ada.post(f"{GRID}/copy", {"year": "2026", "what": "3", "percent": "-100"}).status_code == 422


def test_nobody_changes_the_own_quota(cast, browse):
    save(browse(cast.ada), cell(cast.ben, 3, "1000"))
    (row,) = query.rows(Quota, cast.ben.actor)
    ben = browse(cast.ben)
    assert ben.post(f"/quotas/{row.id}/edit", {"amount": "1"}).status_code == 403
    assert ben.post(f"/quotas/{row.id}/delete", {}).status_code == 403
    said = {"owner_id": str(cast.ben.membership_id), "year": "2026", "quarter": "4", "amount": "1"}
    assert ben.post("/quotas/new", said).status_code == 403
    assert ben.get(GRID).status_code == 403
    browse(cast.ada).post(f"/quotas/{row.id}/delete", {})
    assert ben.post(f"/quotas/{row.id}/restore", {}).status_code in {403, 404}
    assert quotas_of(cast.ben) == {}
    assert browse(cast.ada).post(f"/quotas/{row.id}/restore", {}).status_code == 302
    assert quotas_of(cast.ben) == {(2026, 3): 1000}


def test_a_manager_gives_no_quota_to_themselves(cast, browse):
    said = {"owner_id": str(cast.ada.membership_id), "year": "2026", "quarter": "4", "amount": "1"}
    answer = browse(cast.ada).post("/quotas/new", said)
    assert answer.status_code == 403
    assert "Nobody gives a quota to themselves" in answer.text
    assert browse(cast.ines).post("/quotas/new", said).status_code == 302


def test_one_quota_for_a_member_and_quarter(cast, browse):
    said = {"owner_id": str(cast.ben.membership_id), "year": "2026", "quarter": "4", "amount": "77"}
    assert browse(cast.ada).post("/quotas/new", said).status_code == 302
    answer = browse(cast.ines).post("/quotas/new", said | {"amount": "88"})
    assert answer.status_code == 422
    assert "Ben has a quota for FY2026 Q4 already. Change that one instead." in answer.text
    assert 'value="88"' in answer.text
    assert quotas_of(cast.ben) == {(2026, 4): 77}


@pytest.mark.parametrize("amount", ["0", "-1", "much", "", "1e400"])
def test_a_quota_is_more_than_nothing(cast, browse, amount):
    said = {"owner_id": str(cast.ben.membership_id), "year": "2026", "quarter": "4", "amount": amount}
    assert browse(cast.ada).post("/quotas/new", said).status_code == 422
    assert quotas_of(cast.ben) == {}


def test_a_configurator_keeps_all_quotas_but_the_own(cast, browse):
    make_configurator(cast)
    ben = browse(cast.ben)
    assert "Dee, FY2026 Q3" in ben.get(GRID).text
    assert (
        save(ben, cell(cast.dee, 3, "70"), cell(cast.ada, 3, "60"), cell(cast.ben, 3, "1")).status_code == 302
    )
    assert quotas_of(cast.dee, cast.ben) == {(2026, 3): 70}
    assert quotas_of(cast.ada) == {(2026, 3): 60}
    assert quotas_of(cast.ben) == {}
    assert "Dee" in ben.get("/quotas/").text
    save(browse(cast.ines), cell(cast.ben, 3, "500"))
    (row,) = query.rows(Quota, cast.ben.actor, Quota.owner_id == cast.ben.membership_id)
    assert ben.post(f"/quotas/{row.id}/edit", {"amount": "1"}).status_code == 403


def test_quotas_on_the_page_of_a_member(cast, browse):
    ines, page = browse(cast.ines), f"/instructor/users/{cast.ben.membership_id}"
    new = {"year": "2026", "quarter": "4", "amount": "1200"}
    assert ines.post(f"{page}/quotas", new).status_code == 302
    assert "￥1,200.00" in ines.get(page).text
    answer = ines.post(f"{page}/quotas", new)
    assert answer.status_code == 422
    assert "already" in answer.text
    (row,) = query.rows(Quota, cast.ines.actor)
    assert ines.post(f"{page}/quotas/{row.id}/edit", {"amount": "x"}).status_code == 422
    assert ines.post(f"{page}/quotas/{row.id}/edit", {"amount": "1300"}).status_code == 302
    assert quotas_of(cast.ben) == {(2026, 4): 1300}
    other = f"/instructor/users/{cast.cy.membership_id}/quotas/{row.id}/delete"
    assert ines.post(other, {}).status_code == 404
    assert ines.post(f"{page}/quotas/{row.id}/delete", {}).status_code == 302
    assert quotas_of(cast.ben) == {}


@pytest.mark.parametrize(
    "field", [{"year": ""}, {"year": "99999"}, {"quarter": "5"}, {"amount": ""}, {"amount": "0"}]
)
def test_the_form_of_a_member_says_what_is_wrong(cast, browse, field):
    url = f"/instructor/users/{cast.ben.membership_id}/quotas"
    answer = browse(cast.ines).post(url, {"year": "2026", "quarter": "4", "amount": "1200", **field})
    assert answer.status_code == 422
    assert quotas_of(cast.ben) == {}


@pytest.mark.parametrize("who", ["ben", "olga", "tess"])
def test_the_grid_is_closed_to_who_has_nobody_below(cast, browse, who):
    browser = browse(getattr(cast, who))
    assert browser.get(GRID).status_code == 403
    assert save(browser, cell(cast.cy, 3, "1")).status_code == 403
    assert quotas_of(cast.cy) == {}
