"""What happens by itself while a sandbox runs: once each, in order, to everybody concerned (product.md L2).

Instructor ── Class 1 ── Sales 1 ── representatives s001, s002
"""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from labapp.access.actor import system_actor
from labapp.db import begin_write, db
from labapp.lifecycle.chores import sweep
from labapp.lifecycle.clockwork import Walk
from labapp.lifecycle.verify import verify
from labapp.modules.activities.models import Activity
from labapp.modules.competitors.models import Competitor
from labapp.modules.customers.models import Customer
from labapp.modules.leads.models import Lead
from labapp.modules.tickets.models import Ticket
from labapp.notices.models import Notice
from labapp.people.enrol import Person, create_account
from labapp.people.models import Membership, Sandbox
from labapp.records.sweeps import Automation
from labapp.records.work import writing
from labapp.scenario.demo import take_seat
from labapp.scenario.fired import TimelineEvent
from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario
from labapp.scenario.write import Writer
from tests.timelines import TIMELINE, advance, all_of, box, happenings, opened, run_at, scenario_in, steps

EVERYTHING = [
    *[("lift_stuck", "ticket.create")] * 2,
    *[("asks_for_offer", "lead.create")] * 2,
    ("news", "timeline.tell"),
    *[("silence", "activity.cancel"), ("silence", "customer.edit")] * 2,
    ("price_cut", "competitor.create"),
    ("price_cut_again", "competitor.edit"),
    ("quarter_end", "timeline.quarter_end"),
]


def day(text):
    return datetime.fromisoformat(f"2026-09-{text}")


def seat(sandbox_id, key, number):
    """Somebody takes this seat."""
    with writing():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        writer = Writer(sandbox, sandbox.last_lab_at, "seated")
        take_seat(writer, key, create_account(Person(f"Li {number}", number)))
        writer.keep(restamp=True)
    db.session.remove()


def told(sandbox_id, topic="timeline"):
    query = select(Notice).where(Notice.sandbox_id == sandbox_id, Notice.topic == topic).order_by(Notice.id)
    return list(db.session.scalars(query))


def test_everything_happens_at_its_time_once_and_in_order(app, tmp_path):
    number = opened(tmp_path)
    before = len(all_of(number, Ticket))
    assert advance(number, days=8) > 0
    found = happenings(number)
    assert [(event, what) for event, what, _at in found] == EVERYTHING
    assert found[0][2] == day("07T10:20")
    assert [at for _event, _what, at in found] == sorted(at for _event, _what, at in found)
    assert all(step.member is None for step in steps(number, "timeline"))
    assert len(all_of(number, Ticket)) == before + 2
    assert advance(number, days=3) >= 0
    assert happenings(number) == found
    assert verify(box(number)) is None
    assert not db.session.scalars(select(TimelineEvent).where(TimelineEvent.failed)).all()


def test_what_arrives_belongs_to_the_seat_and_says_its_own_customer(app, tmp_path):
    number = opened(tmp_path)
    advance(number, days=1)
    tickets = all_of(number, Ticket)[-2:]
    customers = {customer.id: customer for customer in all_of(number, Customer)}
    assert len({ticket.owner_id for ticket in tickets}) == 2
    for ticket in tickets:
        customer = customers[ticket.customer_id]
        assert customer.owner_id == ticket.owner_id
        assert ticket.subject == f"{customer.name}: the displays stay dark"
        assert (ticket.kind, ticket.priority) == ("complaint", "high")
        assert ticket.submitted_at == ticket.created_at == day("07T10:20")
    assert {notice.membership_id for notice in told(number)} == {ticket.owner_id for ticket in tickets}


def test_a_customer_goes_quiet_and_a_competitor_cuts_the_price(app, tmp_path):
    number = opened(tmp_path)
    advance(number, days=8)
    quiet = [customer for customer in all_of(number, Customer) if "quiet" in customer.tags]
    assert len(quiet) == 2
    assert all(customer.next_follow_up_at is None for customer in quiet)
    cancelled = [
        a for a in all_of(number, Activity) if a.status == "cancelled" and a.related_kind == "customer"
    ]
    assert {a.related_id for a in cancelled} >= {customer.id for customer in quiet}
    assert [c.threat for c in all_of(number, Competitor) if c.name == "Bluewave"] == ["high"]
    texts = [notice.text_en for notice in told(number)]
    assert texts.count("Bluewave cuts its prices") == 2
    assert sum(text.startswith("2026 Q3 is over") for text in texts) == 2


def the_same(sandbox_id):
    """The log without what differs between two runs, and without the acts of the one who moved the clock."""
    plain = []
    for step in steps(sandbox_id, "setup", "timeline", "automation"):
        plain.append((step.kind, step.verb, step.record, step.lab_at, step.label, step.answers, step.changes))
    return plain


@pytest.mark.parametrize("cut", ["days", "hours", "anyhow"])
def test_a_jump_over_many_days_does_what_small_steps_do(app, tmp_path, cut):
    whole, parts = opened(tmp_path, "whole"), opened(tmp_path, "parts")
    advance(whole, days=9)
    chance, left = Random(cut), timedelta(days=9)
    lengths = {"days": lambda: 1440, "hours": lambda: 720, "anyhow": lambda: chance.randint(1, 2000)}
    while left:
        length = min(left, timedelta(minutes=lengths[cut]()))
        advance(parts, minutes=length.total_seconds() / 60)
        left -= length
    assert the_same(whole) == the_same(parts)
    assert [(n.topic, n.at, n.text_en) for n in told(whole)] == [
        (n.topic, n.at, n.text_en) for n in told(parts)
    ]
    assert len({step.lab_at for step in steps(whole, "automation")}) > 3


