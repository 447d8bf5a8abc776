"""A gradebook that spans the sandboxes of a course (modes team and individual), and one of two hundred students."""

import re

import pytest
from sqlalchemy import select

from labapp import jobs
from labapp.access.actor import system_actor
from labapp.db import begin_write, db
from labapp.gradebook import bank, running
from labapp.gradebook.models import BankComment, GradeRun, LedgerEntry, RubricVersion
from labapp.gradebook.runs import run
from labapp.people.models import Account, Course, Membership, Sandbox
from labapp.records.setup import Setup
from tests import world
from tests.grading_class import RUBRIC, count, set_rubric, the_sandbox, worked  # noqa: F401 (a fixture)
from tests.instructor.test_grades import page
from tests.world import START


def seat(sandbox: Sandbox, number: int, role: str = "student", account_id: int | None = None, **more) -> None:
    """A student of a sandbox with an account of their own; or somebody who is there already."""
    key = f"s{number:03}" if role == "student" else f"t{number:03}"
    if account_id is None:
        account = Account(
            name=f"Student {number}", number=f"n{number:04}", email=f"student{number}@school.test"
        )
        begin_write()
        db.session.add(account)
        db.session.commit()
        account_id = account.id
    with Setup(system_actor(sandbox), "membership.create", nobody=True) as work:
        work.create(
            Membership,
            course_id=sandbox.course_id,
            account_id=account_id,
            key=key,
            name=f"Student {number}",
            number=f"n{number:04}",
            role=role,
            state="active",
            positions=[],
            **more,
        )


@pytest.fixture
def second(worked, cast) -> Sandbox:  # noqa: F811
    """Another sandbox of the course, with one student; Ines instructs there too."""
    begin_write()
    times = {"starts_at": START, "clock_base": START, "last_lab_at": START}
    sandbox = Sandbox(
        course_id=the_sandbox().course_id,
        name="autumn-a/team-2",
        unit="team-2",
        scenario="none",
        state="open",
        **times,
    )
    db.session.add(sandbox)
    db.session.commit()
    seat(sandbox, 101)
    seat(sandbox, 2, "instructor", cast.ines.account_id)
    return sandbox


def test_the_gradebook_spans_the_sandboxes_of_the_course(worked, second):  # noqa: F811
    shown = page(worked, "/instructor/grades")
    assert "Ben" in shown
    assert "Student 101" in shown
    assert "team-2" in shown
    assert "Student 101" in page(worked, "/instructor/grades/s101")
    assert worked.get("/instructor/grades/s102").status_code == 404
    table = worked.get("/instructor/grades/export.csv").data.decode("utf-8-sig")
    assert [row.split(",")[0] for row in table.splitlines()] == [
        "member",
        "s001",
        "s002",
        "s003",
        "s004",
        "s101",
    ]


def test_words_and_releases_reach_every_sandbox(worked, second):  # noqa: F811
    form = {"task": "make", "points": "6", "reason": "shown in class"}
    assert worked.post("/instructor/grades/s101/override", form).status_code == 302
    assert worked.post("/instructor/grades/release").status_code == 302
    assert count(LedgerEntry) == 3, "one word, and a release in each sandbox"
    assert "<strong>6.00</strong> / 10" in page(worked, "/instructor/grades/s101")
    assert "shown in class" in page(worked, "/instructor/grades/history?member=s101")
    assert "shown in class" not in page(worked, "/instructor/grades/history?member=s002")
    assert worked.post("/instructor/grades/run").status_code == 302
    assert (
        worked.post(
            "/instructor/grades/rubric", {"text": RUBRIC.replace("points: 10", "points: 20")}
        ).status_code
        == 200
    )


def test_simulated_company_is_in_no_gradebook(worked, second):  # noqa: F811
    with Setup(system_actor(the_sandbox_of(second.id)), "membership.create", nobody=True) as work:
        work.create(
            Membership,
            course_id=second.course_id,
            key="c001",
            name="Robo Boss",
            role="student",
            state="simulated",
            positions=[],
        )
    assert "Robo Boss" not in page(worked, "/instructor/grades?seats=all")
    assert worked.get("/instructor/grades/c001").status_code == 404


