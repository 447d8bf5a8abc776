"""did and never: what a member did, and kept from doing."""

from fractions import Fraction

from tests.grading.builder import Lab, found, share, shown


def leads(count: int, **rest: object) -> Lab:
    lab = Lab()
    for serial in range(1, count + 1):
        lab.creates("ada", "lead", serial, **rest)
    return lab


def test_did_gives_a_part_for_a_part():
    assert share(leads(2), "did: {what: lead.create, times: 3}") == Fraction(2, 3)


def test_did_never_gives_more_than_all():
    assert share(leads(5), "did: {what: lead.create, times: 3}") == 1


def test_did_shows_the_first_times_found():
    assert shown(leads(5), "did: {what: lead.create, times: 3}") == [1, 2, 3]


def test_did_with_credit_all_gives_all_or_nothing():
    assert share(leads(2), "did: {what: lead.create, times: 3, credit: all}") == 0
    assert share(leads(3), "did: {what: lead.create, times: 3, credit: all}") == 1


def test_did_with_credit_all_shows_what_was_found_all_the_same():
    assert shown(leads(2), "did: {what: lead.create, times: 3, credit: all}") == [1, 2]


def test_did_is_of_the_member_alone():
    assert share(leads(3), "did: {what: lead.create}", who="ben") == 0


def test_did_of_any_verb_of_a_kind():
    lab = leads(1)
    lab.changes("ada", "lead.edit", 1, name="x")
    assert shown(lab, "did: {what: lead.*, times: 5}") == [1, 2]


def test_did_of_a_verb_of_any_kind_comes_in_the_order_of_the_log():
    lab = Lab()
    lab.creates("ada", "lead", 1)
    lab.creates("ada", "customer", 1)
    lab.creates("ada", "lead", 2)
    assert shown(lab, "did: {what: '*.create', times: 5}") == [1, 2, 3]


def test_distinct_record_keeps_the_first_of_each():
    lab = leads(2)
    for serial in (1, 2, 1):
        lab.changes("ada", "lead.edit", serial, name="x")
    assert shown(lab, "did: {what: lead.edit, times: 3, distinct: record}") == [3, 4]


def test_distinct_record_drops_steps_without_a_record():
    lab = Lab()
    lab.does("ada", "lead.list")
    assert share(lab, "did: {what: lead.list, distinct: record}") == 0


def test_distinct_record_tells_kinds_apart_that_share_a_number():
    lab = Lab()
    lab.creates("ada", "lead", 1)
    lab.creates("ada", "customer", 1)
    assert share(lab, "did: {what: '*.create', times: 2, distinct: record}") == 1


def test_distinct_day_keeps_the_first_of_each_date():
    lab = Lab()
    for moment in ("09-07 10:00", "09-07 23:59", "09-08 00:00"):
        lab.at(moment).does("ada", "lead.list")
    assert shown(lab, "did: {what: lead.list, times: 3, distinct: day}") == [1, 3]


def test_did_looks_at_answers():
    lab = Lab()
    lab.does("ada", "lead.convert", 1, answers={"opportunity": "Big"})
    lab.does("ada", "lead.convert", 2)
    assert shown(lab, "did: {what: lead.convert, times: 2, where: {opportunity: Big}}") == [1]


def test_a_refused_act_is_not_done_unless_asked_for():
    lab = Lab()
    lab.does("ada", "lead.delete", 1, outcome="refused")
    assert share(lab, "did: {what: lead.delete}") == 0
    assert share(lab, "did: {what: lead.delete, outcome: [refused]}") == 1


def test_an_import_does_not_count_unless_asked_for():
    lab = leads(1, origin="import")
    assert share(lab, "did: {what: lead.create}") == 0
    assert share(lab, "did: {what: lead.create, origin: [import]}") == 1


def test_a_bulk_act_counts():
    assert share(leads(1, origin="bulk"), "did: {what: lead.create}") == 1


def test_since_and_until_are_inclusive():
    lab = Lab()
    for minute in ("00", "01", "02", "03"):
        lab.at(f"09-08 10:{minute}").does("ada", "lead.list")
    check = 'did: {what: lead.list, times: 9, since: "2026-09-08T10:01:00", until: "+1d 10:02"}'
    assert shown(lab, check) == [2, 3]


def test_a_step_at_the_cutoff_counts_and_one_after_it_does_not():
    lab = Lab()
    lab.at("09-08 10:00").does("ada", "lead.list")
    lab.at("09-08 10:01").does("ada", "lead.list")
    assert shown(lab, "did: {what: lead.list, times: 9}", cutoff="09-08 10:00") == [1]


