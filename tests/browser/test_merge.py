"""One customer entered twice: told on entry, found, compared, merged, one history of both; then its network."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person

NAMES = {
    "zh": ("云帆仪器有限责任公司", "云帆仪器有限公司"),
    "en": ("Cloudsail Instruments Ltd", "Cloudsail Instruments Inc."),
}


def test_a_customer_entered_twice_becomes_one(visit: Callable[..., Person], language: str) -> None:
    ben = visit("student", language)
    long, short = NAMES[language]
    number = {"zh": "0571-81234567", "en": "0571-81234568"}[language]
    first = ben.create("customers", name=long, phone=number, city="杭州市")
    person(ben, first)
    second = entered_again(ben, long, short, number)
    merged(ben, first, second)
    page = ben.page
    expect(page.locator("h1")).to_have_text(long)
    expect(page.locator("#related-contacts")).to_contain_text("Xu Yun")
    expect(page.locator("#history")).to_contain_text(long)
    assert ben.records(f"/customers/?q={long}") == [second]
    ben.open(first)
    assert ben.here() == second
    walked(ben)


def person(ben: Person, customer: str) -> None:
    """Somebody who works there."""
    ben.open(f"/contacts/new?customer_id={customer.rpartition('/')[2]}")
    ben.fill(name="Xu Yun")
    ben.save()


def entered_again(ben: Person, long: str, short: str, number: str) -> str:
    """The same customer under another legal form: told before and after it is saved. Its address."""
    page = ben.open("/customers/new")
    ben.fill(name=short, phone=f"+86 {number}")
    page.locator("main [name=city]").focus()
    expect(page.locator(".similar a")).to_have_text(long)
    ben.look()
    ben.save()
    expect(page.locator("#flash .alert-warning a").first).to_have_text(long)
    return ben.here()


def merged(ben: Person, first: str, second: str) -> None:
    """Chosen in its group, compared, and merged: the second stays, with the name of the first."""
    goes, stays = (address.rpartition("/")[2] for address in (first, second))
    page = ben.open("/customers/duplicates", look=True)
    group = page.locator("main form", has=page.locator(f'a[href="{first}"]'))
    group.locator(f'input[name=stays][value="{stays}"]').check()
    group.locator(f'input[name=goes][value="{goes}"]').check()
    ben.press(group.locator("button"))
    page.locator('input[name=keep_name][value="other"]').check()
    ben.look()
    ben.save()
    assert ben.here() == second
    ben.look()


def walked(ben: Person) -> None:
    """From the customer to its contact by keyboard; the graph has both."""
    page = ben.page
    ben.press('#relations a[href$="/network"]')
    ben.look()
    page.locator("[data-network-open]", has_text="Xu Yun").press("Enter")
    page.wait_for_url("**/contacts/*/network")
    expect(page.locator("[data-network-list] h2")).to_contain_text("Xu Yun")
    assert page.evaluate("document.querySelector('[data-network]').network.nodes().length") == 2
