"""Opportunities: stages by verbs only, lines that make the amount, the board.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.modules.opportunities.models import Line, Opportunity
from labapp.modules.opportunities.rules import total_of
from labapp.oplog.models import Operation
from labapp.records import query
from labapp.records.codes import Stage
from labapp.records.setup import Setup

TODAY = date(2026, 9, 7)


@pytest.fixture
def sale(cast, make):
    """An opportunity of Ben's in the first stage; its id."""
    customer = make("customer", cast.ben)
    planned = date(2026, 10, 1)
    return make("opportunity", cast.ben, customer_id=customer.id, amount=Decimal(100), close_date=planned).id


def fresh(cast, sale_id):
    db.session.remove()
    return query.one(Opportunity, cast.ines.actor, sale_id)


def act(browser, sale_id, verb, **answers):
    return browser.post(f"/opportunities/{sale_id}/{verb}", answers)


def last_step(cast):
    found = select(Operation).where(Operation.sandbox_id == cast.ben.sandbox_id).order_by(Operation.id.desc())
    return db.session.scalars(found.limit(1)).one()


def ask_for(cast, stage, requires):
    with Setup(cast.ines.actor, "stage.edit") as work:
        (row,) = work.rows(Stage, Stage.key == stage)
        work.update(row, requires=requires)


def test_a_new_one_has_the_probability_of_its_stage(cast, make, browse):
    customer = make("customer", cast.ben)
    values = {"name": "Lifts", "customer_id": customer.id, "stage": "needs", "close_date": "2026-10-01"}
    assert browse(cast.ben).post("/opportunities/new", values).status_code == 302
    (found,) = query.rows(Opportunity, cast.ben.actor)
    assert (found.stage, found.probability) == ("needs", 30)
    assert found.stage_since == found.created_at


@pytest.mark.parametrize("stage", ["won", "lost", "nonsense"])
def test_a_new_one_starts_open(cast, make, browse, stage):
    customer = make("customer", cast.ben)
    values = {"name": "Lifts", "customer_id": customer.id, "stage": stage, "close_date": "2026-10-01"}
    assert browse(cast.ben).post("/opportunities/new", values).status_code == 422
    assert query.rows(Opportunity, cast.ben.actor) == []


def test_advancing_moves_probability_and_keeps_the_stay(cast, browse, sale):
    assert act(browse(cast.ben), sale, "advance", stage="quote").status_code == 302
    found = fresh(cast, sale)
    assert (found.stage, found.probability) == ("quote", 50)
    assert [stay["stage"] for stay in found.stage_history] == ["contact"]
    step = last_done(cast, "advance")
    assert step.answers == {"stage": "quote"}
    assert step.changes[0]["before"]["stage"] == "contact"


def last_done(cast, verb):
    found = select(Operation).where(Operation.sandbox_id == cast.ben.sandbox_id, Operation.verb == verb)
    return db.session.scalars(found.order_by(Operation.id.desc()).limit(1)).one()


@pytest.mark.parametrize("stage", ["won", "lost", "contact", "nonsense", ""])
def test_advancing_leads_only_to_another_open_stage(cast, browse, sale, stage):
    assert act(browse(cast.ben), sale, "advance", stage=stage).status_code == 422
    assert fresh(cast, sale).stage == "contact"


def test_a_stage_names_what_it_asks_for(cast, browse, sale):
    ask_for(cast, "quote", ["lines", "field:next_step"])
    with Setup(cast.ben.actor, "opportunity.edit") as work:
        work.update(work.get(Opportunity, sale), next_step=None)
    answer = act(browse(cast.ben), sale, "advance", stage="quote")
    assert answer.status_code == 403
    assert "at least one product line" in answer.text
    assert "Next step" in answer.text
    assert last_step(cast).outcome == "refused"


def test_a_stage_lets_in_what_has_it(cast, browse, sale, make):
    ask_for(cast, "quote", ["lines"])
    make("line", cast.ben, opportunity_id=sale)
    assert act(browse(cast.ben), sale, "advance", stage="quote").status_code == 302


def test_winning_closes_today_with_full_probability(cast, browse, sale):
    assert act(browse(cast.ben), sale, "win").status_code == 302
    found = fresh(cast, sale)
    assert (found.stage, found.probability, found.close_date) == ("won", 100, TODAY)


def test_winning_on_another_day(cast, browse, sale):
    act(browse(cast.ben), sale, "win", close_date="2026-09-01")
    assert fresh(cast, sale).close_date == date(2026, 9, 1)


