"""Competitors are everybody's to read; the opportunities they compete in only those one may see.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
              └─ Class B ── Sales B ── Staff B: Dee
"""

import re

import pytest
from sqlalchemy import select

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.competitors.models import Competitor
from labapp.modules.opportunities.models import Rival
from labapp.people.models import Sandbox
from tests.forms import form_on
from tests.lives import last_step, steps_since


@pytest.fixture
def acme(cast, make):
    """A competitor that Ada wrote down."""
    return make("competitor", cast.ada, name="Acme Lifts", strengths="Cheap", weaknesses="Slow").id


@pytest.fixture
def sales(cast, make, acme):
    """An opportunity each of Ben's, Cy's and Dee's in which Acme competes."""
    found = {}
    for name in ("ben", "cy", "dee"):
        owner = getattr(cast, name)
        found[name] = make("opportunity", owner, name=f"Deal of {name}", stage="contact").id
        make("rival", owner, opportunity_id=found[name], competitor_id=acme, outcome="open")
    db.session.remove()
    return found


def outcomes(opportunity_id):
    db.session.remove()
    query = select(Rival.outcome).where(Rival.opportunity_id == opportunity_id).order_by(Rival.id)
    return list(db.session.scalars(query, execution_options={"seen_by": EVERYONE}))


def section(page):
    return page.split('id="competed"')[1].split("</section>")[0]


def report(page):
    body = page.split("<tbody>")[1].split("</table>")[0]
    lines = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.S)
    return [[re.sub("<[^>]+>", "", c).strip() for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.S)]
            for line in lines]  # fmt: skip


def test_everybody_lists_and_opens_any_competitor(cast, browse, acme):
    for name in ("ben", "cy", "dee", "olga", "tess", "ines"):
        browser = browse(getattr(cast, name))
        assert "Acme Lifts" in browser.get("/competitors/").text
        page = browser.get(f"/competitors/{acme}").text
        assert "Cheap" in page
        assert "Slow" in page


def test_any_student_adds_one_and_only_the_circle_changes_it(cast, browse, acme):
    dee = browse(cast.dee)
    assert dee.post("/competitors/new", {"name": "Newcomer", "threat": "low"}).status_code == 302
    assert dee.post(f"/competitors/{acme}/edit", {"name": "Mine"}).status_code == 403
    assert dee.post(f"/competitors/{acme}/delete", {}).status_code == 403
    assert browse(cast.olga).post("/competitors/new", {"name": "No"}).status_code == 403


def test_one_page_for_one_competitor(cast, browse, acme):
    answer = browse(cast.dee).post("/competitors/new", {"name": "Acme Lifts"})
    assert answer.status_code == 422
    assert "is there already" in answer.text


@pytest.mark.parametrize(
    ("who", "seen"),
    [("ben", {"ben"}), ("ada", {"ben", "cy"}), ("dee", {"dee"}), ("ines", {"ben", "cy", "dee"})],
)
def test_hidden_opportunities_are_neither_named_nor_counted(cast, browse, sales, acme, who, seen):
    browser = browse(getattr(cast, who))
    page = section(browser.get(f"/competitors/{acme}").text)
    assert {name for name in sales if f"Deal of {name}" in page} == seen
    assert re.findall(r'stat-value">(?:<a[^>]*>)?(\d+)', page)[0] == str(len(seen))
    assert len(browser.get(f"/rivals/?competitor_id={acme}&format=json").json["rows"]) == len(seen)
    assert report(browser.get("/rivals/reports/performance").text)[0][:2] == ["Acme Lifts", str(len(seen))]


def test_a_hidden_opportunity_takes_no_competitor(cast, browse, sales, acme, make):
    other = make("competitor", cast.dee).id
    sent = {"opportunity_id": str(sales["ben"]), "competitor_id": str(other), "outcome": "open"}
    hidden = browse(cast.dee).post("/rivals/new", sent)
    unknown = browse(cast.dee).post("/rivals/new", {**sent, "opportunity_id": "999999"})
    assert hidden.status_code == unknown.status_code == 422
    assert "There is no such record, or it is not visible to you." in hidden.text
    assert browse(cast.ben).post("/rivals/new", sent).status_code == 302
    assert browse(cast.ben).post("/rivals/new", sent).status_code == 422
    assert "Competitors in the opportunity" in browse(cast.ben).get(f"/opportunities/{sales['ben']}").text


