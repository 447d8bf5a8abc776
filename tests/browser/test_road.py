"""The road of issue and guide: from a registration to the exported grades, in both languages, without a barrier."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person

TITLES = {"zh": {"win": "把已经签约的机会标记为成功"}, "en": {"win": "Win the deal that is signed"}}


def test_from_registration_to_the_exported_grades(visit: Callable[..., Person], language: str) -> None:
    newcomer, teacher = visit(language=language), visit("teacher", language)
    number = f"20269{LANGUAGE_NUMBER[language]}"
    register(newcomer, teacher, number)
    approve(teacher, number)
    newcomer.sign_in(number, PASSWORD)
    newcomer.look()
    opportunity = from_lead_to_order(newcomer, number)
    coach_shows_the_points(newcomer)
    instructor_sees_the_evidence(teacher, number, opportunity)
    grades_are_exported(teacher, number)


PASSWORD = "correct horse battery"
LANGUAGE_NUMBER = {"zh": 1, "en": 2}


def register(newcomer: Person, teacher: Person, number: str) -> None:
    """A visitor registers with the join code, awaits approval, and cannot enter before it."""
    teacher.open("/", look=True)
    code = teacher.page.locator(".join-code").inner_text().strip()
    newcomer.open("/register", look=True)
    newcomer.fill(
        name="Lin Xia", number=number, email=f"{number}@school.test", class_name="A", join_code=code
    )
    newcomer.fill(password=PASSWORD, confirm=PASSWORD)
    newcomer.save()
    assert newcomer.here() == "/register/received"
    newcomer.look()
    newcomer.open("/login", look=True)
    newcomer.fill(login=number, password=PASSWORD)
    newcomer.press("main form button[type=submit]")
    expect(newcomer.page.locator("[data-error-sentence]")).to_be_visible()
    newcomer.look()


def approve(teacher: Person, number: str) -> None:
    """The instructor takes the newcomer into a sales position as a student."""
    page = teacher.open("/instructor/registrations", look=True)
    page.locator("tbody tr", has_text=number).locator("input[name=ids]").check()
    places = page.locator("select[name=position_id] option").evaluate_all(
        "options => options.map(option => [option.value, option.text])"
    )
    staff = next(value for value, text in places if re.search(r"业务员|[Rr]epresentative|销售代表", text))
    teacher.fill(position_id=staff, role="student")
    teacher.press("form#registrations button:not([formaction])")
    expect(page.locator("#flash .alert-success").first).to_be_visible()
    expect(page.locator("tbody tr", has_text=number)).to_have_count(0)
    teacher.look()


def from_lead_to_order(student: Person, number: str) -> str:
    """A lead of one's own is created, qualified and converted; its opportunity is won. The opportunity's address."""
    student.open("/leads/", look=True)
    student.open("/leads/new", look=True)
    lead = student.create("leads", name="Grace", company=f"Harbour {number}", mobile="13905712680")
    student.look()
    student.do(lead, "contact", look=True)
    student.do(lead, "qualify", look=True)
    student.do(
        lead, "convert", look=True, opportunity=f"Order {number}", amount="26000", close_date="2026-09-30"
    )
    student.look()
    opportunity = student.records(f"/opportunities/?q=Order+{number}")[0]
    student.open(opportunity, look=True)
    student.do(opportunity, "win", look=True)
    student.look()
    return opportunity


def coach_shows_the_points(student: Person) -> None:
    page = student.open("/coach", look=True)
    won = page.locator("#task-win")
    expect(won).to_contain_text(TITLES[student.language]["win"])
    expect(won).to_contain_text(re.compile(r"5\.00.*5"))
    won.locator("details.evidence summary").first.click()
    student.press(won.locator("details.evidence a"))
    student.look()


def instructor_sees_the_evidence(teacher: Person, number: str, opportunity: str) -> None:
    """From the class to the member, to the check, to the step of the log that earned the points."""
    page = teacher.open("/instructor/grades", look=True)
    teacher.press(page.locator("tbody tr", has_text=number).locator("th a"))
    teacher.look()
    evidence = page.locator('#task-win .evidence a[href^="/instructor/log/steps/"]')
    expect(evidence).to_have_count(1)
    expect(page.locator(f'#task-win .evidence a[href="{opportunity}"]')).to_have_count(1)
    teacher.press(evidence)
    teacher.look()
    expect(page.locator("main")).to_contain_text(f"Order {number}")
    expect(page.locator(f'main a[href="{opportunity}"]').first).to_be_visible()
    teacher.open("/instructor/log", look=True)


def grades_are_exported(teacher: Person, number: str) -> None:
    """The file says of the student what the page says."""
    page = teacher.open("/instructor/grades")
    shown = float(page.locator("tbody tr", has_text=number).locator("strong").inner_text())
    assert shown >= 5
    teacher.open("/instructor/grades/files", look=True)
    with page.expect_download() as waiting:
        page.locator('a[href^="/instructor/grades/export.csv"]').click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    cells = next(line.split(",") for line in text.splitlines() if number in line)
    assert str(shown) in cells
