"""Integrity: what is found, and what is not.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

import pytest

from instructor import integrity_run
from instructor.integrity_pace import is_elsewhere, place
from instructor.integrity_read import Limits, plain, weight
from instructor.integrity_similar import runs
from tests.classroom import SENTENCE, Class


@pytest.fixture
def group(cast, monkeypatch) -> Class:
    return Class(cast, monkeypatch)


# -- canaries --------------------------------------------------------------------------------------


def test_what_only_another_was_dealt_is_found_with_both_parties(group):
    dealt = group.dealt("s003", company="Zephyr Marine Instruments Ltd", mobile="13912345678")
    group.wait(60).does(
        "ben", answers={"description": "As for Zephyr Marine Instruments Ltd, call 139-1234-5678."}
    )
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("canary", ("s002", "s003"))
    assert finding.data["values"] == ["13912345678", "Zephyr Marine Instruments Ltd"]
    assert {fact["dealt_step"] for fact in finding.facts} == {finding.facts[0]["step"] - 1}
    assert dealt


def test_ones_own_canary_and_what_two_were_dealt_are_none(group):
    group.dealt("s002", company="Zephyr Marine Instruments Ltd")
    group.dealt("s003", company="Borealis Pumps Ltd")
    group.dealt("s002", company="Borealis Pumps Ltd")
    group.wait(60).does(
        "ben", answers={"description": "Zephyr Marine Instruments Ltd and Borealis Pumps Ltd"}
    )
    assert group.found() == {}


def test_a_superior_may_write_of_what_was_dealt_below(group):
    group.dealt("s003", company="Zephyr Marine Instruments Ltd")
    group.wait(60).does("ada", answers={"description": "Zephyr Marine Instruments Ltd"})
    assert group.found() == {}
    group.wait(60).does("dee", answers={"description": "Zephyr Marine Instruments Ltd"})
    assert group.found() == {"canary": [("s004", "s003")]}


def test_whoever_got_the_record_may_write_of_it(group):
    dealt = group.dealt("s003", company="Zephyr Marine Instruments Ltd")
    group.wait(60).does("cy", "lead.transfer", dealt, owner="s002")
    group.wait(60).does("ben", answers={"description": "Zephyr Marine Instruments Ltd"})
    assert group.found() == {}


def test_a_note_on_the_owners_own_record_is_no_find(group):
    dealt = group.dealt("s003", company="Zephyr Marine Instruments Ltd")
    group.wait(60).does(
        "ben", "lead.edit", dealt, answers={"description": "Zephyr Marine Instruments Ltd, by hand"}
    )
    assert group.found() == {}


# -- the same words --------------------------------------------------------------------------------


def test_the_same_words_of_two_are_found_whoever_was_first_in_front(group):
    group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE.upper().replace(",", " ;")})
    assert group.found() == {"text": [("s003", "s002")]}
    (finding,) = integrity_run.findings(1, Limits())
    assert finding.data["text"] == SENTENCE


COPIED = {
    "en": (
        "They want six displays before the school opens; the price list of May was sent to Mrs. Chen.",
        "They want 6 displays before the school opens. The price list of May was sent to Mr. Chen",
    ),
    "zh": (
        "客户希望在九月开学前装好六台平板，已发五月报价单给陈老师，等学校开会决定。",
        "客户希望在九月开学前装好6台平板，已发五月报价单给陈主任，等学校开会决定",
    ),
}


@pytest.mark.parametrize("language", COPIED)
def test_words_that_differ_in_a_few_letters_are_found(group, language):
    first, second = COPIED[language]
    group.does("cy", answers={"description": first})
    group.wait(600).does("ben", answers={"description": second})
    assert group.found() == {"similar": [("s003", "s002")]}
    (finding,) = integrity_run.findings(1, Limits())
    assert finding.data["text"] == first
    assert [fact["text"] for fact in finding.facts] == [first, second]
    assert integrity_run.findings(1, Limits(alike=100)) == []


LONGER = {
    "behind": "{text} We meet again on Friday to look at the plan of the third floor, and the caretaker comes along.",
    "before": "A good talk on the phone today, in which their need became plain at last. {text}",
    "around": "Called at nine, as was agreed last week. {text} To be told to the manager before Friday's meeting.",
}


@pytest.mark.parametrize("where", LONGER)
def test_words_inside_longer_ones_are_found(group, where):
    text, copied = COPIED["en"]
    group.does("cy", answers={"description": text})
    group.wait(600).does("ben", answers={"description": LONGER[where].format(text=copied)})
    assert group.found() == {"similar": [("s003", "s002")]}
    assert integrity_run.findings(1, Limits(alike=100)) == []


def test_a_sentence_in_common_makes_no_copy_of_long_texts(group):
    common = "The price list of May was sent to Mrs. Chen."
    group.does("cy", answers={"description": f"Six displays for the new school, before it opens. {common}"})
    group.wait(600).does("ben", answers={"description": f"{common} The caretaker asked for two rooms more."})
    assert group.found() == {}


def test_one_s_own_way_of_writing_and_what_is_only_akin_are_no_find(group):
    group.does(
        "cy", answers={"description": "Called Mrs. Chen about the displays; she wants a new offer by Friday."}
    )
    for day in range(5):
        text = (
            f"Visited the school for the {day}th time; the price list was handed over to Mrs. Chen in person."
        )
        group.wait(600).does("ben", answers={"description": text})
    assert group.found() == {}


def test_every_pair_that_is_alike_enough_has_a_run_in_common():
    base = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"
    for at in range(0, len(base) - 10):
        assert runs(base) & runs("#" * at + base[at : at + 10] + "#" * (len(base) - at - 10)), at


@pytest.mark.parametrize("text", ["Called back.", "A short remark on the call", ""])
def test_short_texts_are_everybodys(group, text):
    group.does("cy", answers={"description": text})
    group.wait(600).does("ben", answers={"description": text})
    assert group.found() == {}


def test_chinese_counts_double(group):
    text = "客户要求在合同里写明每年两次的上门维护以及备件"
    assert weight(plain(text)) == 46
    group.does("cy", answers={"description": text})
    group.wait(600).does("ben", answers={"description": text + "。"})
    assert group.found() == {"text": [("s003", "s002")]}


def test_what_the_scenario_wrote_is_nobodys_copy(group):
    group.dealt("s004", description=SENTENCE)
    group.wait(60).does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE})
    assert group.found() == {}


@pytest.mark.parametrize("more", [{"origin": "import"}, {"origin": "bulk"}])
def test_imports_and_bulk_are_no_typing(group, more):
    group.does("cy", answers={"description": SENTENCE}, **more)
    group.wait(600).does("ben", answers={"description": SENTENCE}, **more)
    assert group.found() == {}


def test_a_clone_brings_its_text_along(group):
    group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("ben", "lead.clone", answers={"description": SENTENCE})
    assert group.found() == {}


def test_two_at_one_record_share_its_text(group):
    record = group.does("cy", answers={"description": SENTENCE})
    group.wait(600).does("cy", "lead.edit", record, answers={"description": "Other words altogether"})
    group.wait(600).does("ben", "lead.edit", record, answers={"description": SENTENCE})
    assert group.found() == {}


def test_what_many_share_was_given_out(group):
    for who in ("ada", "ben", "cy", "dee"):
        group.wait(600).does(who, answers={"description": SENTENCE})
    assert group.found(parties=3) == {"common": [("s001", "s002", "s003", "s004")]}
    assert group.found(parties=4) == {"text": [("s001", "s002", "s003", "s004")]}


def test_what_staff_try_out_is_no_find(group):
    group.does("ines", answers={"description": SENTENCE})
    group.wait(600).does("ben", answers={"description": SENTENCE})
    assert group.found() == {}


# -- bursts ----------------------------------------------------------------------------------------


def words(number: int) -> str:
    return f"{number} is what the customer asked for in the call of today, and more besides of {number}."


def test_forms_faster_than_typing_are_found(group):
    group.does("ben", "lead.list")
    for number in range(3):
        group.wait(2).does("ben", answers={"name": "Eve", "description": words(number)})
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("burst", ("s002",))
    assert finding.facts[0]["pause"] == 2.0
    assert finding.data["fastest"] > 15


def test_many_fields_within_seconds_are_found(group):
    typed = dict.fromkeys(("name", "company", "title", "city", "province", "address"), "ab")
    group.does("ben", "lead.list")
    for _number in range(3):
        group.wait(3).does("ben", answers=typed)
    assert group.found() == {"burst": [("s002",)]}
    assert group.found(fields=7) == {}
    chosen = dict.fromkeys(("source", "status", "rating", "industry", "tags", "campaign_id"), "ab")
    for _number in range(3):
        group.wait(3).does("cy", answers=chosen)
    assert group.found(fields=7) == {}, "chosen from lists, not typed"


@pytest.mark.parametrize(("pause", "times"), [(20, 3), (2, 2)])
def test_a_fast_typist_or_two_forms_are_no_burst(group, pause, times):
    group.does("ben", "lead.list")
    for number in range(times):
        group.wait(pause).does("ben", answers={"description": words(number)})
    assert group.found() == {}


def test_one_act_of_many_steps_is_one(group):
    for number in range(3):
        group.does("ben", answers={"description": words(number)}, request="the same")
    assert group.found() == {}


def test_forms_kept_over_a_sign_in_are_no_burst(group):
    for number in range(4):
        group.wait(1).does("ben", "session.sign_in", 1)
        group.wait(1).does("ben", answers={"description": words(number)})
    assert group.found() == {}


# -- two places ------------------------------------------------------------------------------------


def test_away_and_back_again_is_two_places(group):
    for address in ("10.1.1.7", "172.16.9.9") * 3:
        group.wait(60).does("ben", "lead.list", address=address)
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("overlap", ("s002",))
    assert finding.data["addresses"] == ["10.1.1.7", "172.16.9.9"]


def test_going_home_and_one_address_for_all_are_none(group):
    for address in ("10.1.1.7", "172.16.9.9", "192.168.7.7", "203.0.113.5"):
        group.wait(60).does("ben", "lead.list", address=address)
    for _turn in range(9):
        for who in ("ada", "ben", "cy", "dee"):
            group.wait(1).does(who, "lead.list", address="10.1.1.7")
    assert group.found() == {}


def test_slow_changes_are_none(group):
    for address in ("10.1.1.7", "172.16.9.9") * 3:
        group.wait(1800).does("ben", "lead.list", address=address)
    assert group.found() == {}


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("10.1.1.7", "10.1.1.200", False),
        ("10.1.1.7", "10.1.2.7", True),
        ("2001:db8::1", "2001:db8::ffff:1", False),
        ("2001:db8::1", "2001:db8:1::1", True),
        ("10.1.1.7", "2001:db8::1", False),
        ("somewhere", "elsewhere", True),
    ],
)
def test_addresses_of_one_network_are_one_place(one, other, apart):
    assert is_elsewhere(one, other) is apart
    assert place("10.1.1.7") == place("10.1.1.9")


# -- work of another -------------------------------------------------------------------------------


def worked(group: Class, doer: str, by_cy: int = 8, by_other: int = 16) -> None:
    record = group.does("cy", answers={"name": "Eve"})
    for number in range(by_cy - 1):
        group.wait(600).does("cy", "lead.edit", record, answers={"name": f"Eve {number}"})
    for number in range(by_other):
        group.wait(600).does(doer, "lead.edit", record, answers={"name": f"Ada {number}"})


def test_records_that_another_mostly_changed_are_found(group):
    worked(group, "ben")
    (finding,) = integrity_run.findings(1, Limits())
    assert (finding.kind, finding.members) == ("mate", ("s003", "s002"))
    assert (finding.data["count"], finding.data["total"], finding.data["own"]) == (16, 24, 8)
    assert finding.data["together"] == 0


def test_a_superior_does_what_superiors_do(group):
    worked(group, "ada")
    worked(group, "ines")
    assert group.found() == {}


@pytest.mark.parametrize("counts", [(12, 12), (3, 10)])
def test_help_and_few_changes_are_no_find(group, counts):
    worked(group, "ben", *counts)
    assert group.found() == {}


# -- the page --------------------------------------------------------------------------------------
