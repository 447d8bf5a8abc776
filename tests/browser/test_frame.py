"""The frame: languages, colours, small screens, the keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, TAGS, Person

STUDENT_PAGES = (
    "/",
    "/leads/",
    "/leads/new",
    "/leads/filters",
    "/leads/bin",
    "/leads/reports/status",
    "/customers/",
    "/contacts/",
    "/opportunities/",
    "/opportunities/board",
    "/products/",
    "/activities/",
    "/reports/",
    "/coach",
    "/notices",
    "/settings",
    "/search?q=138",
)
TEACHER_PAGES = (
    "/instructor/registrations",
    "/instructor/users",
    "/instructor/positions",
    "/instructor/sharing",
    "/instructor/groups",
    "/instructor/log",
    "/instructor/grades",
)
RECORDS = ("leads", "customers", "contacts", "opportunities", "activities", "products")


@pytest.mark.parametrize(("login", "pages"), [("student", STUDENT_PAGES), ("teacher", TEACHER_PAGES)])
def test_pages_have_no_barrier_in_the_dark_and_fit_a_telephone(
    visit: Callable[..., Person], login: str, pages: tuple[str, ...]
) -> None:
    person = visit(login, color_scheme="dark", viewport=PHONE)
    details = [person.records(f"/{slug}/")[0] for slug in RECORDS] if login == "student" else []
    for path in (*pages, *details):
        person.open(path, look=True)
        beyond = person.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert beyond <= 0, f"{path} is {beyond} px too wide"


def test_records_have_no_barrier(visit: Callable[..., Person], language: str) -> None:
    person = visit("student", language)
    for slug in RECORDS:
        person.open(person.records(f"/{slug}/")[0], look=True)
    lead = person.create("leads", name="Forms", company="Forms Ltd")
    for verb in ("edit", "convert", "disqualify", "transfer", "delete"):
        person.open(f"{lead}/{verb}", look=True)


def test_console_pages_have_no_barrier(visit: Callable[..., Person], language: str) -> None:
    person = visit("teacher", language)
    person.open("/")
    links = person.page.locator('.side-menu a[href^="/instructor/"]')
    pages = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(pages) >= len(TEACHER_PAGES)
    for path in pages:
        person.open(path, look=True)


def test_the_language_is_switched_and_remembered(visit: Callable[..., Person]) -> None:
    person = visit("student", "en")
    person.open("/leads/")
    expect(person.page.locator("h1")).to_have_text("Leads")
    person.press("header button[name=language]")
    expect(person.page.locator("html")).to_have_attribute("lang", TAGS["zh"])
    expect(person.page.locator("h1")).to_have_text("线索")
    assert person.here() == "/leads/"
    again = visit("student", "zh")
    expect(again.page.locator("html")).to_have_attribute("lang", TAGS["zh"])
    person.press("header button[name=language]")
    expect(person.page.locator("h1")).to_have_text("Leads")


def test_colours_are_switched_at_once_and_remembered(visit: Callable[..., Person]) -> None:
    person = visit("observer", color_scheme="light")
    root, button = person.page.locator("html"), person.page.locator("form[data-theme-form] button")
    expect(root).to_have_attribute("data-bs-theme", "light")
    for theme in ("light", "dark"):
        with person.page.expect_response(lambda answer: answer.url.endswith("/theme")):
            button.click()
        expect(root).to_have_attribute("data-theme", theme)
    expect(root).to_have_attribute("data-bs-theme", "dark")
    person.open("/leads/", look=True)
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_the_keyboard_alone_reaches_the_content_the_search_and_a_menu(visit: Callable[..., Person]) -> None:
    person = visit("student")
    page, keys = person.open("/leads/"), person.page.keyboard
    keys.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    keys.press("/")
    expect(page.locator("#search-box")).to_be_focused()
    page.locator(".user-button").focus()
    keys.press("Enter")
    keys.press("ArrowDown")
    expect(page.locator('.dropdown-menu.show a[href="/settings"]')).to_be_focused()
    keys.press("Escape")
    expect(page.locator(".dropdown-menu.show")).to_have_count(0)
    expect(page.locator(".user-button")).to_be_focused()


def test_the_menu_of_a_small_screen_opens_and_leads_on(visit: Callable[..., Person]) -> None:
    person = visit("student", viewport=PHONE)
    page = person.open("/")
    expect(page.locator("#side")).not_to_be_in_viewport()
    page.locator(".menu-button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#side")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).not_to_be_in_viewport()
    page.locator(".menu-button").click()
    person.press('#side a[href="/customers/"]')
    assert person.here() == "/customers/"
