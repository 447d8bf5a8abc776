"""The clock of a sandbox: real or stepped, never back, and what falls due on the way (product.md L2).

School (Ines instructs, Olga observes) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import os
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from labapp import clock, jobs
from labapp.access.actor import Clock
from labapp.access.errors import Invalid, Refused
from labapp.db import begin_write, db
from labapp.lifecycle import moving
from labapp.lifecycle.chores import sweep
from labapp.lifecycle.clockwork import Walk
from labapp.notices.models import Notice
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records.catalog import catalog
from labapp.records.codes import Stage
from labapp.records.sweeps import Sweep
from labapp.records.work import Source, Work
from tests.desk import taken_in, the_ticket
from tests.listening import KILLED, die_at
from tests.lives import last_step, steps_since
from tests.timelines import advance, opened, steps, teacher
from tests.world import START

MONDAY = START  # 7 September 2026, nine o'clock


def box(cast):
    return db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True)


def stepped(cast, moment=MONDAY, **values):
    """The sandbox of the cast with a clock that stands still between steps."""
    begin_write()
    sandbox = box(cast)
    sandbox.clock_mode, sandbox.clock_pace, sandbox.clock_base = "stepped", 0, moment
    sandbox.last_lab_at = min(sandbox.last_lab_at, moment)  # building the world took a second or two
    for name, value in values.items():
        setattr(sandbox, name, value)
    db.session.commit()


def lab_time(cast):
    db.session.remove()
    return clock.lab_now(box(cast))


def on(cast, **length):
    """Ines sends the clock on and walks there."""
    actor = cast.ines.actor
    moving.send(actor, actor.lab_now + timedelta(**length), Source())
    walk = Walk(cast.ben.sandbox_id)
    assert walk.go()
    db.session.remove()
    return walk.done


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


# -- what falls due on the way -----------------------------------------------------------------------------


def test_a_reminder_of_the_second_day_and_an_escalation_of_the_third_have_those_times(cast, make, browse):
    stepped(cast)
    ben = browse(cast.ben)
    ticket_id = taken_in(ben, priority="urgent")
    call = make("activity", cast.ben, subject="Call the school")
    number, model = call.id, type(call)
    with Work(cast.ben.actor, "activity.edit") as work:
        work.update(work.on(model, number), reminder_at=MONDAY + timedelta(days=1, hours=1))
    begin_write()
    due = the_ticket(ticket_id).due_at
    assert due == datetime.fromisoformat("2026-09-07T17:00")
    before = last_step(cast.ben)
    assert on(cast, days=5) >= 2
    found = [
        (f"{s.kind}.{s.verb}", s.lab_at) for s in steps_since(cast.ben, before) if s.origin == "automation"
    ]
    assert found == [("ticket.escalate", due), ("activity.remind", MONDAY + timedelta(days=1, hours=1))]
    told = db.session.scalars(select(Notice).where(Notice.topic == "reminder")).all()
    assert [notice.at for notice in told] == [MONDAY + timedelta(days=1, hours=1)]
    assert the_ticket(ticket_id).escalated_at == due


def test_a_campaign_is_told_of_at_the_midnight_three_days_before_its_end(cast, make):
    stepped(cast)
    make("campaign", cast.ada, status="active", end_date=(MONDAY + timedelta(days=7)).date())
    on(cast, days=9)
    told = db.session.scalars(select(Notice).where(Notice.topic == "campaign")).all()
    assert {notice.at for notice in told} == {datetime.fromisoformat("2026-09-11T00:00")}


def test_what_nobody_followed_up_is_told_of_when_the_days_are_over(cast, make):
    stepped(cast)
    quiet = MONDAY - timedelta(days=2, hours=1)
    make("customer", cast.ben, last_contacted_at=quiet)
    make("customer", cast.cy, last_contacted_at=MONDAY + timedelta(days=1))
    on(cast, days=20)
    told = db.session.scalars(select(Notice).where(Notice.topic == "neglected").order_by(Notice.id)).all()
    second, week = timedelta(seconds=1), timedelta(days=7)
    cy = MONDAY + timedelta(days=8) + second
    assert [(notice.membership_id, notice.at) for notice in told] == [
        (cast.ben.membership_id, MONDAY + week),  # the first period of the sandbox ends
        (cast.cy.membership_id, cy),
        (cast.ben.membership_id, MONDAY + 2 * week),
        (cast.cy.membership_id, cy + week),
    ]


def test_a_stage_reminds_at_the_minute(cast, make):
    stepped(cast)
    stage_reminds(cast, 3)
    sale = make("opportunity", cast.ben, stage="contact", stage_since=MONDAY, close_date=date(2026, 12, 1))
    number = sale.id
    on(cast, days=1)
    note = make("note", cast.ben, related_kind="opportunity", related_id=number)
    assert note.updated_at == MONDAY + timedelta(days=1)
    on(cast, days=6)
    told = db.session.scalars(select(Notice).where(Notice.topic == "stage_reminder")).all()
    assert [notice.at for notice in told] == [MONDAY + timedelta(days=4)]


def stage_reminds(cast, days):
    """The first stage reminds after so many days."""
    begin_write()
    with Work(cast.ines.actor, "stage.edit") as work:
        for stage in work.rows(Stage, Stage.key == "contact"):
            work.update(stage, remind_after=days)


def test_lab_time_in_the_log_never_decreases(cast, browse):
    stepped(cast)
    ines, ben, before = browse(cast.ines), browse(cast.ben), last_step(cast.ben)
    for length in ("1d", "3h", "2d"):
        taken_in(ben)
        ines.post("/instructor/clock/on", {"length": length})
    found = select(Operation.lab_at).where(Operation.id > before).order_by(Operation.id)
    moments = db.session.scalars(found).all()
    assert list(moments) == sorted(moments)
    assert moments[-1] > MONDAY + timedelta(days=1)


def test_what_a_sweep_without_a_time_of_its_own_does_is_done_every_midnight(cast, monkeypatch):
    stepped(cast)
    seen = []
    own = Sweep("test", lambda house: seen.append(house.lab_now) or 0)
    monkeypatch.setattr(catalog(), "sweeps", [own])
    on(cast, days=2)
    assert seen == [
        MONDAY,
        *(datetime.fromisoformat(f"2026-09-0{day}T00:00") for day in (8, 9)),
        MONDAY + timedelta(days=2),
    ]


def test_a_sweep_that_fails_stops_no_other_and_not_the_clock(cast, monkeypatch):
    stepped(cast)
    seen = []

    def fails(_house):
        raise ValueError("broken")

    monkeypatch.setattr(
        catalog(),
        "sweeps",
        [Sweep("bad", fails), Sweep("good", lambda house: seen.append(house.lab_now) or 0)],
    )
    on(cast, hours=1)
    assert len(seen) == 2
    assert lab_time(cast) == MONDAY + timedelta(hours=1)


# -- long steps --------------------------------------------------------------------------------------------


def test_a_long_step_is_a_job_with_progress(cast, browse, monkeypatch):
    stepped(cast)
    monkeypatch.setattr(moving, "AT_HAND", 0.0)
    ines = browse(cast.ines)
    taken_in(browse(cast.ben), priority="urgent")
    answer = ines.post("/instructor/clock/on", {"length": "8d"})
    page = ines.get(answer.location).text
    assert "The clock is on its way" in page
    assert "On its way to 2026-09-15 09:00" in ines.get("/instructor/clock").text
    assert ines.post("/instructor/clock/end-day").status_code == 403
    assert jobs.work_off() == 1
    job = db.session.scalars(select(jobs.Job).order_by(jobs.Job.id.desc())).first()
    assert (job.state, job.progress, job.total) == ("done", 8 * 1440, 8 * 1440)
    assert ines.get(answer.location).status_code == 302
    assert "1 ticket became overdue" in ines.get("/instructor/clock").text
    assert browse(cast.ben).get(answer.location).status_code == 404
    assert lab_time(cast) == MONDAY + timedelta(days=8)


def walked(sandbox_id):
    """What the timeline and the sweeps wrote."""
    written = steps(sandbox_id, "timeline", "automation")
    return [(s.kind, s.verb, s.record, s.lab_at, s.label, s.answers, s.changes) for s in written]


def test_two_processes_that_walk_at_once_do_everything_once(app, tmp_path):
    alone, together = opened(tmp_path, "alone"), opened(tmp_path, "together")
    advance(alone, days=8)
    actor = teacher(together)
    moving.send(actor, actor.lab_now + timedelta(days=8), Source())
    first, second = Walk(together), Walk(together)
    over = clock.monotonic() - 1  # so that each does one piece at a time
    while not (first.go(over) | second.go(over)):
        db.session.remove()
    assert first.done
    assert second.done
    assert walked(together) == walked(alone)


def walk_and_die_at(number, sandbox_id):
    """A walk in a child process that dies before its nth statement; whether it lived."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        die_at(number)
        os._exit(0 if Walk(sandbox_id).go() else 1)
    _child, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}
    return code == 0


def test_a_walk_killed_again_and_again_does_everything_once(app, tmp_path, capsys):
    whole, broken = opened(tmp_path, "whole"), opened(tmp_path, "broken")
    advance(whole, days=8)
    actor = teacher(broken)
    moving.send(actor, actor.lab_now + timedelta(days=8), Source())
    kills, number = 0, 3
    while not walk_and_die_at(number, broken):
        kills, number = kills + 1, number + 11
    with capsys.disabled():
        print(f"\nclock: killed {kills} times on its way")
    assert kills > 10
    assert walked(broken) == walked(whole)
    assert db.session.get_one(Sandbox, broken).clock_goal is None
