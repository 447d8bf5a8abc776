"""The calendar: whose entries, which days, what is done from it, and the feed.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada manages ── Staff: Ben, Cy (peers)
└── Class B ── Sales B ── Staff B: Dee (a stranger)
"""

from datetime import datetime

import pytest
from icalendar import Calendar

from labapp.db import begin_write, db
from labapp.modules.activities.models import Activity
from labapp.people.models import Membership
from tests.listening import heard, without_look
from tests.lives import last_step, steps_since

DAY = datetime(2026, 9, 9)  # noqa: DTZ001 (lab time has no zone)
WEEK = "start=2026-09-07&end=2026-09-14"


def at(hour, minute=0, day=9):
    return datetime(2026, 9, day, hour, minute)  # noqa: DTZ001


@pytest.fixture
def event(make):
    """event(person, subject): an hour of that person's on Wednesday; event(person, subject, due_at=…): a task."""

    def made(person, subject, **values):
        times = (
            {"starts_at": None}
            if "due_at" in values
            else {"starts_at": at(9), "ends_at": at(10), "due_at": None}
        )
        usual = {"activity_type": "call", "status": "open", "reminder_at": None, "contact_id": None}
        return make("activity", person, subject=subject, **{**usual, **times, **values}).id

    return made


def shown(browser, query=WEEK):
    answer = browser.get(f"/calendar/events?{query}")
    assert answer.status_code == 200
    return {entry["title"]: entry for entry in answer.get_json()["events"]}


def test_my_calendar_has_my_events_and_tasks_of_the_days_asked_for(cast, event, browse):
    event(cast.ben, "Call", starts_at=at(9), ends_at=at(10))
    event(cast.ben, "Offer", due_at=at(23, 59))
    event(cast.ben, "Long ago", starts_at=at(9, day=1), ends_at=at(10, day=1))
    event(cast.ben, "Over midnight", starts_at=at(22, day=6), ends_at=at(2, day=7))
    event(cast.cy, "Of a peer")
    found = shown(browse(cast.ben))
    assert set(found) == {"Call", "Offer", "Over midnight"}
    assert (found["Call"]["start"], found["Call"]["end"]) == ("2026-09-09T09:00:00", "2026-09-09T10:00:00")
    assert (found["Offer"]["start"], found["Offer"]["allDay"]) == ("2026-09-09", True)
    assert found["Call"]["durationEditable"]
    assert not found["Offer"]["durationEditable"]


def test_team_calendar_has_those_below_and_nobody_else(cast, event, browse):
    for person in (cast.ada, cast.ben, cast.cy, cast.dee):
        event(person, person.name)
    assert set(shown(browse(cast.ada), f"{WEEK}&scope=team")) == {"Ada", "Ben", "Cy"}
    assert set(shown(browse(cast.ada), f"{WEEK}&scope=team&who=s002")) == {"Ben"}
    assert set(shown(browse(cast.ben), f"{WEEK}&scope=team")) == {"Ben"}
    assert set(shown(browse(cast.ben), f"{WEEK}&scope=team&who=s003")) == set()


def test_a_position_narrows_the_team(cast, event, browse):
    for person in (cast.ada, cast.ben):
        event(person, person.name)
    place = cast.ben.actor.member.positions[0]
    assert set(shown(browse(cast.ada), f"{WEEK}&scope=team&place={place}")) == {"Ben"}


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ben", {"Ben"}),
        ("ada", {"Ben", "Cy"}),
        ("dee", {"Dee"}),
        ("olga", {"Ben", "Cy", "Dee"}),
        ("ines", {"Ben", "Cy", "Dee"}),
    ],
)
def test_organisation_calendar_has_what_the_reader_reaches(cast, event, browse, name, seen):
    for person in (cast.ben, cast.cy, cast.dee):
        event(person, person.name)
    assert set(shown(browse(getattr(cast, name)), f"{WEEK}&scope=organisation")) == seen