def test_in_real_time_the_minute_sweep_lets_it_happen(app, tmp_path):
    number = opened(tmp_path)
    run_at(number, "real", 1)
    begin_write()
    box(number).clock_base += timedelta(days=1, hours=1)
    db.session.commit()
    assert sweep("stepping") >= 5
    assert [event for event, _what, _at in happenings(number)] == [e for e, _what in EVERYTHING[:5]]
    found = happenings(number)
    assert sweep("stepping") == 0
    assert happenings(number) == found
    assert found[0][2] == day("07T10:20")


def test_one_who_joins_late_gets_what_was_due_at_the_time_of_joining(app, tmp_path):
    number = opened(tmp_path)
    seat(number, "s001", "20260001")
    advance(number, days=1, hours=2)
    assert {row.member for row in db.session.scalars(select(TimelineEvent))} == {"s001", ""}
    seat(number, "s002", "20260002")
    sweep("stepping")
    query = select(TimelineEvent).filter_by(sandbox_id=number, member="s002").order_by(TimelineEvent.id)
    late = list(db.session.scalars(query))
    assert [row.key for row in late] == ["lift_stuck", "asks_for_offer"]
    assert {row.at for row in late} == {day("08T11:00")}
    assert late[0].due_at == day("07T10:20")
    ticket = all_of(number, Ticket)[-1]
    assert ticket.submitted_at == day("08T11:00")
    assert ticket.due_at > day("08T11:00")


def test_an_event_about_what_is_gone_does_nothing_and_holds_up_nobody(app, tmp_path):
    number = opened(tmp_path)
    begin_write()
    with writing():
        gone = [
            c for c in all_of(number, Customer) if c.last_contacted_at == day("07T15:10") - timedelta(days=46)
        ]
        for customer in gone:
            with Automation(system_actor(box(number)), "customer.delete") as work:
                work.delete(work.on(Customer, customer.id))
    assert len(gone) == 2
    advance(number, days=8)
    assert [e for e, _what, _at in happenings(number)] == [e for e, _what in EVERYTHING if e != "silence"]


def test_a_changed_title_and_another_owner_do_not_hide_a_record(app, tmp_path):
    number = opened(tmp_path)
    members = db.session.scalars(select(Membership).filter_by(sandbox_id=number, role="student")).all()
    first, second = (member.id for member in members)
    known = [customer for customer in all_of(number, Customer) if customer.owner_id == first]
    (mine,) = [customer for customer in known if "Nobody has called" in (customer.description or "")]
    mine_id = mine.id
    with Automation(system_actor(box(number)), "customer.edit") as work:
        work.update(work.on(Customer, mine_id), owner_id=second, name="Another name altogether")
    advance(number, days=4)
    assert mine_id in {customer.id for customer in all_of(number, Customer) if "quiet" in customer.tags}


def test_a_frozen_sandbox_stands_still(app, tmp_path):
    number = opened(tmp_path)
    begin_write()
    box(number).state = "frozen"
    db.session.commit()
    walk = Walk(number)
    assert walk.go()
    assert walk.done == 0


BAD = """
events:
  - {key: early, at: "-1d 09:00", per: once, tell: {en: a, zh: 甲}}
  - {key: twice, at: "+1d 09:00", per: once, tell: {en: a, zh: 甲}}
  - {key: twice, at: "+1d 09:00", per: once, tell: {en: a, zh: 甲}}
  - {key: nobody, at: "+1d 09:00", quiet: no_such_customer}
  - {key: no_kind, at: "+1d 09:00", kind: tickett, values: {subject: x}}
  - {key: whose, at: "+1d 09:00", per: once, quiet: growth_customer}
  - {key: stage, at: "+1d 09:00", changes: ready_deal, values: {stage: won}}
  - {key: before, at: "+1d 09:00", changes: after, values: {threat: high}}
  - {key: after, at: "+2d 09:00", kind: competitor, values: {name: {en: A, zh: 甲}}}
"""


def test_every_mistake_of_a_timeline_is_named_with_its_line(app, tmp_path):
    place = scenario_in(tmp_path, BAD)
    with pytest.raises(BadScenario) as bad:
        read_scenario(place)
    found = {problem.line: problem for problem in bad.value.problems if problem.file == "timeline.yaml"}
    assert sorted(found) == [3, 5, 6, 7, 8, 9, 10]
    assert "begins with the sandbox" in found[3].message
    assert "used twice" in found[5].message
    assert "neglected_customer" in found[6].message
    assert "which one" in found[8].message
    assert "comes before 'after'" in found[10].message
    assert all(problem.text.zh != problem.text.en for problem in found.values())


def test_an_event_says_one_thing(app, tmp_path):
    place = scenario_in(tmp_path, TIMELINE + '  - {key: both, at: "+1d 09:00", quiet: a, changes: b}\n')
    with pytest.raises(BadScenario) as bad:
        read_scenario(place)
    assert "exactly one of kind, changes, quiet and quarter_ends" in str(bad.value)


def test_leads_that_come_in_are_new(app, tmp_path):
    number = opened(tmp_path)
    advance(number, days=2)
    leads = all_of(number, Lead)[-2:]
    assert {(lead.status, lead.source) for lead in leads} == {("new", "web")}
    assert len({lead.name for lead in leads}) == 2
