"""A configurator in the own sandbox sets up the house: each of these pages, and never log, grades or people."""

from typing import Any

import pytest

from labapp.access.profiles import CONFIGURATOR_PAGES
from labapp.people.directory import sandboxes_of
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import read_scenario
from tests.conftest import Browser
from tests.instructor.test_console_doors import console_rules
from tests.test_scenarios import seated
from tests.world import Person


@pytest.fixture
def consultant(app: Any) -> Browser:
    """The student of `crm-implementation`, alone in a sandbox of their own."""
    scenario = read_scenario(scenario_folder("crm-implementation"))
    course = open_course(scenario, Opening("autumn", students=1, language="en", mode="individual"))
    sandbox_id = sandboxes_of(course.id)[0].id
    member = seated(sandbox_id, "s001")
    return Browser(app, Person("李娜", "s001", member.account_id, member.id, sandbox_id))


def test_every_page_of_the_console_is_open_or_shut_as_the_profile_says(app: Any, consultant: Browser) -> None:
    seen = set()
    for address, page, methods in console_rules(app):
        for method in methods & {"GET", "POST"}:
            answer = consultant.post(address, {}) if method == "POST" else consultant.get(address)
            assert (answer.status_code == 403) == (page not in CONFIGURATOR_PAGES), (method, address, answer)
        seen.add(page)
    assert seen >= CONFIGURATOR_PAGES
    assert {"log", "grades", "registrations", "users", "roster"} <= seen - CONFIGURATOR_PAGES


def test_the_menu_leads_to_the_pages_that_are_open_and_to_no_other(consultant: Browser) -> None:
    home = consultant.get("/").get_data(as_text=True)
    for page in ("organisation", "positions", "sharing", "groups", "codes", "fields", "quotas"):
        assert f'href="/instructor/{page}"' in home
    for page in ("log", "grades", "registrations", "users", "matrix", "wall", "integrity", "semester"):
        assert f'href="/instructor/{page}' not in home


def test_quotas_can_be_given_to_simulated_colleagues(consultant: Browser) -> None:
    page = consultant.get("/instructor/quotas?year=2026").get_data(as_text=True)
    assert page.count('class="line-member"') == 4  # general manager, head of the shops, two shop managers
