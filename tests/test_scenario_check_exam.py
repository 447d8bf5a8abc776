"""exam.yaml is read with the rest of a scenario: every mistake in it is named with its line."""

import pytest

from labapp.scenario.files import kept_files
from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario
from tests.small import EXAM, TINY


def with_exam(exam=EXAM, **files):
    more = {name.replace("_", "."): text for name, text in files.items()}
    return kept_files("tiny", {**TINY, "exam.yaml": exam, **more})


def mistakes(files):
    with pytest.raises(BadScenario) as bad:
        read_scenario(files)
    assert all(problem.text.zh for problem in bad.value.problems)
    return [str(problem) for problem in bad.value.problems]


def test_an_exam_is_part_of_the_scenario():
    scenario = read_scenario(with_exam())
    assert [paper.key for paper in scenario.exam.papers] == ["entry"]
    assert scenario.exam.questions[0].right == {"a"}
    assert scenario.texts["exam.yaml"] == EXAM


def test_a_scenario_needs_no_exam():
    assert read_scenario(kept_files("tiny", TINY)).exam is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("topic: leads, count: 2", "topic: deals, count: 2", "exam.yaml:7: 'deals' is none of leads"),
        ("count: 2", "count: 3", "exam.yaml:7: the topic 'leads' has 2 questions, not 3"),
        (
            "count: 2}\n",
            "count: 2}\n      - {topic: leads, count: 1}\n",
            "exam.yaml:8: the topic 'leads' is drawn",
        ),
        ("key: q_number", "key: q_single", "exam.yaml:16: the key 'q_single' is used twice"),
        ("right: true", "right: false", "exam.yaml:13: exactly one option must be right, not 0"),
        ("key: b,", "key: a,", "exam.yaml:15: the key 'a' is used twice"),
        ("kind: single", "kind: text", "exam.yaml:9: a question of kind text needs 'accepts'"),
        ("kind: single", "kind: text", "exam.yaml:13: a question of kind text has no 'options'"),
        ("    answer: 140\n", "", "exam.yaml:16: a question of kind number needs 'answer'"),
        ("answer: 140", "answer: true", "exam.yaml:20: must be a number"),
        ("kind: number", "kind: truth", "exam.yaml:20: must be true or false"),
        ("kind: number", "kind: truth", "exam.yaml:21: only numbers have a tolerance"),
        (
            "exam: 1\n",
            "exam: 1\ntopics: {deals: {en: Deals, zh: 机会}}\n",
            "exam.yaml:11: 'leads' is none of deals",
        ),
        (
            "exam: 1\n",
            "exam: 1\ntopics: {leads: {en: Leads}}\n",
            "exam.yaml:2: topics.leads.zh: must be given",
        ),
        ("minutes: 20", "minutes: 0", "exam.yaml:5: papers.0.minutes:"),
        ("minutes: 20", "hours: 1", "exam.yaml:5: papers.0.hours: is not known here"),
        (
            "minutes: 20",
            'minutes: 20\n    opens: "+2d 09:00"\n    closes: "+1d 09:00"',
            "exam.yaml:7: a paper must open before it closes",
        ),
        (", zh: 入门测验", "", "exam.yaml:4: papers.0.title.zh: must be given"),
        ("points: 2", "points: -1", "exam.yaml:22: questions.1.points:"),
    ],
)
def test_one_mistake_is_named_where_it_stands(old, new, expected):
    assert old in EXAM
    found = mistakes(with_exam(EXAM.replace(old, new)))
    assert any(line.startswith(expected) for line in found), found


def test_a_rubric_that_asks_for_a_paper_finds_it():
    rubric = TINY["rubric.yaml"].replace("did: {what: lead.qualify}", "answered: {paper: entry}")
    assert read_scenario(with_exam(rubric_yaml=rubric)).exam is not None


def test_a_rubric_that_asks_for_no_paper_of_the_exam_is_told_which_there_are():
    rubric = TINY["rubric.yaml"].replace("did: {what: lead.qualify}", "answered: {paper: finals}")
    assert mistakes(with_exam(rubric_yaml=rubric)) == [
        "rubric.yaml:9: exam.yaml has no paper 'finals'; possible: entry"
    ]
    assert mistakes(kept_files("tiny", {**TINY, "rubric.yaml": rubric})) == [
        "rubric.yaml:9: exam.yaml has no paper 'finals'; possible: –"
    ]