def test_schedule_of_a_customer_has_what_is_about_it_and_its_sales(cast, event, make, browse):
    customer = make("customer", cast.ben, name="Quartz")
    sale = make("opportunity", cast.ben, customer_id=customer.id, stage="contact")
    customer_id, sale_id = customer.id, sale.id
    event(cast.ben, "Visit", related_kind="customer", related_id=customer_id)
    event(cast.ben, "Pitch", related_kind="opportunity", related_id=sale_id)
    event(cast.ben, "Other")
    assert set(shown(browse(cast.ben), f"{WEEK}&customer={customer_id}")) == {"Visit", "Pitch"}
    assert "Schedule of Quartz" in browse(cast.ben).get(f"/calendar?customer={customer_id}").text
    assert "Quartz" not in browse(cast.cy).get(f"/calendar?customer={customer_id}").text
    assert shown(browse(cast.cy), f"{WEEK}&customer={customer_id}") == {}


def test_the_page_is_an_agenda_without_a_script(cast, event, browse):
    event(cast.ben, "Call <b>Ling</b>", starts_at=at(14, 30), ends_at=at(15))
    page = browse(cast.ben).get("/calendar?date=2026-09-08").text
    assert "Call &lt;b&gt;Ling&lt;/b&gt;" in page
    assert "14:30–15:00" in page
    assert 'href="/calendar?view=week&amp;date=2026-09-14"' in page
    assert "Nothing is planned." in browse(cast.ben).get("/calendar?date=2026-10-08").text


def test_a_stretch_longer_than_two_months_is_cut(cast, event, browse):
    event(cast.ben, "Soon")
    event(cast.ben, "In a year", starts_at=datetime(2027, 9, 9, 9), ends_at=None)  # noqa: DTZ001
    assert set(shown(browse(cast.ben), "start=2026-09-01&end=2028-01-01")) == {"Soon"}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "start=nonsense&end=2",
        "start=0001-01-01&end=9999-12-31",
        "who=%00&place=x&customer=99999999999999999999",
    ],
)
def test_any_address_is_answered(cast, browse, query):
    assert browse(cast.ben).get(f"/calendar/events?{query}").status_code == 200
    assert browse(cast.ben).get(f"/calendar?{query}").status_code == 200


def test_statements_do_not_grow_with_the_entries(cast, event, browse):
    browser = browse(cast.ada)

    def count(url):
        browser.get(url)
        with heard() as said:
            assert browser.get(url).status_code == 200
        return len(without_look(said))

    event(cast.ben, "One")
    urls = (f"/calendar/events?{WEEK}&scope=team", "/calendar?scope=team&date=2026-09-09")
    before = [count(url) for url in urls]
    for number in range(30):
        event(cast.ben, f"Event {number}")
    assert [count(url) for url in urls] == before
    assert before[0] <= 8
    assert before[1] <= 10


# -- doing -----------------------------------------------------------------------------------------


def activity(activity_id):
    db.session.rollback()
    return db.session.scalars(
        db.select(Activity).where(Activity.id == activity_id), execution_options={"seen_by": everyone()}
    ).one()


def everyone():
    from labapp.access.everyone import EVERYONE

    return EVERYONE


def test_dragging_is_an_edit_and_takes_the_reminder_along(cast, event, browse):
    number = event(cast.ben, "Call", reminder_at=at(8, 45))
    before = last_step(cast.ben)
    sent = {"id": number, "version": 1, "start": "2026-09-10T11:00", "end": "2026-09-10T12:30"}
    answer = browse(cast.ben).post("/calendar/move", sent, headers={"X-Requested-With": "labapp"})
    assert answer.get_json() == {"version": 2}
    row = activity(number)
    assert (row.starts_at, row.ends_at, row.reminder_at) == (
        at(11, day=10),
        at(12, 30, day=10),
        at(10, 45, day=10),
    )
    (step,) = steps_since(cast.ben, before)
    assert (step.kind, step.verb, step.outcome) == ("activity", "edit", "done")


