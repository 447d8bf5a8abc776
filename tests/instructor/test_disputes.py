"""Disputes: a student points at own steps; another member of staff than who gave the mark decides, with a reason.

Ada manages Ben and Cy. Ines instructs, Tess assists, Olga observes.
"""

import re

import pytest
from sqlalchemy import select, update

from labapp.db import begin_write, db
from labapp.gradebook.models import DECISION, DISPUTE, LedgerEntry
from labapp.notices.models import Notice
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Membership
from tests.grading_class import count, worked  # noqa: F401 (a fixture)
from tests.instructor.test_grades import page
from tests.tables import everything, moved

WHAT = {"task": "essay", "check": "1", "text": "My essay stands in the description of lead 1."}


@pytest.fixture
def ben(worked, browse, cast):  # noqa: F811
    """Ben, whose essay Ines has marked, after the release."""
    worked.post("/instructor/grades/s002/mark", {"task": "essay", "check": "1", "points": "1"})
    worked.post("/instructor/grades/release")
    return browse(cast.ben)


def own_step(cast) -> int:
    query = select(Operation.id).where(Operation.member == cast.ben.key, Operation.verb == "create")
    return db.session.scalars(query).first()


def disputes(ben, cast, **more) -> int:
    return ben.post("/coach/grades/dispute", {**WHAT, "steps": own_step(cast), **more}).status_code


def told(person) -> list[str]:
    db.session.remove()
    query = select(Notice.text_en).where(
        Notice.membership_id == person.membership_id, Notice.topic == "grades"
    )
    return list(db.session.scalars(query))


def rows(kind: str) -> list[LedgerEntry]:
    db.session.remove()
    return list(db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == kind)))


# -- the student -----------------------------------------------------------------------------------


def test_grades_are_seen_and_disputed_only_once_they_are_out(worked, browse, cast):  # noqa: F811
    ben, stands = browse(cast.ben), everything()
    assert "have not been released yet" in page(ben, "/coach/grades")
    assert disputes(ben, cast) == 403
    assert moved(stands) == []
    worked.post("/instructor/grades/release", {"member": "s002"})
    assert "10.00 / 10" in page(ben, "/coach/grades")
    assert "have not been released yet" in page(browse(cast.cy), "/coach/grades")


def test_a_dispute_points_at_own_steps_and_reaches_those_who_grade(ben, browse, cast):
    form = page(ben, "/coach/grades/dispute?task=essay&check=1")
    assert "Marked 1 of 4." in form
    assert f'value="{own_step(cast)}"' in form
    assert disputes(ben, cast) == 302
    entry = rows(DISPUTE)[0]
    assert (entry.task, entry.check, entry.details["steps"]) == ("essay", 1, [own_step(cast)])
    assert told(cast.tess) == told(cast.ines) == ["Ben disputes a grade (Essay)."]
    assert told(cast.ben) == ["Your grades have been released."]
    shown = page(browse(cast.tess), "/instructor/disputes")
    assert "My essay stands in the description of lead 1." in shown
    assert "<td>Essay · check 2</td>" in shown
    assert "waiting for an answer" in page(ben, "/coach/grades")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"text": " "}, "Say in your own words"),
        ({"steps": ""}, "at least one of your own"),
        ({"more": "12x"}, "named by their numbers"),
        ({"more": "1, 99999"}, "These are no steps of yours: 1, 99999."),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept(more, sentence, ben, cast):
    stands = everything()
    answer = ben.post("/coach/grades/dispute", {**WHAT, "steps": own_step(cast), **more})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert more.get("text", WHAT["text"]) in answer.text
    assert moved(stands) == []


def test_steps_of_others_cannot_be_pointed_at(ben, browse, cast):
    foreign = db.session.scalars(select(Operation.id).where(Operation.member == cast.cy.key)).first()
    assert disputes(ben, cast, steps=foreign) == 422


def test_only_work_is_offered_as_a_step_to_point_at(ben, cast):
    assert disputes(ben, cast, text="") == 422
    assert ben.get("/instructor/log").status_code == 403
    shown = page(ben, "/coach/grades/dispute?task=essay&check=1")
    numbers = [int(number) for number in re.findall(r'name="steps" value="(\d+)"', shown)]
    offered = db.session.scalars(select(Operation).where(Operation.id.in_(numbers)))
    assert {step.kind for step in offered} == {"lead"}


def test_a_dispute_has_a_word_in_the_log(ben, worked, cast):  # noqa: F811
    assert disputes(ben, cast, text="") == 422
    shown = page(worked, "/instructor/log?member=s002&verb=dispute")
    assert "Disputed · Session" in shown
    assert '<option value="dispute" selected>Disputed</option>' in shown


def test_a_check_is_not_disputed_twice_while_the_first_waits(ben, cast):
    assert disputes(ben, cast) == 302
    assert disputes(ben, cast) == 422
    assert disputes(ben, cast, check="0") == 302, "another check may be"
    number = rows(DISPUTE)[0].id
    assert ben.post(f"/coach/grades/disputes/{number}/withdraw").status_code == 302
    assert "taken back" in page(ben, "/coach/grades")
    assert disputes(ben, cast) == 302


