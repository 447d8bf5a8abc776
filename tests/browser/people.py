"""Somebody of the demo class at a browser: what a hand does, in words of the product."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.serving import Site

LANGUAGES = ("zh", "en")
LOCALES = {"zh": "zh-CN", "en": "en-US"}
TAGS = {"zh": "zh-Hans", "en": "en"}
PHONE = {"width": 375, "height": 800}


@dataclass
class Person:
    """A page of one browser context, the language it is read in, and axe."""

    page: Page
    site: Site
    language: str
    accessible: Callable[[Page], None]

    def open(self, path: str, look: bool = False) -> Page:
        """Go to a page of the site; with `look` it must also be in the language and without a barrier."""
        self.page.goto(self.site.url + path)
        if look:
            self.look()
        return self.page

    def look(self) -> None:
        """The page as it stands is in the reader's language, and axe finds nothing."""
        expect(self.page.locator("html")).to_have_attribute("lang", TAGS[self.language])
        self.page.wait_for_load_state("networkidle")
        self.accessible(self.page)

    def speak(self) -> None:
        """Switch to the language of this person where the page is in the other one."""
        if self.page.locator("html").get_attribute("lang") != TAGS[self.language]:
            self.page.locator("header button[name=language]").click()
        expect(self.page.locator("html")).to_have_attribute("lang", TAGS[self.language])

    def sign_in(self, login: str, password: str = "") -> Person:
        self.open("/login")
        self.fill(login=login, password=password or self.site.password)
        self.press("main form button[type=submit]")
        expect(self.page.locator("body")).not_to_have_attribute("data-account", "")
        self.speak()
        return self

    def fill(self, **values: str) -> None:
        """Type into the fields of the main part by their names; choose where there is a choice."""
        for name, value in values.items():
            field = self.page.locator(f"main [name={name}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, what: str | Locator) -> None:
        """Click something that leads to another page, and wait until it is there."""
        target = self.page.locator(what) if isinstance(what, str) else what
        with self.page.expect_navigation():
            target.first.click()

    def save(self) -> None:
        self.press("main form.form .form-buttons button[type=submit]")

    def do(self, address: str, verb: str, look: bool = False, **values: str) -> None:
        """Use a button of a record's page: its form is filled in and sent."""
        self.open(address)
        self.press(f'main a[href="{address}/{verb}"]')
        if look:
            self.look()
        self.fill(**values)
        self.save()

    def create(self, slug: str, **values: str) -> str:
        """A new record by its form; the address of its page."""
        self.open(f"/{slug}/new")
        self.fill(**values)
        self.save()
        return self.here()

    def here(self) -> str:
        """The address of the page without host and question."""
        return re.sub(r"[?#].*", "", self.page.url.removeprefix(self.site.url))

    def records(self, list_address: str) -> list[str]:
        """The addresses of the records a list shows, from the top."""
        self.open(list_address)
        slug = list_address.split("/")[1]
        links = self.page.locator(f'main tbody a[href^="/{slug}/"]')
        return list(
            dict.fromkeys(links.evaluate_all("links => links.map(link => link.getAttribute('href'))"))
        )
