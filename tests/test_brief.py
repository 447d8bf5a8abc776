"""The brief of the scenario is read by the student, in both languages, as it was when the course was opened."""

import pytest

from labapp.people.directory import sandboxes_of
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import read_scenario
from tests.conftest import Browser
from tests.test_scenarios import seated
from tests.world import Person


@pytest.fixture
def student(app):
    course = open_course(read_scenario(scenario_folder("data-cleaning")), Opening("autumn", students=1))
    sandbox_id = sandboxes_of(course.id)[0].id
    member = seated(sandbox_id, "s001")
    return Browser(app, Person("李娜", "s001", member.account_id, member.id, sandbox_id))


@pytest.mark.parametrize(
    ("language", "heading", "rule"),
    [("zh", ">数据标准</h", "11 位数字"), ("en", ">The data standard</h", "eleven digits")],
)
def test_the_brief_stands_in_the_readers_language(student, language, heading, rule):
    student.post("/language", {"language": language, "next": "/"})
    page = student.get("/coach/brief").get_data(as_text=True)
    assert heading in page
    assert rule in page
    assert "<table>" in page
    assert 'href="/coach/brief"' in student.get("/coach").get_data(as_text=True)


def test_a_course_without_a_brief_says_so(cast, browse):
    page = browse(cast.ben).get("/coach/brief")
    assert page.status_code == 200
    assert "This course has no brief." in page.get_data(as_text=True)