def test_a_task_put_on_a_day_is_due_by_its_end(cast, event, browse):
    number = event(cast.ben, "Offer", due_at=at(12))
    browse(cast.ben).post(
        "/calendar/move", {"id": number, "version": 1, "start": "2026-09-11", "all_day": "1"}
    )
    assert activity(number).due_at == at(23, 59, day=11)


def test_an_event_put_into_whole_days_lasts_them(cast, event, browse):
    number = event(cast.ben, "Fair")
    sent = {"id": number, "version": 1, "start": "2026-09-10", "end": "2026-09-12", "all_day": "1"}
    browse(cast.ben).post("/calendar/move", sent)
    row = activity(number)
    assert (row.starts_at, row.ends_at) == (at(0, day=10), at(23, 59, day=11))
    entry = shown(browse(cast.ben))["Fair"]
    assert (entry["start"], entry["end"], entry["allDay"]) == ("2026-09-10", "2026-09-12", True)


def test_what_was_changed_meanwhile_is_not_moved(cast, event, browse):
    number = event(cast.ben, "Call")
    sent = {"id": number, "version": 7, "start": "2026-09-10T11:00"}
    answer = browse(cast.ben).post("/calendar/move", sent, headers={"X-Requested-With": "labapp"})
    assert answer.status_code == 409
    assert "Somebody changed this record" in answer.get_json()["error"]
    assert activity(number).starts_at == at(9)


@pytest.mark.parametrize(
    "sent", [{"start": ""}, {"start": "nonsense"}, {"start": "2026-09-10T11:00", "end": "2026-09-10T10:00"}]
)
def test_times_that_make_no_sense_are_refused_in_words(cast, event, browse, sent):
    number = event(cast.ben, "Call")
    answer = browse(cast.ben).post(
        "/calendar/move", {"id": number, "version": 1, **sent}, headers={"X-Requested-With": "labapp"}
    )
    assert answer.status_code == 422
    assert answer.get_json()["error"]
    assert activity(number).starts_at == at(9)


def test_quick_add_makes_an_event_or_a_task(cast, browse):
    ben = browse(cast.ben)
    sent = {
        "what": "event",
        "subject": "Tea",
        "at": "2026-09-09T15:00",
        "until": "2026-09-09T16:00",
        "next": "/",
    }
    assert ben.post("/calendar/add", sent).location == "/"
    ben.post(
        "/calendar/add",
        {"what": "task", "subject": "Offer", "at": "2026-09-09T18:00", "activity_type": "mail"},
    )
    found = shown(ben)
    assert (found["Tea"]["label"], found["Tea"]["end"]) == ("Meeting", "2026-09-09T16:00:00")
    assert (found["Offer"]["label"], found["Offer"]["task"]) == ("Mail", True)


def test_quick_add_keeps_what_was_typed(cast, browse):
    answer = browse(cast.ben).post("/calendar/add", {"what": "event", "subject": "Tea", "at": ""})
    assert answer.status_code == 422
    assert 'value="Tea"' in answer.text
    assert "An event needs the time when it begins." in answer.text


def test_complete_in_one_click(cast, event, browse):
    number = event(cast.ben, "Call")
    assert browse(cast.ben).post("/calendar/complete", {"id": number, "next": "/"}).location == "/"
    assert activity(number).status == "done"
    assert (
        browse(cast.ben).post("/calendar/complete", {"id": number, "next": "//evil"}).location == "/calendar"
    )


# -- the feed --------------------------------------------------------------------------------------


def address_of(browser):
    browser.post("/calendar/feed", {"what": "renew"})
    page = browser.get("/calendar/feed").text
    return page.split("http://localhost")[1].split("<")[0].split('"')[0]