def test_steps_before_the_last_reset_do_not_count():
    lab = leads(2)
    lab.does("ines", "membership.reset", 7, answers={"member": "ada"})
    lab.creates("ada", "lead", 3)
    assert shown(lab, "did: {what: lead.create, times: 3}") == [4]


def test_a_reset_of_another_member_changes_nothing():
    lab = leads(2)
    lab.does("ines", "membership.reset", 7, answers={"member": "ben"})
    assert share(lab, "did: {what: lead.create, times: 2}") == 1


def test_a_reset_finds_the_member_by_the_membership():
    lab = Lab()
    lab.creates(None, "membership", 7, origin="setup", key="ada")
    lab.creates("ada", "lead", 1)
    lab.does("ines", "membership.reset", 7)
    assert share(lab, "did: {what: lead.create}") == 0


def test_a_reset_finds_the_member_by_the_number():
    lab = Lab()
    lab.creates(None, "membership", 7, origin="setup", number="20260001")
    lab.creates("ada", "lead", 1)
    lab.does("ines", "membership.reset", 7)
    assert share(lab, "did: {what: lead.create}") == 0


def test_a_reset_by_oneself_counts_as_ones_own():
    lab = leads(1)
    lab.does("ada", "membership.reset", 7)
    assert share(lab, "did: {what: lead.create}") == 0
    assert share(lab, "did: {what: membership.reset}") == 1


def test_a_reset_after_the_cutoff_is_not_known_yet():
    lab = leads(1)
    lab.at("09-09 09:00").does("ada", "membership.reset", 7)
    assert share(lab, "did: {what: lead.create}", cutoff="09-08 09:00") == 1


def test_a_conversion_that_was_taken_back_does_not_count():
    lab = leads(1)
    lab.converts("ada", 1, customer=9)
    lab.does("ben", "lead.unconvert", 1)
    assert share(lab, "did: {what: lead.convert}") == 0


def test_a_conversion_counts_again_once_it_is_repeated():
    lab = leads(1)
    lab.converts("ada", 1, customer=9)
    lab.does("ada", "lead.unconvert", 1)
    lab.converts("ada", 1, customer=10)
    assert shown(lab, "did: {what: lead.convert, times: 2}") == [4]


def test_a_refused_unconvert_takes_nothing_back():
    lab = leads(1)
    lab.converts("ada", 1, customer=9)
    lab.does("ada", "lead.unconvert", 1, outcome="refused")
    assert share(lab, "did: {what: lead.convert}") == 1


def test_an_unconvert_after_the_cutoff_takes_nothing_back():
    lab = leads(1)
    lab.converts("ada", 1, customer=9)
    lab.at("09-09 09:00").does("ada", "lead.unconvert", 1)
    assert share(lab, "did: {what: lead.convert}", cutoff="09-08 09:00") == 1


def test_never_gives_all_to_who_worked_and_kept_off():
    assert share(leads(1), "never: {what: lead.delete}") == 1


def test_never_gives_nothing_to_who_did_it_and_shows_it():
    lab = leads(1)
    lab.deletes("ada", "lead", 1)
    finding = found(lab, "never: {what: lead.delete}")
    assert (finding.share, [step.id for step in finding.steps]) == (0, [2])


def test_never_counts_a_refused_attempt_but_no_invalid_one():
    lab = leads(1)
    lab.does("ada", "lead.delete", 1, outcome="invalid")
    assert share(lab, "never: {what: lead.delete}") == 1
    lab.does("ada", "lead.delete", 1, outcome="refused")
    assert share(lab, "never: {what: lead.delete}") == 0


def test_never_gives_nothing_to_the_idle():
    assert share(leads(1), "never: {what: lead.delete}", who="ben") == 0


def test_signing_in_is_no_work():
    lab = Lab()
    lab.does("ada", "session.sign_in")
    assert share(lab, "never: {what: lead.delete}") == 0


def test_an_imported_record_or_a_refused_act_is_no_work():
    lab = leads(1, origin="import")
    lab.does("ada", "lead.edit", 1, outcome="refused")
    assert share(lab, "never: {what: lead.delete}") == 0


def test_work_before_since_is_work_at_all():
    assert share(leads(1), 'never: {what: lead.delete, since: "+5d 09:00"}') == 1


def test_never_looks_at_answers():
    lab = leads(1)
    lab.does("ada", "opportunity.lose", 1, answers={"lost_reason": "price"})
    assert share(lab, "never: {what: opportunity.lose, where: {lost_reason: timing}}") == 1
    assert share(lab, "never: {what: opportunity.lose, where: {lost_reason: price}}") == 0
