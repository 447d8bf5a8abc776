"""“Before the class begins”, where every student has a sandbox: the seats of all of them count."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from labapp.access.actor import actor_of
from labapp.db import db
from labapp.people.directory import sandboxes_of
from labapp.people.enrol import Person, create_account
from labapp.people.models import Account, Membership
from labapp.records import enrolment
from labapp.records.work import Source, writing
from labapp.scenario.open import Opening, open_course
from tests.smallfirm import small_firm


def test_the_seats_of_all_sandboxes_of_a_course_are_counted(app, cast, browse, tmp_path):
    opening = Opening("solo", mode="individual", students=3, instructor_account_id=cast.ines.account_id)
    boxes = sandboxes_of(open_course(small_firm(tmp_path), opening).id)
    ines = replace(cast.ines, sandbox_id=boxes[1].id, membership_id=place_in(boxes[1], cast.ines.account_id))
    browser = browse(ines)
    assert "0 of 3 seats taken" in browser.get("/").text
    with writing():
        account_id = create_account(Person("Wu Min", "20260001")).id
    teacher = actor_of(boxes[0], place_in(boxes[0], cast.ines.account_id))
    account = db.session.get_one(Account, account_id)
    enrolment.admit(teacher, Source("screen", "r", ""), account, None, "student")
    db.session.remove()
    assert "1 of 3 seats taken" in browser.get("/").text


def place_in(sandbox: Any, account_id: int) -> int:
    query = select(Membership.id).filter_by(sandbox_id=sandbox.id, account_id=account_id)
    return db.session.scalars(query).one()
