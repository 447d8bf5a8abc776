"""The student's page, and grading that goes on from where it was."""

from labapp.grading import Replay, grade_member, progress, views_at, views_of
from tests.grading.builder import Lab, rubric, task

RULES = rubric(
    task("leads", "did: {what: lead.create, times: 2}", rest="hint: {en: Look for New, zh: 点新建}"),
    task("secret", "did: {what: lead.delete}", rest="hidden: true"),
    task("convert", "did: {what: lead.convert}", rest="after: leads"),
    task("win", "did: {what: opportunity.win}", rest="after: secret"),
)


def page(lab: Lab):
    log = lab.log
    return progress(RULES, grade_member(views_of(log, RULES), RULES, log.header.students[0]))


def started() -> Lab:
    lab = Lab()
    lab.creates("ada", "lead", 1)
    return lab


def test_hidden_tasks_are_only_counted():
    found = page(started())
    assert ([task.key for task in found.tasks], found.hidden) == (["leads", "convert", "win"], 1)


def test_a_task_shows_share_reason_hint_and_steps():
    found = page(started()).tasks[0]
    (check,) = found.checks
    assert (found.hint.zh, found.done) == ("点新建", False)
    assert (check.name, check.share * 2, check.steps, check.done) == ("did", 1, (1,), False)
    assert check.reason.en == "Create a lead: 1 of 2 done."
    assert check.reason.zh == "新建线索：要求 2 次，已完成 1 次。"


def test_checks_that_say_the_same_are_said_once():
    rules = rubric(
        task(
            "leads",
            "did: {what: lead.create}",
            "did: {what: lead.create, credit: all}",
            "did: {what: lead.create, times: 2}",
        )
    )
    lab = started()
    log = lab.log
    (found,) = progress(rules, grade_member(views_of(log, rules), rules, log.header.students[0])).tasks
    assert [(check.reason.en, check.weight, check.steps) for check in found.checks] == [
        ("Create a lead: 1 of 1 done.", 2, (1,)),
        ("Create a lead: 1 of 2 done.", 1, (1,)),
    ]


def test_a_waiting_task_says_what_comes_first_unless_that_is_hidden():
    _, convert, win = page(started()).tasks
    assert (convert.first.en, win.first) == ("leads", None)


def test_the_next_task_is_one_that_waits_for_nothing():
    lab = started()
    assert page(lab).next.key == "leads"
    lab.creates("ada", "lead", 2)
    found = page(lab)
    assert (found.next.key, found.done) == ("convert", 1)


def test_feeding_further_steps_gives_what_a_replay_from_the_start_gives():
    lab = started()
    log = lab.log
    replay = Replay(log.header)
    replay.feed(log.steps)
    ada = log.header.students[0]
    grade_member(views_at(replay, log, RULES), RULES, ada)
    lab.creates("ada", "lead", 2)
    lab.converts("ada", 1, opportunity=4)
    lab.does("ada", "opportunity.win", 4)
    grown = lab.log
    replay.feed(grown.steps[1:])
    live = grade_member(views_at(replay, grown, RULES), RULES, ada)
    assert live == grade_member(views_of(grown, RULES), RULES, ada)
