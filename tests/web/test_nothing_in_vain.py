"""What is offered can be done: no link and no button on the pages of staff and observers leads to a refusal."""

import re
from collections import deque
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from labapp.db import db
from tests.test_every_route import MAY_NOT

KINDS = ("lead", "customer", "contact", "opportunity", "activity", "ticket", "campaign", "forecast", "note")
ENDS = ("/logout", "/sandbox/", "/theme", "/language", "export.csv", "export.xlsx")
MOST = 400


class Offers(HTMLParser):
    """The links of a page, and its forms with what they would send."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "a" and said.get("href"):
            self.links.append(said["href"] or "")
        if tag == "form":
            self.forms.append((said.get("method") or "get", said.get("action") or ""))
        if tag in {"button", "input"} and said.get("formaction"):
            self.forms.append(("post", said["formaction"] or ""))


def shape(url: str) -> str:
    """Addresses that differ by a number or a question only are the same page."""
    path = urlsplit(url).path
    return re.sub(r"/(\d+|s\d{3}|\d{4}-\d\d-\d\d)(?=/|$)", "/N", path)


def walked(browser: Any) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Every page one comes to by links, a page of each shape; and where the forms on them are posted to."""
    waiting, seen, found = deque([("/", "")]), set(), {}
    posts: set[tuple[str, str]] = set()
    while waiting and len(seen) < MOST:
        url, since = waiting.popleft()
        if shape(url) in seen or any(end in url for end in ENDS):
            continue
        seen.add(shape(url))
        answer = browser.get(url)
        found[f"{since} -> {url}"] = answer.status_code
        text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        answer.close()
        if answer.status_code != 200 or answer.mimetype != "text/html":
            if answer.status_code in {302, 303}:
                waiting.append((answer.headers["Location"], since))
            continue
        offers = Offers()
        offers.feed(text)
        for link in offers.links:
            target = urljoin(url, link)
            if target.startswith("/") and not target.startswith(("//", "/static")):
                waiting.append((target.split("#")[0], url))
        posts |= {
            (urljoin(url, action or url), url) for method, action in offers.forms if method.lower() == "post"
        }
    return found, posts


@pytest.fixture
def company(make: Any, cast: Any) -> None:
    """A record of most kinds, of Ben's."""
    for kind in KINDS:
        make(kind, cast.ben)
    db.session.remove()


def refused(app: Any, name: str, posts: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What of this would be refused to that person: test_every_route.py walks whether it is."""
    adapter = app.url_map.bind("localhost")
    found = set()
    for action, page in posts:
        endpoint, _parts = adapter.match(urlsplit(action).path, method="POST")
        if name in MAY_NOT.get(endpoint, ()):
            found.add((action, page))
    return found


@pytest.mark.parametrize("name", ["tess", "olga"])
def test_no_link_and_no_button_leads_to_a_refusal(app, cast, browse, company, name):
    found, posts = walked(browse(getattr(cast, name)))
    assert {url: status for url, status in found.items() if status >= 400} == {}
    assert refused(app, name, posts) == set()
    assert len(found) > 150
