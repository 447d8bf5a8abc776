"""Segments by rule: each rule, the order of rules, what a reader does not see, list and report alike.

School (Ines instructs) ── Class A ── Sales: Ada ── Staff: Ben, Cy (a peer)
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from labapp.db import db
from labapp.modules.customers import segments
from labapp.records import listing
from tests.world import START


@pytest.fixture(autouse=True, params=(0, 10**9), ids=("one after another", "at once"))
def asked(request, monkeypatch):
    """A list asks one customer after another where many match, else for all at once: both say the same."""
    monkeypatch.setattr(listing, "COMMON", request.param)


@pytest.fixture
def customer(cast, make):
    """A customer of Ben's, last contacted so many days ago, with sales (stage, amount, days until it closes)."""

    def one(*sales, quiet=0, owner=None):
        touched = START - timedelta(days=quiet)
        made = make("customer", cast.ben, last_contacted_at=touched)
        for stage, amount, days in sales:
            closes = START.date() + timedelta(days=days)
            make(
                "opportunity",
                owner or cast.ben,
                customer_id=made.id,
                stage=stage,
                amount=Decimal(amount),
                close_date=closes,
            )
        found = made.id
        db.session.remove()
        return found

    return one


def segment(browser, record_id, name="segment", words=segments.SEGMENTS):
    """The one word by which the list finds this customer."""
    found = [
        key
        for key in words
        if record_id
        in [row["id"] for row in browser.get(f"/customers/?format=json&{name}={key}").json["rows"]]
    ]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("sales", "quiet", "expected"),
    [
        ((), 0, "ordinary"),
        ((("won", 500_000, -10),), 0, "high_value"),
        ((("won", 300_000, -10), ("won", 200_000, -300)), 0, "high_value"),
        ((("won", 499_999, -10),), 0, "ordinary"),
        ((("won", 500_000, -366),), 0, "ordinary"),
        ((("needs", 100_000, 30),), 0, "potential"),
        ((("won", 600_000, -10), ("needs", 100_000, 30)), 0, "high_value"),
        ((("lost", 900_000, -10),), 0, "ordinary"),
        ((), 61, "at_risk"),
        ((("won", 600_000, -10),), 61, "at_risk"),
        ((), 181, "lost"),
        ((("needs", 1, 30),), 181, "at_risk"),
        ((("won", 1, -200),), 181, "at_risk"),
        ((("won", 900_000, -400),), 181, "lost"),
    ],
)
def test_rules_and_their_order(cast, browse, customer, sales, quiet, expected):
    record_id = customer(*sales, quiet=quiet)
    ben = browse(cast.ben)
    assert segment(ben, record_id) == expected
    page = ben.get(f"/customers/{record_id}").get_data(as_text=True)
    assert f'href="/customers/?segment={expected}"' in page
    assert f"No contact for {quiet} days" in page


def test_a_hidden_sale_shows_in_no_segment(cast, browse, customer):
    record_id = customer(("won", 900_000, -10), owner=cast.cy)
    assert segment(browse(cast.ben), record_id) == "ordinary"
    assert segment(browse(cast.ada), record_id) == "high_value"
    assert "900,000" not in browse(cast.ben).get(f"/customers/{record_id}").get_data(as_text=True)


def test_thresholds_are_the_sandbox_s(cast, browse, customer):
    record_id = customer(("won", 50_000, -10), quiet=20)
    ines = browse(cast.ines)
    typed = {"high_amount": "50000", "potential_amount": "1000", "risk_days": "30", "lost_days": "90"}
    assert "500000" in ines.get("/instructor/segments").get_data(as_text=True)
    assert ines.post("/instructor/segments", typed).status_code == 302
    assert segment(browse(cast.ben), record_id) == "high_value"
    ines.post("/instructor/segments", {**typed, "risk_days": "10"})
    assert segment(browse(cast.ben), record_id) == "at_risk"


@pytest.mark.parametrize(
    ("name", "value"), [("high_amount", "-1"), ("risk_days", "much"), ("lost_days", "5")]
)
def test_thresholds_make_sense(cast, browse, name, value):
    typed = {
        "high_amount": "50000",
        "potential_amount": "1000",
        "risk_days": "30",
        "lost_days": "90",
        name: value,
    }
    answer = browse(cast.ines).post("/instructor/segments", typed)
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.get_data(as_text=True)


def test_purchases_and_the_repeat_rate(cast, browse, customer):
    once, again, never = customer(("won", 10, -10)), customer(("won", 10, -10), ("won", 20, -700)), customer()
    ben = browse(cast.ben)
    assert [segment(ben, i, "purchases", segments.PURCHASES) for i in (once, again, never)] == [
        "once",
        "repeat",
        "none",
    ]
    rows = ben.get("/customers/reports/value.csv?group=segment").get_data(as_text=True).splitlines()
    assert rows[1].replace('"', "").startswith("Ordinary,3,2,1,50")
    assert (
        ben.get("/customers/reports/segment.csv")
        .get_data(as_text=True)
        .splitlines()[1]
        .startswith("Ordinary,3")
    )
    assert "Lifetime value: ￥30.00" in ben.get(f"/customers/{again}").get_data(as_text=True)
