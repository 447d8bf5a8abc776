"""A term from the first click to the next one: opened, watched, graded, disputed, archived, restored, rolled over."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person
from tests.browser.serving import Site, serving

pytestmark = pytest.mark.slow
PASSWORD = "correct horse battery"
NAMES = ("Bai Lu", "Feng Qi", "He Miao")
LONG = 90_000  # milliseconds for what a job does


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation of its own: courses are opened, and its clock is moved."""
    with serving(tmp_path_factory.mktemp("semester")) as served:
        yield served


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Another machine."""
    with serving(tmp_path_factory.mktemp("elsewhere")) as served:
        yield served


def test_a_term_from_opening_to_the_next(
    visit: Callable[..., Person], language: str, elsewhere: Site, tmp_path: Path
) -> None:
    teacher = visit("teacher", language)
    name = f"autumn-{language}"
    code = opens_a_course(teacher, name)
    students = [registers(visit(language=language), name, number, code) for number in range(3)]
    seats_them(teacher, students)
    for student in students:
        student.sign_in(login_of(student), PASSWORD)
    works(teacher, students)
    steps_the_clock(teacher, students[0])
    changes_the_rubric(teacher)
    overrides_and_releases(teacher)
    disputes(students[1])
    answers(teacher, students[1])
    figures = graded(teacher)
    archive = archives(teacher, tmp_path / f"{name}.zip")
    there = visit(language=language)
    there.site = elsewhere
    there.sign_in("teacher", elsewhere.password)
    restores(there, archive, name)
    assert graded(there) == figures
    rolls_over(teacher, f"spring-{language}")


def opens_a_course(teacher: Person, name: str) -> str:
    """From the library of scenarios to the join code, and into the course."""
    page = teacher.open("/instructor/scenarios", look=True)
    teacher.press(page.locator('a[href="/instructor/courses/new?scenario=forecast-quarter"]'))
    teacher.look()
    teacher.fill(title=f"Quarter {name}", name=name, students="6", seed="11")
    teacher.save()
    page.wait_for_url(re.compile(r"/instructor/courses/\d+$"), timeout=LONG)
    code = page.locator(".join-code").inner_text().strip()
    teacher.look()
    teacher.press(page.locator('form[action^="/sandbox/"] button.btn-primary'))
    return code


def registers(visitor: Person, course: str, number: int, code: str) -> Person:
    visitor.open("/register")
    login = f"{course}{number}"
    visitor.fill(
        name=f"{NAMES[number]} {course}",
        number=login,
        email=f"{login}@school.test",
        class_name="A",
        join_code=code,
    )
    visitor.fill(password=PASSWORD, confirm=PASSWORD)
    visitor.save()
    visitor.page.evaluate("login => sessionStorage.setItem('login', login)", login)
    return visitor


def login_of(student: Person) -> str:
    login: str = student.page.evaluate("sessionStorage.getItem('login')")
    return login


def seats_them(teacher: Person, students: list[Person]) -> None:
    """All at once, into a position of the sales people."""
    page = teacher.open("/instructor/registrations", look=True)
    for box in page.locator("tbody input[name=ids]").all():
        box.check()
    places = page.locator("select[name=position_id] option").evaluate_all(
        "options => options.map(option => [option.value, option.text])"
    )
    staff = next(value for value, text in places if re.search(r"客户经理|Account Manager", text))
    teacher.fill(position_id=staff, role="student")
    teacher.press("form#registrations button:not([formaction])")
    expect(page.locator("tbody input[name=ids]")).to_have_count(0)
    assert len(students) == len(NAMES)


def works(teacher: Person, students: list[Person]) -> None:
    """Three students submit a forecast at the same time; the wall shows it by itself."""
    wall = teacher.open("/instructor/wall", look=True)
    for student in students:
        student.open("/forecasts/")
        student.fill(
            expected_amount="160000", best_case_amount="200000", comment="Two deals are nearly signed"
        )
    for student in students:
        student.page.locator("#submit-forecast button").first.click(no_wait_after=True)
    for student in students:
        expect(student.page.locator("#flash .alert-success").first).to_be_visible()
    for name in NAMES:
        row = wall.locator("#wall tbody tr", has_text=name)
        expect(row.locator(".wall-done")).to_have_count(1, timeout=30_000)
    teacher.look()


def steps_the_clock(teacher: Person, student: Person) -> None:
    """Ten days go by; what the timeline holds for them has happened."""
    page = teacher.open("/instructor/clock", look=True)
    before = page.locator(".clock-face time").get_attribute("datetime")
    teacher.fill(length="10d")
    with page.expect_navigation():
        page.locator("#clock-on button[type=submit]").click()
    expect(page.locator(".clock-face time")).not_to_have_attribute("datetime", before or "", timeout=LONG)
    expect(page.locator(".clock-store .badge").first).to_be_visible()
    teacher.look()
    student.open("/notices", look=True)


def changes_the_rubric(teacher: Person) -> None:
    """The first task is to be worth more: seen beforehand, then put into force."""
    page = teacher.open("/instructor/grades/rubric", look=True)
    editor = page.locator("#rubric-text")
    text = editor.input_value()
    editor.fill(text.replace("points: 12", "points: twelve", 1))
    page.locator("#rubric-form .form-buttons button:not([formaction])").click()
    expect(page.locator(".rubric-problems li")).to_have_count(1)
    expect(page.locator("#what-if")).to_have_count(0)
    page.locator("#rubric-text").fill(text.replace("points: 12", "points: 22", 1))
    page.locator("#rubric-form .form-buttons button:not([formaction])").click()
    expect(page.locator("#what-if canvas")).to_be_visible()
    expect(page.locator("#what-if .what-if-moves tbody tr")).to_have_count(3)
    teacher.look()
    teacher.fill(reason="The forecast is what the week is about")
    page.locator('button[formaction="/instructor/grades/rubric/force"]').click()
    expect(page.locator("#flash .alert-success").first).to_be_visible()


def overrides_and_releases(teacher: Person) -> None:
    page = teacher.open("/instructor/grades", look=True)
    teacher.press(page.locator("tbody tr", has_text=NAMES[0]).locator("th a"))
    task = page.locator("#task-win")
    task.locator('details:has(form[action$="/override"]) > summary').click()
    task.locator("[name=points]").fill("4")
    task.locator("[name=reason]").fill("Told the class how it was done")
    teacher.press(task.locator('form[action$="/override"] button.btn-primary'))
    expect(page.locator("#task-win .grade-word")).to_be_visible()
    teacher.look()
    teacher.open("/instructor/grades")
    confirmed(teacher, page.locator('.page-actions form[action="/instructor/grades/release"] button').first)
    expect(page.locator("#flash .alert-success").first).to_be_visible()


def confirmed(person: Person, button: object) -> None:
    """Press a button that asks again, and say yes."""
    page: Page = person.page
    button.click()  # type: ignore[attr-defined]
    yes = page.locator("dialog[open] button:is(.btn-primary, .btn-danger)")
    with page.expect_navigation():
        yes.first.click()


def disputes(student: Person) -> None:
    """The student points at an own step."""
    page = student.open("/coach/grades", look=True)
    student.press(page.locator("#task-win a.dispute-link"))
    student.look()
    student.fill(text="I was told to wait for the contract")
    page.locator("input[name=steps]").first.check()
    student.press(".dispute-form button.btn-primary")
    expect(page.locator("#disputes")).to_contain_text("wait for the contract")


def answers(teacher: Person, student: Person) -> None:
    page = teacher.open("/instructor/disputes", look=True)
    teacher.press(page.locator("tbody th a").first)
    teacher.look()
    page.locator("input[name=verdict][value=points]").check()
    teacher.fill(points="2", reason="The note shows that you asked")
    teacher.press("#decide button.btn-primary")
    page = student.open("/coach/grades", look=True)
    expect(page.locator("#disputes")).to_contain_text("The note shows that you asked")
    expect(page.locator("#task-win .card-tools")).to_contain_text("2.00")


def graded(teacher: Person) -> list[list[str]]:
    """The matrix of grades as it is shown: numbers and points."""
    page = teacher.open("/instructor/grades")
    rows = page.locator(".grade-matrix tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.innerText.replace(/\\s+/g, ' ').trim()))"
    )
    assert len(rows) == len(NAMES)
    return sorted([row[0].partition(" · ")[0], row[1], *row[3:]] for row in rows)


def archives(teacher: Person, file: Path) -> Path:
    """Everything into one file, read back before it counts; downloaded."""
    page = teacher.open("/instructor/semester", look=True)
    teacher.press(page.locator('.page-actions form[action="/instructor/semester/archive"] button'))
    download = page.locator('a[href^="/instructor/semester/archives/"]').first
    expect(page.locator("#going[hx-get]")).to_have_count(0, timeout=LONG)  # the page renews itself until then
    expect(download).to_be_visible(timeout=LONG)
    teacher.look()
    with page.expect_download() as waiting:
        download.click()
    waiting.value.save_as(file)
    return file


def restores(there: Person, archive: Path, name: str) -> None:
    """On another machine the file becomes a course that can be read and graded, and not changed."""
    page = there.open("/instructor/semester/restore", look=True)
    page.locator("#restore-file").set_input_files(archive)
    there.press("#restore-form button[type=submit]")
    there.press(listed(there, name))
    there.press(page.locator('form[action^="/sandbox/"] button.btn-primary'))
    there.look()


def listed(teacher: Person, name: str) -> Locator:
    """The course of this name in the list of courses, once the job that makes it is done."""
    jobs = teacher.page.locator("#going section")
    expect(jobs).to_have_count(0, timeout=LONG)
    teacher.page.wait_for_load_state("networkidle")
    teacher.open("/instructor/courses")
    entry = teacher.page.locator("main tbody tr", has_text=name).locator("a").first
    expect(entry).to_be_visible()
    return entry


def rolls_over(teacher: Person, name: str) -> None:
    """The old course is frozen and kept, a fresh one is open for the next term."""
    page = teacher.open("/instructor/semester")
    teacher.fill(to=name, title=f"Quarter {name}", term="2027")
    page.locator("#rollover-form [name=with_members]").check()
    confirmed(teacher, page.locator("#rollover-form button[type=submit]"))
    listed(teacher, name)
    teacher.look()
