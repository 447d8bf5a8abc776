"""The main page of each module, in both languages: no barrier, nothing wider than a phone, a table to every chart."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE

# Who reads in this language, in light or dark, and whether on a phone.
WAYS = {
    "zh": ("manager", "dark", True),
    "en": ("student", "light", False),
}
PAGES = (
    "/",
    "/calendar?view=week",
    "/competitors/",
    "/forecasts/",
    "/campaigns/1",
    "/tickets/new",
    "/knowledge/",
    "/documents/",
    "/reports/opportunities",
    "/opportunities/reports/bottleneck",
    "/leads/import",
    "/leads/quality",
)
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth + 1"


@pytest.mark.timeout(180)
def test_the_main_page_of_each_module(visit, language):
    who, scheme, phone = WAYS[language]
    options = {"viewport": PHONE} if phone else {}
    person = visit(who, language, color_scheme=scheme, **options)
    for path in PAGES:
        page = person.open(path, look=True)
        expect(page.locator("main h1")).to_have_count(1)
        assert not page.evaluate(TOO_WIDE), f"{path} is wider than the window"
        if page.locator("main [data-chart]").count():
            assert page.locator("main table").count(), f"the chart of {path} has no table"
