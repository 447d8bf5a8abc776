"""What falls due by the sandbox clock for activities, and for what nobody followed up (003 two-4)."""

from datetime import datetime, timedelta

import pytest

from labapp.access.actor import system_actor
from labapp.db import begin_write, db
from labapp.lifecycle.chores import sweep
from labapp.modules.activities import reminders
from labapp.modules.activities.reminders import remind, remind_of_neglected
from labapp.notices.board import notices_of
from labapp.people.models import Sandbox
from labapp.records.sweeps import piece
from labapp.records.work import Work
from tests.world import START


def house(cast, at):
    """The house at this lab time."""
    begin_write()
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id, populate_existing=True)
    sandbox.clock_base, sandbox.clock_mode = at, "stepped"
    db.session.commit()
    return system_actor(db.session.get(Sandbox, cast.ben.sandbox_id))


def told(person, topic):
    db.session.rollback()
    return [notice for notice in notices_of(person.membership_id) if notice.topic == topic]


@pytest.fixture
def call(make, cast):
    return make(
        "activity",
        cast.ben,
        subject="Ring Ling",
        status="open",
        starts_at=START + timedelta(days=2),
        due_at=None,
        reminder_at=START + timedelta(days=1),
    )


def test_a_reminder_comes_at_its_time_and_once(cast, call):
    assert remind(house(cast, START)) == 0
    later = house(cast, START + timedelta(days=1, minutes=1))
    assert remind(later) == 1
    assert remind(later) == 0
    (notice,) = told(cast.ben, "reminder")
    assert notice.text_en == "Reminder: “Ring Ling” (2026-09-09 09:00)"
    assert notice.text_zh.startswith("提醒：“Ring Ling”")
    assert notice.url == f"/activities/{call.id}"
    assert told(cast.ada, "reminder") == []


def test_a_reminder_put_to_another_time_comes_again(cast, call):
    number, model = call.id, type(call)
    remind(house(cast, START + timedelta(days=1, minutes=1)))
    with Work(cast.ben.actor, "activity.edit") as work:
        work.update(work.on(model, number), reminder_at=START + timedelta(days=3))
    assert remind(house(cast, START + timedelta(days=2))) == 0
    assert remind(house(cast, START + timedelta(days=4))) == 1
    assert len(told(cast.ben, "reminder")) == 2


def test_what_is_done_reminds_nobody(cast, call):
    number, model = call.id, type(call)
    with Work(cast.ben.actor, "activity.complete") as work:
        work.update(work.on(model, number), status="done")
    assert remind(house(cast, START + timedelta(days=2))) == 0


def test_after_seven_days_without_follow_up_the_owner_is_told_once_a_period(cast, make, browse):
    make("customer", cast.ben, name="Quiet")
    make("customer", cast.cy)
    make("lead", cast.ben, status="new")
    make("lead", cast.ben, status="unqualified")
    assert remind_of_neglected(house(cast, START + timedelta(days=6))) == 0
    late = house(cast, START + timedelta(days=8))
    assert remind_of_neglected(late) == 3
    assert remind_of_neglected(late) == 0
    texts = {notice.text_en: notice.url for notice in told(cast.ben, "neglected")}
    assert set(texts) == {
        "Nobody has followed up 1 of your customers for 7 days.",
        "Nobody has followed up 1 of your leads for 7 days.",
    }
    rows = browse(cast.ben).get(
        f"{texts['Nobody has followed up 1 of your customers for 7 days.']}&format=json"
    )
    assert [row["name"] for row in rows.get_json()["rows"]] == ["Quiet"]
    assert remind_of_neglected(house(cast, START + timedelta(days=16))) == 3


@pytest.mark.parametrize("portion", [1, 2, 100])
def test_a_faculty_is_told_few_at_a_time_and_everybody_once(cast, make, monkeypatch, portion):
    """Each transaction tells one student here; who has nothing to be told of does not stop it."""
    monkeypatch.setattr(reminders, "PORTION", portion)
    for person in (cast.ben, cast.cy):
        make("customer", person)
        make("lead", person, status="new")
    late, rest, counts = house(cast, START + timedelta(days=8)), {}, []
    while not counts or counts[-1] or rest[reminders.NEGLECTED_SWEEP]:
        with piece(0, rest):
            counts.append(remind_of_neglected(late))
    assert sorted(counts, reverse=True)[:3] == [2, 2, 0], "one student in each"
    assert [len(told(person, "neglected")) for person in (cast.ada, cast.ben, cast.cy)] == [0, 2, 2]


@pytest.mark.parametrize("portion", [1, 100])
def test_who_was_told_by_another_process_meanwhile_is_not_told_again(cast, make, monkeypatch, portion):
    monkeypatch.setattr(reminders, "PORTION", portion)
    make("customer", cast.ben)
    make("customer", cast.cy)
    late, rest = house(cast, START + timedelta(days=8)), {}
    with piece(0, rest):
        remind_of_neglected(late)
    assert remind_of_neglected(late) > 0
    while rest[reminders.NEGLECTED_SWEEP]:
        with piece(0, rest):
            assert remind_of_neglected(late) == 0
    assert [len(told(person, "neglected")) for person in (cast.ben, cast.cy)] == [1, 1]


def test_a_contact_in_time_keeps_the_reminder_away(cast, make):
    customer = make("customer", cast.ben)
    number, model = customer.id, type(customer)
    late = house(cast, START + timedelta(days=8))
    with Work(cast.ben.actor, "customer.edit") as work:
        work.update(work.on(model, number), last_contacted_at=START + timedelta(days=5))
    assert remind_of_neglected(late) == 0


@pytest.mark.parametrize(("days", "count"), [(0, 0), (3, 1), (30, 0)])
def test_the_number_of_days_is_a_setting(cast, make, days, count):
    make("customer", cast.ben)
    begin_write()
    sandbox = db.session.get(Sandbox, cast.ben.sandbox_id)
    sandbox.settings = {**sandbox.settings, "reminders.quiet_days": days}
    db.session.commit()
    assert remind_of_neglected(house(cast, START + timedelta(days=5))) == count


def test_the_house_does_it_each_minute(app, cast, call):
    house(cast, START + timedelta(days=1, minutes=1))
    name = db.session.get(Sandbox, cast.ben.sandbox_id).name
    assert sweep(name) == 1
    assert sweep(name) == 0
    assert isinstance(told(cast.ben, "reminder")[0].at, datetime)
