"""Tickets: from intake to satisfaction, and who meets them.

School (Ines instructs, Tess assists, Olga observes)
├── Class A ── Sales: Ada ── Staff: Ben, Cy
└── Class B ── Sales B ── Staff B: Dee
"""

from datetime import datetime, timedelta

from labapp.lifecycle.chores import sweep
from tests.desk import clock_at, configure, taken_in, the_ticket
from tests.forms import form_on
from tests.lives import last_step, steps_since


def test_intake_numbers_a_ticket_and_puts_complaints_first(cast, browse):
    ben = browse(cast.ben)
    feedback = the_ticket(taken_in(ben, kind="feedback", subject="Likes it"))
    complaint = the_ticket(taken_in(ben))
    service = the_ticket(taken_in(ben, kind="service", priority="urgent"))
    assert [t.number for t in (feedback, complaint, service)] == ["FK202609001", "TS202609001", "FW202609001"]
    assert [t.priority for t in (feedback, complaint, service)] == ["normal", "high", "urgent"]
    rows = ben.get("/tickets/?format=json").json["rows"]
    assert [row["kind"] for row in rows] == ["complaint", "service", "feedback"]


def test_the_whole_way_of_a_complaint(cast, browse):
    ben, cy = browse(cast.ben), browse(cast.cy)
    ticket_id = taken_in(ben)
    here = f"/tickets/{ticket_id}"
    assert cy.get(here).status_code == 404
    assert ben.post(f"{here}/assign", {"assignee_id": cast.cy.membership_id}).status_code == 302
    assert cy.get(here).status_code == 200
    before = last_step(cast.cy)
    for verb, answers in (
        ("start", {}),
        ("wait", {"reason": "A photo"}),
        ("resume", {}),
        ("resolve", {"resolution": "New chairs sent"}),
        ("close", {"satisfaction": "5"}),
    ):
        assert cy.post(f"{here}/{verb}", answers).status_code == 302, verb
    ticket = the_ticket(ticket_id)
    assert (ticket.status, ticket.satisfaction, ticket.resolution) == ("closed", 5, "New chairs sent")
    assert ticket.first_response_at
    assert ticket.resolved_at
    assert ticket.closed_at
    assert [s.verb for s in steps_since(cast.cy, before)][:5] == [
        "start",
        "wait",
        "resume",
        "resolve",
        "close",
    ]
    assert ben.get(here).status_code == 200
    assert ben.post(f"{here}/reopen", {"reason": "Broken again"}).status_code == 302
    assert the_ticket(ticket_id).status == "assigned"


# -- promises in working time ------------------------------------------------------------------------------


def about(moment, expected):
    """The sandbox clock ran on by a few seconds while the test did."""
    return abs(moment - datetime.fromisoformat(expected)) < timedelta(minutes=2)


def test_due_times_count_working_hours_without_nights_weekends_and_holidays(cast, browse):
    configure(cast, organisation__holidays=["2026-09-14"])
    clock_at(cast, "2026-09-11T16:00")  # a Friday
    ticket = the_ticket(taken_in(browse(cast.ben), priority="high"))
    assert about(ticket.respond_by, "2026-09-15T11:00")  # 4 h: two on Friday, Monday is a holiday
    assert about(ticket.due_at, "2026-09-16T14:00")  # 16 h


def test_waiting_for_the_customer_moves_the_due_time_by_the_working_time_waited(cast, browse):
    ben = browse(cast.ben)
    clock_at(cast, "2026-09-08T10:00")
    here = f"/tickets/{taken_in(ben, priority='urgent')}"
    ben.post(f"{here}/start")
    ben.post(f"{here}/wait", {"reason": "A photo"})
    clock_at(cast, "2026-09-09T11:00")
    assert "stands still" in ben.get(here).text
    assert sweep("autumn-a") == 0, "it waits: nothing is overdue"
    ben.post(f"{here}/resume")
    ticket = the_ticket(int(here.rsplit("/", 1)[1]))
    assert abs(ticket.waited_minutes - 10 * 60) <= 1  # eight hours of Tuesday, two of Wednesday
    assert about(ticket.due_at, "2026-09-10T10:00")
    clock_at(cast, "2026-09-09T13:00")
    ben.post(f"{here}/resolve", {"resolution": "New chairs"})
    ticket = the_ticket(int(here.rsplit("/", 1)[1]))
    assert abs(ticket.resolution_minutes - 2 * 60) <= 2
    assert ticket.response_minutes == 0
    assert not ticket.overdue


