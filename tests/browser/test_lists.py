"""Lists and the board in the hand: choosing rows, choosing all, moving cards with mouse and keyboard."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person


def test_all_that_match_the_filter_are_chosen_and_done_at_once(
    visit: Callable[..., Person], language: str
) -> None:
    ben = visit("student", language)
    tag = f"Bulk{language}"
    for name in ("One", "Two", "Three"):
        ben.create("leads", name=f"{tag} {name}", company=f"{tag} Ltd")
    page = ben.open(f"/leads/?q={tag}")
    page.locator("[data-bulk-all]").check()
    expect(page.locator("[data-bulk-count]")).to_contain_text("3")
    ben.look()
    page.locator("tbody input[name=ids]").first.uncheck()
    expect(page.locator("[data-bulk-count]")).to_contain_text("2")
    page.locator("[data-bulk-all]").check()
    page.locator("#bulk-verb").select_option("contact")
    ben.press(".bulk-actions button")
    ben.look()
    expect(page.locator("main .alert").first).to_contain_text("3")
    ben.save()
    assert len(ben.records(f"/leads/?q={tag}&status=contacted")) == 3


def test_the_filter_as_it_stood_is_chosen_beyond_the_page(visit: Callable[..., Person]) -> None:
    manager = visit("manager")
    page = manager.open("/leads/")
    rows = page.locator("tbody input[name=ids]").count()
    page.locator("[data-bulk-all]").check()
    page.locator("[data-bulk-select-everything]").click()
    page.locator("#bulk-verb").select_option("transfer")
    manager.press(".bulk-actions button")
    assert page.locator('main form input[name="ids"]').count() > rows


def test_cards_are_moved_by_mouse_and_by_keyboard(visit: Callable[..., Person]) -> None:
    ben = visit("student")
    page = ben.open("/opportunities/board", look=True)
    name = page.locator('[data-board-column="contact"] [data-board-card] a').first.inner_text()
    drag(page, name, "needs")
    expect(card(page, "needs", name)).to_be_visible()
    moved = card(page, "needs", name)
    moved.locator("select").focus()
    moved.locator("select").select_option("contract")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(card(page, "contract", name)).to_be_visible()
    assert ben.here() == "/opportunities/board"


def card(page: Page, column: str, name: str) -> Locator:
    return page.locator(f'[data-board-column="{column}"] [data-board-card]', has_text=name)


def drag(page: Page, name: str, column: str) -> None:
    """With the mouse, in small steps as a hand does."""
    page.wait_for_load_state("networkidle")  # the library that drags arrives after the page
    start = card(page, "contact", name).bounding_box()
    goal = page.locator(f'[data-board-column="{column}"] [data-board-list]').bounding_box()
    assert start
    assert goal
    page.mouse.move(start["x"] + 8, start["y"] + start["height"] - 4)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 30, steps=5)
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 20, steps=10)
    with page.expect_navigation():
        page.mouse.up()
