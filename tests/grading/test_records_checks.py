"""holds, filled, valid and setting: how records and settings stand at the cut-off."""

from fractions import Fraction

import pytest

from labapp.grading.checks.valid import RULES
from tests.grading.builder import Lab, change, found, share, shown


def test_holds_reads_money_as_a_number():
    lab = Lab()
    lab.creates("ada", "opportunity", 1, amount="9000.00")
    assert share(lab, "holds: {kind: opportunity, where: {amount: 9000}}") == 1
    assert share(lab, "holds: {kind: opportunity, where: {amount: {gt: 9000}}}") == 0


def test_holds_sees_the_record_as_it_was_at_the_cutoff():
    lab = Lab()
    lab.creates("ada", "lead", 1, status="new")
    lab.at("09-09 10:00").changes("ada", "lead.qualify", 1, status="qualified")
    check = "holds: {kind: lead, where: {status: qualified}}"
    assert share(lab, check, cutoff="09-08 10:00") == 0
    assert share(lab, check) == 1


def test_a_deleted_record_is_absent_and_a_restored_one_is_back():
    lab = Lab()
    lab.creates("ada", "lead", 1)
    lab.deletes("ada", "lead", 1)
    assert share(lab, "holds: {kind: lead}") == 0
    lab.does("ben", "lead.restore", 1, changes=[change("created", "lead", 1, {"owner": "ada"})])
    assert share(lab, "holds: {kind: lead, made_by: me}") == 1


def test_holds_is_of_my_records_unless_anyones_are_asked_for():
    lab = Lab()
    lab.creates("ben", "lead", 1)
    assert share(lab, "holds: {kind: lead}") == 0
    assert share(lab, "holds: {kind: lead, owner: anyone}") == 1


def test_made_by_me_is_the_first_creator_whatever_the_origin():
    lab = Lab()
    lab.creates("ada", "lead", 1, origin="import")
    lab.changes("ben", "lead.transfer", 1, owner="ben")
    assert share(lab, "holds: {kind: lead, owner: anyone, made_by: me}") == 1
    assert share(lab, "holds: {kind: lead, made_by: me}", who="ben") == 0


def test_a_set_up_record_is_mine_but_not_made_by_me():
    lab = Lab()
    lab.creates(None, "lead", 1, origin="setup", owner="ada")
    assert share(lab, "holds: {kind: lead}") == 1
    assert share(lab, "holds: {kind: lead, made_by: me}") == 0


def test_holds_shows_the_last_change_of_each_in_the_order_of_their_numbers():
    lab = Lab()
    lab.creates("ada", "lead", 7)
    lab.creates("ada", "lead", 2)
    lab.creates("ada", "lead", 9)
    lab.changes("ben", "lead.edit", 2, name="x")
    assert shown(lab, "holds: {kind: lead, times: 2}") == [4, 1]


def test_one_step_that_made_two_records_is_shown_once():
    lab = Lab()
    made = [change("created", "customer", serial, {"owner": "ada"}) for serial in (1, 2)]
    lab.does("ada", "lead.convert", 1, changes=made)
    assert shown(lab, "holds: {kind: customer, times: 2}") == [1]


def test_holds_with_credit_all_gives_all_or_nothing():
    lab = Lab()
    lab.creates("ada", "lead", 1)
    assert share(lab, "holds: {kind: lead, times: 2}") == Fraction(1, 2)
    assert share(lab, "holds: {kind: lead, times: 2, credit: all}") == 0


def test_me_in_a_predicate_is_the_member_being_graded():
    lab = Lab()
    lab.creates("ben", "ticket", 1, assignee="ada")
    assert share(lab, "holds: {kind: ticket, owner: anyone, where: {assignee: me}}") == 1
    assert share(lab, "holds: {kind: ticket, owner: anyone, where: {assignee: me}}", who="ben") == 0


def test_filled_counts_cells_against_the_share_wanted():
    lab = Lab()
    lab.creates("ada", "customer", 1, name="A", phone="1", level=None)
    lab.creates("ada", "customer", 2, name="B", phone="  ", level=[])
    assert share(lab, "filled: {kind: customer, fields: [name, phone, level], share: 1}") == Fraction(1, 2)
    assert share(lab, "filled: {kind: customer, fields: [name, phone, level], share: 0.5}") == 1


def test_filled_wants_95_per_cent_unless_told():
    lab = Lab()
    lab.creates("ada", "customer", 1, name="A")
    assert share(lab, "filled: {kind: customer, fields: [name, phone]}") == Fraction(1, 2) / Fraction(95, 100)


def test_zero_and_false_are_filled():
    lab = Lab()
    lab.creates("ada", "customer", 1, count=0, check=False)
    assert share(lab, "filled: {kind: customer, fields: [count, check]}") == 1


def test_fewer_records_than_least_give_nothing():
    lab = Lab()
    lab.creates("ada", "customer", 1, name="A")
    assert share(lab, "filled: {kind: customer, fields: [name], least: 2}") == 0
    assert share(lab, "filled: {kind: customer, fields: [name]}", who="ben") == 0


def test_filled_shows_the_last_step_of_records_with_a_filled_cell():
    lab = Lab()
    lab.creates("ada", "customer", 1)
    lab.creates("ada", "customer", 2, name="B")
    assert shown(lab, "filled: {kind: customer, fields: [name]}") == [2]


