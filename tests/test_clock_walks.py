"""What falls due while a sandbox's clock goes on: at its moment, once, whoever is killed on the way (product.md L2).

School (Ines instructs) ── Class A ── Sales: Ada manages ── Staff: Ben, Cy
"""

import os
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from labapp import clock, jobs
from labapp.db import begin_write, db
from labapp.lifecycle import clockwork, moving
from labapp.lifecycle.clockwork import Walk
from labapp.modules.activities import reminders
from labapp.notices.models import Notice
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from labapp.records.catalog import catalog
from labapp.records.codes import Stage
from labapp.records.sweeps import Sweep
from labapp.records.work import Source, Work
from tests.clocks import MONDAY, lab_time, on, stepped
from tests.desk import taken_in, the_ticket
from tests.listening import KILLED, die_at
from tests.lives import last_step, steps_since
from tests.timelines import advance, opened, steps, teacher


@pytest.fixture(autouse=True)
def a_slow_machine(monkeypatch):
    """Whether a step is long says the clock, not the load of this machine."""
    monkeypatch.setattr(moving, "AT_HAND", 60.0)


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


@pytest.mark.parametrize("portion", [1, reminders.PORTION])
def test_what_nobody_followed_up_is_told_of_when_the_days_are_over(cast, make, monkeypatch, portion):
    """As well where each transaction gets no further than one student."""
    monkeypatch.setattr(clockwork, "A_WHILE", 0.0 if portion == 1 else clockwork.A_WHILE)
    monkeypatch.setattr(reminders, "PORTION", portion)
    stepped(cast)
    quiet = MONDAY - timedelta(days=2, hours=1)
    make("customer", cast.ben, last_contacted_at=quiet)
    make("customer", cast.cy, last_contacted_at=MONDAY + timedelta(days=1))
    on(cast, days=20)
    told = db.session.scalars(select(Notice).where(Notice.topic == "neglected").order_by(Notice.id)).all()
    week = timedelta(days=7)
    cy = MONDAY + timedelta(days=8, hours=1)  # the first full hour at which the list of them shows it
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


def test_pieces_of_one_act_each_do_what_one_piece_does(app, tmp_path, monkeypatch):
    whole, pieces = opened(tmp_path, "whole"), opened(tmp_path, "pieces")
    monkeypatch.setattr(clockwork, "A_WHILE", 60.0)
    advance(whole, days=8)
    monkeypatch.setattr(clockwork, "A_WHILE", -1.0)
    advance(pieces, days=8)
    assert walked(pieces) == walked(whole)


def test_a_sweep_leaves_the_rest_to_another_piece_when_time_is_up(cast, make, monkeypatch):
    stepped(cast)
    for number in range(3):
        call = make("activity", cast.ben, subject=f"Call {number}")
        with Work(cast.ben.actor, "activity.edit") as work:
            work.update(work.on(type(call), call.id), reminder_at=MONDAY + timedelta(hours=1))
    monkeypatch.setattr(clockwork, "A_WHILE", -1.0)
    done, run = [], Walk._sweep
    monkeypatch.setattr(Walk, "_sweep", lambda walk, house: (run(walk, house), done.append(walk.done)))
    on(cast, hours=2)
    assert {1, 2, 3} <= set(done)
    assert len(db.session.scalars(select(Notice).where(Notice.topic == "reminder")).all()) == 3


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