def test_another_priority_promises_anew_from_the_submission(cast, browse):
    ben = browse(cast.ben)
    clock_at(cast, "2026-09-08T09:00")
    ticket = the_ticket(taken_in(ben, kind="feedback"))
    form = form_on(ben, f"/tickets/{ticket.id}/edit", "subject")
    clock_at(cast, "2026-09-08T15:00")
    assert ben.post(f"/tickets/{ticket.id}/edit", {**form, "priority": "urgent"}).status_code == 302
    assert about(the_ticket(ticket.id).due_at, "2026-09-08T17:00")


def test_what_is_overdue_is_escalated_once_and_both_are_told(cast, browse):
    ben = browse(cast.ben)
    clock_at(cast, "2026-09-08T09:00")
    ticket_id = taken_in(ben, priority="urgent")
    ben.post(f"/tickets/{ticket_id}/assign", {"assignee_id": cast.cy.membership_id})
    before = last_step(cast.ben)
    clock_at(cast, "2026-09-08T16:59")
    assert sweep("autumn-a") == 0
    clock_at(cast, "2026-09-08T17:30")
    assert (sweep("autumn-a"), sweep("autumn-a")) == (1, 0)
    (step,) = [s for s in steps_since(cast.ben, before) if s.verb == "escalate"]
    assert (step.origin, step.member, step.outcome) == ("automation", None, "done")
    ticket = the_ticket(ticket_id)
    assert ticket.overdue
    assert ticket.escalated_to_id == cast.ada.membership_id
    assert ticket.assignee_id == cast.cy.membership_id
    for person in (cast.cy, cast.ada):
        assert "is overdue" in browse(person).get("/notices").text
    assert "is overdue" not in browse(cast.ben).get("/notices").text
    shown = ben.get("/tickets/?overdue=1&format=json").json["rows"]
    assert [row["id"] for row in shown] == [ticket_id]
    assert "Overdue by" in ben.get(f"/tickets/{ticket_id}").text


# -- who gets it -------------------------------------------------------------------------------------------


def place_serial(cast, name):
    return next(p.serial for p in cast.ines.actor.directory.places.values() if p.name_en == name)


def test_in_turn_goes_round_the_team_and_the_least_busy_gets_the_next(cast, browse):
    ben = browse(cast.ben)
    team = f"position:{place_serial(cast, 'staff')}"
    configure(cast, service__assignment__complaint="round_robin", service__team__complaint=team)
    given = [the_ticket(taken_in(ben)).assignee_id for _number in range(3)]
    assert given == [cast.ben.membership_id, cast.cy.membership_id, cast.ben.membership_id]
    configure(cast, service__assignment__service="least_busy", service__team__service=team)
    ticket = the_ticket(taken_in(ben, kind="service"))
    assert (ticket.assignee_id, ticket.status) == (cast.cy.membership_id, "assigned")
    assert "assigned to you" in browse(cast.cy).get("/notices").text
    assert the_ticket(taken_in(ben, kind="feedback")).assignee_id is None


def test_handed_over_along_the_flow_to_its_end(cast, browse):
    ben, ada = browse(cast.ben), browse(cast.ada)
    here = f"/tickets/{taken_in(ben)}"
    answer = ben.post(f"{here}/hand_over", {"assignee_id": cast.ada.membership_id})
    assert answer.status_code == 403
    assert "No flow is set up" in answer.text
    configure(cast, service__flow=[place_serial(cast, "staff"), place_serial(cast, "sales")])
    wrong = ben.post(f"{here}/hand_over", {"assignee_id": cast.ada.membership_id})
    assert wrong.status_code == 422
    assert "choose somebody there" in wrong.text
    assert ben.post(f"{here}/hand_over", {"assignee_id": cast.cy.membership_id}).status_code == 302
    assert (
        browse(cast.cy).post(f"{here}/hand_over", {"assignee_id": cast.ada.membership_id}).status_code == 302
    )
    assert the_ticket(int(here.rsplit("/", 1)[1])).assignee_id == cast.ada.membership_id
    last = ada.post(f"{here}/hand_over", {"assignee_id": cast.ada.membership_id})
    assert last.status_code == 403
    assert "last position of the flow" in last.text
    assert "Hand over" in ben.get(here).text
    assert "last position of the flow" in ada.get(f"{here}/hand_over").text


def test_escalated_by_hand_the_superior_takes_it_over(cast, browse):
    ben = browse(cast.ben)
    here = f"/tickets/{taken_in(ben)}"
    assert ben.post(f"{here}/escalate", {"reason": "Threatens to go to the press"}).status_code == 302
    assert "Threatens to go to the press" in ben.get(here).text, "the history tells why"
    ticket = the_ticket(int(here.rsplit("/", 1)[1]))
    assert (ticket.assignee_id, ticket.escalated_to_id) == (cast.ada.membership_id,) * 2
    assert "It is assigned to you." in browse(cast.ada).get(f"{here}/why").text