def test_valid_judges_filled_values_only_and_trims_them():
    lab = Lab()
    lab.creates("ada", "contact", 1, mobile=" 13812345678 ")
    lab.creates("ada", "contact", 2, mobile="12812345678")
    lab.creates("ada", "contact", 3, mobile="  ")
    finding = found(lab, "valid: {kind: contact, field: mobile, rule: mobile_cn}")
    assert finding.reason.zh.startswith("手机：共 ")
    assert "十一位手机号码" in finding.reason.zh
    assert (finding.share, [step.id for step in finding.steps]) == (Fraction(1, 2), [1])


def test_least_of_valid_counts_filled_records():
    lab = Lab()
    lab.creates("ada", "contact", 1, mobile="13812345678")
    lab.creates("ada", "contact", 2)
    assert share(lab, "valid: {kind: contact, field: mobile, rule: mobile_cn, least: 2}") == 0


def test_unique_looks_at_everybodys_records_case_folded():
    lab = Lab()
    lab.creates("ada", "customer", 1, name="ACME ")
    lab.creates("ada", "customer", 2, name="Other")
    lab.creates("ben", "customer", 3, name="acme")
    check = "valid: {kind: customer, field: name, rule: unique}"
    assert share(lab, check) == Fraction(1, 2)
    lab.deletes("ben", "customer", 3)
    assert share(lab, check) == 1


@pytest.mark.parametrize(
    ("rule", "value", "passes"),
    [
        ("mobile_cn", "13812345678", True),
        ("mobile_cn", "138123456789", False),
        ("mobile_cn", "12812345678", False),
        ("mobile_cn", "1３812345678", False),
        ("landline_cn", "010-12345678", True),
        ("landline_cn", "0755-1234567-123", True),
        ("landline_cn", "01012345678", False),
        ("landline_cn", "10-12345678", False),
        ("email", "a@b.cn", True),
        ("email", "a@b@c.cn", False),
        ("email", "a b@c.cn", False),
        ("email", "a@b.c", False),
        ("full_name", "华信科技有限公司", True),
        ("full_name", "第一人民医院", True),
        ("full_name", "华信", False),
        ("full_name", "Acme Co., Ltd.", True),
        ("full_name", "ACME INC", True),
        ("full_name", "Acmeinc", False),
        ("full_name", "Acme1Inc", False),
        ("full_name", "ÉInc", False),
        ("full_name", "华为Inc", True),
        ("full_name", "Company", True),
        ("full_name", "Acme Ltd..", False),
        ("full_name", "华信科技有限公司.", False),
        ("full_name", "Limited Edition", False),
    ],
)
def test_rule(rule: str, value: str, passes: bool):
    assert RULES[rule](value) is passes


def test_setting_starts_with_the_header_and_follows_changes():
    lab = Lab()
    check = "setting: {path: sharing.lead, where: read_write}"
    assert share(lab, "setting: {path: sharing.lead, where: private}") == 1
    lab.sets("ben", "sharing.lead", "read_write")
    lab.at("09-09 09:00").sets("ben", "sharing.lead", "private")
    assert share(lab, check) == 0
    assert share(lab, check, cutoff="09-08 09:00") == 1
    assert shown(lab, check, cutoff="09-08 09:00") == [1]


def test_a_setting_nobody_made_is_null():
    assert share(Lab(), "setting: {path: sharing.gift, where: null}") == 1
    assert share(Lab(), "setting: {path: sharing.gift, where: {filled: true}}") == 0


def test_answered_takes_the_best_attempt_of_the_paper_by_any_origin():
    lab = Lab()
    for paper, points in (("p1", 6), ("p1", "8"), ("p1", 7), ("p2", 10)):
        lab.does(
            "ada", "attempt.submit", 1, answers={"paper": paper, "points": points, "max": 10}, origin="cli"
        )
    assert share(lab, "answered: {paper: p1}") == Fraction(8, 10)
    assert shown(lab, "answered: {paper: p1}") == [2]
    assert share(lab, "answered: {paper: p1}", who="ben") == 0


def test_answered_is_held_between_nothing_and_all():
    lab = Lab()
    lab.does("ada", "attempt.submit", 1, answers={"paper": "p1", "points": -2, "max": 10})
    assert share(lab, "answered: {paper: p1}") == 0
    lab.does("ada", "attempt.submit", 1, answers={"paper": "p1", "points": 12, "max": 10})
    assert share(lab, "answered: {paper: p1}") == 1


def test_a_paper_without_points_could_not_be_told():
    lab = Lab()
    lab.does("ada", "attempt.submit", 1, answers={"paper": "p1", "points": 0, "max": 0})
    assert found(lab, "answered: {paper: p1}").state == "could_not_tell"


def test_by_hand_waits_for_a_mark_and_then_is_its_part_of_the_scale():
    assert found(Lab(), "by_hand: {}").state == "to_be_marked"
    assert found(Lab(), "by_hand: {}", mark=4).share == Fraction(4, 5)
    assert found(Lab(), "by_hand: {scale: 10}", mark="2.5").share == Fraction(1, 4)


def test_a_mark_outside_the_scale_could_not_be_told():
    assert found(Lab(), "by_hand: {}", mark=6).state == "could_not_tell"