def test_after_the_deadline_nobody_disputes(worked, browse, cast):  # noqa: F811
    assert worked.post("/instructor/grades/release", {"until": "2026-09-07T08:00"}).status_code == 422
    assert worked.post("/instructor/grades/release", {"until": "2026-09-08T08:00"}).status_code == 302
    ben = browse(cast.ben)
    assert "until 2026-09-08 08:00" in page(ben, "/coach/grades")
    from tests.grading_class import the_sandbox

    begin_write()
    the_sandbox().clock_base = the_sandbox().clock_base.replace(day=9)
    db.session.commit()
    assert disputes(ben, cast) == 403
    assert "The time for disputes is over." in page(ben, "/coach/grades")


@pytest.mark.parametrize("name", ["olga", "tess", "ines"])
def test_only_students_dispute(name, ben, browse, cast):
    stands = everything()
    answer = browse(getattr(cast, name)).post("/coach/grades/dispute", {**WHAT, "steps": "1"})
    assert answer.status_code == 403
    assert moved(stands) == []


def test_a_dispute_of_somebody_else_is_not_taken_back(ben, browse, cast):
    disputes(ben, cast)
    number = rows(DISPUTE)[0].id
    assert browse(cast.cy).post(f"/coach/grades/disputes/{number}/withdraw").status_code == 403
    assert len(rows("withdrawn")) == 0


# -- those who decide ------------------------------------------------------------------------------


def decide(browser, number: int, **form) -> int:
    return browser.post(f"/instructor/disputes/{number}", form).status_code


@pytest.fixture
def number(ben, cast) -> int:
    disputes(ben, cast)
    return rows(DISPUTE)[0].id


def test_who_gave_the_mark_does_not_decide(number, worked, browse, cast):  # noqa: F811
    shown = page(worked, f"/instructor/disputes/{number}")
    assert "You gave the disputed mark, so somebody else decides: Tess." in shown
    assert decide(worked, number, verdict="stands", reason="No.") == 403
    assert rows(DECISION) == []


def test_another_decides_with_a_reason_and_the_student_is_told(number, ben, browse, cast):
    tess = browse(cast.tess)
    assert "Marked 1 of 4." in page(tess, f"/instructor/disputes/{number}")
    for form in ({"reason": "x"}, {"verdict": "stands"}, {"verdict": "points", "points": "6", "reason": "x"}):
        assert decide(tess, number, **form) == 422
    assert decide(tess, number, verdict="points", points="4.5", reason="You are right.") == 302
    entry = rows(DECISION)[0]
    assert (entry.about_id, entry.points, entry.account, entry.details) == (
        number,
        4.5,
        "tess@school.test",
        None,
    )
    assert told(cast.ben)[-1] == "Your dispute has been answered."
    shown = page(ben, "/coach/grades")
    assert "The task gets 4.50 points." in shown
    assert "You are right." in shown
    assert "4.50 / 5" in shown
    assert decide(tess, number, verdict="stands", reason="Once more.") == 422, "it is answered"
    assert db.session.scalars(select(AdminEntry.action)).all()[-1] == "grade.decision"


def test_a_mark_that_stands_stays_as_it_was(number, ben, browse, cast):
    assert decide(browse(cast.tess), number, verdict="stands", reason="It is too short.") == 302
    assert "The mark stands." in page(ben, "/coach/grades")
    assert "1.25" not in page(ben, "/coach/grades")


def test_where_nobody_else_grades_the_instructor_decides_and_that_is_noted(number, worked, cast):  # noqa: F811
    begin_write()
    db.session.execute(update(Membership).where(Membership.key == cast.tess.key).values(state="left"))
    db.session.commit()
    shown = page(worked, f"/instructor/disputes/{number}")
    assert "Nobody else grades in this course" in shown
    assert decide(worked, number, verdict="stands", reason="Read again.") == 302
    assert rows(DECISION)[0].details == {"alone": True}
    assert "because nobody else graded" in page(worked, f"/instructor/disputes/{number}")


@pytest.mark.parametrize("name", ["olga", "ben", "ada", "dee"])
def test_others_see_and_decide_nothing(name, number, browse, cast):
    browser, stands = browse(getattr(cast, name)), everything()
    for url in ("/instructor/disputes", f"/instructor/disputes/{number}"):
        assert browser.get(url).status_code == 403
    assert decide(browser, number, verdict="stands", reason="x") == 403
    assert moved(stands) == []


def test_there_is_no_dispute_of_another_number(number, worked):  # noqa: F811
    assert worked.get("/instructor/disputes/999").status_code == 404
    assert decide(worked, 999, verdict="stands", reason="x") == 404


def test_answered_ones_leave_the_list_that_waits(number, browse, cast):
    tess = browse(cast.tess)
    decide(tess, number, verdict="stands", reason="x")
    assert "No dispute waits" in page(tess, "/instructor/disputes")
    assert re.search(r"/instructor/disputes/\d+", page(tess, "/instructor/disputes?state=decided"))
    assert count(LedgerEntry) == 4
