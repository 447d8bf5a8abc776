"""View as student: staff see what the student gets, can only read, and nothing of it is the student's.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

import re

import pytest
import time_machine
from sqlalchemy import func, select, update

from labapp.db import db
from labapp.gradebook import coach
from labapp.notices.board import Words, tell
from labapp.notices.models import Notice
from labapp.oplog.models import AdminEntry, Operation
from labapp.people.models import Account, Course, Membership
from labapp.records.work import Work, writing
from tests.coached import LOOKING
from tests.tables import everything, moved
from tests.test_every_route import FORMS, OPEN, address, ids, rules, variants

__all__ = ["ids"]
OURS = ("viewing.leave", "account.logout")
PRIVATE = ("/settings", "/settings/password", "/settings/sign-ins", "/calendar/feed")
BANNER = re.compile(r'<div class="viewing-banner".*?</div>', re.DOTALL)
PASSING = re.compile(
    r'name="(?:csrf_token|once)" value="[^"]*"|name="csrf-token" content="[^"]*"|data-account="[^"]*"'
    r'|data-member="[^"]*"|<time datetime="[^"]*">[^<]*</time>|name="next" value="[^"]*"'
)


@pytest.fixture
def looking(browse, cast):
    """Ines looks through Ben's eyes."""
    ines = browse(cast.ines)
    answer = ines.post("/instructor/log/view-as/s002")
    assert answer.headers["Location"] == "/"
    return ines


def steps_of(key: str) -> list[tuple[int, str, str, str]]:
    db.session.remove()
    query = select(Operation).where(Operation.member == key).order_by(Operation.id)
    return [(step.id, step.kind, step.verb, step.outcome) for step in db.session.scalars(query)]


def count_of(key: str) -> int:
    db.session.remove()
    return db.session.scalar(select(func.count()).select_from(Operation).where(Operation.member == key))


def last_of(key: str) -> Operation:
    db.session.remove()
    query = select(Operation).where(Operation.member == key).order_by(Operation.id.desc()).limit(1)
    return db.session.scalars(query).one()


def acts() -> list[tuple[str, str, str]]:
    db.session.remove()
    return [
        (act.action, act.subject, act.details["member"]) for act in db.session.scalars(select(AdminEntry))
    ]


def bare(text: str) -> str:
    """A page without the banner and without what differs from one request to the next."""
    return " ".join(PASSING.sub("", BANNER.sub("", text)).split())


def pages(app, cast, ids):
    """(endpoint, address) of every page, and of list and record for every kind."""
    yield from ((rule.endpoint, address(app, rule, cast, ids)) for rule in rules(app, "GET"))
    for slug in app.extensions["catalog"].slugs:
        yield from (("records.listing", f"/{slug}/"), ("records.detail", f"/{slug}/1"))


def test_the_viewer_gets_every_page_that_the_student_gets(app, cast, ids, browse, looking):
    ben, differing = browse(cast.ben), {}
    for endpoint, url in pages(app, cast, ids):
        with time_machine.travel(db.session.scalar(select(func.max(Operation.at))), tick=False):
            own, seen = (browser.get(url, buffered=True) for browser in (ben, looking))
        if getattr(app.view_functions.get(endpoint), "is_private", False):
            assert seen.status_code == 403, url
            continue
        is_text = own.mimetype in {"text/html", "application/json", "text/csv", "text/calendar"}
        if own.status_code != seen.status_code or (is_text and bare(own.text) != bare(seen.text)):
            differing[url] = own.status_code, seen.status_code
    assert differing == {}


def test_no_page_seen_is_a_step_of_the_student(app, cast, ids, looking):
    before, stands = steps_of("s002"), everything()
    for rule in rules(app, "GET"):
        looking.get(address(app, rule, cast, ids), buffered=True)
    assert steps_of("s002") == before
    assert moved(stands) == []


def test_every_post_is_refused_as_the_viewers(app, cast, ids, looking):
    before, stands, wrong = steps_of("s002"), everything(), {}
    for rule in rules(app, "POST"):
        if rule.endpoint in OURS:
            continue
        for url in variants(app, rule, cast, ids):
            before_it = count_of("t001")
            answer = looking.post(url, FORMS.get(rule.endpoint, lambda ids: {})(ids))
            count, outcome = count_of("t001"), last_of("t001").outcome
            if (count, outcome, answer.status_code) != (before_it + 1, "refused", 403):
                wrong[url] = answer.status_code, count - before_it, outcome
            elif "you can only read" not in answer.text:
                wrong[url] = answer.text
    assert wrong == {}
    assert steps_of("s002") == before
    assert moved(stands) == []
    assert set(OURS) <= OPEN


def test_a_look_is_the_viewers_and_says_through_whose_eyes(ids, cast, looking):
    looking.get(f"/leads/{ids['lead']}")
    step = last_of("t001")
    assert (step.kind, step.verb, step.answers) == ("lead", "open", {"viewed_as": "s002"})
    looking.post(f"/leads/{ids['lead']}/edit", {"name": "Changed", "version": "1"})
    step = last_of("t001")
    assert (step.kind, step.verb, step.outcome, step.answers) == (
        "lead",
        "edit",
        "refused",
        {"viewed_as": "s002"},
    )
    looking.post("/viewing/leave")
    assert looking.get("/instructor/log?kind=lead").text.count("viewed as Ben") == 2


