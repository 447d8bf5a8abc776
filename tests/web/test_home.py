"""The first page and the frame around every page: each sees what is theirs."""

import logging
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.db import begin_write, db
from labapp.people.addresses import reset_address
from labapp.people.models import Account, Course, Membership, Sandbox
from labapp.records.work import Source, Work
from labapp.web.identity import level_of

LATE = datetime(2026, 9, 1, 9)  # noqa: DTZ001 (lab time has no zone)


def test_home_shows_my_open_activities_most_urgent_first(
    cast: SimpleNamespace, make: Any, browse: Any
) -> None:
    make("activity", cast.ben, subject="Without a time", due_at=None, starts_at=None)
    make("activity", cast.ben, subject="Soon", due_at=datetime(2026, 9, 8, 9), starts_at=None)  # noqa: DTZ001
    make("activity", cast.ben, subject="Late", due_at=LATE, starts_at=None)
    make("activity", cast.cy, subject="Of another", due_at=LATE)
    page = browse(cast.ben).get("/").text
    assert page.index("Late") < page.index("Soon") < page.index("Without a time")
    assert "Of another" not in page
    assert "1 overdue" in page


def test_home_shows_what_i_worked_on_while_i_still_see_it(
    cast: SimpleNamespace, make: Any, browse: Any, catalog: Any
) -> None:
    lead = make("lead", cast.ben, name="Recent <i>lead</i>")
    lead_id, model = lead.id, type(lead)
    edit(cast.ben, model, lead_id, city="Wuhan")
    page = browse(cast.ben).get("/").text
    assert "Recent &lt;i&gt;lead&lt;/i&gt;" in page
    assert f'href="/leads/{lead_id}"' in page
    assert "Recent &lt;i&gt;" not in browse(cast.cy).get("/").text
    edit(cast.ada, model, lead_id, owner_id=cast.cy.membership_id)
    assert "Recent &lt;i&gt;" not in browse(cast.ben).get("/").text


def edit(person: Any, model: Any, record_id: int, **values: Any) -> None:
    with Work(person.actor, "lead.edit", source=Source("screen")) as work:
        work.update(work.on(model, record_id), **values)


def test_instructor_sees_the_join_code_and_who_waits(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    course = db.session.query(Course).one()
    account = Account(name="Eve", number="2026900")
    db.session.add(account)
    db.session.flush()
    db.session.add(Membership(course_id=course.id, account_id=account.id, name="Eve", state="pending"))
    db.session.commit()
    for person, word in ((cast.ines, "Decide"), (cast.tess, "Look at them")):
        page = browse(person).get("/").text
        assert "JOINa" in page
        assert "1 application awaits approval." in page
        assert word in page
    for person in (cast.ada, cast.ben, cast.olga):
        assert "JOINa" not in browse(person).get("/").text


def test_menu_has_the_modules_of_the_profile(cast: SimpleNamespace, browse: Any) -> None:
    page = browse(cast.ben).get("/").text
    for slug in ("leads", "customers", "contacts", "opportunities", "activities", "products"):
        assert f'href="/{slug}/"' in page
    for slug in ("notes", "attachments", "lines"):
        assert f'href="/{slug}/"' not in page
    assert 'href="/leads/new"' in page
    assert 'href="/leads/new"' not in browse(cast.olga).get("/").text


def test_frozen_sandbox_says_so(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    db.session.get_one(Sandbox, cast.ben.sandbox_id).state = "frozen"
    db.session.commit()
    assert "frozen" in browse(cast.ben).get("/").text


def test_closed_sandbox_is_the_instructors_only(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    db.session.get_one(Sandbox, cast.ben.sandbox_id).state = "archived"
    db.session.commit()
    assert browse(cast.ines).get("/").status_code == 200
    ben = browse(cast.ben)
    assert ben.get("/").location == "/waiting"
    assert "not open at the moment" in ben.get("/waiting").text


def test_company_name_is_in_the_readers_language(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    sandbox = db.session.get_one(Sandbox, cast.ben.sandbox_id)
    sandbox.settings = {
        **sandbox.settings,
        "organisation.name.zh": "晨光",
        "organisation.name.en": "Dawn & Co",
    }
    db.session.commit()
    ben = browse(cast.ben)
    assert "Dawn &amp; Co" in ben.get("/").text
    ben.post("/language", {"language": "zh"})
    assert "晨光" in ben.get("/").text


def test_every_page_asks_for_sign_in_unless_it_says_otherwise(app: Any, browse: Any) -> None:
    """What visitors may open is this list; a new page that is missing here is closed to them by itself."""
    public = {e for e in app.view_functions if level_of(e) == "public"}
    account_pages = {
        "login_page",
        "logout",
        "register",
        "received",
        "join",
        "waiting",
        "reset",
        "setup",
        "language",
        "theme",
    }
    assert {f"account.{name}" for name in account_pages} <= public
    assert public - {f"account.{name}" for name in account_pages} <= {
        "static",
        "licences",
        "healthz",
        "health.healthz",
        "web_to_lead.form",
    }


def test_post_without_token_writes_nothing(
    app: Any, cast: SimpleNamespace, browse: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    ben = browse(cast.ben)
    for url in (
        "/settings",
        "/settings/password",
        "/theme",
        "/language",
        "/join",
        "/logout",
        "/login",
        "/register",
    ):
        assert ben.post(url, {"theme": "dark", "language": "zh", "phone": "0571-88123456"}).status_code == 400
    assert ben.get("/settings").status_code == 200
    account = db.session.get_one(Account, cast.ben.account_id)
    assert (account.theme, account.language, account.phone) == ("auto", "en", None)


def test_one_time_address_is_not_in_the_request_log(cast: SimpleNamespace, browse: Any, caplog: Any) -> None:
    path = reset_address(db.session.get_one(Account, cast.ben.account_id))
    with caplog.at_level(logging.INFO, "labapp.request"):
        browse().get(path)
    assert "/reset/<token>" in caplog.text
    assert path not in caplog.text


@pytest.mark.parametrize(
    "url", ["/settings", "/settings/password", "/settings/sign-ins", "/waiting", "/join", "/"]
)
def test_chinese_pages_of_accounts_open(url: str, cast: SimpleNamespace, browse: Any) -> None:
    ben = browse(cast.ben)
    ben.post("/language", {"language": "zh"})
    answer = ben.get(url)
    assert answer.status_code == 200
    assert 'lang="zh-Hans"' in answer.text