def test_the_assignee_and_their_superiors_read_and_edit_but_do_not_give_away(cast, browse):
    ben, dee = browse(cast.ben), browse(cast.dee)
    here = f"/tickets/{taken_in(ben)}"
    ben.post(f"{here}/assign", {"assignee_id": cast.dee.membership_id})
    assert dee.get(f"{here}/edit").status_code == 200
    for verb in ("delete", "transfer"):
        assert dee.post(f"{here}/{verb}", {"owner_id": cast.dee.membership_id}).status_code == 403
    assert "It is assigned to you." in dee.get(f"{here}/why").text
    assert "assignee" in ben.get(f"{here}/why").text
    assert browse(cast.cy).get(here).status_code == 404
    assert dee.get("/tickets/?format=json").json["rows"][0]["assignee"] == cast.dee.key
    ben.post(f"{here}/assign", {"assignee_id": cast.ben.membership_id})
    assert dee.get(here).status_code == 404
    assert dee.get("/tickets/?format=json").json["rows"] == []


# -- what else ---------------------------------------------------------------------------------------------


def test_states_are_kept_and_answers_checked(cast, browse):
    ben = browse(cast.ben)
    here = f"/tickets/{taken_in(ben)}"
    assert ben.post(f"{here}/close", {"satisfaction": "5"}).status_code == 403
    assert ben.post(f"{here}/resolve", {"resolution": "Done"}).status_code == 403
    ben.post(f"{here}/start")
    missing = ben.post(f"{here}/resolve", {"resolution": "  "})
    assert missing.status_code == 422
    ben.post(f"{here}/resolve", {"resolution": "New chairs"})
    assert ben.post(f"{here}/close", {"satisfaction": "6"}).status_code == 422
    assert ben.post(f"{here}/close", {"satisfaction": "1"}).status_code == 302
    form = form_on(ben, f"{here}/edit", "subject")
    closed = ben.post(f"{here}/edit", {**form, "subject": "Something else"})
    assert closed.status_code == 422
    assert "Reopen it first" in closed.text


def test_a_contact_belongs_to_the_customer(cast, browse, make):
    ben = browse(cast.ben)
    one, other = make("customer", cast.ben).id, make("customer", cast.ben).id
    contact = make("contact", cast.ben, customer_id=one).id
    answers = {"kind": "service", "subject": "Visit", "channel": "phone", "contact_id": contact}
    wrong = ben.post("/tickets/new", {**answers, "customer_id": other})
    assert wrong.status_code == 422
    assert "another customer" in wrong.text
    assert the_ticket(taken_in(ben, **answers)).customer_id == one


def test_an_article_of_the_knowledge_base_resolves_it(cast, browse, make):
    ben = browse(cast.ben)
    article = make("article", cast.ines, title="Loose backrests", status="published").id
    here = f"/tickets/{taken_in(ben)}"
    ben.post(f"{here}/start")
    ben.post(f"{here}/resolve", {"resolution": "As the article says", "article_id": article})
    assert the_ticket(int(here.rsplit("/", 1)[1])).article_id == article
    assert "Loose backrests" in ben.get(here).text


def test_a_customer_with_open_tickets_stays(cast, browse, make):
    ben = browse(cast.ben)
    customer = make("customer", cast.ben).id
    here = f"/tickets/{taken_in(ben, customer_id=customer)}"
    refused = ben.post(f"/customers/{customer}/delete")
    assert refused.status_code == 403
    assert "Two chairs are broken" in refused.text
    ben.post(f"{here}/start")
    ben.post(f"{here}/resolve", {"resolution": "New chairs"})
    assert ben.post(f"/customers/{customer}/delete").status_code == 302


def test_a_lead_and_a_task_come_out_of_a_ticket(cast, browse, app):
    ben = browse(cast.ben)
    here = f"/tickets/{taken_in(ben)}"
    lead = {"name": "Wang", "company": "Hangzhou Lifts", "assignee_id": cast.cy.membership_id}
    assert ben.post(f"{here}/create_lead", lead).status_code == 302
    assert "Hangzhou Lifts" in browse(cast.cy).get("/leads/").text
    task = {"task": "Ask what they would pay", "assignee_id": cast.ben.membership_id}
    assert ben.post(f"{here}/create_task", task).status_code == 302
    assert "Ask what they would pay" in ben.get(here).text