def test_the_view_stands_on_every_page_with_a_way_out(looking):
    page = looking.get("/leads/").text
    assert "You see the site as Ben (s002) does" in page
    assert 'action="/viewing/leave"' in page
    looking.post("/viewing/leave")
    page = looking.get("/leads/").text
    assert "viewing-banner" not in page
    assert looking.get("/instructor/log").status_code == 200


def test_beginning_and_leaving_stand_in_the_administration_log(looking):
    looking.post("/viewing/leave")
    looking.post("/viewing/leave")
    assert acts() == [("view.begin", "Ben", "s002"), ("view.end", "Ben", "s002")]


def test_signing_out_ends_the_view(looking, browse, cast):
    looking.post("/logout")
    assert acts()[-1] == ("view.end", "Ben", "s002")
    assert looking.get("/leads/").status_code == 302
    assert [(verb, outcome) for _id, _kind, verb, outcome in steps_of("s002") if verb == "sign_out"] == []
    assert last_of("t001").verb == "sign_out"


def test_a_new_password_ends_the_view(looking, cast):
    with writing():
        db.session.execute(
            update(Account).where(Account.id == cast.ines.account_id).values(epoch=Account.epoch + 1)
        )
    assert looking.get("/leads/").status_code == 302
    with looking.client.session_transaction() as session:
        assert "viewing" not in session


@pytest.mark.parametrize(("who", "role"), [("ines", "observer"), ("ben", "assistant")])
def test_a_change_of_role_ends_the_view(looking, cast, who, role):
    with Work(cast.tess.actor, "membership.edit") as work:
        work.asks = False
        work.update(work.get(Membership, getattr(cast, who).membership_id), role=role)
    page = looking.get("/leads/").text
    assert "as yourself again" in page
    assert "viewing-banner" not in page


def test_a_student_who_has_left_is_looked_through_no_more(looking, cast):
    with Work(cast.tess.actor, "membership.edit") as work:
        work.asks = False
        work.update(work.get(Membership, cast.ben.membership_id), state="left")
    assert "as yourself again" in looking.get("/leads/").text


@pytest.mark.parametrize("url", PRIVATE)
def test_what_is_private_to_the_student_is_not_shown(url, looking):
    answer = looking.get(url)
    assert answer.status_code == 403
    assert "private to the student" in answer.text


def test_the_students_coach_stands_where_it_stood(looking, browse, cast):
    def told(browser) -> str:
        coach.forget()  # what a look changes may take five seconds to be judged
        return browser.get("/coach/strip").text

    with writing():
        db.session.scalars(select(Course)).one().rubric = LOOKING
    ben = browse(cast.ben)
    looking.get("/leads/")
    assert "0/1" in told(looking)
    assert "0/1" in told(ben)
    ben.get("/leads/")
    assert "1/1" in told(ben)


def test_notices_stay_unread(looking, cast):
    with writing():
        tell(
            cast.ben.sandbox_id,
            [cast.ben.membership_id],
            "transfer",
            Words("News", "新"),
            cast.ben.actor.lab_now,
            "/",
        )
    assert "News" in looking.get("/notices").text
    assert looking.post("/notices/read").status_code == 403
    assert db.session.scalars(select(Notice.read_at)).one() is None


def test_the_viewer_stays_in_the_place_they_were_in(looking, cast):
    looking.get("/leads/")
    accounts = {
        account.id: account.last_membership_id
        for account in db.session.scalars(select(Account).execution_options(populate_existing=True))
    }
    assert accounts[cast.ben.account_id] is None
    assert accounts[cast.ines.account_id] in {None, cast.ines.membership_id}


def test_what_the_students_account_may_do_elsewhere_does_not_come_along(looking, cast):
    with writing():
        values = {"administrator": True, "instructor": True}
        db.session.execute(update(Account).where(Account.id == cast.ben.account_id).values(values))
    assert looking.get("/instructor/courses").status_code == 403
    assert "/instructor/" not in BANNER.sub("", looking.get("/").text)


def test_a_seat_without_an_account_can_be_looked_through(browse, cast):
    with writing():
        db.session.execute(
            update(Membership).where(Membership.id == cast.ben.membership_id).values(account_id=None)
        )
        with Work(cast.ines.actor, "membership.edit") as work:
            work.update(work.get(Membership, cast.ben.membership_id), name="Seat")
    ines = browse(cast.ines)
    assert ines.post("/instructor/log/view-as/s002").status_code == 302
    assert "(s002) does" in ines.get("/").text


@pytest.mark.parametrize("key", ["t001", "o001", "a001", "s999"])
def test_only_students_are_looked_through(key, browse, cast):
    assert browse(cast.ines).post(f"/instructor/log/view-as/{key}").status_code == 404


def test_assistants_look_too_and_nobody_else(browse, cast):
    assert browse(cast.tess).post("/instructor/log/view-as/s002").status_code == 302
    for who in ("ada", "ben", "olga"):
        assert browse(getattr(cast, who)).post("/instructor/log/view-as/s002").status_code == 403


def test_a_forged_session_opens_nothing(browse, cast):
    ada = browse(cast.ada)
    with ada.client.session_transaction() as session:
        session["viewing"] = cast.ben.membership_id
    page = ada.get("/leads/").text
    assert "viewing-banner" not in page
    assert last_of("s001").verb == "list"
