"""A scenario with an examination, from its files to the points of the student who knows everything."""

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.grading import grade, read_log, read_rubric
from labapp.grading.checks.answered import Answered
from labapp.lifecycle.verify import verify
from labapp.modules.exams.models import Attempt, CourseExam
from labapp.oplog.export import export
from labapp.people.models import Course, Membership, Sandbox
from labapp.scenario.files import kept_files
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_course, open_sandbox
from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario
from tests.conftest import Browser
from tests.playing import Player
from tests.small import BANK, TINY
from tests.test_scenarios import seated
from tests.world import Person

TASK = """\
  - key: paper
    title: {en: Sit the paper, zh: 参加测验}
    points: 30
    checks:
      - answered: {paper: entry}
"""
WALK = TINY["walkthrough.yaml"] + "  - {do: attempt.submit, answers: {paper: entry}}\n"
FILES = {**TINY, "exam.yaml": BANK, "rubric.yaml": TINY["rubric.yaml"] + TASK, "walkthrough.yaml": WALK}


def test_whoever_knows_everything_earns_every_point(app, tmp_path):
    scenario = read_scenario(kept_files("tiny", FILES))
    sandbox_id = open_sandbox(scenario, Opening("autumn", seed=5, students=2)).id
    member = seated(sandbox_id, "s001")
    person = Person("李娜", "s001", member.account_id, member.id, sandbox_id)
    Player(app, scenario, sandbox_id, member.id, Browser(app, person)).play()
    sandbox = db.session.get_one(Sandbox, sandbox_id)
    export(sandbox, tmp_path / "log.jsonl")
    log = read_log(tmp_path / "log.jsonl")
    found = grade(log, read_rubric(scenario.rubric.encode(), "rubric.yaml", log=log)).members
    assert {one.member.member: one.points for one in found} == {"s001": 40, "s002": 0}
    assert verify(sandbox) is None


def test_every_sandbox_of_a_course_has_the_one_examination_and_other_papers(app):
    scenario = read_scenario(kept_files("tiny", FILES))
    course = open_course(scenario, Opening("autumn", seed=5, students=3, mode="individual"))
    assert db.session.get_one(CourseExam, course.id).text == BANK
    seats = select(Membership.sandbox_id, Membership.key).join(Sandbox, Sandbox.id == Membership.sandbox_id)
    mine = seats.where(
        Sandbox.course_id == course.id, Membership.role == "student", Membership.state == "active"
    )
    drawn = {}
    for sandbox_id, key in db.session.execute(mine).all():
        member = seated(sandbox_id, key, f"2026{sandbox_id:04d}")
        browser = Browser(app, Person("李娜", key, member.account_id, member.id, sandbox_id))
        number = int(browser.post("/exams/papers/finals/start").headers["Location"].rpartition("/")[2])
        drawn[key] = str([q["key"] for q in db.session.get_one(Attempt, number).drawn["questions"]])
    assert len(drawn) == 3
    assert len(set(drawn.values())) > 1


def test_a_course_without_exam_has_none(app):
    course = db.session.get_one(
        Course, open_sandbox(read_scenario(kept_files("tiny", TINY)), Opening("b", students=1)).course_id
    )
    assert db.session.get(CourseExam, course.id) is None


def test_the_papers_that_are_shipped_can_be_drawn(app):
    exam = read_scenario(scenario_folder("sales-basics")).exam
    assert {paper.key for paper in exam.papers} == {"warm_up", "week_test"}
    assert {question.kind for question in exam.questions} == {"single", "multiple", "truth", "number", "text"}


def test_a_shipped_rubric_counts_a_paper_and_stays_at_a_hundred_points(app):
    """The walkthrough that sits it is played in test_scenarios, in both languages."""
    scenario = read_scenario(scenario_folder("crm-implementation"))
    rubric = read_rubric(scenario.rubric.encode(), "rubric.yaml")
    checks = [(task.key, line.check) for task in rubric.tasks for line in task.lines]
    papers = [(key, check.paper) for key, check in checks if isinstance(check, Answered)]
    assert papers == [("paper", "introduction")]
    assert sum(task.points for task in rubric.tasks) == 100


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "paper: entry}}",
            "paper: nothing}}",
            "walkthrough.yaml:4: 'nothing' is none of entry, finals, later",
        ),
        (", answers: {paper: entry}", "", "walkthrough.yaml:4: attempt.submit needs the answer 'paper'"),
    ],
)
def test_a_walkthrough_names_a_paper_that_exists(old, new, expected):
    with pytest.raises(BadScenario) as bad:
        read_scenario(kept_files("tiny", {**FILES, "walkthrough.yaml": WALK.replace(old, new)}))
    assert [str(problem) for problem in bad.value.problems] == [expected]