def the_sandbox_of(number: int) -> Sandbox:
    return db.session.get(Sandbox, number, populate_existing=True)


def test_two_hundred_students_and_thirty_tasks_are_shown_at_once(worked, cast):  # noqa: F811
    task = "  - {{key: t{0}, title: {{en: Task {0}, zh: 任务{0}}}, points: 5, checks: [did: {{what: lead.create}}]}}\n"
    head = "rubric: 1\ntitle: {en: Many, zh: 多}\npass: 50\ntasks:\n"
    set_rubric(head + "".join(task.format(n) for n in range(30)))
    sandbox = the_sandbox()
    for number in range(200, 396):
        seat(sandbox, number)
    page(worked, "/instructor/grades")  # the log is read
    answer = worked.get("/instructor/grades")
    assert len(re.findall(r'<td class="num[^"]*"><a href="/instructor/grades/s\d+#', answer.text)) == 200 * 30


def test_what_belongs_to_another_course_is_not_there(worked, cast, browse):  # noqa: F811
    """Ines teaches in autumn-a; the same things stand in another course."""
    other = world.build("spring-b")
    begin_write()
    course_id = db.session.get(Sandbox, other["Ines"].sandbox_id).course_id
    db.session.get(Course, course_id).rubric = RUBRIC
    db.session.commit()
    begin_write()
    sandbox_id, there = other["Ben"].sandbox_id, other["Ben"]
    values = {"sandbox_id": sandbox_id, "membership_id": there.membership_id, "account": "x", "task": "make"}
    entry = LedgerEntry(kind="dispute", check=0, reason="x", details={"steps": [1]}, **values)
    kept = BankComment(course_id=course_id, text="x", account_id=cast.ines.account_id, shared=True)
    db.session.add_all([entry, kept])
    db.session.commit()
    ids = (
        entry.id,
        kept.id,
        db.session.scalar(select(RubricVersion.id).where(RubricVersion.course_id == course_id)),
    )
    run_id = run_of(sandbox_id)
    gets = (
        f"disputes/{ids[0]}",
        f"grades/rubric/{ids[2]}",
        f"grades/rubric?version={ids[2]}",
        f"grades/runs/{run_id}.json",
    )
    for url in gets:
        assert worked.get(f"/instructor/{url}").status_code == 404, url
    posts = {
        f"disputes/{ids[0]}": {"verdict": "stands", "reason": "x"},
        f"grades/comments/{ids[1]}/retire": {},
    }
    for url, form in posts.items():
        assert worked.post(f"/instructor/{url}", form).status_code == 404, url
    assert "x" not in [row.text for row in bank.found(the_course(), cast.ines.account_id)]


def run_of(sandbox_id: int) -> int:
    run(db.session.get(Sandbox, sandbox_id, populate_existing=True))
    return db.session.scalar(select(GradeRun.id).where(GradeRun.sandbox_id == sandbox_id))


def the_course() -> int:
    return db.session.scalar(select(Course.id).order_by(Course.id))


def test_a_long_log_is_graded_by_a_job(worked, second, monkeypatch):  # noqa: F811
    monkeypatch.setattr(running, "LONG", 0)
    assert worked.post("/instructor/grades/run").status_code == 302
    assert worked.post("/instructor/grades/run").status_code == 302, "asked for twice, done once"
    assert "The grader is at work." in page(worked, "/instructor/grades")
    assert "The grader is at work." in worked.get("/instructor/grades/running").text
    assert (count(GradeRun), count(jobs.Job)) == (0, 1)
    jobs.work_off()
    assert count(GradeRun) == 2
    assert worked.get("/instructor/grades/running").headers["HX-Refresh"] == "true"
    text = RUBRIC.replace("points: 10", "points: 20")
    assert (
        worked.post("/instructor/grades/rubric/force", {"text": text, "reason": "worth more"}).status_code
        == 302
    )
    jobs.work_off()
    assert count(GradeRun) == 4
