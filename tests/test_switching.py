"""Opening a record of another of one's own sandboxes switches there and says so; of a stranger's it is not there.

autumn-a: Ben.   spring-b: Ben again (a second seat), Ada, Cy.
"""

import pytest
from sqlalchemy import select

from labapp.access.actor import system_actor
from labapp.db import db
from labapp.people.models import Account, Membership, Position, Sandbox
from labapp.records.setup import Setup
from tests import world
from tests.lives import last_step


@pytest.fixture
def spring(cast):
    """The cast of spring-b, where Ben of autumn-a has a seat too."""
    people = world.build("spring-b")
    sandbox = db.session.get(Sandbox, people["Ada"].sandbox_id)
    place = db.session.scalars(
        select(Position).where(Position.sandbox_id == sandbox.id, Position.name_en == "staff")
    ).one()
    with Setup(system_actor(sandbox), "membership.create", nobody=True) as work:
        seat = work.create(
            Membership,
            course_id=sandbox.course_id,
            account_id=cast.ben.account_id,
            key="s009",
            name="Ben",
            role="student",
            state="active",
            positions=[place.id],
        )
    people["Ben again"] = world.Person("Ben", "s009", cast.ben.account_id, seat.id, sandbox.id)
    return people


def test_opening_a_record_of_my_other_sandbox_switches_there(cast, make, browse, spring):
    lead = make("lead", spring["Ben again"], company="Spring Lifts").id
    browser = browse(cast.ben)
    answer = browser.get(f"/leads/{lead}")
    assert answer.headers["Location"] == f"/leads/{lead}"
    page = browser.get(f"/leads/{lead}").get_data(as_text=True)
    assert "Spring Lifts" in page
    assert "You are now in Course spring-b." in page


def test_a_record_there_that_i_may_not_see_switches_nowhere(cast, make, browse, spring):
    lead = make("lead", spring["Dee"], company="Secret Lifts").id
    browser = browse(cast.ben)
    assert browser.get(f"/leads/{lead}").status_code == 404
    assert "Course autumn-a" in browser.get("/leads/").get_data(as_text=True)


def test_a_post_never_switches(cast, make, browse, spring):
    lead = make("lead", spring["Ben again"]).id
    before = last_step(spring["Ada"])
    assert browse(cast.ben).post(f"/leads/{lead}/edit", {"company": "x"}).status_code == 404
    assert last_step(spring["Ada"]) == before


def test_who_has_no_seat_there_finds_nothing(cast, make, browse, spring):
    lead = make("lead", spring["Ben again"]).id
    assert browse(cast.cy).get(f"/leads/{lead}").status_code == 404


@pytest.mark.parametrize(("frozen", "lands"), [(False, "autumn-a"), (True, "spring-b")])
def test_who_signs_in_stands_where_work_goes_on(cast, browse, spring, frozen, lands):
    """Where one was last, unless that can only be read and another place is open: as after a roll-over."""
    account = db.session.get(Account, cast.ben.account_id)
    account.last_membership_id = cast.ben.membership_id
    if frozen:
        db.session.get(Sandbox, cast.ben.sandbox_id).state = "frozen"
    login = account.email
    db.session.commit()
    visitor = browse()
    visitor.post("/login", {"login": login, "password": world.PASSWORD})
    assert f"Course {lands}" in visitor.get("/leads/").get_data(as_text=True)
