"""Assistants and observers: every console page they may open, and a clear sentence where they may not."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Person

pytestmark = pytest.mark.slow
PASSWORD = "correct horse battery"
NOT_OPEN = {
    "zh": "你的角色不能打开控制台的这个页面。",
    "en": "This page of the console is not open to your role.",
}
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth + 1"
MINE = {"/instructor/registrations", "/instructor/log", "/instructor/grades", "/instructor/wall"}


def console(person: Person) -> list[str]:
    """The console pages in the menu."""
    person.open("/")
    links = person.page.locator('.side-menu a[href^="/instructor/"]')
    found: list[str] = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return found


def test_an_assistant_walks_the_console(visit: Callable[..., Person]) -> None:
    teacher = visit("teacher", "zh")
    taken_on(visit(language="zh"), teacher)
    assistant = visit(language="zh", color_scheme="dark", viewport=PHONE).sign_in("assistant7", PASSWORD)
    mine = console(assistant)
    assert set(mine) >= MINE
    for path in mine:
        page = assistant.open(path, look=True)
        expect(page.locator("main h1")).to_have_count(1)
        assert not page.evaluate(TOO_WIDE), f"{path} is wider than a phone"
    refused(assistant, [path for path in console(teacher) if path not in mine])


def taken_on(newcomer: Person, teacher: Person) -> None:
    """Somebody registers, and the instructor makes them an assistant."""
    teacher.open("/instructor/courses")
    code = teacher.open("/").locator(".join-code").inner_text().strip()
    newcomer.open("/register")
    newcomer.fill(name="郑助教", number="assistant7", email="a7@school.test", class_name="A", join_code=code)
    newcomer.fill(password=PASSWORD, confirm=PASSWORD)
    newcomer.save()
    page = teacher.open("/instructor/registrations")
    page.locator("tbody tr", has_text="assistant7").locator("input[name=ids]").check()
    teacher.fill(role="assistant")
    teacher.press("form#registrations button:not([formaction])")
    expect(page.locator("#flash .alert-success").first).to_be_visible()


def refused(person: Person, paths: list[str]) -> None:
    """Each says that it is not open, in the reader's language; the first is looked at."""
    assert len(paths) > 10
    for path in paths:
        page = person.open(path, look=path == paths[0])
        expect(page.locator("body")).to_have_attribute("data-error", "403")
        expect(page.locator("main")).to_contain_text(NOT_OPEN[person.language])


def test_an_observer_reads_and_has_no_console(visit: Callable[..., Person]) -> None:
    observer, teacher = visit("observer", "en"), visit("teacher", "en")
    assert console(observer) == []
    refused(observer, console(teacher))
    for path in ("/", "/exams/", "/coach", "/leads/", "/leads/filters", "/settings"):
        page = observer.open(path, look=True)
        expect(page.locator("main h1")).to_have_count(1)
    observer.open(observer.records("/customers/")[0], look=True)
    offered = observer.page.locator(
        "main a.btn[href*='/edit'], main a.btn[href$='/delete'], main a[href*='/new']"
    )
    expect(offered).to_have_count(0)


def test_the_slider_of_a_record_takes_time_and_list_along(visit: Callable[..., Person]) -> None:
    page = visit("teacher", bypass_csp=True).open("/instructor/log/was/membership/2?version=1")
    page.add_style_tag(content=".was-list { max-height: 3rem !important; }")
    before = page.locator("#at").get_attribute("value")
    slider = page.locator("#version")
    slider.press("End")
    shown = page.locator("#was .list-tools time")
    expect(shown).to_have_attribute("datetime", re.compile(f"^(?!{before})"))
    expect(page.locator("#at")).to_have_attribute("value", str(shown.get_attribute("datetime")))
    expect(page.locator(".was-list .picked")).to_be_in_viewport()
    assert page.locator(".was-list").evaluate("list => list.scrollTop") > 0