def test_winning_beats_all_and_reopening_takes_it_back(cast, browse, sales, make):
    second = make("competitor", cast.ben).id
    make("rival", cast.ben, opportunity_id=sales["ben"], competitor_id=second, outcome="withdrew")
    before = last_step(cast.ben)
    assert browse(cast.ben).post(f"/opportunities/{sales['ben']}/win", {}).status_code == 302
    (step,) = steps_since(cast.ben, before)
    assert {(c["kind"], c["what"]) for c in step.changes} == {
        ("opportunity", "changed"),
        ("rival", "changed"),
    }
    assert outcomes(sales["ben"]) == ["beaten", "withdrew"]
    assert (
        browse(cast.ada).post(f"/opportunities/{sales['ben']}/reopen", {"stage": "needs"}).status_code == 302
    )
    assert outcomes(sales["ben"]) == ["open", "withdrew"]
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_losing_asks_who_won(cast, browse, sales, make):
    second = make("competitor", cast.ben, name="Borealis").id
    rival = make("rival", cast.ben, opportunity_id=sales["ben"], competitor_id=second, outcome="open").id
    ben, url = browse(cast.ben), f"/opportunities/{sales['ben']}/lose"
    assert "Borealis" in ben.get(url).text
    foreign = db.session.scalar(
        select(Rival.id).where(Rival.opportunity_id == sales["cy"]), execution_options={"seen_by": EVERYONE}
    )
    assert ben.post(url, {"lost_reason": "price", "lost_to": str(foreign)}).status_code == 422
    fields = form_on(ben, url, "lost_reason")
    assert ben.post(url, {**fields, "lost_reason": "price", "lost_to": str(rival)}).status_code == 302
    assert outcomes(sales["ben"]) == ["other_won", "lost_to"]


@pytest.mark.parametrize(("reason", "outcome"), [("competitor", "lost_to"), ("budget", "undecided")])
def test_the_only_competitor_won_where_competition_was_the_reason(cast, browse, sales, reason, outcome):
    sent = {"lost_reason": reason}
    assert browse(cast.ben).post(f"/opportunities/{sales['ben']}/lose", sent).status_code == 302
    assert outcomes(sales["ben"]) == [outcome]


def test_wins_and_losses_are_those_in_sight(cast, browse, sales, acme):
    browse(cast.ben).post(f"/opportunities/{sales['ben']}/win", {})
    browse(cast.cy).post(f"/opportunities/{sales['cy']}/lose", {"lost_reason": "competitor"})
    lines = {who: report(browse(getattr(cast, who)).get("/rivals/reports/performance").text)[0] for who in
             ("ben", "cy", "ada", "dee")}  # fmt: skip
    assert lines["ben"][1:4] == ["1", "1", "0"]
    assert lines["cy"][1:4] == ["1", "0", "1"]
    assert lines["ada"] == ["Acme Lifts", "2", "1", "1", "0", "2", "50%"]
    assert lines["dee"][1:4] == ["1", "0", "0"]


def test_a_competitor_in_opportunities_is_not_deleted(cast, browse, acme, sales, make):
    answer = browse(cast.ada).post(f"/competitors/{acme}/delete", {})
    assert answer.status_code == 403
    assert "takes part in opportunities" in answer.text
    unused = make("competitor", cast.ada).id
    assert browse(cast.ada).post(f"/competitors/{unused}/delete", {}).status_code == 302
    gone = db.session.get(Competitor, unused, execution_options={"seen_by": EVERYONE})
    assert gone.deleted_at is not None


def test_prices_may_be_filled_in_after_the_end(cast, browse, sales, acme):
    ben = browse(cast.ben)
    ben.post(f"/opportunities/{sales['ben']}/lose", {"lost_reason": "competitor"})
    rival = db.session.scalar(
        select(Rival.id).where(Rival.opportunity_id == sales["ben"]), execution_options={"seen_by": EVERYONE}
    )
    fields = form_on(ben, f"/rivals/{rival}/edit", "price")
    assert ben.post(f"/rivals/{rival}/edit", {**fields, "price": "88000"}).status_code == 302
    assert "￥88,000.00" in section(ben.get(f"/competitors/{acme}").text)
