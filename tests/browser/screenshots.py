"""Take the pictures of the README and the guides anew: python -m tests.browser.screenshots [NAME…].

Each is taken from the demo class, as opened anew, in English (NAME.png) and Chinese (NAME.zh.png).
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.people import LOCALES, PHONE, Person
from tests.browser.serving import FLAGS, Site, serving
from tools.machine import find_chromium, has_chinese_font

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
LANGUAGES = {"en": "", "zh": ".zh"}


@dataclass(frozen=True)
class Picture:
    """A page as one person of the demo class sees it; `clicks` are followed before the picture is taken."""

    name: str
    login: str
    address: str
    clicks: tuple[str, ...] = ()
    look: str = "wide"
    file: str = ""


LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}
CUSTOMER = "main tbody a[href^='/customers/']"
READ, CHECK = "#import-file button[type=submit]", "#import-map .form-buttons button"
FAIR = """姓名,公司,手机,邮箱,来源
王芳,杭州西湖电梯有限公司,138 1234 5678,wangfang@example.com,展会或会议
李强,宁波甬江起重机有限公司,1391234567,liqiang@example.com,展会或会议
周敏,绍兴,137-0571-2288,zhoumin@example.com,网站
陈浩,嘉兴南湖机械有限公司,13605738899,chenhao.example.com,网站
"""
PICTURES = (
    Picture("coach", "student", "/coach"),
    Picture("home", "student", "/"),
    Picture("phone", "student", "/leads/", look="phone"),
    Picture("dark", "student", "/opportunities/board", look="dark"),
    Picture("list", "manager", "/leads/?status=new&rating=hot"),
    Picture("detail", "manager", "/leads/?rating=hot", clicks=("main table tbody a",)),
    Picture("board", "manager", "/opportunities/board"),
    Picture("calendar", "manager", "/calendar?view=week"),
    Picture("forecasts", "manager", "/forecasts/"),
    Picture("tickets", "student", "/tickets/"),
    Picture("campaign", "manager", "/campaigns/", clicks=("main table tbody tr:last-child a",)),
    Picture("network", "manager", "/relations/", clicks=(CUSTOMER, "main a[href$='/network']")),
    Picture("reports", "manager", "/reports/opportunities"),
    Picture("import", "student", "/leads/import", clicks=(READ, CHECK), file=FAIR),
    Picture("log", "teacher", "/instructor/log"),
    Picture("grades", "teacher", "/instructor/grades"),
    Picture("positions", "teacher", "/instructor/positions"),
    Picture("registrations", "teacher", "/instructor/registrations"),
    Picture("scenarios", "teacher", "/instructor/scenarios"),
    Picture("wall", "teacher", "/instructor/wall/"),
    Picture("clock", "teacher", "/instructor/clock"),
    Picture("heat", "teacher", "/instructor/log/heat"),
    Picture("semester", "teacher", "/instructor/semester"),
)


def main(names: list[str]) -> int:
    """Exit 0 done, 1 no browser, 2 an unknown name."""
    wanted = [picture for picture in PICTURES if not names or picture.name in names]
    if len(wanted) < len(set(names)):
        print(f"There are: {', '.join(picture.name for picture in PICTURES)}.", file=sys.stderr)
        return 2
    chromium = find_chromium()
    if chromium is None or not has_chinese_font():
        print("Chromium and a Chinese font are needed; `make test` installs them on Debian.", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        morning(browser, site)
        for login, look in dict.fromkeys((picture.login, picture.look) for picture in wanted):
            for language in LANGUAGES:
                mine = [picture for picture in wanted if (picture.login, picture.look) == (login, look)]
                take(browser, site, language, mine)
        browser.close()
    return 0


def somebody(browser: Browser, site: Site, language: str, login: str, look: str) -> Person:
    """Signed in, at a screen of that look, in that language."""
    context = browser.new_context(**LOOKS[look], locale=LOCALES[language])
    return Person(context.new_page(), site, language, lambda page: None).sign_in(login)


def morning(browser: Browser, site: Site) -> None:
    """A class has begun to work, so that log, coach, grades and forecasts have something to show."""
    student = somebody(browser, site, "zh", "student", "wide")
    leads = student.records("/leads/?status=new")[-3:]
    for lead in leads:
        student.do(lead, "contact")
    student.do(leads[0], "qualify")
    submit(student, "180000", "240000")
    student.page.context.close()
    manager = somebody(browser, site, "zh", "manager", "wide")
    submit(manager, "150000", "210000")
    manager.page.context.close()


def submit(person: Person, expected: str, best: str) -> None:
    """Their forecast for the quarter that runs."""
    person.open("/forecasts/")
    person.fill(expected_amount=expected, best_case_amount=best)
    person.press("main form[action='/forecasts/submit'] button")


def take(browser: Browser, site: Site, language: str, pictures: list[Picture]) -> None:
    """Sign in once, in that language, and take these pictures of one person."""
    person = somebody(browser, site, language, pictures[0].login, pictures[0].look)
    for picture in pictures:
        page = person.open(picture.address)
        if picture.file:
            sent = {"name": "fair.csv", "mimeType": "text/csv", "buffer": picture.file.encode()}
            page.locator("input[type=file]").set_input_files(sent)  # type: ignore[arg-type]
        for click in picture.clicks:
            person.press(click)
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"{picture.name}{LANGUAGES[language]}.png"
        page.screenshot(path=file, animations="disabled")
        print(file.name)
    person.page.context.close()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
