"""in_order: steps one after the other, on a record and what came of it."""

from fractions import Fraction

import pytest

from labapp.grading import BadRubric
from tests.grading.builder import Lab, found, rubric, share, shown, task

ROAD = "in_order: {steps: [lead.create, lead.convert, opportunity.win]}"


def road(lab: Lab, lead: int, opportunity: int) -> None:
    lab.creates("ada", "lead", lead)
    lab.converts("ada", lead, opportunity=opportunity)
    lab.does("ada", "opportunity.win", opportunity)


def test_the_example_of_the_contract():
    lab = Lab()
    lab.creates("ada", "lead", 5)
    lab.changes("ada", "lead.edit", 5, name="x")
    lab.converts("ada", 5, customer=9, opportunity=4)
    lab.does("ada", "opportunity.win", 4)
    finding = found(lab, ROAD)
    assert (finding.share, [step.id for step in finding.steps]) == (1, [1, 3, 4])


def test_another_records_steps_are_no_part_of_the_chain():
    lab = Lab()
    lab.creates("ada", "lead", 5)
    lab.converts("ada", 5, opportunity=4)
    lab.does("ada", "opportunity.win", 3)
    assert share(lab, ROAD) == Fraction(2, 3) / 2


def test_a_partial_run_is_worth_half_its_length_and_is_shown():
    lab = Lab()
    lab.creates("ada", "lead", 5)
    lab.creates("ada", "lead", 6)
    lab.converts("ada", 6, opportunity=4)
    finding = found(lab, ROAD)
    assert (finding.share, [step.id for step in finding.steps]) == (Fraction(1, 3), [2, 3])


def test_without_the_first_step_there_is_nothing():
    lab = Lab()
    lab.does("ada", "opportunity.win", 4)
    finding = found(lab, ROAD)
    assert (finding.share, finding.steps) == (0, ())


def test_the_wrong_order_does_not_complete():
    lab = Lab()
    lab.does("ada", "lead.qualify", 1)
    lab.does("ada", "lead.contact", 1)
    assert share(lab, "in_order: {steps: [lead.contact, lead.qualify]}") == Fraction(1, 4)


def test_one_step_serves_one_place():
    lab = Lab()
    lab.does("ada", "lead.edit", 1)
    assert share(lab, "in_order: {steps: [lead.edit, lead.edit]}") == Fraction(1, 4)
    lab.does("ada", "lead.edit", 1)
    assert share(lab, "in_order: {steps: [lead.edit, lead.edit]}") == 1


def test_times_counts_completed_chains():
    lab = Lab()
    road(lab, 5, 4)
    check = ROAD[:-1] + ", times: 2}"
    assert share(lab, check) == Fraction(1, 2)
    road(lab, 6, 7)
    assert share(lab, check) == 1


def test_a_chain_completes_once():
    lab = Lab()
    for _ in range(2):
        lab.does("ada", "lead.contact", 1)
        lab.does("ada", "lead.qualify", 1)
    assert share(lab, "in_order: {steps: [lead.contact, lead.qualify], times: 2}") == Fraction(1, 2)


def test_completed_chains_are_shown_by_their_last_step():
    lab = Lab()
    lab.does("ada", "lead.contact", 1)
    lab.does("ada", "lead.contact", 2)
    lab.does("ada", "lead.qualify", 2)
    lab.does("ada", "lead.qualify", 1)
    assert shown(lab, "in_order: {steps: [lead.contact, lead.qualify]}") == [2, 3]


def test_a_step_whose_changes_lie_in_the_chain_belongs_to_it():
    lab = Lab()
    lab.creates("ada", "lead", 5)
    lab.converts("ada", 5, customer=9)
    lab.does(
        "ada",
        "activity.create",
        1,
        changes=[{"what": "changed", "kind": "customer", "id": 9, "before": {}, "after": {}}],
    )
    assert share(lab, "in_order: {steps: [lead.create, activity.create]}") == 1


def test_a_conversion_by_another_and_by_import_links_the_chain_too():
    lab = Lab()
    lab.creates("ada", "lead", 5)
    lab.converts("ben", 5, origin="import", opportunity=4)
    lab.does("ada", "opportunity.win", 4)
    assert share(lab, "in_order: {steps: [lead.create, opportunity.win]}") == 1


def test_what_a_conversion_made_starts_no_chain():
    lab = Lab()
    lab.converts("ada", 5, opportunity=4)
    lab.does("ada", "opportunity.advance", 4)
    lab.does("ada", "opportunity.win", 4)
    check = "in_order: {steps: [opportunity.advance, opportunity.win], times: 2}"
    assert share(lab, check) == Fraction(1, 2)


def test_a_conversion_taken_back_is_no_step_of_the_chain():
    lab = Lab()
    lab.creates("ada", "lead", 5)
    lab.converts("ada", 5, opportunity=4)
    lab.does("ada", "lead.unconvert", 5)
    assert share(lab, "in_order: {steps: [lead.create, lead.convert]}") == Fraction(1, 4)


def test_another_members_steps_do_not_count():
    lab = Lab()
    lab.creates("ben", "lead", 5)
    lab.converts("ada", 5, opportunity=4)
    assert share(lab, "in_order: {steps: [lead.create, lead.convert]}") == 0


def test_within_is_inclusive_and_from_first_to_last():
    lab = Lab()
    lab.at("09-07 10:00").does("ada", "lead.contact", 1)
    lab.at("09-07 12:00").does("ada", "lead.qualify", 1)
    assert share(lab, "in_order: {steps: [lead.contact, lead.qualify], within: 2h}") == 1
    assert share(lab, "in_order: {steps: [lead.contact, lead.qualify], within: 119m}") == Fraction(1, 4)


def test_within_tries_each_start_in_turn():
    lab = Lab()
    lab.at("09-07 10:00").does("ada", "lead.contact", 1)
    lab.at("09-07 11:30").does("ada", "lead.contact", 1)
    lab.at("09-07 12:00").does("ada", "lead.qualify", 1)
    assert shown(lab, "in_order: {steps: [lead.contact, lead.qualify], within: 1h}") == [2, 3]


def test_a_partial_run_reaches_only_as_far_as_within_allows():
    lab = Lab()
    lab.at("09-07 10:00").does("ada", "lead.contact", 1)
    lab.at("09-07 10:30").does("ada", "lead.qualify", 1)
    lab.at("09-07 15:00").does("ada", "lead.convert", 1)
    check = "in_order: {steps: [lead.contact, lead.qualify, lead.convert], within: 1h}"
    finding = found(lab, check)
    assert (finding.share, [step.id for step in finding.steps]) == (Fraction(1, 3), [1, 2])


def test_on_any_takes_all_steps_as_one_chain():
    lab = Lab()
    lab.does("ada", "session.sign_in")
    lab.does("ada", "customer.list")
    lab.creates("ada", "lead", 1)
    assert shown(lab, "in_order: {steps: [session.sign_in, lead.create], on: any}") == [1, 3]


def test_times_is_refused_with_any():
    with pytest.raises(BadRubric, match="'times' does not go with 'on: any'"):
        rubric(task("only", "in_order: {steps: [lead.create], on: any, times: 1}"))


def test_since_leaves_out_earlier_steps():
    lab = Lab()
    lab.at("09-07 10:00").does("ada", "lead.contact", 1)
    lab.at("09-09 10:00").does("ada", "lead.qualify", 1)
    assert share(lab, 'in_order: {steps: [lead.contact, lead.qualify], since: "+1d 00:00"}') == 0
