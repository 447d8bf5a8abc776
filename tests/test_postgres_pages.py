"""The same pages over PostgreSQL: every list, record, search, sort and report, and the writes of a conversion."""

from collections.abc import Iterator
from dataclasses import asdict
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from instructor.integrity_read import Limits
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.oplog.append import appended
from labapp.people.models import Sandbox
from labapp.records import figures
from tests import world
from tests.conftest import Browser
from tests.postgres import Site

pytestmark = pytest.mark.postgres
READERS = ("Ben", "Ada", "Cy", "Ines", "Olga")


@pytest.fixture(scope="module")
def site(
    postgres_site: Site,
) -> Iterator[tuple[Flask, dict[str, world.Person], dict[str, int]]]:
    """The application over a database of its own, the cast, and one record of each kind (ids)."""
    with postgres_site("labapp_pages") as app:
        cast, catalog, chance = world.build(), app.extensions["catalog"], Random(1)
        ids = {kind: world.invent(catalog, kind, cast["Ben"], chance).id for kind in catalog}
        db.session.remove()
        yield app, cast, ids


def addresses(record_type: Any, record_id: int) -> list[str]:
    """The pages of one kind."""
    base = f"/{record_type.slug}/"
    found = [base, f"{base}{record_id}", f"{base}?q=上海", f"{base}?tags=x", f"{base}count", f"{base}bin"]
    found += [f"{base}?sort={way}{name}" for name in record_type.sortable for way in ("", "-")]
    found += [f"{base}?{one.name}=lost" for one in record_type.derived]
    if record_type.model.same_by:
        found += [f"{base}duplicates", f"{base}similar?name=Quartz&phone=0571-81234567"]
    if "tags" in record_type.fields:
        found += [f"{base}?tags=-", f"{base}tags?q=a"]
    if record_type.name in {"customer", "contact"}:
        found.append(f"{base}{record_id}/network")
    if record_type.name == "activity":
        days = "start=2026-09-01&end=2026-10-01&scope=team&more=campaigns"
        found += [
            "/",
            "/team",
            "/calendar?scope=organisation",
            f"/calendar/events?{days}",
            "/calendar?customer=1",
        ]
    return found + [f"{base}reports/{report.name}" for report in record_type.reports]


@pytest.mark.parametrize("reader", READERS)
def test_every_page_answers(reader: str, site: Any) -> None:
    app, cast, ids = site
    browser = Browser(app, cast[reader])
    answers = {
        url: browser.get(url).status_code
        for kind, record_type in app.extensions["catalog"].items()
        for url in addresses(record_type, ids[kind])
    }
    assert {url: status for url, status in answers.items() if status not in {200, 403, 404}} == {}


def test_kept_figures_are_the_figures(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every report of the instructor's: made, kept, brought up to date after a change, and the same added up anew."""
    app, cast, _ids = site
    ines, catalog = Browser(app, cast["Ines"]), app.extensions["catalog"]
    urls = [f"/{kind.slug}/reports/{report.name}.csv" for kind in catalog.values() for report in kind.reports]

    def answers(least: int) -> dict[str, tuple[int, str]]:
        monkeypatch.setattr(figures, "LEAST", least)
        return {url: ((got := ines.get(url)).status_code, got.text) for url in urls}

    assert {status for status, _text in answers(0).values()} == {200}
    for kind in ("lead", "customer", "opportunity", "ticket"):
        world.invent(catalog, kind, cast["Cy"], Random(5))
    assert answers(0) == answers(10**9)
    assert db.session.scalar(select(func.count()).select_from(figures.KeptFigure))


def test_search_finds_two_characters_and_initials(site: Any) -> None:
    app, cast, _ids = site
    browser = Browser(app, cast["Ben"])
    browser.post("/customers/new", data={"name": "上海凌云医疗器械有限公司"})
    for words in ("凌云", "lyyl", "上海凌云"):
        rows = browser.get("/customers/", query_string={"q": words, "format": "json"}).get_json()["rows"]
        assert [row["name"] for row in rows] == ["上海凌云医疗器械有限公司"]


def test_a_conversion_is_one_step_and_the_log_agrees_with_the_tables(site: Any) -> None:
    app, cast, _ids = site
    browser = Browser(app, cast["Cy"])
    browser.post(
        "/leads/new", data={"name": "钱多多", "company": "宁波海达贸易有限公司", "status": "qualified"}
    )
    lead = browser.get("/leads/?format=json").get_json()["rows"][0]["id"]
    answer = browser.post(f"/leads/{lead}/convert", data={"opportunity": "首单", "amount": "12000"})
    assert answer.status_code == 302
    sandbox = db.session.get(Sandbox, cast["Cy"].sandbox_id, populate_existing=True)
    assert sandbox is not None
    assert verify(sandbox) is None


def test_a_look_does_not_wait_for_the_disk_and_an_act_does(site: Any) -> None:
    app, cast, ids = site
    browser, said, found = Browser(app, cast["Ben"]), [], []

    def hear(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        if "log_step" in statement:
            said.append(given["soon"])

    def note(rows: list[dict[str, Any]]) -> None:
        found.append((rows[0]["verb"], *said))
        said.clear()

    event.listen(db.engine, "before_cursor_execute", hear)
    appended.append(note)
    try:
        browser.get(f"/leads/{ids['lead']}")
        browser.post("/leads/new", data={"name": "钱多多", "company": "宁波海达贸易有限公司"})
        browser.get("/leads/")
    finally:
        appended.remove(note)
        event.remove(db.engine, "before_cursor_execute", hear)
    assert found == [("open", True), ("create", False), ("list", True)]


def test_the_log_is_reviewed_and_searched(site: Any) -> None:
    app, cast, _ids = site
    browser = Browser(app, cast["Ines"])
    browser.get("/leads/")
    for url in (
        "/instructor/log",
        "/instructor/log/heat?since=2026-01-01&until=2099-01-01",
        "/instructor/log/was/lead",
        "/instructor/log/was/customer/1",
        "/instructor/log/path?customer=1",
        "/instructor/log/path?customer=1&member=s002",
    ):
        assert browser.get(url).status_code == 200, url
    day = db.session.scalars(select(Sandbox.last_lab_at)).first()
    assert 'title="Ines, ' in browser.get(f"/instructor/log/heat?day={day:%Y-%m-%d}").text
    limits = {name: str(value) for name, value in asdict(Limits()).items()}
    assert browser.post("/instructor/integrity/search", data=limits).status_code == 302
    assert "Nothing was found" in browser.get("/instructor/integrity").text
    browser.post("/instructor/log/view-as/s002")
    assert "(s002) does" in browser.get("/leads/").text
    assert browser.post("/leads/new", data={"name": "Eve"}).status_code == 403
