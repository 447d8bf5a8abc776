"""What an instructor does to members and sandboxes by hand: reset, freeze, let work go on, begin anew, purge."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person
from tests.browser.serving import Site, serving

pytestmark = pytest.mark.slow
HERE = "/instructor/semester"
LONG = 90_000  # milliseconds for what a job does


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation of its own: its sandbox is put aside and purged."""
    with serving(tmp_path_factory.mktemp("life")) as served:
        yield served


def test_the_life_of_a_sandbox(visit: Callable[..., Person]) -> None:
    teacher, student = visit("teacher", "en"), visit("student", "zh")
    a_member_begins_anew(teacher, student)
    frozen_and_open_again(teacher, student)
    the_sandbox_begins_anew(teacher, student)
    the_old_one_is_purged(teacher)


def done(page: Page) -> None:
    expect(page.locator("#flash .alert-success").first).to_be_visible()


def line(page: Page, state: str) -> Locator:
    """The sandbox of the course that is in this state."""
    return page.locator("main tbody tr", has=page.locator("td .badge", has_text=re.compile(f"^{state}$")))


def confirmed(page: Page, button: Locator) -> None:
    button.click()
    with page.expect_navigation():
        page.locator("dialog[open] button:is(.btn-primary, .btn-danger)").first.click()


def a_member_begins_anew(teacher: Person, student: Person) -> None:
    """What goes to the bin is said first; what was made is gone, what was dealt is there."""
    lead = student.create("leads", name="周一", company="重来有限公司")
    page = teacher.open("/instructor/users")
    teacher.press(page.locator("main tbody tr", has_text="李娜").locator("a").first)
    teacher.press('main a[href$="/reset"]')
    teacher.look()
    expect(page.locator("main .tag-list")).to_contain_text("Leads:")
    teacher.press("main form.form .btn-danger")
    done(page)
    student.open(lead)
    expect(student.page.locator("body")).to_have_attribute("data-error", "404")
    assert student.records("/leads/")


def frozen_and_open_again(teacher: Person, student: Person) -> None:
    """Frozen, a student is told so on every page and no button leads to a change; after that all goes on."""
    page = teacher.open(HERE)
    confirmed(page, line(page, "In use").locator('form[action$="/freeze"] button'))
    expect(line(page, "Frozen")).to_have_count(1)
    teacher.look()
    student.open("/leads/")
    expect(student.page.locator("main a[href='/leads/new']")).to_have_count(0)
    student.open("/leads/new")
    student.look()
    expect(student.page.locator("main")).to_contain_text("冻结")
    teacher.press(line(page, "Frozen").locator('form[action$="/unfreeze"] button'))
    expect(line(page, "In use")).to_have_count(1)
    student.create("leads", name="周二", company="继续有限公司")


def the_sandbox_begins_anew(teacher: Person, student: Person) -> None:
    """A fresh sandbox takes the place of the old one, with the same people; the old one is put aside."""
    page = teacher.open(HERE)
    teacher.press(line(page, "In use").locator('a[href$="/reset"]'))
    teacher.look()
    teacher.press("main form.form .btn-primary")
    expect(line(page, "Put aside")).to_have_count(1, timeout=LONG)
    teacher.look()
    student.open("/leads/")
    expect(student.page.locator("main")).not_to_contain_text("继续有限公司")
    student.create("leads", name="周三", company="新的开始有限公司")


def the_old_one_is_purged(teacher: Person) -> None:
    """Only to whom types its name."""
    page = teacher.open(HERE)
    old = line(page, "Put aside")
    name = old.locator("th").inner_text()
    teacher.press(old.locator('a[href$="/purge"]'))
    teacher.look()
    teacher.fill(name=f"{name}x")
    page.locator("main form.form .btn-danger").click()
    expect(page.locator("main .alert-danger")).to_be_visible()
    expect(page.locator("#purge-name")).to_have_value(f"{name}x")
    teacher.fill(name=name)
    teacher.press("main form.form .btn-danger")
    expect(page.locator("#going section")).to_have_count(0, timeout=LONG)
    expect(page.locator("main th", has_text=re.compile(f"^{re.escape(name)}$"))).to_have_count(
        0, timeout=LONG
    )
    expect(line(page, "In use")).to_have_count(1)
