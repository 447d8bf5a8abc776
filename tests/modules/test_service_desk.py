"""Around tickets: the public form, surveys, reports, the calendar, the first page, and the grader.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

from dataclasses import replace
from datetime import datetime

from labapp.db import db
from labapp.grading import grade, read_log, read_rubric
from labapp.modules.tickets.cards import open_ones, overdue_ones
from labapp.modules.tickets.pages import planned
from labapp.oplog.export import export
from labapp.people.models import Sandbox
from labapp.records.agenda import Stretch
from tests.desk import clock_at, configure, taken_in, the_ticket
from tests.lives import last_step, steps_since


def test_customers_write_in_by_the_public_form(cast, browse):
    visitor = browse()
    assert "Tell us" in visitor.get("/public/autumn-a/feedback").text
    said = {"kind": "complaint", "subject": "Late again", "content": "Third time.", "name": "Ms Li"}
    missing = visitor.post("/public/autumn-a/feedback", said)
    assert missing.status_code == 422
    before = last_step(cast.ben)
    sent = visitor.post("/public/autumn-a/feedback", {**said, "email": "li@example.test"})
    assert sent.status_code == 200
    (step,) = steps_since(cast.ben, before)
    assert (step.verb, step.origin, step.member) == ("create", "public", None)
    row = browse(cast.ines).get("/tickets/?format=json").json["rows"][0]
    ticket = the_ticket(row["id"])
    assert (ticket.kind, ticket.priority, ticket.channel) == ("complaint", "high", "web")
    assert "Ms Li · li@example.test" in ticket.content
    before = last_step(cast.ben)
    trapped = visitor.post("/public/autumn-a/feedback", {**said, "email": "x@y.zz", "fax_number": "1"})
    assert trapped.status_code == 200
    assert last_step(cast.ben) == before
    configure(cast, service__web_enabled=False)
    assert visitor.get("/public/autumn-a/feedback").status_code == 404
    assert visitor.get("/public/nowhere/feedback").status_code == 404


def test_surveys_keep_to_their_scales_and_count_in_the_report(cast, browse, make):
    ben = browse(cast.ben)
    customer = make("customer", cast.ben).id
    answers = {"customer_id": customer, "subject": "Yearly visit", "channel": "visit", "satisfaction": "4"}
    assert ben.post("/surveys/new", {**answers, "satisfaction": "9"}).status_code == 422
    assert ben.post("/surveys/new", {**answers, "recommend": "10"}).status_code == 302
    assert ben.post("/surveys/new", {**answers, "satisfaction": "5"}).status_code == 302
    lines = ben.get("/surveys/reports/satisfaction.csv").get_data(as_text=True).splitlines()
    month, count, mean = lines[1].split(",")[:3]
    assert (month, count, float(mean)) == ("2026-09", "2", 4.5)


def test_the_report_by_fiscal_year_follows_the_setting(cast, browse):
    ben = browse(cast.ben)
    taken_in(ben)
    configure(cast, organisation__fiscal_year_start=10)
    lines = ben.get("/tickets/reports/overview.csv?group=fiscal_year").get_data(as_text=True).splitlines()
    assert lines[1].startswith("Fiscal year 2025,1,")


def test_the_first_page_and_the_team_know_what_is_open(cast, browse):
    ben = browse(cast.ben)
    ticket_id = taken_in(ben)
    assert "My open tickets" not in ben.get("/").text
    ben.post(f"/tickets/{ticket_id}/start")
    page = ben.get("/").text
    assert "My open tickets" in page
    assert "Two chairs are broken" in page
    owners = frozenset({cast.ben.membership_id, cast.cy.membership_id})
    count, url = open_ones(cast.ada.actor, owners)[cast.ben.membership_id]
    assert count == 1
    assert len(browse(cast.ada).get(f"{url}&format=json").json["rows"]) == 1
    assert overdue_ones(cast.ada.actor, owners) == {}
    assert open_ones(cast.dee.actor, owners) == {}


def test_a_real_log_is_graded_by_kind_status_and_measures(cast, browse, tmp_path):
    ben, cy = browse(cast.ben), browse(cast.cy)
    clock_at(cast, "2026-09-08T09:00")
    here = f"/tickets/{taken_in(ben)}"
    ben.post(f"{here}/assign", {"assignee_id": cast.cy.membership_id})
    clock_at(cast, "2026-09-08T11:00")
    cy.post(f"{here}/start")
    clock_at(cast, "2026-09-08T13:00")
    cy.post(f"{here}/resolve", {"resolution": "New chairs"})
    cy.post(f"{here}/close", {"satisfaction": "4"})
    rubric = """
rubric: 1
title: {en: Service, zh: 客服}
tasks:
  - key: one
    title: {en: One, zh: 一}
    points: 5
    checks:
      - holds: {kind: ticket, owner: anyone, where: {kind: complaint, status: closed, priority: high, assignee: me}}
      - in_order: {steps: [ticket.start, ticket.resolve, ticket.close]}
      - within: {start: ticket.create, finish: ticket.resolve, limit: 5h, clock: working}
      - measure: {name: first_response_hours, full: 2.1, zero: 48}
      - measure: {name: resolution_hours, full: 4.1, zero: 96}
      - measure: {name: satisfaction, full: 4, zero: 1}
"""
    file = tmp_path / "log.jsonl"
    export(db.session.get(Sandbox, cast.ben.sandbox_id), file)
    log = read_log(file)
    results = {
        r.member.member: r for r in grade(log, read_rubric(rubric.encode(), "rubric.yaml", log=log)).members
    }
    assert [float(c.share) for c in results[cast.cy.key].tasks[0].findings] == [1.0] * 6
    assert float(results[cast.ben.key].tasks[0].share) < 0.5


def test_service_is_scheduled_from_the_customer_and_stands_in_the_calendar(cast, browse, make):
    ben = browse(cast.ben)
    customer = make("customer", cast.ben, name="Quartz Trading").id
    answers = {"subject": "Yearly check", "planned_at": "2026-09-10T14:00"}
    done = ben.post(f"/customers/{customer}/schedule_service", answers)
    ticket = the_ticket(int(done.location.rsplit("/", 1)[1]))
    assert (ticket.kind, ticket.customer_id, ticket.number[:2]) == ("service", customer, "FW")
    assert "Yearly check" in ben.get(f"/customers/{customer}").text
    stretch = Stretch(cast.ben.actor, datetime(2026, 9, 7), datetime(2026, 9, 14))  # noqa: DTZ001
    (entry,) = planned(stretch)
    assert (entry.url, entry.owner_id) == (f"/tickets/{ticket.id}", cast.ben.membership_id)
    assert planned(replace(stretch, actor=cast.cy.actor)) == []
    assert planned(replace(stretch, owners={cast.cy.membership_id})) == []
    assert len(planned(replace(stretch, about=[("customer", customer)]))) == 1
