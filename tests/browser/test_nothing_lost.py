"""What somebody typed survives: other people's changes, ended sessions, killed tabs, second clicks and the way back."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import Person


def test_the_lock_shows_both_values_and_saves_my_choice(visit: Callable[..., Person], language: str) -> None:
    ben, manager = visit("student", language), visit("manager", language)
    lead = ben.create("leads", name="Two Tabs", company="First & Co", city="Hangzhou")
    for person in (ben, manager):
        person.open(f"{lead}/edit")
    manager.fill(company="Theirs & Co", city="Ningbo")
    manager.save()
    ben.fill(company="Mine & Co", city="Suzhou", title="Buyer")
    send_in_place(ben)
    ben.look()
    company, city = ben.page.locator("#conflict-company"), ben.page.locator("#conflict-city")
    for field, theirs, mine in ((company, "Theirs & Co", "Mine & Co"), (city, "Ningbo", "Suzhou")):
        expect(field).to_contain_text(theirs)
        expect(field).to_contain_text(mine)
    city.locator("input").first.check()  # as it stands now
    ben.save()
    assert ben.here() == lead
    values = ben.page.locator("main .definitions").first
    for kept in ("Mine & Co", "Ningbo", "Buyer"):
        expect(values).to_contain_text(kept)
    expect(values).not_to_contain_text("Theirs & Co")


def test_an_ended_session_is_renewed_on_the_spot_and_the_form_is_sent(
    visit: Callable[..., Person], language: str
) -> None:
    ben = visit("student", language)
    ben.open("/leads/new")
    ben.fill(name="Typed Through", company=f"Evening {language}")
    ben.page.context.clear_cookies(name="session")
    ben.page.locator("main form.form .form-buttons button").click()
    dialog = ben.page.locator("dialog")
    expect(dialog).to_be_visible()
    ben.look()
    dialog.locator("[name=login]").fill("student")
    dialog.locator("[name=password]").fill("wrong")
    dialog.locator("button.btn-primary").click()
    expect(dialog.locator("[role=alert]")).not_to_be_empty()
    dialog.locator("[name=password]").fill(ben.site.password)
    with ben.page.expect_navigation(url=re.compile(r"/leads/\d+")):
        dialog.locator("button.btn-primary").click()
    expect(ben.page.locator("main")).to_contain_text(f"Evening {language}")
    assert len(ben.records(f"/leads/?q=Evening+{language}")) == 1


def test_a_draft_survives_a_killed_tab_and_another_account_drops_it(visit: Callable[..., Person]) -> None:
    ben = visit("student")
    ben.open("/customers/new")
    ben.fill(name="Half a Customer", city="Wuhan")
    kept(ben.page, True)
    ben.page.close(run_before_unload=False)
    ben.page = ben.page.context.new_page()
    ben.open("/customers/new")
    expect(ben.page.locator("main [name=name]")).to_have_value("Half a Customer")
    expect(ben.page.locator("main [name=city]")).to_have_value("Wuhan")
    expect(ben.page.locator(".draft-note")).to_be_visible()
    ben.look()
    ben.page.context.clear_cookies(name="session")  # gone without signing out
    ben.sign_in("manager")
    kept(ben.page, False)
    ben.open("/customers/new")
    expect(ben.page.locator("main [name=name]")).to_have_value("")


def test_signing_out_drops_what_was_typed(visit: Callable[..., Person]) -> None:
    ben = visit("student")
    ben.open("/customers/new")
    ben.fill(name="Private Thought")
    kept(ben.page, True)
    ben.open("/")
    ben.page.locator(".user-button").click()
    ben.press("form[data-sign-out] button")
    kept(ben.page, False)


def test_what_was_saved_is_no_draft_though_the_next_page_is_slow(visit: Callable[..., Person]) -> None:
    """Sent at once after the last letter, before the draft of it was due; the next page does not come at all."""
    ben = visit("student")
    ben.open("/leads/new")
    ben.page.route(re.compile(r"/leads/\d+$"), lambda route: route.fulfill(status=204))
    ben.fill(name="Swift Hand", company="Swift & Co")
    with ben.page.expect_request(re.compile(r"/leads/\d+$")):
        ben.page.locator("main form.form .form-buttons button").click(no_wait_after=True)
    ben.page.wait_for_timeout(600)  # twice what a draft waits
    drafts = ben.page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('labapp.draft|'))")
    assert drafts == []


def test_the_way_back_after_saving_makes_no_second_record(visit: Callable[..., Person]) -> None:
    ben = visit("student")
    ben.open("/")
    ben.open("/leads/new")
    ben.fill(name="Only Once", company="Back Button Ltd")
    ben.save()
    ben.page.go_back(wait_until="load")
    assert ben.here() == "/leads/new"
    ben.page.go_forward(wait_until="load")
    assert len(ben.records("/leads/?q=Back+Button")) == 1


def test_a_double_click_saves_once(visit: Callable[..., Person]) -> None:
    ben = visit("student")
    ben.open("/leads/new")
    ben.fill(name="Twice", company="Double Click Ltd")
    with ben.page.expect_navigation():
        ben.page.locator("main form.form .form-buttons button").dblclick()
    assert len(ben.records("/leads/?q=Double+Click")) == 1


def test_a_mistake_keeps_what_was_typed_and_is_announced(visit: Callable[..., Person], language: str) -> None:
    ben = visit("student", language)
    ben.open("/leads/new")
    ben.fill(name="Careless", company="Typo Ltd", mobile="12")
    send_in_place(ben)
    summary = ben.page.locator(".errors-summary")
    expect(summary).to_be_focused()
    expect(ben.page.locator("main [name=mobile]")).to_have_attribute("aria-invalid", "true")
    expect(ben.page.locator("main [name=company]")).to_have_value("Typo Ltd")
    ben.look()


def test_the_coach_in_another_tab_hears_of_a_write_within_a_second(visit: Callable[..., Person]) -> None:
    ben = visit("student")
    lead = ben.create("leads", name="Watched", company="Coach Ltd")
    other = ben.page.context.new_page()
    other.goto(f"{ben.site.url}/coach")
    task = other.locator("#task-contact .coach-checks")
    before = task.inner_text()
    ben.open(f"{lead}/contact")
    ben.save()
    expect(task).not_to_have_text(before, timeout=1500)  # a second, and what the machine needs to look


def send_in_place(person: Person) -> None:
    """Send a form whose answer is put in the place of the page."""
    with person.page.expect_response(lambda answer: answer.request.method == "POST"):
        person.page.locator("main form.form .form-buttons button[type=submit]").click()
    expect(person.page.locator("form[data-busy]")).to_have_count(0)


def kept(page: Page, is_kept: bool) -> None:
    """Wait until the browser keeps a draft, or none."""
    page.evaluate(
        """wanted => new Promise(done => {
            const drafts = () => Object.keys(localStorage).filter(name => name.startsWith("labapp.draft|"));
            const look = () => (drafts().length > 0) === wanted ? done() : setTimeout(look, 50);
            look();
        })""",
        is_kept,
    )
