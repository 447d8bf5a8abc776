"""What tests of examinations share: a course with three papers, and ways to sit them."""

from datetime import timedelta

import pytest

from labapp import clock
from labapp.db import begin_write, db
from labapp.modules.exams.kinds import SHOWN
from labapp.modules.exams.models import Attempt, CourseExam
from labapp.people.models import Sandbox
from labapp.scenario.exams import read_exam
from tests.small import BANK

RIGHT = {
    "q_single": ["right_one"],
    "q_multiple": ["a", "b"],
    "q_truth": "false",
    "q_number": "1400",
    "q_text": "联系人",
}
SECRETS = ("right_one", "q_single", "The secret reason", "1400", "a contact person", "联系人", '"right"')


@pytest.fixture
def exam(app, cast):
    """The course has an examination of three papers."""
    begin_write()
    content = read_exam(BANK).model_dump(mode="json")
    db.session.add(CourseExam(course_id=1, text=BANK, content=content))
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    sandbox.settings = {**sandbox.settings, SHOWN: True}
    sandbox.first_settings = {**sandbox.first_settings, SHOWN: True}
    db.session.commit()
    db.session.remove()


def begin(browser, paper="entry"):
    """Begin a paper; the id of the attempt."""
    answer = browser.post(f"/exams/papers/{paper}/start")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return int(answer.headers["Location"].rpartition("/")[2])


def attempt(attempt_id):
    db.session.remove()
    return db.session.get_one(Attempt, attempt_id)


def filled_in(attempt_id, answers=RIGHT):
    """The form with these answers, by place, as a browser sends it."""
    form = {}
    for place, question in enumerate(attempt(attempt_id).drawn["questions"], start=1):
        answer = answers.get(question["key"])
        if isinstance(answer, list):
            keys = [option["key"] for option in question["options"]]
            form[f"a{place}"] = [str(keys.index(key) + 1) for key in answer]
        elif answer is not None:
            form[f"a{place}"] = answer
    return form


def change(attempt_id, **values):
    """Move what the clock cannot be moved to."""
    begin_write()
    row = db.session.get_one(Attempt, attempt_id)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()
    db.session.remove()


def time_is_over(attempt_id):
    change(attempt_id, ends_at=clock.now() - timedelta(seconds=1))


def page(answer):
    return answer.get_data(as_text=True)


def told(steps):
    return [(step.verb, step.origin, step.outcome, step.answers) for step in steps]
