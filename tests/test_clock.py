"""The clock of a sandbox: real or stepped, never back, and what falls due on the way (product.md L2).

School (Ines instructs, Olga observes) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from labapp import clock
from labapp.access.actor import Clock, system_actor
from labapp.access.errors import Invalid, Refused
from labapp.db import begin_write, db
from labapp.lifecycle import moving
from labapp.lifecycle.chores import sweep
from labapp.oplog.models import Operation
from labapp.people.models import Membership, Sandbox
from labapp.records.setup import Setup
from labapp.records.work import Source
from tests.clocks import MONDAY, box, lab_time, stepped
from tests.lives import last_step, steps_since


@pytest.fixture(autouse=True)
def a_slow_machine(monkeypatch):
    """Whether a step is long says the clock, not the load of this machine."""
    monkeypatch.setattr(moving, "AT_HAND", 60.0)


# -- what time it is ---------------------------------------------------------------------------------------


def shows(seconds, monkeypatch, mode="real", pace=1, goal=None):
    """What a clock set at nine shows so many real seconds later."""
    set_at = datetime.fromisoformat("2026-01-01T00:00:00")
    monkeypatch.setattr(clock, "now", lambda: set_at + timedelta(seconds=seconds))
    return clock.lab_now(Clock(mode, MONDAY, set_at, pace, goal))


@pytest.mark.parametrize(
    ("seconds", "more", "expected"),
    [
        (3600, {}, "2026-09-07T10:00:00"),
        (3600, {"pace": 12}, "2026-09-07T21:00:00"),
        (3600, {"pace": 12, "mode": "stepped"}, "2026-09-07T21:00:00"),
        (86_400, {"mode": "stepped"}, "2026-09-07T23:59:59"),
        (86_400, {"mode": "stepped", "pace": 0}, "2026-09-07T09:00:00"),
        (86_400, {"pace": 0}, "2026-09-07T09:00:00"),
        (-50, {}, "2026-09-07T09:00:00"),
        (3600, {"goal": MONDAY + timedelta(days=9)}, "2026-09-07T09:00:00"),
    ],
)
def test_what_a_clock_shows(monkeypatch, seconds, more, expected):
    assert shows(seconds, monkeypatch, **more) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("8d", {"days": 8}),
        (" 3h ", {"hours": 3}),
        ("30M", {"minutes": 30}),
        ("1d12h5m", {"days": 1, "hours": 12, "minutes": 5}),
    ],
)
def test_a_length_of_time_is_read(app, text, length):
    assert moving.length_of(text) == timedelta(**length)


@pytest.mark.parametrize(
    "text", ["", "8", "d", "8 days", "-1d", "−2h", "0d", "9999d", "1.5d", "1h1d", "٣d x"]
)
def test_what_is_no_length_is_refused_with_a_sentence(app, text):
    with pytest.raises(Invalid):
        moving.length_of(text)


# -- moving it ---------------------------------------------------------------------------------------------


def test_the_instructor_ends_the_day_and_is_told_what_happened(cast, browse):
    stepped(cast)
    ines, before = browse(cast.ines), last_step(cast.ines)
    page = ines.get("/instructor/clock").text
    assert "2026-09-08 09:00" in page
    assert "Stepped" in page
    answer = ines.post("/instructor/clock/end-day")
    assert (answer.status_code, answer.location) == (302, "/instructor/clock")
    assert "1 day passed; nothing fell due." in ines.get("/instructor/clock").text
    assert lab_time(cast) == datetime.fromisoformat("2026-09-08T09:00")
    (step,) = [s for s in steps_since(cast.ines, before) if s.kind == "setting"]
    assert (step.member, step.verb, step.outcome, step.lab_at) == ("t001", "change", "done", MONDAY)
    assert step.changes[0]["id"] == "clock"
    assert step.changes[0]["after"] == {"value": "2026-09-08T09:00:00"}


@pytest.mark.parametrize(
    ("today", "morning"),
    [("2026-09-11T16:00", "2026-09-14T09:00"), ("2026-09-12T10:00", "2026-09-14T09:00")],
)
def test_the_end_of_the_day_leads_to_the_next_working_day(cast, today, morning):
    stepped(cast, datetime.fromisoformat(today))
    assert moving.next_morning(cast.ines.actor) == datetime.fromisoformat(morning)


def test_the_clock_goes_on_by_a_length_or_to_a_moment(cast, browse):
    stepped(cast)
    ines = browse(cast.ines)
    assert ines.post("/instructor/clock/on", {"length": "1d2h"}).status_code == 302
    assert lab_time(cast) == datetime.fromisoformat("2026-09-08T11:00")
    assert ines.post("/instructor/clock/on", {"to": "2026-09-30T18:00"}).status_code == 302
    assert lab_time(cast) == datetime.fromisoformat("2026-09-30T18:00")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"to": "2026-09-06T09:00"}, "never goes back: it is 2026-09-07 09:00"),
        ({"to": "2026-09-07T09:00"}, "never goes back"),
        ({"length": "-3d"}, "never goes back"),
        ({"length": "soon"}, "like 8d, 3h"),
        ({"to": "2040-01-01T00:00"}, "at most ten years"),
        ({}, "Say how far"),
        ({"to": "tomorrow"}, "date"),
    ],
)
def test_a_step_back_or_nowhere_is_refused_with_a_sentence(cast, browse, answers, sentence):
    stepped(cast)
    ines, before = browse(cast.ines), last_step(cast.ines)
    answer = ines.post("/instructor/clock/on", answers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(value in answer.text for name, value in answers.items() if name == "length")
    assert lab_time(cast) == MONDAY
    assert [s.outcome for s in steps_since(cast.ines, before)] == ["invalid"]


def test_how_the_clock_runs_changes_without_a_jump(cast, browse):
    stepped(cast, MONDAY + timedelta(hours=2))
    ines = browse(cast.ines)
    assert ines.post("/instructor/clock/run", {"mode": "real", "pace": "60"}).status_code == 302
    sandbox = box(cast)
    assert (sandbox.clock_mode, sandbox.clock_pace) == ("real", 60)
    assert timedelta(0) <= lab_time(cast) - (MONDAY + timedelta(hours=2)) < timedelta(hours=1)
    assert sandbox.settings["clock.mode"] == "real"
    assert ines.post("/instructor/clock/run", {"mode": "real", "pace": "-1"}).status_code == 422
    assert ines.post("/instructor/clock/run", {"mode": "sundial", "pace": "1"}).status_code == 422


def test_only_a_student_alone_in_a_sandbox_ends_the_day_and_only_where_the_scenario_says_so(cast, browse):
    ben = browse(cast.ben)
    for unit, says, expected in (
        ("", True, 403),
        ("s003", True, 403),
        ("s002", False, 403),
        ("s002", True, 302),
    ):
        stepped(cast, unit=unit, settings={**box(cast).settings, "clock.students_end_day": says})
        shown = "End the day" in ben.get("/clock").text
        assert ben.post("/clock/end-day").status_code == expected
        assert shown == (expected == 302)
    assert lab_time(cast) == datetime.fromisoformat("2026-09-08T09:00")


def test_an_observer_ends_no_day(cast, browse):
    stepped(cast, unit="o001", settings={**box(cast).settings, "clock.students_end_day": True})
    assert browse(cast.olga).post("/clock/end-day").status_code == 403


def test_everybody_sees_the_time_and_the_console_is_the_instructors(cast, browse):
    stepped(cast)
    assert "2026-09-07 09:00" in browse(cast.ben).get("/").text
    assert "Your instructor ends the day" in browse(cast.ben).get("/clock").text
    assert browse(cast.ben).get("/instructor/clock").status_code == 403
    assert browse(cast.ines).get("/clock").location == "/instructor/clock"


def test_a_clock_on_its_way_takes_no_other_order(cast):
    stepped(cast)
    actor = cast.ines.actor
    moving.send(actor, MONDAY + timedelta(days=3), Source())
    with pytest.raises(Refused, match="on its way"):
        moving.send(cast.ines.actor, MONDAY + timedelta(days=9), Source())
    assert lab_time(cast) == MONDAY
    assert sweep("autumn-a") == 0
    assert lab_time(cast) == MONDAY + timedelta(days=3)


def test_a_frozen_sandbox_is_not_moved(cast):
    stepped(cast, state="frozen")
    with pytest.raises(Refused, match="closed for changes"):
        moving.send(cast.ines.actor, MONDAY + timedelta(days=1), Source())


def second_sandbox(cast):
    """Another sandbox of the course, in which Ines instructs too."""
    begin_write()
    course_id = box(cast).course_id
    times = {"starts_at": MONDAY, "clock_base": MONDAY, "last_lab_at": MONDAY}
    other = Sandbox(course_id=course_id, name="autumn-a/s002", scenario="none", state="open", **times)
    other.clock_mode, other.clock_pace, other.unit = "stepped", 0, "s002"
    db.session.add(other)
    db.session.flush()
    own = {"account_id": cast.ines.account_id, "key": "t001", "role": "instructor", "state": "active"}
    number = other.id
    db.session.commit()
    house = system_actor(db.session.get_one(Sandbox, number))
    with Setup(house, "membership.create", nobody=True) as work:
        work.create(Membership, course_id=course_id, positions=[], **own)
    return number


def test_the_day_ends_in_all_sandboxes_of_the_course_when_asked(cast, browse):
    stepped(cast, unit="s001")
    other, ines = second_sandbox(cast), browse(cast.ines)
    assert "autumn-a/s002" in ines.get("/instructor/clock").text
    ines.post("/instructor/clock/end-day")
    assert lab_time(cast) == datetime.fromisoformat("2026-09-08T09:00")
    assert clock.lab_now(db.session.get_one(Sandbox, other)) == MONDAY
    ines.post("/instructor/clock/end-day", {"everywhere": "1"})
    assert "2 sandboxes went on." in ines.get("/instructor/clock").text
    assert lab_time(cast) == datetime.fromisoformat("2026-09-09T09:00")
    assert clock.lab_now(db.session.get_one(Sandbox, other)) == datetime.fromisoformat("2026-09-08T09:00")
    steps = db.session.scalars(select(Operation).where(Operation.sandbox_id == other)).all()
    assert ("t001", "setting", "change") in {(step.member, step.kind, step.verb) for step in steps}
