"""The first page and the frame around every page: each sees what is theirs."""

import logging
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.db import begin_write, db
from labapp.notices.board import Words, tell
from labapp.people.addresses import reset_address
from labapp.people.models import Account, Course, Membership, Sandbox
from labapp.records.organisation import change_settings
from labapp.records.work import Source, Work
from labapp.web.identity import level_of
from tests.listening import heard

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
        "tickets.feedback",
        "calendar.ics",
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


# -- what is on the first page ---------------------------------------------------------------------


def test_home_parts_my_day_and_completes_in_one_click(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    make("activity", cast.ben, subject="Late", due_at=LATE, starts_at=None, activity_type="call")
    make("activity", cast.ben, subject="Now", starts_at=datetime(2026, 9, 7, 15), due_at=None)  # noqa: DTZ001
    make("activity", cast.ben, subject="Soon", starts_at=datetime(2026, 9, 9, 15), due_at=None)  # noqa: DTZ001
    ben = browse(cast.ben)
    page = ben.get("/").text
    order = [page.index(word) for word in (">Overdue<", "Late<", ">Today<", "Now<", ">Coming<", "Soon<")]
    assert order == sorted(order)
    number = page.split("Complete: Late")[0].rsplit('name="id" value="', 1)[1].split('"')[0]
    assert ben.post("/calendar/complete", {"id": number, "next": "/"}).location == "/"
    page = ben.get("/").text
    assert ">Overdue<" not in page
    assert "Done: Late" in page


def test_quick_add_stands_on_home_for_who_may_write(cast: SimpleNamespace, browse: Any) -> None:
    assert 'action="/calendar/add"' in browse(cast.ben).get("/").text
    assert 'action="/calendar/add"' not in browse(cast.olga).get("/").text


def test_pipeline_is_mine_and_of_my_people(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    for owner, amount in ((cast.ben, "1000.00"), (cast.cy, "200.00"), (cast.dee, "7777.00")):
        make("opportunity", owner, stage="needs", amount=Decimal(amount))
    make("opportunity", cast.ben, stage="won", amount=Decimal("5000.00"))
    ben, ada = browse(cast.ben).get("/").text, browse(cast.ada).get("/").text
    assert "My pipeline" in ben
    assert "￥1,000.00" in ben
    assert "Pipeline of my team" in ada
    assert "￥1,200.00" in ada
    assert "￥7,777.00" not in ada + ben
    assert "pipeline-card" not in browse(cast.ines).get("/").text
    link = (
        ada.split('id="pipeline-card"')[1]
        .split('<th scope="row"><a href="')[1]
        .split('"')[0]
        .replace("&amp;", "&")
    )
    rows = browse(cast.ada).get(f"{link}&format=json").get_json()["rows"]
    assert len(rows) == 2


def test_announcements_of_today_are_on_everybodys_home(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    today, day = datetime(2026, 9, 7).date(), timedelta(days=1)  # noqa: DTZ001
    make(
        "announcement",
        cast.ines,
        title="Welcome",
        body="**Read** <b>this</b>",
        start_date=None,
        end_date=None,
    )
    make("announcement", cast.ines, title="Tomorrow", start_date=today + day, end_date=None)
    make("announcement", cast.ines, title="Yesterday", start_date=None, end_date=today - day)
    make("announcement", cast.ines, title="Pinned", start_date=today, end_date=today, pinned=True)
    for person in (cast.ben, cast.dee, cast.olga, cast.ines):
        page = browse(person).get("/").text.split('id="announcements-card"')[1].split("</section>")[0]
        assert page.index("Pinned") < page.index("Welcome")
        assert "<strong>Read</strong> &lt;b&gt;" in page
        assert "Tomorrow" not in page
        assert "Yesterday" not in page
    assert "/announcements/new" in browse(cast.ada).get("/").text
    assert "/announcements/new" not in browse(cast.ben).get("/").text


def test_unread_notices_are_on_home(cast: SimpleNamespace, browse: Any) -> None:
    begin_write()
    tell(cast.ben.sandbox_id, [cast.ben.membership_id], "hint", Words("Look here", "看这里"), LATE, "/leads/")
    db.session.commit()
    ben = browse(cast.ben)
    assert "Look here" in ben.get("/").text
    ben.post("/notices/read")
    assert "Look here" not in ben.get("/").text


def test_checklist_tells_the_real_state(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    ines = browse(cast.ines)
    page = ines.get("/").text
    assert "Before the class begins" in page
    assert "still missing: name, address, phone" in page
    assert "in the catalogue: 0" in page
    make("product", cast.ines)
    change_settings(
        cast.ines.actor,
        Source(),
        {
            "organisation.name.en": "Dawn",
            "organisation.address.en": "1 Lane",
            "organisation.phone": "0571-88123456",
        },
    )
    before = ines.get("/").text.count('class="met"')
    ines.post("/checklist", {"name": "codes"})
    after = ines.get("/").text
    assert after.count('class="met"') == before + 1
    assert "still missing" not in after
    assert "in the catalogue: 1" in after
    for person in (cast.ada, cast.tess, cast.olga):
        assert "Before the class begins" not in browse(person).get("/").text
        assert browse(person).post("/checklist", {"name": "codes"}).status_code == 403


def test_home_costs_the_same_however_much_there_is(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    browser = browse(cast.ada)

    def count() -> int:
        browser.get("/")
        with heard() as said:
            assert browser.get("/").status_code == 200
        return len(said)

    for kind in ("activity", "opportunity", "announcement"):
        make(kind, cast.ben, **({"stage": "needs"} if kind == "opportunity" else {}))
    before = count()
    for _number in range(8):
        make("activity", cast.ben)
        make("opportunity", cast.ben, stage="quote")
        make("announcement", cast.ines)
    assert count() <= before
    assert before <= 18


# -- the team --------------------------------------------------------------------------------------


def test_team_page_has_workload_and_results_of_those_below(
    cast: SimpleNamespace, make: Any, browse: Any
) -> None:
    make("activity", cast.ben, subject="Late", due_at=LATE, starts_at=None)
    make("activity", cast.ben, subject="Open", due_at=None, starts_at=None)
    make("opportunity", cast.ben, stage="needs", amount=Decimal("1000.00"))
    day = datetime(2026, 9, 5).date()  # noqa: DTZ001
    make("opportunity", cast.cy, stage="won", amount=Decimal("300.00"), close_date=day)
    page = browse(cast.ada).get("/team").text
    assert "Ben" in page
    assert "Cy" in page
    assert "Dee" not in page
    row = page.split(">Ben<")[1].split("</tr>")[0]
    assert "/activities/?owner=s002&amp;status=open" in row
    assert ">2</a>" in row
    assert 'tone-danger">1<' in row
    assert "￥1,000.00" in row
    assert "￥300.00" in page.split(">Cy<")[1].split("</tr>")[0]


def test_team_page_is_for_those_with_people_below(cast: SimpleNamespace, browse: Any) -> None:
    assert browse(cast.ben).get("/team").status_code == 403
    for person in (cast.ada, cast.ines, cast.tess, cast.olga):
        assert browse(person).get("/team").status_code == 200


def test_team_page_tells_what_the_team_did(cast: SimpleNamespace, make: Any, browse: Any) -> None:
    customer = make("customer", cast.ben, name="Quartz")
    values = {
        "related_kind": "customer",
        "related_id": customer.id,
        "activity_type": "call",
        "status": "open",
    }
    number = make("activity", cast.ben, subject="Ring them", **values).id
    browse(cast.ben).post(f"/activities/{number}/complete", {"result": "They will buy"})
    page = browse(cast.ada).get("/team").text
    assert "Ring them" in page
    assert "They will buy" in page
    assert "Quartz" in page.split('id="interactions"')[1]


def test_team_page_costs_the_same_however_many_they_are(
    cast: SimpleNamespace, make: Any, browse: Any
) -> None:
    browser = browse(cast.ines)

    def count() -> int:
        browser.get("/team")
        with heard() as said:
            assert browser.get("/team").status_code == 200
        return len(said)

    make("activity", cast.ben)
    before = count()
    for person in (cast.ben, cast.cy, cast.dee, cast.ada):
        make("activity", person)
        make("opportunity", person, stage="needs")
    assert count() == before
    assert before <= 14
