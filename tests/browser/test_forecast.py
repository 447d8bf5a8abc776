"""A quarter from its quota over two submissions and a superior's adjustment to the forecast error after its end."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.browser.serving import Site, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A class of its own: its clock is moved on by a quarter."""
    with serving(tmp_path_factory.mktemp("quarter")) as served:
        yield served


def test_a_quarter_from_quota_to_forecast_error(visit: Callable[..., Person], language: str) -> None:
    teacher, student, manager = (visit(name, language) for name in ("teacher", "student", "manager"))
    name = student_of(teacher.site)
    last_day = quarter_shown(student)
    give_quota(teacher, name)
    submits_twice(student)
    adjusts(manager, name)
    quarter_ends(teacher.site, last_day)
    for person in (student, manager):
        error_is_shown(person, name, last_day)


def student_of(site: Site) -> str:
    """The name of the demo's student, as the server printed it."""
    found = re.search(r"^\s*student\s+([^\s,]+)", site.printed, re.M)
    assert found, site.printed
    return found.group(1)


def quarter_shown(student: Person) -> date:
    """The last day of the quarter that the page of forecasts begins with."""
    student.open("/forecasts/", look=True)
    text = student.page.locator(".quarter-days").first.inner_text()
    return date.fromisoformat(re.findall(r"\d{4}-\d\d-\d\d", text)[1])


def give_quota(teacher: Person, name: str) -> None:
    """The instructor types a quota for the running quarter; the sums of the positions follow."""
    page = teacher.open("/instructor/quotas", look=True)
    cells = page.locator(".line-member", has_text=name).first.locator("input:not([type=hidden])")
    for quarter in (2, 3):
        cells.nth(quarter).fill("400000")
    teacher.press("#quotas button")
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    expect(page.locator(".line-total")).to_contain_text("￥")
    teacher.look()


def submits_twice(student: Person) -> None:
    """The second submission stands; the first is kept beside it."""
    page = student.open("/forecasts/")
    expect(page.locator(".stats")).to_contain_text("￥400,000")
    for expected in ("150000", "120000"):
        student.fill(
            expected_amount=expected, best_case_amount="220000", comment="Two deals are nearly signed"
        )
        student.press("#submit-forecast button")
        expect(page.locator("#flash .alert-success").first).to_be_visible()
    expect(page.locator("#my-submissions tbody tr")).to_have_count(2)
    expect(page.locator("#my-submissions tbody tr").first).to_contain_text("−￥30,000")
    student.look()


def line_of(person: Person, name: str, card: str) -> Locator:
    return person.page.locator(f"#{card} .line-member", has_text=name).first


def adjusts(manager: Person, name: str) -> None:
    """The superior reckons with less, and says why; the original stays beside it."""
    manager.open("/forecasts/", look=True)
    manager.press(line_of(manager, name, "roll-up").locator("a[href^='/adjustments/new']"))
    manager.look()
    manager.fill(expected_amount="100000", reason="One deal slips")
    manager.save()
    manager.look()
    manager.open("/forecasts/")
    line = line_of(manager, name, "roll-up")
    for amount in ("￥120,000", "−￥20,000", "￥100,000"):
        expect(line).to_contain_text(amount)


def quarter_ends(site: Site, last_day: date) -> None:
    """The sandbox's clock goes on to the first day of the next quarter."""
    (file,) = site.data.rglob("labapp.sqlite")
    morning = f"{last_day + timedelta(days=1)} 09:00:00.000000"
    with closing(sqlite3.connect(file, timeout=30)) as database:
        database.execute("UPDATE sandbox SET clock_base = ?", (morning,))
        database.commit()


def error_is_shown(person: Person, name: str, last_day: date) -> None:
    """What was forecast is held against what was sold; nothing can be submitted any more."""
    person.open("/forecasts/")
    person.press(person.page.locator(".quarter-bar a[rel=prev]"))
    expect(person.page.locator(".quarter-days").first).to_contain_text(last_day.isoformat())
    expect(person.page.locator("#submit-forecast form")).to_have_count(0)
    line = line_of(person, name, "accuracy")
    forecast, adjusted, actual = (number(line, place) for place in range(3))
    assert (forecast, adjusted) == (120000, 100000)
    error = abs(forecast - actual) * 100 / actual if actual else Decimal(100)
    assert number(line, 3) == round(error, 1)
    person.look()


def number(line: Locator, place: int) -> Decimal:
    return Decimal(re.sub(r"[^\d.]", "", line.locator("td").nth(place).inner_text()))
