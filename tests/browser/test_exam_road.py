"""An examination from the bank to the result: made, sat with every mishap, marked, released, read."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE, Person
from tests.browser.serving import Site

BANK = "/instructor/exams/bank"
PAPER = """\
  - key: road_{0}
    title: {{en: Road test {0}, zh: 全程测验 {0}}}
    minutes: 15
    attempts: 2
    shows: released
    shuffle: false
    draw: [{{topic: road, count: 3}}]
"""
TOPIC = "  road: {en: The whole road, zh: 全程}\n"
QUESTIONS = """\
  - key: road_choice
    topic: road
    kind: single
    ask: {en: Who opened the door?, zh: 谁开的门？}
    options:
      - {key: a, text: {en: The porter, zh: 门卫}, right: true}
      - {key: b, text: {en: The director, zh: 经理}}
  - key: road_number
    topic: road
    kind: number
    points: 2
    ask: {en: Seven times eight?, zh: 七乘八等于多少？}
    answer: 56
  - key: road_text
    topic: road
    kind: text
    points: 3
    ask: {en: What does a customer buy in the end?, zh: 客户最终购买的是什么？}
    accepts: [a solution, 解决方案]
"""
OPEN = {"en": "Without an answer: 2 of 3 questions.", "zh": "共 3 题，还有 2 题未作答。"}
TYPED = {"en": "a way out of a problem", "zh": "解决问题的办法"}


@pytest.fixture
def confirmed() -> Callable[[Person, str], None]:
    """Press a button that asks again, and say yes."""

    def press(person: Person, button: str) -> None:
        person.page.locator(button).first.click()
        with person.page.expect_navigation():
            person.page.locator("dialog[open] button:is(.btn-primary, .btn-danger)").first.click()

    return press


def test_an_examination_from_the_bank_to_the_result(
    visit: Callable[..., Person], language: str, site: Site, confirmed: Callable[[Person, str], None]
) -> None:
    teacher = visit("teacher", language)
    student = visit("student", language, viewport=PHONE)
    makes_a_paper(teacher)
    begins(student, confirmed)
    keeps_what_is_answered(student)
    runs_out_of_time(student, site)
    begins(student, confirmed)
    hands_in(student, confirmed)
    marks_the_text(teacher, f"Road test {language}" if language == "en" else f"全程测验 {language}")
    confirmed(teacher, '.page-actions form[action$="/release"] button')
    reads_the_result(student)


def makes_a_paper(teacher: Person) -> None:
    """A mistake is named by its line and the text is kept; then the paper is there."""
    page = teacher.open(BANK, look=True)
    text = page.locator("#text").input_value()
    whole = text.replace("questions:\n", PAPER.format(teacher.language) + "questions:\n", 1)
    if "road_choice" not in whole:
        whole = whole.replace("topics:\n", f"topics:\n{TOPIC}", 1) + QUESTIONS
    page.locator("#text").fill(whole.replace("minutes: 15", "minutes: soon", 1))
    page.locator("#exam-bank .form-buttons button").click()
    expect(page.locator(".mistakes li")).to_have_count(1)
    teacher.look()
    page.locator("#text").fill(whole)
    teacher.press("#exam-bank .form-buttons button")
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    teacher.open("/instructor/exams", look=True)
    expect(page.locator(f'main a[href$="/papers/road_{teacher.language}"]')).to_be_visible()


def begins(student: Person, confirmed: Callable[[Person, str], None]) -> None:
    """From the first page to the questions, of which no answer is in the page."""
    page = student.open("/")
    expect(page.locator(".exam-waiting")).to_be_visible()
    student.open("/exams/", look=True)
    confirmed(student, f'form[action="/exams/papers/road_{student.language}/start"] button')
    expect(page.locator(".exam-question")).to_have_count(3)
    student.look()
    assert "解决方案" not in page.content()
    assert "a solution" not in page.content()


def saved(page: Page, answered: int) -> None:
    expect(page.locator(f'#exam-saved [data-answered="{answered}"]')).to_be_visible()


def keeps_what_is_answered(student: Person) -> None:
    """By itself; after a reload, in a second window, and by the back button."""
    page = student.page
    page.locator('[name=a1][value="1"]').check()
    saved(page, 1)
    page.locator("[name=a2]").fill("５６")
    saved(page, 2)
    page.reload()
    expect(page.locator('[name=a1][value="1"]')).to_be_checked()
    expect(page.locator("[name=a2]")).to_have_value("５６")
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("[name=a2]")).to_have_value("５６")
    second.locator("[name=a2]").fill("57")
    saved(second, 2)
    page.locator("[name=a2]").fill("58")
    expect(page.locator("#exam-saved [role=alert]")).to_be_visible()
    student.look()
    second.close()
    page.reload()
    expect(page.locator("[name=a2]")).to_have_value("58")  # what was typed last
    saved(page, 2)
    student.press('main a[href="/exams/"]')
    page.go_back()
    expect(page.locator("[name=a2]")).to_have_value("58")
    page.locator("[name=a2]").fill("56")
    saved(page, 2)


def runs_out_of_time(student: Person, site: Site) -> None:
    """The page knows it by itself; what was saved is handed in, and told so."""
    page = student.page
    number = int(re.search(r"/exams/(\d+)", page.url)[1])  # type: ignore[index]
    ends = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=2)
    with sqlite3.connect(site.data / "demo" / "labapp.sqlite", timeout=20) as file:
        file.execute("UPDATE attempt SET ends_at = ? WHERE id = ?", (ends.isoformat(" "), number))
    page.reload()
    expect(page.locator("form.exam")).to_have_count(0)
    expect(page.locator("main .alert-info").first).to_be_visible()
    student.look()


def hands_in(student: Person, confirmed: Callable[[Person, str], None]) -> None:
    """Everything answered; after that nothing can be changed, by no button."""
    page = student.page
    page.locator('[name=a1][value="1"]').check()
    hand_in = page.locator("form.exam .exam-bar .btn-primary")
    hand_in.click()
    expect(page.locator("dialog[open]")).to_contain_text(OPEN[student.language])
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator("[name=a2]").fill("56")
    page.locator("[name=a3]").fill(TYPED[student.language])
    hand_in.click()
    expect(page.locator("dialog[open]")).not_to_contain_text("3")
    page.keyboard.press("Escape")
    confirmed(student, "form.exam .exam-bar .btn-primary")
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    expect(page.locator("form.exam")).to_have_count(0)
    expect(page.locator(".exam-outcomes")).to_have_count(0)
    student.look()
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator("form.exam")).to_have_count(0)


def marks_the_text(teacher: Person, title: str) -> None:
    """The program does not know the answer; the instructor reads it and gives two points of three."""
    page = teacher.open("/instructor/exams")
    teacher.press(page.locator("main a", has_text=title))
    teacher.look()
    row = page.locator("#exam-people tr", has=page.locator("a[href*='/attempts/']")).first
    teacher.press(row.locator("a[href*='/attempts/']").last)
    teacher.look()
    expect(page.locator(".stats")).to_contain_text("3 / 6")
    entry = page.locator(".exam-outcomes > li", has_text=TYPED[teacher.language])
    entry.locator("[name=points]").fill("2")
    teacher.press(entry.locator("form button"))
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    expect(page.locator(".stats")).to_contain_text("5 / 6")
    teacher.look()
    teacher.press(".breadcrumb a[href*='/papers/']")


def reads_the_result(student: Person) -> None:
    page = student.open("/exams/", look=True)
    paper = page.locator("article", has=page.locator("h2", has_text=re.compile(f" {student.language}$")))
    expect(paper).to_contain_text("5 / 6")
    student.press(paper.locator(".exam-attempts a").last)
    expect(page.locator(".exam-outcomes > li")).to_have_count(3)
    expect(page.locator(".exam-outcomes")).to_contain_text("解决方案")
    student.look()
