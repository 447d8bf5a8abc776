"""One member of a class begins anew: their records go to the bin, their seat is dealt again, in one request of the log.

small-firm as a class of three: s001 sits in Sales 1 with s002; whatever s001 has is gone and there again.
"""

from typing import Any

import pytest
from sqlalchemy import func, select

from labapp.access.actor import actor_of
from labapp.access.errors import Invalid, Refused
from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.customers.models import Customer
from labapp.modules.notes.models import Note
from labapp.oplog.models import Operation
from labapp.people.directory import directory_of, sandboxes_of
from labapp.people.models import Account, Sandbox
from labapp.records import enrolment
from labapp.records.catalog import catalog
from labapp.records.work import Source, Work
from labapp.scenario.open import Opening, open_course
from labapp.scenario.reset import counted, reset_member, resets_of
from tests.smallfirm import small_firm

SOURCE = Source("screen", "reset-1")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_firm(tmp_path_factory.mktemp("scenarios"))


@pytest.fixture
def box(cast: Any, scenario: Any) -> Sandbox:
    """A class of three that Ines teaches; Ben has the seat s001."""
    opening = Opening("autumn", students=3, instructor_account_id=cast.ines.account_id)
    course = open_course(scenario, opening)
    (found,) = sandboxes_of(course.id)
    place = member(found, "s001").positions[0]
    account = db.session.get_one(Account, cast.ben.account_id)
    enrolment.admit(actor(found, "t001"), SOURCE, account, place, "student")
    return db.session.get_one(Sandbox, found.id)


def fresh(box: Sandbox) -> Sandbox:
    return db.session.get_one(Sandbox, box.id, populate_existing=True)


def member(box: Sandbox, key: str) -> Any:
    return directory_of(fresh(box)).by_key[key]


def actor(box: Sandbox, key: str) -> Any:
    return actor_of(fresh(box), member(box, key).id)


def holdings(box: Sandbox, key: str) -> dict[str, list[str]]:
    """What a member has outside the bin, by kind: the titles."""
    found = {}
    for name, kind in catalog().items():
        model: Any = kind.model
        query = select(model).where(
            model.sandbox_id == box.id, model.owner_id == member(box, key).id, model.deleted_at.is_(None)
        )
        rows = db.session.scalars(query, execution_options={"seen_by": EVERYONE})
        titles = [str(kind.title_of(row)) for row in rows]
        found[name] = sorted("a row of its own" if title.isdigit() else title for title in titles)
    return {name: titles for name, titles in found.items() if titles}


def test_a_reset_bins_what_the_member_owns_and_deals_the_seat_anew(app, box):
    before, others = holdings(box, "s001"), holdings(box, "s002")
    student = actor(box, "s001")
    with Work(student, "customer.create", source=Source("screen", "w")) as work:
        mine = work.create(Customer, name="Ningbo Cranes")
        mine_id = mine.id
    with Work(actor(box, "t001"), "note.create", source=Source("screen", "w")) as work:
        note = work.create(Note, related_kind="customer", related_id=mine_id, body="Seen at the fair")
        note_id = note.id
    grown = sum(map(len, holdings(box, "s001").values()))
    expected = counted(actor(box, "t001"), student.id)
    gone, dealt = reset_member(actor(box, "t001"), student.id, SOURCE)
    assert gone == sum(expected.values()) >= grown + 1
    assert dealt == sum(map(len, before.values()))
    assert holdings(box, "s001") == before
    assert holdings(box, "s002") == others
    for model, row_id in ((Customer, mine_id), (Note, note_id)):
        row = db.session.get(model, row_id, populate_existing=True, execution_options={"seen_by": EVERYONE})
        assert row is not None
        assert row.deleted_at is not None
    assert verify(fresh(box)) is None


def test_all_of_it_is_one_request_and_none_of_it_the_students(app, box):
    student = member(box, "s001")
    gone, dealt = reset_member(actor(box, "t001"), student.id, Source("screen", "one"))
    query = select(Operation).where(Operation.sandbox_id == box.id, Operation.request == "one")
    steps = list(db.session.scalars(query.order_by(Operation.id)))
    assert len(steps) == 1 + gone + dealt
    first, rest = steps[0], steps[1:]
    assert (first.kind, first.verb, first.member, first.record) == (
        "membership",
        "reset",
        "t001",
        student.serial,
    )
    assert first.answers == {"member": "s001"}
    assert {(step.verb, step.member, step.origin) for step in rest} == {
        ("delete", None, "setup"),
        ("create", None, "setup"),
    }


def test_of_two_who_reset_at_once_one_is_told(app, box):
    teacher, student = actor(box, "t001"), member(box, "s001")
    seen = resets_of(teacher, student.serial)
    reset_member(teacher, student.id, SOURCE, seen=seen)
    after = holdings(box, "s001")
    steps = fresh(box).last_step
    with pytest.raises(Invalid, match="meanwhile"):
        reset_member(actor(box, "t001"), student.id, SOURCE, seen=seen)
    assert holdings(box, "s001") == after
    assert fresh(box).last_step == steps + 1  # the attempt
    assert verify(fresh(box)) is None


def test_only_an_instructor_resets_and_only_students(app, box):
    with pytest.raises(Refused):
        reset_member(actor(box, "s001"), member(box, "s002").id, SOURCE)
    with pytest.raises(Invalid):
        reset_member(actor(box, "t001"), member(box, "t001").id, SOURCE)
    assert resets_of(actor(box, "t001"), member(box, "s002").serial) == 0


def test_where_each_has_a_sandbox_the_whole_of_it_begins_anew(app, cast, scenario):
    opening = Opening("lone", mode="individual", students=1, instructor_account_id=cast.ines.account_id)
    (found,) = sandboxes_of(open_course(scenario, opening).id)
    with pytest.raises(Invalid, match="whole sandbox"):
        reset_member(actor(found, "t001"), member(found, "s001").id, SOURCE)


def test_the_page_says_what_will_happen_and_does_it(app, cast, box, browse):
    ines = browse(cast.ines)
    assert ines.post(f"/sandbox/{member(box, 't001').id}").status_code == 302
    student = member(box, "s001")
    here = f"/instructor/users/{student.id}"
    assert f'href="{here}/reset"' in ines.get(here).get_data(as_text=True)
    page = ines.get(f"{here}/reset").get_data(as_text=True)
    assert 'name="seen" value="0"' in page
    assert ines.post(f"{here}/reset", {"seen": "0"}).headers["Location"] == here
    again = ines.post(f"{here}/reset", {"seen": "0"})
    assert again.status_code == 422
    assert "reset by somebody else meanwhile" in again.get_data(as_text=True)
    query = select(func.count(Operation.id)).where(
        Operation.sandbox_id == box.id, Operation.verb == "reset", Operation.outcome == "done"
    )
    assert db.session.scalar(query) == 1
