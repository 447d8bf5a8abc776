"""A complaint from the intake over hand-over, pause and escalation to the satisfaction of the customer."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person

SUBJECT = "Two chairs are broken"


def test_a_complaint_from_intake_to_satisfaction(visit: Callable[..., Person], language: str) -> None:
    teacher, student = visit("teacher", language), visit("student", language)
    manager = visit("manager", language)
    flow_is_set_up(teacher)
    ticket = taken_in(student)
    handed_over(student, ticket)
    paused_and_escalated(manager, ticket)
    resolved(teacher, ticket)
    closed_with_satisfaction(student, ticket)


def flow_is_set_up(teacher: Person) -> None:
    """Complaints go from the representatives of the first department to their manager."""
    page = teacher.open("/instructor/service", look=True)
    places = page.locator("main [name=flow_1] option").evaluate_all(
        "options => options.map(option => [option.value, option.text])"
    )
    staff = next(value for value, text in places if re.search(r"Sales 1 Rep|销售一部业务员", text))
    manager = next(value for value, text in places if re.search(r"Department 1|销售一部$", text))
    teacher.fill(flow_1=staff, flow_2=manager, response_high="2")
    teacher.save()
    expect(page.locator("#flash .alert").first).to_be_visible()


def taken_in(student: Person) -> str:
    """By the form: it has a number, comes first in the queue, and its time runs."""
    ticket = student.create("tickets", kind="complaint", subject=SUBJECT, content="Both backrests.")
    student.look()
    expect(student.page.locator("main")).to_contain_text(re.compile(r"TS20\d{4}\d{3}"))
    page = student.open("/tickets/", look=True)
    expect(page.locator("tbody tr").first).to_contain_text(SUBJECT)
    student.do(ticket, "start")
    return ticket


def handed_over(student: Person, ticket: str) -> None:
    """Along the flow to the manager, and the history says so."""
    student.open(f"{ticket}/hand_over", look=True)
    student.save()
    student.open("/tickets/reports/overview", look=True)


def paused_and_escalated(manager: Person, ticket: str) -> None:
    """The manager meets it among the assigned ones; the clock stands still while the customer is asked."""
    page = manager.open("/tickets/")
    manager.press(page.locator(".tabs a").nth(2))
    manager.press(page.locator(f'tbody a[href="{ticket}"]'))
    manager.do(ticket, "start")
    manager.do(ticket, "wait", reason="A photo of the damage")
    expect(page.locator(".path-now")).to_have_count(1)
    manager.do(ticket, "resume")
    manager.do(ticket, "escalate", reason="Threatens to cancel the contract")


def resolved(teacher: Person, ticket: str) -> None:
    teacher.do(ticket, "resolve", resolution="New chairs are on their way.")


def closed_with_satisfaction(student: Person, ticket: str) -> None:
    """The one who took it in asks the customer and closes it."""
    student.do(ticket, "close", satisfaction="5")
    expect(student.page.locator(".stats")).to_contain_text("5 / 5")
    student.look()
    expect(student.page.locator(".path-done")).to_have_count(5)
    student.open("/surveys/new", look=True)
