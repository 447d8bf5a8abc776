"""The calendar by hand and by keyboard: add, drag, stretch, and the same by buttons; a refusal puts it back."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import PHONE, Person

DAY = "/calendar?view=day&date=2026-09-09"


def entry(page: Page, title: str) -> Locator:
    """What the calendar shows of it."""
    return page.locator("[data-calendar] .cal", has_text=title)


def settled(page: Page) -> None:
    """What was moved is stored, and the calendar drawn anew."""
    expect(page.locator("[data-calendar]")).to_have_attribute("aria-busy", "false")


def add(student: Person, title: str, at: str, until: str = "") -> None:
    """A new event by the dialog, without a mouse."""
    page = student.page
    page.locator("[data-quick-open=event]").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#quick-dialog")
    expect(dialog).to_be_visible()
    page.keyboard.type(title)
    dialog.locator("[name=at]").fill(f"2026-09-09T{at}")
    if until:
        dialog.locator("[name=until]").fill(f"2026-09-09T{until}")
    with page.expect_navigation():
        dialog.locator("button[type=submit]").press("Enter")
    expect(entry(page, title)).to_be_visible()


def drag(page: Page, grip: Locator, down: float) -> None:
    """Take hold in the middle and let go so many pixels further down."""
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + down / 2, steps=5)
    page.mouse.move(x, y + down, steps=5)
    with page.expect_response("**/calendar/move") as moved:
        page.mouse.up()
    assert moved.value.status in {200, 409}
    settled(page)


def test_an_event_is_added_dragged_stretched_and_moved_by_keyboard(visit: Callable[..., Person]) -> None:
    student = visit("student")
    page = student.open(DAY, look=True)
    add(student, "Tea with Ling", "10:00", "11:00")
    student.look()
    tea = entry(page, "Tea with Ling")
    expect(tea).to_contain_text("10:00–11:00")
    hour = tea.bounding_box()["height"]  # type: ignore[index]  # it is visible
    drag(page, tea, hour * 2)
    expect(entry(page, "Tea with Ling")).to_contain_text("12:00–13:00")
    page.reload()
    tea = entry(page, "Tea with Ling")
    expect(tea).to_contain_text("12:00–13:00")
    stretch(page, tea, hour)
    expect(entry(page, "Tea with Ling")).to_contain_text("12:00–14:00")
    by_keyboard(page, "Tea with Ling")


def stretch(page: Page, event: Locator, down: float) -> None:
    """Take hold of the lower edge."""
    event.scroll_into_view_if_needed()
    box = event.bounding_box()
    assert box
    event.hover()
    x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] - 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + down, steps=8)
    with page.expect_response("**/calendar/move"):
        page.mouse.up()
    settled(page)


def by_keyboard(page: Page, title: str) -> None:
    """A day later by the button of the entry's dialog."""
    entry(page, title).focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    later = dialog.locator("button[value='1']")
    later.focus()
    with page.expect_response("**/calendar/move"):
        page.keyboard.press("Enter")
    expect(entry(page, title)).to_have_count(0)
    page.goto(page.url.replace("2026-09-09", "2026-09-10"))
    expect(entry(page, title)).to_be_visible()


def test_who_stands_on_an_entry_stands_on_it_when_it_is_drawn_anew(visit: Callable[..., Person]) -> None:
    page = visit("student").open(DAY)
    held = page.locator("[data-calendar] .cal").first
    held.focus()
    name = held.evaluate("entry => entry.dataset.entry")
    for _time in range(3):
        page.evaluate("document.querySelector('[data-calendar]').labappCalendar.refetchEvents()")
        settled(page)
        page.wait_for_function("name => document.activeElement.dataset.entry === name", arg=name)


def test_without_a_connection_the_dialog_says_so_and_the_calendar_is_not_busy_for_ever(
    visit: Callable[..., Person],
) -> None:
    student = visit("student")
    page = student.open(DAY)
    add(student, "Left where it is", "15:00", "16:00")
    page.route("**/calendar/move", lambda route: route.abort())
    entry(page, "Left where it is").press("Enter")
    page.locator("dialog[open] button[value='1']").press("Enter")
    expect(page.locator("#calendar-note .alert-danger")).to_be_visible()
    settled(page)
    expect(entry(page, "Left where it is")).to_be_visible()


def test_what_somebody_changed_meanwhile_goes_back_with_a_sentence(visit: Callable[..., Person]) -> None:
    student, again = visit("student"), visit("student")
    page = student.open(DAY)
    add(student, "Contested", "09:00", "10:00")
    address = records_address(page)
    again.do(address, "edit", subject="Contested by another")
    event = entry(page, "Contested")
    drag(page, event, event.bounding_box()["height"])  # type: ignore[index]
    expect(page.locator("#calendar-note .alert-danger")).to_be_visible()
    expect(entry(page, "Contested by another")).to_contain_text("09:00–10:00")


def records_address(page: Page) -> str:
    """Where the entry that was added last is kept."""
    found = page.request.get(f"{page.url.split('/calendar')[0]}/activities/?format=json&mine=1").json()
    return f"/activities/{found['rows'][0]['id']}"


def test_a_phone_shows_a_list_and_nothing_overflows(visit: Callable[..., Person], language: str) -> None:
    student = visit("student", language, viewport=PHONE, has_touch=True)
    for address in ("/calendar", "/calendar?scope=organisation&view=month", "/"):
        page = student.open(address, look=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(student.open("/calendar").locator("[data-calendar]")).to_be_visible()
    expect(student.page.locator("[data-plan]")).to_be_hidden()