def test_losing_needs_a_reason(cast, browse, sale):
    assert act(browse(cast.ben), sale, "lose").status_code == 422
    assert act(browse(cast.ben), sale, "lose", lost_reason="boredom").status_code == 422
    assert act(browse(cast.ben), sale, "lose", lost_reason="price").status_code == 302
    found = fresh(cast, sale)
    assert (found.stage, found.probability, found.lost_reason) == ("lost", 0, "price")


def test_owner_does_not_reopen_what_was_won(cast, browse, sale):
    act(browse(cast.ben), sale, "win")
    answer = act(browse(cast.ben), sale, "reopen", stage="quote")
    assert answer.status_code == 403
    assert fresh(cast, sale).stage == "won"


@pytest.mark.parametrize("who", ["ada", "ines"])
def test_superior_and_instructor_reopen_what_was_won(cast, browse, sale, who):
    act(browse(cast.ben), sale, "win")
    assert act(browse(getattr(cast, who)), sale, "reopen", stage="quote").status_code == 302
    assert (fresh(cast, sale).stage, fresh(cast, sale).probability) == ("quote", 50)


def test_owner_reopens_what_was_lost(cast, browse, sale):
    act(browse(cast.ben), sale, "lose", lost_reason="price")
    assert act(browse(cast.ben), sale, "reopen", stage="needs").status_code == 302
    assert (fresh(cast, sale).stage, fresh(cast, sale).lost_reason) == ("needs", None)


def test_winning_raises_completed_sales_and_reopening_lowers_them(cast, browse, sale):
    ben, report = browse(cast.ben), "/opportunities/reports/sales"
    assert "￥100.00" not in ben.get(report).text
    act(ben, sale, "win")
    assert "￥100.00" in ben.get(report).text
    act(browse(cast.ada), sale, "reopen", stage="quote")
    assert "￥100.00" not in ben.get(report).text


def test_peer_does_not_reach_it(cast, browse, sale):
    assert act(browse(cast.cy), sale, "win").status_code == 404
    assert fresh(cast, sale).stage == "contact"


def test_the_edit_form_does_not_move_the_stage(cast, browse, sale):
    page = browse(cast.ben).get(f"/opportunities/{sale}/edit").text
    assert 'name="stage"' not in page
    assert 'name="probability"' not in page


def test_amount_is_the_sum_of_the_lines(cast, browse, sale, make):
    product = make("product", cast.ines, active=True, list_price=Decimal("10.00"), floor_price=None).id
    ben = browse(cast.ben)
    line = {
        "opportunity_id": sale,
        "product_id": product,
        "quantity": "3",
        "unit_price": "",
        "discount": "10",
    }
    assert ben.post("/lines/new", line).status_code == 302
    assert fresh(cast, sale).amount == Decimal("27.00")
    ben.post("/lines/new", {**line, "quantity": "1", "unit_price": "0.50", "discount": "0"})
    assert fresh(cast, sale).amount == Decimal("27.50")
    newest, _older = query.rows(Line, cast.ben.actor)
    ben.post(f"/lines/{newest.id}/delete", {})
    assert fresh(cast, sale).amount == Decimal("27.00")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quantity", "0"),
        ("quantity", "-1"),
        ("discount", "101"),
        ("unit_price", "-5"),
        ("unit_price", "1e400"),
    ],
)
def test_a_line_keeps_its_bounds(cast, browse, sale, make, field, value):
    product = make("product", cast.ines, active=True).id
    line = {
        "opportunity_id": sale,
        "product_id": product,
        "quantity": "1",
        "unit_price": "5",
        "discount": "0",
    }
    assert browse(cast.ben).post("/lines/new", {**line, field: value}).status_code == 422
    assert fresh(cast, sale).amount == Decimal("100.00")


def test_a_product_off_sale_is_in_no_new_line(cast, browse, sale, make):
    product = make("product", cast.ines, active=False).id
    line = {"opportunity_id": sale, "product_id": product, "quantity": "1", "unit_price": "5"}
    assert browse(cast.ben).post("/lines/new", line).status_code == 422


def test_amount_is_not_typed_while_there_are_lines(cast, browse, sale, make):
    make("line", cast.ben, opportunity_id=sale, quantity=2, unit_price=Decimal(7), discount=0)
    found = fresh(cast, sale)
    values = {
        "name": found.name,
        "customer_id": found.customer_id,
        "close_date": "2026-10-01",
        "version": found.version,
    }
    assert (
        browse(cast.ben).post(f"/opportunities/{sale}/edit", {**values, "amount": "999"}).status_code == 422
    )
    assert fresh(cast, sale).amount == Decimal("14.00")


