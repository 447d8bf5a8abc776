"""Chromium of the machine, a served demo class, and what every page must keep to.

A missing Chromium or Chinese font fails in CI; elsewhere the tests are skipped with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.people import LANGUAGES, LOCALES, Person
from tests.browser.serving import FLAGS, Site, serving
from tests.postgres import absent
from tools.machine import find_chromium, has_chinese_font

HERE = Path(__file__).parent


# Roads whose English walk is left to `make test-slow`.
LONG = frozenset(
    f"test_{name}.py"
    for name in ("road", "campaign", "ticket", "forecast", "import", "merge", "exam_road", "modules_pages")
)
LONG_WALKS = frozenset(("test_console_pages_have_no_barrier", "test_records_have_no_barrier"))
LONGEST = frozenset(  # in any language
    (
        "test_console_pages_have_no_barrier",
        "test_an_examination_from_the_bank_to_the_result",
        "test_the_main_page_of_each_module",
    )
)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in this folder carries the mark `browser`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            asked = getattr(item, "callspec", None)
            long = item.path.name in LONG or getattr(item, "originalname", "") in LONG_WALKS
            longest = getattr(item, "originalname", "") in LONGEST
            if longest or (long and asked is not None and asked.params.get("language") == "en"):
                item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one."""
    chromium = find_chromium()
    if chromium is None:
        absent("Chromium is not installed")
    if not has_chinese_font():
        absent("No font that draws Chinese is installed")
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 800},
        "locale": "en-US",
        "timezone_id": "Asia/Shanghai",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo class, served by the command that people use, in a data folder of its own."""
    with serving(tmp_path_factory.mktemp("site")) as served:
        yield served


REFUSED = ("Failed to load resource", "Response Status Error Code 401")


def watch(context: BrowserContext) -> list[str]:
    """Collect what pages of the context complain about: script errors and violations of the security policy.

    A refused or missing page is the test's own affair and is left out.
    """
    complaints: list[str] = []
    context.on(
        "console",
        lambda message: (
            complaints.append(f"{message.page.url if message.page else ''}: {message.text}")
            if message.type == "error" and not any(part in message.text for part in REFUSED)
            else None
        ),
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return complaints


@pytest.fixture(autouse=True)
def no_complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every page a test opens in its `context` runs without script errors and within the security policy."""
    if "context" not in request.fixturenames:
        yield
        return
    complaints = watch(request.getfixturevalue("context"))
    yield
    assert complaints == []


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """zh and en: the test is run in both."""
    return str(request.param)


@pytest.fixture
def visit(
    browser: Browser,
    browser_context_args: dict[str, Any],
    site: Site,
    assert_accessible: Callable[[Page], None],
) -> Iterator[Callable[..., Person]]:
    """visit("student", "en"): somebody at a computer of their own, signed in; visit(): a visitor.

    More names are options of the browser context. No page of theirs may complain.
    """
    contexts: list[BrowserContext] = []
    complaints: list[list[str]] = []

    def arrive(login: str = "", language: str = "en", **options: Any) -> Person:
        context = browser.new_context(**{**browser_context_args, "locale": LOCALES[language], **options})
        context.set_default_timeout(15_000)
        context.set_default_navigation_timeout(
            60_000
        )  # the matrix asks every rule; a busy machine needs its time
        contexts.append(context)
        complaints.append(watch(context))
        person = Person(context.new_page(), site, language, assert_accessible)
        return person.sign_in(login) if login else person

    yield arrive
    for context in contexts:
        context.close()
    assert [line for lines in complaints for line in lines] == []


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[[Page], None]:
    """assert_accessible(page): axe finds nothing on the page as it stands."""
    axe = Axe()

    def check(page: Page) -> None:
        found = axe.run(page)
        lines = [
            f"{violation['id']}: {violation['help']} — {node['html']}"
            for violation in found.response["violations"]
            for node in violation["nodes"]
        ]
        assert lines == [], f"axe on {page.url}:\n" + "\n".join(lines)

    return check
