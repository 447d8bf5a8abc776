"""A rubric changed as a what-if, works marked by the keyboard, grades released, one disputed and answered."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person
from tests.browser.serving import Site, serving

GRADES = "/instructor/grades"
ESSAY = """\
  - key: essay
    title: {en: What the customer wants, zh: 客户想要什么}
    points: 10
    checks:
      - did: {what: lead.create}
      - by_hand: {scale: 5}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A class of its own: its rubric is changed."""
    with serving(tmp_path_factory.mktemp("grades")) as served:
        yield served


def test_from_a_changed_rubric_to_an_answered_dispute(visit: Callable[..., Person]) -> None:
    teacher, student = visit("teacher", "en"), visit("student", "zh")
    student.create(
        "leads",
        name="Grace",
        company="Hopper Lifts",
        description="Wants two lifts by the spring of next year.",
    )
    changes_the_rubric(teacher)
    marks_by_the_keyboard(teacher)
    releases(teacher)
    disputes(student)
    answers(teacher)
    student.open("/coach/grades", look=True)
    expect(student.page.locator("#disputes")).to_contain_text("It is well said.")
    expect(student.page.locator("#task-essay .card-tools")).to_contain_text("9.50 / 10")


def changes_the_rubric(teacher: Person) -> None:
    """A mistake is gone to by its line; then the class before and after; then it is put into force."""
    page = teacher.open(f"{GRADES}/rubric")
    text = page.locator("#rubric-text").input_value()
    page.locator("#rubric-text").fill(text + ESSAY.replace("lead.create", "lead.creat"))
    page.locator("#rubric-form .form-buttons button").first.click()
    page.locator(".rubric-problems a").first.click()
    expect(page.locator("#rubric-line")).to_have_text(str(len(text.splitlines()) + 5))
    page.locator("#rubric-text").fill(text + ESSAY)
    page.locator("#rubric-form .form-buttons button").first.click()
    expect(page.locator("#what-if canvas")).to_be_visible()
    teacher.look()
    page.locator("#rubric-reason").fill("An essay is added")
    teacher.press("#rubric-form .form-buttons .btn-primary")
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    expect(page.locator(".grade-matrix thead")).to_contain_text("What the customer wants")


def marks_by_the_keyboard(teacher: Person) -> None:
    """J and K go on and back, a figure and Enter mark and lead on; then the student's own, by name."""
    page = teacher.open(f"{GRADES}/marking/work?task=essay&check=1", look=True)
    expect(page.locator("h1")).to_contain_text("Work 1 of")
    for key, shown in (("j", "Work 2 of"), ("k", "Work 1 of")):
        with page.expect_navigation():
            page.keyboard.press(key)
        expect(page.locator("h1")).to_contain_text(shown)
    page.keyboard.type("4")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".mark-state")).to_contain_text("1 of")
    teacher.open(GRADES)
    teacher.press(page.locator("tbody th", has_text="student").locator("a"))
    page.locator("#mark-essay-1").fill("4")
    page.locator("#mark-essay-1").press("Enter")
    expect(page.locator("#flash .alert-success").first).to_be_visible()


def releases(teacher: Person) -> None:
    page = teacher.open(GRADES)
    page.locator(".page-actions .btn-primary").click()
    with page.expect_navigation():
        page.locator("dialog[open] .btn-primary").click()
    expect(page.locator("#flash .alert-success").first).to_be_visible()


def disputes(student: Person) -> None:
    """The student points at a step of the essay."""
    page = student.open("/coach/grades")
    student.press(page.locator('#task-essay a[href*="check=1"]'))
    page.locator("[name=text]").fill("我的说明里写清楚了客户的要求。")
    page.locator("[name=steps]").first.check()
    student.press(".dispute-form .btn-primary")
    expect(page.locator("#disputes")).to_contain_text("我的说明里写清楚了客户的要求。")


def answers(teacher: Person) -> None:
    """Nobody else grades in the demo class: the teacher decides, which is noted."""
    page = teacher.open("/instructor/disputes")
    teacher.press(page.locator("main tbody th a").first)
    teacher.look()
    expect(page.locator("#decide .alert-warning")).to_be_visible()
    page.locator("#v-points").check()
    page.locator("#d-points").fill("9.5")
    page.locator("#d-reason").fill("It is well said.")
    teacher.press("#decide .btn-primary")
    expect(page.locator("#flash .alert-success").first).to_be_visible()
