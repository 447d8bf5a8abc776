"""Take the pictures of the README and the guides anew: python -m tests.browser.screenshots [NAME…].

Each is taken from the demo class, as opened anew, in English (NAME.png) and Chinese (NAME.zh.png).
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.serving import FLAGS, Site, serving
from tools.machine import find_chromium, has_chinese_font

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
LANGUAGES = {"en": "", "zh": ".zh"}


@dataclass(frozen=True)
class Picture:
    """A page as one person of the demo class sees it; `click` is followed before the picture is taken."""

    name: str
    login: str
    address: str
    click: str = ""


PICTURES = (
    Picture("list", "manager", "/leads/?status=new&rating=hot"),
    Picture("detail", "manager", "/leads/?rating=hot", click="main table tbody a"),
    Picture("board", "manager", "/opportunities/board"),
    Picture("coach", "student", "/coach"),
    Picture("log", "teacher", "/instructor/log"),
    Picture("grades", "teacher", "/instructor/grades"),
    Picture("positions", "teacher", "/instructor/positions"),
    Picture("registrations", "teacher", "/instructor/registrations"),
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
        for login in dict.fromkeys(picture.login for picture in wanted):
            for language in LANGUAGES:
                take(browser, site, language, [picture for picture in wanted if picture.login == login])
        browser.close()
    return 0


def take(browser: Browser, site: Site, language: str, pictures: list[Picture]) -> None:
    """Sign in once, in that language, and take these pictures of one person."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    sign_in(page, site, pictures[0].login)
    switch = page.locator(f'form[action="/language"] button[value="{language}"]')
    if switch.count():
        switch.click()
    for picture in pictures:
        page.goto(site.url + picture.address)
        if picture.click:
            page.locator(picture.click).first.click()
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"{picture.name}{LANGUAGES[language]}.png"
        page.screenshot(path=file, animations="disabled")
        print(file.name)
    context.close()


def sign_in(page: Page, site: Site, login: str) -> None:
    page.goto(f"{site.url}/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", site.password)
    page.click("form [type=submit]:not([name=language])")
    page.wait_for_url(lambda address: "/login" not in address)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