def test_lines_of_a_won_one_stand(cast, browse, sale, make):
    line = make("line", cast.ben, opportunity_id=sale, quantity=2, unit_price=Decimal(7), discount=0).id
    act(browse(cast.ben), sale, "win")
    assert browse(cast.ben).post(f"/lines/{line}/delete", {}).status_code == 403
    assert fresh(cast, sale).amount == Decimal("14.00")


def test_somebody_who_only_reads_adds_no_line(cast, browse, sale, make):
    with Setup(cast.ines.actor, "setting.change") as work:
        work.change_setting("sharing.opportunity", "read_only")
    product = make("product", cast.ines, active=True).id
    line = {"opportunity_id": sale, "product_id": product, "quantity": "1", "unit_price": "5"}
    assert browse(cast.cy).get(f"/opportunities/{sale}").status_code == 200
    assert browse(cast.cy).post("/lines/new", line).status_code == 403


def test_a_contact_takes_part_once(cast, browse, sale, make):
    contact = make("contact", cast.ben).id
    values = {"opportunity_id": sale, "contact_id": contact, "role": "influencer"}
    assert browse(cast.ben).post("/contact-roles/new", values).status_code == 302
    assert browse(cast.ben).post("/contact-roles/new", values).status_code == 422


def test_lines_go_and_come_back_with_it(cast, browse, sale, make):
    make("line", cast.ben, opportunity_id=sale)
    browse(cast.ben).post(f"/opportunities/{sale}/delete", {})
    assert query.rows(Line, cast.ines.actor) == []
    assert browse(cast.ines).post(f"/opportunities/{sale}/restore", {}).status_code in {302, 303}
    assert len(query.rows(Line, cast.ines.actor)) == 1


def test_total_of_a_line_is_rounded_to_the_cent():
    assert total_of(3, Decimal("0.35"), 50) == Decimal("0.53")


def test_the_board_counts_and_sums_each_stage(cast, browse, sale, make):
    customer = fresh(cast, sale).customer_id
    make("opportunity", cast.ben, customer_id=customer, amount=Decimal(50), close_date=TODAY)
    page = browse(cast.ben).get("/opportunities/board").text
    column = page.split('data-board-column="contact"')[1].split("</section>")[0]
    assert "2 · ￥150.00" in column
    assert len(re.findall("data-board-card", column)) == 2
    assert "0 · ￥0.00" in page.split('data-board-column="needs"')[1].split("</section>")[0]


def test_a_card_is_dropped_on_a_stage(cast, browse, sale):
    moved = {"id": sale, "stage": "needs", "next": "/opportunities/board?mine=1"}
    answer = browse(cast.ben).post("/opportunities/board/move", moved)
    assert answer.headers["Location"] == "/opportunities/board?mine=1"
    assert fresh(cast, sale).stage == "needs"
    assert last_done(cast, "advance").record == fresh(cast, sale).serial


def test_a_card_dropped_on_lost_asks_for_the_reason(cast, browse, sale):
    answer = browse(cast.ben).post("/opportunities/board/move", {"id": sale, "stage": "lost"})
    assert answer.headers["Location"] == f"/opportunities/{sale}/lose"
    assert fresh(cast, sale).stage == "contact"


def test_a_card_of_somebody_elses_cannot_be_moved(cast, browse, sale):
    answer = browse(cast.dee).post("/opportunities/board/move", {"id": sale, "stage": "won"})
    assert answer.status_code == 404
    assert (
        browse(cast.olga).post("/opportunities/board/move", {"id": sale, "stage": "won"}).status_code == 403
    )
    assert fresh(cast, sale).stage == "contact"


def test_the_observer_sees_cards_without_a_form(cast, browse, sale):
    page = browse(cast.olga).get("/opportunities/board").text
    assert "data-board-card" in page
    assert "data-board-move" not in page


def test_dwell_is_told_in_lab_days(cast, browse, sale):
    with Setup(cast.ben.actor, "opportunity.edit") as work:
        found = work.get(Opportunity, sale)
        work.update(found, stage_since=found.stage_since - timedelta(days=3))
    page = browse(cast.ben).get("/opportunities/reports/dwell").text
    assert ">3.0<" in page
