"""The first page anybody sees, in both languages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watch
from tests.browser.serving import Site


@pytest.mark.parametrize(("locale", "lang"), [("en-US", "en"), ("zh-CN", "zh-Hans")])
def test_a_visitor_is_met_in_the_language_of_the_browser(
    browser: Browser, site: Site, assert_accessible: Callable[[Page], None], locale: str, lang: str
) -> None:
    context = browser.new_context(locale=locale)
    complaints = watch(context)
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator("html")).to_have_attribute("lang", lang)
    assert_accessible(page)
    context.close()
    assert complaints == []


def test_the_printed_sign_ins_open_the_site(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/login")
    page.fill("[name=login]", "manager")
    page.fill("[name=password]", site.password)
    page.click("form [type=submit]:not([name=language])")
    expect(page).not_to_have_url(re.compile("/login"))
    expect(page.locator("main")).to_contain_text(re.compile("王磊|任务|task", re.I))


def test_nothing_is_asked_of_another_machine(page: Page, site: Site) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{site.url}/login")
    page.wait_for_load_state("networkidle")
    assert hosts == {site.url.removeprefix("http://")}
