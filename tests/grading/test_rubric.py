"""Reading a rubric: what is refused, where, and with what advice."""

import re

import pytest

from labapp.grading import BadRubric, Vocabulary, pays_the_idle, read_rubric
from tests.grading.builder import Lab, rubric, rubric_text, task

WORDS = Vocabulary.of(
    {
        "lead": {"verbs": {"create", "convert", "qualify"}, "fields": {"name": "text", "status": "choice"}},
        "ticket": {"verbs": {"resolve"}, "fields": {"owner": "member"}},
        "session": {"verbs": {"sign_in"}, "fields": {}},
    }
)
TEN_MISTAKES = """rubric: 1
title: {en: First week}
pass: 160
late: {per_day: 5}
tasks:
  - key: convert
    title: {en: Convert, zh: 升级}
    points: 0
    after: qualify
    checks:
      - did: {what: lead.convrt, times: 3}
      - holds: {kind: leed}
  - key: convert
    title: {en: Again, zh: 再来}
    points: 5
    hiden: true
    checks:
      - valid: {kind: lead, field: phon, rule: mobile_cn}
      - didd: {what: lead.convert}
"""


def problems(text: str, vocabulary: Vocabulary | None = None, log=None) -> list[str]:
    with pytest.raises(BadRubric) as refused:
        read_rubric(text.encode(), "rubric.yaml", vocabulary, log)
    return refused.value.lines()


@pytest.mark.parametrize(
    ("text", "line", "en"),
    [
        ("a: 1\nb: c: d\n", 2, "no ':' can stand here"),
        ("a: 1\n b: 2\n", 2, "no ':' can stand here"),
        ("a: 1\nb\nc: 2\n", 3, "the ':' of the key on line 2 is missing"),
        ("a: 'it's'\n", 1, "there is something behind a text in quotes"),
        ("- a\nb: 1\n", 2, "a key stands in a list"),
        ("a:\n  b: 1\n c: 2\n", 3, "the indentation is not that of the lines before"),
        ("a: [1, 2\nb: 3\n", 2, "the '[' of line 1 is not closed"),
        ("a: {en: x, zh: y: z}\n", 1, "the '{' of line 1 is not closed"),
        ("a:\n\t- b\n", 2, "a tab; indent with spaces"),
        ("a: @b\n", 1, "no value begins with this character"),
        ("a: 1\nb: 'x\nc: 2\n", 2, "a text in quotes that begins here does not end"),
        ('a: "\\q"\n', 1, "in double quotes a backslash"),
        ("a: - b\n", 1, "no list can begin here"),
        ("a: [1,,2]\n", 1, "a value is missing"),
        ("a: *\n", 1, "a text that begins with '*'"),
        ("a: 1\nb: \x07\n", 2, "a character that nobody can see"),
    ],
)
def test_what_is_no_yaml_is_told_in_both_languages(text, line, en):
    with pytest.raises(BadRubric) as refused:
        read_rubric(text.encode(), "rubric.yaml")
    assert refused.value.lines()[0].startswith(f"rubric.yaml:{line}: no YAML: {en}")
    said = refused.value.lines("zh")[0].partition("YAML：")[2]
    assert said
    assert not re.search("[A-Za-z]", said)


def accepted(check: str, vocabulary: Vocabulary | None = WORDS, log=None) -> bool:
    try:
        read_rubric(rubric_text(task("only", check)).encode(), "rubric.yaml", vocabulary, log)
    except BadRubric:
        return False
    return True


def test_ten_mistakes_are_all_reported_with_line_and_what_was_possible():
    found = problems(TEN_MISTAKES, WORDS)
    expected = [
        (2, "'zh' is missing"),
        (3, "pass: 160 does not fit; expected: a number from 0 to 100"),
        (4, "'max' is missing"),
        (8, "points: 0 does not fit; expected: a number above 0"),
        (9, "'after' names no task: 'qualify'; possible: "),
        (11, "lead has no verb 'convrt'; possible: clone, convert, create, "),
        (12, "unknown kind 'leed'; possible: lead, session, ticket"),
        (13, "the task key 'convert' is used twice, first on line 6"),
        (16, "unknown key 'hiden'; possible: key, title, points, after, hidden, hint, checks"),
        (18, "lead has no field 'phon'; possible: name, owner, status"),
        (19, "unknown check 'didd'; possible: did, never, in_order, holds, within, "),
    ]
    assert len(found) == len(expected)
    for line, (number, text) in zip(found, expected, strict=True):
        assert line.startswith(f"rubric.yaml:{number}: {text}")


