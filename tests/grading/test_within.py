"""within: finished in time, by me, what somebody started and is mine to finish."""

from fractions import Fraction

import pytest

from labapp.grading import BadRubric
from tests.grading.builder import Lab, change, found, rubric, share, shown, task

FOUR_HOURS = "within: {start: ticket.create, finish: ticket.resolve, limit: 4h}"
WORKING = "within: {start: ticket.create, finish: ticket.resolve, limit: 4h, clock: working}"


def ticket(lab: Lab, serial: int, moment: str, owner: str = "ada", **fields: object) -> None:
    lab.at(moment).creates(None, "ticket", serial, origin="timeline", owner=owner, **fields)


def resolved(lab: Lab, serial: int, moment: str, who: str | None = "ada", **rest: object) -> int:
    return lab.at(moment).does(who, "ticket.resolve", serial, **rest)


def test_a_finish_at_the_limit_is_in_time_and_shown():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    step = resolved(lab, 1, "09-07 14:00")
    assert (share(lab, FOUR_HOURS), shown(lab, FOUR_HOURS)) == (1, [step])


def test_a_finish_after_the_limit_is_a_case_but_not_in_time():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 14:01")
    finding = found(lab, FOUR_HOURS)
    assert (finding.share, finding.steps) == (0, ())


def test_share_of_the_cases_against_the_share_wanted():
    lab = Lab()
    for serial in (1, 2, 3):
        ticket(lab, serial, "09-07 10:00")
    resolved(lab, 1, "09-07 11:00")
    resolved(lab, 2, "09-09 11:00")
    assert share(lab, FOUR_HOURS) == Fraction(1, 3)
    assert share(lab, FOUR_HOURS[:-1] + ", share: 0.5}") == Fraction(2, 3)


def test_an_open_case_that_has_time_left_is_left_out():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    ticket(lab, 2, "09-07 10:00")
    resolved(lab, 1, "09-07 14:00")
    assert share(lab, FOUR_HOURS) == 1
    lab.at("09-07 14:01").does("ben", "lead.list")
    assert share(lab, FOUR_HOURS) == Fraction(1, 2)


def test_a_case_somebody_else_finished_first_is_left_out():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 11:00", who="ben", origin="import")
    resolved(lab, 1, "09-07 12:00")
    assert found(lab, FOUR_HOURS).reason.en == "Resolve a ticket: 0 to judge so far, at least 1 needed."


def test_a_case_an_automation_finished_first_is_left_out():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 18:00", who=None, origin="automation")
    assert share(lab, FOUR_HOURS) == 0


def test_a_refused_finish_of_another_leaves_nothing_out():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 11:00", who="ben", outcome="refused")
    resolved(lab, 1, "09-07 12:00")
    assert share(lab, FOUR_HOURS) == 1


def test_another_may_finish_after_me():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 12:00")
    resolved(lab, 1, "09-07 13:00", who="ben")
    assert share(lab, FOUR_HOURS) == 1


def test_fewer_cases_than_least_give_nothing():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 12:00")
    assert share(lab, FOUR_HOURS[:-1] + ", least: 2}") == 0


def test_the_assignee_is_in_charge_where_there_is_one():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00", owner="ben", assignee="ada")
    resolved(lab, 1, "09-07 12:00")
    assert share(lab, FOUR_HOURS) == 1
    assert found(lab, FOUR_HOURS, who="ben").share == 0


def test_a_deleted_record_is_no_case():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    lab.deletes("ines", "ticket", 1)
    lab.at("09-09 10:00").does("ada", "lead.list")
    assert "0 to judge" in found(lab, FOUR_HOURS).reason.en


def test_the_first_start_counts_and_is_what_since_chooses_by():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-09 10:00")
    assert share(lab, FOUR_HOURS[:-1] + ', since: "+1d 00:00"}') == 0
    assert "0 to judge" in found(lab, FOUR_HOURS[:-1] + ', since: "+1d 00:00"}').reason.en
    assert "0 of 1 in time" in found(lab, FOUR_HOURS[:-1] + ', until: "+0d 10:00"}').reason.en


def test_my_finish_by_import_counts_only_if_asked_for():
    lab = Lab()
    ticket(lab, 1, "09-07 10:00")
    resolved(lab, 1, "09-07 11:00", origin="import")
    lab.at("09-08 10:00").does("ada", "lead.list")
    assert share(lab, FOUR_HOURS) == 0
    assert share(lab, FOUR_HOURS[:-1] + ", origin: [import]}") == 1


def test_a_finish_before_the_start_does_not_count():
    lab = Lab()
    changes = [change("created", "ticket", 1, {"owner": "ada"})]
    lab.at("09-07 09:00").does("ada", "ticket.resolve", 1, changes=changes)
    lab.at("09-07 10:00").does("ada", "ticket.reopen", 1)
    lab.at("09-08 10:00").does("ada", "lead.list")
    assert share(lab, "within: {start: ticket.reopen, finish: ticket.resolve, limit: 4h}") == 0


def test_working_time_stands_still_at_night_at_weekends_and_on_holidays():
    lab = Lab()
    ticket(lab, 1, "09-11 16:00")  # Friday
    resolved(lab, 1, "09-14 11:00")  # Monday: 2 h and 2 h
    ticket(lab, 2, "09-30 17:00")  # the day before the holiday
    resolved(lab, 2, "10-02 12:01")  # 1 h and 3 h 1 min
    assert (share(lab, WORKING), shown(lab, WORKING)) == (Fraction(1, 2), [2])


def test_without_working_hours_working_time_could_not_be_told():
    lab = Lab(working_hours=None)
    ticket(lab, 1, "09-11 16:00")
    resolved(lab, 1, "09-14 11:00")
    assert found(lab, WORKING).state == "could_not_tell"


def test_a_day_is_refused_in_working_time():
    with pytest.raises(BadRubric, match="a day is 24 hours"):
        rubric(task("only", WORKING.replace("4h", "1d")))


def test_start_and_finish_are_of_one_kind():
    with pytest.raises(BadRubric, match="must be of one kind"):
        rubric(task("only", "within: {start: lead.create, finish: ticket.resolve, limit: 1h}"))
