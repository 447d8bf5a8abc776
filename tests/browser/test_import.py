"""A list from a fair is brought in: its errors are seen, corrected and sent again, it is run, and it is undone."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person

LINES = """2026 autumn fair,,,,

姓名,公司,手机,来源,下次跟进
{tag} 王芳,杭州西湖电梯有限公司,138 1234 {end},网站,2026年9月17日 10:00
{tag} 李强,宁波起重机有限公司,{bad},网站,2026/9/18
"""


def file_of(tag: str, end: str, bad: str) -> dict[str, object]:
    """The list of the fair, as Excel in China saves it."""
    content = LINES.format(tag=tag, end=end, bad=bad).encode("gb18030")
    return {"name": f"{tag}.csv", "mimeType": "text/csv", "buffer": content}


def bring(person: Person, file: dict[str, object]) -> None:
    """Send the file, and check its rows with the columns as they were recognised."""
    person.open("/leads/import")
    person.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    person.press("#import-file button[type=submit]")
    expect(person.page.locator("#c2")).to_have_value("mobile")
    person.look()
    person.press("#import-map .form-buttons button")


def press_and_confirm(person: Person, what: str) -> None:
    """Click a button that asks whether one is sure, and say yes."""
    person.page.locator(what).click()
    person.press("dialog button[value=yes]")


def test_a_file_is_corrected_imported_and_undone(visit: Callable[..., Person], language: str) -> None:
    ben, tag, end = visit("student", language), f"Fair-{language}", "5678" if language == "zh" else "8765"
    ben.open("/leads/import", look=True)
    bring(ben, file_of(tag, end, "1391234567"))
    wrong = ben.page.locator(".import-rows tbody tr").first
    expect(wrong).to_contain_text("5")
    expect(wrong.locator(".import-marked")).to_have_text("1391234567")
    ben.look()
    press_and_confirm(ben, ".page-actions form[action$='/drop'] button")
    bring(ben, file_of(tag, end, f"+86 1391234{end}"))
    expect(ben.page.locator(".import-marked")).to_have_count(0)
    ben.press(".page-actions form[action$='/run'] button")
    ben.look()
    done = ben.here()
    assert len(ben.records(f"/leads/?q={tag}")) == 2
    ben.open(done)
    press_and_confirm(ben, ".page-actions form[action$='/undo'] button")
    ben.look()
    assert ben.records(f"/leads/?q={tag}") == []
    ben.open("/leads/quality", look=True)