def test_mistakes_speak_chinese_too():
    with pytest.raises(BadRubric) as refused:
        read_rubric(TEN_MISTAKES.encode(), "rubric.yaml", WORDS)
    assert "rubric.yaml:12: 未知的记录类型 'leed'；可用：lead, session, ticket" in refused.value.lines("zh")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "rubric: 2\ntitle: {en: a, zh: b}\ntasks: []",
        "rubric: 1\ntitle: {en: a, zh: b}\ntasks: []",
        "rubric: [1",
        "rubric: 1\n---\nrubric: 1",
        "\x00",
    ],
)
def test_what_is_no_rubric_is_refused(text: str):
    assert problems(text)


def test_bytes_that_are_no_text_are_refused_with_their_line():
    with pytest.raises(BadRubric, match=r"rubric.yaml:2: the file is not UTF-8"):
        read_rubric(b"rubric: 1\ntitle: \xff", "rubric.yaml")


def test_a_key_written_twice_is_refused():
    assert problems(rubric_text(task("a", "did: {what: lead.create}"), rest="pass: 5\npass: 6")) == [
        "rubric.yaml:4: the key 'pass' is written twice, first on line 3"
    ]


def test_a_circle_is_named_once():
    tasks = [task(key, "by_hand: {}", rest=f"after: {after}") for key, after in ("ab", "bc", "ca", "dc")]
    (line,) = problems(rubric_text(*tasks))
    assert line.endswith("'after' goes in a circle: a → b → c → a")


def test_a_task_after_itself_is_a_circle():
    (line,) = problems(rubric_text(task("a", "by_hand: {}", rest="after: a")))
    assert "circle: a → a" in line


@pytest.mark.parametrize(
    "check",
    [
        "did: {}",
        "did: {what: lead}",
        "did: {what: '*.*'}",
        "did: {what: lead.create, times: 0}",
        "did: {what: lead.create, times: 1.5}",
        "did: {what: lead.create, times: true}",
        "did: {what: lead.create, credit: some}",
        "did: {what: lead.create, distinct: week}",
        "did: {what: lead.create, outcome: []}",
        "did: {what: lead.create, outcome: done}",
        "did: {what: lead.create, origin: [web]}",
        "did: {what: lead.create, since: 2026-09-08}",
        "did: {what: lead.create, until: '10:00'}",
        "did: {what: lead.create, where: [a]}",
        "did: {what: lead.create}, weight: 0",
        "did: {what: lead.create}, never: {what: lead.create}",
        "did: {what: lead.create}, times: 3",
        "weight: 2",
        "in_order: {steps: []}",
        "in_order: {steps: [lead.*]}",
        "in_order: {steps: lead.create}",
        "in_order: {steps: [lead.create], within: 30}",
        "in_order: {steps: [lead.create], within: 1.5h}",
        "holds: {where: {name: a}}",
        "holds: {kind: lead, since: '+1d 09:00'}",
        "holds: {kind: lead, outcome: [done]}",
        "holds: {kind: lead, where: {nam: a}}",
        "holds: {kind: lead, owner: ada}",
        "within: {start: lead.create, finish: lead.qualify}",
        "within: {start: lead.create, finish: lead.qualify, limit: 1h, share: 0}",
        "within: {start: lead.create, finish: lead.qualify, limit: 1h, share: 1.01}",
        "filled: {kind: lead, fields: []}",
        "filled: {kind: lead, fields: [name, name]}",
        "filled: {kind: lead, fields: [nam]}",
        "valid: {kind: lead, field: name, rule: phone}",
        "valid: {kind: lead, field: name, rule: unique, since: '+1d 09:00'}",
        "measure: {name: profit, full: 1, zero: 0}",
        "measure: {name: won_count, full: 1, zero: 0, quarter: 2026Q5}",
        "measure: {name: won_count, full: .inf, zero: 0}",
        "measure: {name: won_count, full: 1e99, zero: 0}",
        "setting: {path: sharing.lead}",
        "answered: {}",
        "by_hand: {scale: 0}",
        "by_hand: 5",
    ],
)
def test_settings_that_do_not_fit_are_refused(check: str):
    assert not accepted(check)