def feed(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/calendar")
    return {str(part["summary"]): part for part in Calendar.from_ical(answer.data).walk("VEVENT")}


def test_feed_has_my_entries_in_the_zone_of_the_organisation(cast, event, browse):
    event(cast.ben, "Call; with, signs\nand lines", reminder_at=at(8, 45))
    event(cast.ben, "Offer", due_at=at(23, 59))
    event(cast.cy, "Of a peer")
    found = feed(browse(), address_of(browse(cast.ben)))
    assert set(found) == {"Call; with, signs\nand lines", "Offer"}
    call = found["Call; with, signs\nand lines"]
    assert str(call["dtstart"].dt) == "2026-09-09 09:00:00+08:00"
    assert found["Offer"]["dtstart"].dt.isoformat() == "2026-09-09"
    assert [part.name for part in call.walk()] == ["VEVENT", "VALARM"]


def test_feed_of_the_team_has_what_the_member_reaches(cast, event, browse):
    for person in (cast.ada, cast.ben, cast.dee):
        event(person, person.name)
    address = address_of(browse(cast.ada))
    assert set(feed(browse(), address)) == {"Ada"}
    assert set(feed(browse(), f"{address}?team=1")) == {"Ada", "Ben (Ben)"}


def test_a_renewed_or_closed_address_is_void(cast, event, browse):
    ben = browse(cast.ben)
    first = address_of(ben)
    second = address_of(ben)
    assert first != second
    assert browse().get(first).status_code == 404
    assert browse().get(second).status_code == 200
    ben.post("/calendar/feed", {"what": "close"})
    assert browse().get(second).status_code == 404
    assert browse().get(address_of(ben)).status_code == 200
    assert browse().get(second).status_code == 404


@pytest.mark.parametrize(
    "address", ["/calendar/feed/nonsense.ics", "/calendar/feed/WzIsMV0.x.ics", "/calendar/feed/%00.ics"]
)
def test_a_made_up_address_is_not_there(cast, browse, address):
    assert browse().get(address).status_code == 404


def test_feed_ends_when_the_member_leaves(cast, browse):
    address = address_of(browse(cast.ben))
    with db.engine.connect() as connection:
        table = Membership.__table__
        connection.execute(table.update().where(table.c.id == cast.ben.membership_id).values(state="left"))
        connection.commit()
    assert browse().get(address).status_code == 404


def test_feed_that_did_not_change_is_304_and_writes_nothing(cast, event, browse):
    event(cast.ben, "Call")
    address, before = address_of(browse(cast.ben)), last_step(cast.ben)
    first = browse().get(address)
    assert browse().get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert steps_since(cast.ben, before) == []


def test_address_of_a_feed_is_neither_in_the_log_nor_in_the_database(cast, browse, caplog):
    address = address_of(browse(cast.ben))
    with caplog.at_level("INFO", "labapp.request"):
        browse().get(address)
    assert "/calendar/feed/<token>.ics" in caplog.text
    assert address not in caplog.text
    secret = address.split("/")[-1].removesuffix(".ics")
    begin_write()
    names = db.inspect(db.engine).get_table_names()
    rows = " ".join(
        str(row)
        for name in names
        if "fts" not in name
        for row in db.session.execute(db.text(f"SELECT * FROM {name}"))
    )
    db.session.rollback()
    assert secret not in rows


def test_ends_of_campaigns_are_added_by_choice(cast, make, browse):
    make(
        "campaign",
        cast.ada,
        name="Fair",
        start_date=at(0, day=1).date(),
        end_date=DAY.date(),
        status="active",
    )
    ada = browse(cast.ada)
    assert shown(ada) == {}
    fair = shown(ada, f"{WEEK}&more=campaigns")["Fair"]
    assert (fair["start"], fair["allDay"], fair["version"]) == ("2026-09-09", True, None)
    assert fair["label"].startswith("End of the campaign")
    assert shown(browse(cast.ben), f"{WEEK}&more=campaigns") == {}
    assert "Fair" in shown(browse(cast.ben), f"{WEEK}&more=campaigns&scope=organisation")
