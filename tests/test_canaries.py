"""What one member alone was dealt is found again in another's text, however it is written."""

from datetime import datetime

import pytest

from labapp.scenario.canaries import Spotter, canaries
from labapp.scenario.deal import Dealer
from labapp.scenario.generators import generator
from labapp.scenario.library import scenario_folder, scenarios
from labapp.scenario.read import read_scenario
from labapp.scenario.seats import seats_of
from seed.invent import Inventor
from seed.marks import odd_yuan, reference

MONDAY = datetime.fromisoformat("2026-09-07T09:00:00")


def dealt(*rows):
    """Set-up steps: one per (owner, kind, values)."""
    return [
        (place, [{"what": "created", "kind": kind, "id": place, "after": {"owner": owner, **values}}])
        for place, (owner, kind, values) in enumerate(rows, start=1)
    ]


MINE = (
    "s001",
    "customer",
    {"name": "天津信邦饮料有限公司", "phone": "022-58123456", "email": "info@xinbang.example"},
)
THEIRS = ("s002", "customer", {"name": "合肥华瑞模具（安徽）有限公司", "phone": "0551-5812345"})
DEAL = ("s002", "opportunity", {"name": "Deal", "amount": "48637.00"})
LEAD = (
    "s002",
    "lead",
    {
        "company": "Ningbo Huada Automation Co., Ltd",
        "description": "Order KD-4830172, please",
        "mobile": "13912345678",
    },
)
KNOWN = canaries(dealt(MINE, THEIRS, DEAL, LEAD))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("已致电合肥华瑞模具(安徽) 有限公司，约好周五", "name"),
        ("visited ningbo huada automation co., ltd today", "company"),
        ("给 139 1234 5678 打电话", "mobile"),
        ("call 139-1234-5678 7 pieces", "mobile"),
        ("tel 0551-5812345-8012", "phone"),
        ("their order kd-4830172 is late", "description"),
        ("成交 48,637 元", "amount"),
        ("won 48637.00!", "amount"),
    ],
)
def test_a_canary_is_found_however_it_is_written(text, field):
    found = Spotter(KNOWN).others_in("s001", text)
    assert [(canary.member, canary.field) for canary in found] == [("s002", field)]


@pytest.mark.parametrize(
    "text", ["", "a", "48,600 元", "合肥的客户", "KD-1", "13912345679", "2026-09-07 10:00"]
)
def test_what_is_nobodys_alone_is_not_found(text):
    assert Spotter(KNOWN).others_in("s001", text) == []


def test_ones_own_are_never_found_and_those_of_two_are_told_in_the_order_of_the_text():
    text = "info@xinbang.example writes: 48637 or 合肥华瑞模具（安徽）有限公司"
    assert [canary.field for canary in Spotter(KNOWN).others_in("s001", text)] == ["amount", "name"]
    assert [canary.field for canary in Spotter(KNOWN).others_in("s002", text)] == ["email"]


def test_what_two_were_dealt_or_what_is_shared_is_no_canary():
    same = {"name": "天津信邦饮料有限公司", "phone": "022-58123456"}
    known = canaries(dealt(("s001", "customer", same), ("s002", "customer", same)))
    assert known == {}
    shared = canaries(dealt(("t001", "customer", same), ("s001", "customer", same)))
    assert shared == {}


def test_round_amounts_are_no_canaries():
    assert canaries(dealt(("s001", "opportunity", {"amount": "48600.00"}))) == {}


def test_marks_are_unlike_for_every_member_by_construction():
    members = [f"s{number:03d}" for number in range(1, 801)]
    assert len({reference(3, member, "deal 1") for member in members}) == len(members)
    amounts = {odd_yuan(3, member, "deal 1") for member in members}
    assert len(amounts) == len(members)
    assert all(0 < amount < 1000 and amount % 100 for amount in amounts)


def test_an_own_key_of_a_member_has_a_mark_too():
    assert reference(3, "team-a", 1) != reference(3, "team-b", 1)
    assert reference(3, "s001", 1) != reference(4, "s001", 1)


def known_of(key, language, students):
    """The canaries of a class as the dealer would deal it."""
    scenario = read_scenario(scenario_folder(key))
    dealer = Dealer(scenario, generator(), 5, language)
    seats = seats_of(scenario.said, students)
    rows = [
        (seat.member, plan.kind, {name: str(value) for name, value in plan.values.items() if value})
        for seat in seats
        for plan in dealer.seat(seat)
    ]
    return seats, canaries(dealt(*rows))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_member_of_a_class_of_60_has_names_numbers_and_amounts_of_its_own(language):
    seats, known = known_of("sales-basics", language, 60)
    for seat in seats:
        assert {canary.what for canary in known[seat.member]} == {"name", "number", "amount"}, seat


@pytest.mark.parametrize("key", sorted(scenarios()))
def test_in_every_scenario_every_member_has_names_and_numbers_of_its_own(key):
    seats, known = known_of(key, "zh", 12)
    for seat in seats:
        assert {canary.what for canary in known[seat.member]} >= {"name", "number"}, seat


def test_amounts_of_deals_are_marked():
    inventor = Inventor(1, "zh", MONDAY)
    deals = [
        inventor.opportunity(inventor.customer("s001", 1), f"s{n:03d}", 1)["amount"] for n in range(1, 61)
    ]
    assert len(set(deals)) == 60