@pytest.mark.parametrize(
    "check",
    [
        "did: {what: lead.create}, weight: 0.5",
        "did: {what: lead.*}",
        "did: {what: '*.resolve'}",
        "did: {what: ticket.clone}",
        "did: {what: session.sign_in, where: {anything: 1}}",
        "did: {what: lead.create, outcome: [done, refused, invalid], origin: [setup, cli]}",
        "in_order: {steps: [lead.create], on: same}",
        "holds: {kind: lead, where: {owner: me, extra.size: {gte: 5}}}",
        "measure: {name: won_count, full: -1.5, zero: 1e2, quarter: 2026Q4}",
        "setting: {path: anything.at.all, where: null}",
        "by_hand: ",
    ],
)
def test_settings_that_fit_are_accepted(check: str):
    assert accepted(check)


def test_session_has_only_its_own_verbs():
    assert not accepted("did: {what: session.create}")


def test_a_verb_that_no_kind_has_is_refused():
    assert not accepted("did: {what: '*.repair'}")


def test_a_kind_that_only_the_log_knows_is_accepted_with_its_verbs_and_fields():
    lab = Lab()
    lab.creates("ada", "machine", 1, power=5)
    lab.changes("ada", "machine.repair", 1, power=6)
    assert accepted("did: {what: machine.repair}", log=lab.log)
    assert accepted("did: {what: '*.repair'}", log=lab.log)
    assert accepted("did: {what: machine.clone}", log=lab.log)
    assert accepted("holds: {kind: machine, where: {power: 6}}", log=lab.log)
    assert not accepted("did: {what: machine.fly}", log=lab.log)
    assert not accepted("holds: {kind: machine, where: {colour: red}}", log=lab.log)


def test_without_a_vocabulary_no_name_is_unknown():
    assert accepted("did: {what: machine.fly}", vocabulary=None)


def test_the_digest_is_of_the_bytes():
    text = rubric_text(task("a", "by_hand: {}")).encode()
    assert read_rubric(text).digest != read_rubric(text + b"\n").digest


def test_defaults():
    only = rubric(task("a", "by_hand: {}"))
    assert (only.pass_percent, only.due, only.late, only.self_checks_per_hour) == (None,) * 4
    assert (only.tasks[0].after, only.tasks[0].hidden, only.tasks[0].hint) == (None, False, None)


@pytest.mark.parametrize(
    "check",
    [
        "never: {what: lead.delete}",
        "filled: {kind: lead, fields: [name]}",
        "valid: {kind: lead, field: name, rule: unique}",
        "measure: {name: won_count, full: 1, zero: 0}",
        "setting: {path: sharing.lead, where: private}",
        "holds: {kind: lead}",
    ],
)
def test_a_rubric_must_not_pay_the_idle(check: str):
    found = pays_the_idle(rubric(task("a", "did: {what: lead.create}", check)))
    assert [problem.line for problem in found] == [10]
    assert not pays_the_idle(rubric(task("a", "did: {what: lead.create}"), task("b", check, rest="after: a")))


def test_what_the_member_made_does_not_pay_the_idle():
    assert not pays_the_idle(rubric(task("a", "holds: {kind: lead, made_by: me}", "by_hand: {}")))


def test_settings_that_do_not_fit_together_are_reported_beside_other_mistakes():
    check = (
        "within: {start: lead.create, finish: ticket.resolve, limit: 1d, clock: working, least: 0, tims: 1}"
    )
    assert len(problems(rubric_text(task("a", check)), WORDS)) == 4
