"""Courses of teams and of single students: a sandbox for each, with company that nobody plays, dealt from one seed.

The small firm has seven seats: s1 manager and two staff, two departments of manager and one staff each.
"""

import json
from typing import Any

import click
import pytest
from sqlalchemy import select, update

from labapp.access.actor import actor_of
from labapp.access.errors import Invalid
from labapp.access.everyone import EVERYONE
from labapp.cli.grade_sandbox import merged
from labapp.cli.names import one_sandbox, sandboxes_called
from labapp.db import db
from labapp.grading import read_log
from labapp.lifecycle.verify import verify
from labapp.oplog.export import export
from labapp.oplog.models import Operation
from labapp.people.directory import directory_of, sandboxes_of
from labapp.people.enrol import Person, apply_for, create_account, enterable
from labapp.people.models import Account, Course, Membership, RosterEntry, Sandbox
from labapp.people.roster import name_key, number_key
from labapp.records import enrolment, places
from labapp.records.catalog import catalog
from labapp.records.rosters.letting_in import welcome
from labapp.records.work import Source, writing
from labapp.scenario import late
from labapp.scenario.open import Opening, open_course
from labapp.scenario.seats import units_of
from tests.smallfirm import small_firm

UNLIKE = ("at", "request", "prev", "hash")
SOURCE = Source("screen", "test")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return small_firm(tmp_path_factory.mktemp("scenarios"))


@pytest.fixture
def opened(cast, scenario):
    """Open a course that Ines owns."""

    def open_one(name: str, mode: str, students: int, **more: Any) -> Course:
        wanted = Opening(
            name, mode=mode, students=students, instructor_account_id=cast.ines.account_id, **more
        )
        return open_course(scenario, wanted)

    return open_one


@pytest.fixture
def teacher(cast):
    """Ines in the first sandbox of a course."""
    return lambda course: in_sandbox(cast.ines.account_id, sandboxes_of(course.id)[0])


def in_sandbox(account_id: int, sandbox: Sandbox):
    query = select(Membership.id).filter_by(sandbox_id=sandbox.id, account_id=account_id)
    return actor_of(sandbox, db.session.scalars(query).one())


def newcomer(number: str, name: str = "Wu Min") -> Account:
    with writing():
        account_id = create_account(Person(name, number)).id
    return db.session.get_one(Account, account_id)


def applicant(course: Course, number: str, name: str = "Wu Min") -> int:
    """The id of an application that waits."""
    course_id, account_id = course.id, newcomer(number, name).id
    with writing():
        account = db.session.get_one(Account, account_id)
        row = apply_for(account, db.session.get_one(Course, course_id), "Class 1")
        return row.id


def seat_of(account_id: int) -> tuple[str, Membership]:
    """The name of the sandbox in which the account sits as a student, and the seat."""
    query = select(Membership).filter_by(account_id=account_id, role="student", state="active")
    row = db.session.scalars(query.execution_options(populate_existing=True)).one()
    return db.session.get_one(Sandbox, row.sandbox_id).name, row


def members(sandbox: Sandbox) -> dict[str, Any]:
    return directory_of(db.session.get_one(Sandbox, sandbox.id, populate_existing=True)).by_key


def steps(sandbox: Sandbox, tmp_path) -> list[dict[str, Any]]:
    file = tmp_path / "log.jsonl"
    export(sandbox, file)
    found = [json.loads(line) for line in file.read_text("utf-8").splitlines()[1:]]
    return [{name: value for name, value in step.items() if name not in UNLIKE} for step in found]


def owned(sandbox: Sandbox, kind: str) -> dict[int, list[str]]:
    """The titles of the records of this kind by owner."""
    record_type = catalog()[kind]
    query = select(record_type.model.owner_id, getattr(record_type.model, record_type.title)).where(
        record_type.model.sandbox_id == sandbox.id
    )
    found: dict[int, list[str]] = {}
    for owner, title in db.session.execute(query, execution_options={"seen_by": EVERYONE}):
        found.setdefault(owner, []).append(title)
    return found


# -- how a course is cut ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("students", "size", "teams"),
    [(1, 4, [1]), (4, 4, [4]), (5, 4, [3, 2]), (10, 4, [4, 3, 3]), (30, 5, [5] * 6), (7, 2, [2, 2, 2, 1])],
)
def test_teams_are_as_even_as_can_be_and_keys_are_unique(scenario, students, size, teams):
    units = units_of(scenario, "team", students, size)
    assert [len(unit.seats) for unit in units] == teams
    assert [unit.name for unit in units] == [f"team-{n}" for n in range(1, len(teams) + 1)]
    keys = [seat.member for unit in units for seat in unit.seats]
    assert keys == [f"s{n:03d}" for n in range(1, students + 1)]


def test_seats_that_no_student_holds_are_company(scenario):
    (unit,) = units_of(scenario, "individual", 1, 4)
    assert [seat.position for seat in unit.seats] == ["sales_one_staff"]
    assert [seat.position for seat in unit.company] == [
        *("sales_one", "sales_one_staff", "sales_two", "sales_two_staff", "sales_three", "sales_three_staff")
    ]
    assert [seat.member for seat in unit.company] == [f"c{n:03d}" for n in range(1, 7)]
    (team,) = units_of(scenario, "team", 3, 20)
    assert len(team.seats) == 3
    assert team.company == ()


# -- opening -----------------------------------------------------------------------------------------


def test_each_student_has_a_sandbox_with_company(app, opened, cast):
    course = opened("autumn", "individual", 2)
    boxes = sandboxes_of(course.id)
    assert [(box.name, box.state, box.unit) for box in boxes] == [
        ("autumn/s001", "open", "s001"),
        ("autumn/s002", "open", "s002"),
    ]
    for box, key in zip(boxes, ("s001", "s002"), strict=True):
        assert verify(box) is None
        people = members(box)
        assert sorted(people) == [*(f"c{n:03d}" for n in range(1, 7)), key, "t001"]
        assert people["t001"].account_id == cast.ines.account_id
        assert (people[key].state, people[key].account_id) == ("active", None)
        company = [member for member in people.values() if member.key.startswith("c")]
        assert {member.state for member in company} == {"simulated"}
        assert len({member.name for member in company}) == len(company)
        leads = owned(box, "lead")
        assert all(leads[member.id] for member in company)
        assert len(leads[people[key].id]) > len(leads[company[0].id])


def test_superiors_of_a_single_student_are_company(app, opened):
    (box,) = sandboxes_of(opened("autumn", "individual", 1).id)
    people = members(box)
    above = directory_of(box).superiors(people["s001"].id)
    assert {directory_of(box).members[one].state for one in above} == {"simulated", "active"}
    assert people["c001"].id in above


def test_no_two_students_have_the_same_company_or_records(app, opened, scenario):
    first, second = sandboxes_of(opened("autumn", "individual", 2).id)
    said = {str(value) for given in scenario.records for value in given.values.values()}
    written = {name for name in titles(first, "customer") if any(name in text for text in said)}
    assert titles(first, "customer") & titles(second, "customer") <= written
    assert titles(first, "lead") != titles(second, "lead")
    told = [{m.name for m in members(box).values() if m.state == "simulated"} for box in (first, second)]
    assert told[0] != told[1]


def titles(box: Sandbox, kind: str) -> set[str]:
    return {title for found in owned(box, kind).values() for title in found}


@pytest.mark.parametrize(("mode", "students"), [("class", 3), ("team", 5), ("individual", 2)])
def test_one_seed_gives_the_same_course_and_another_gives_another(app, opened, tmp_path, mode, students):
    logs = [
        [steps(box, tmp_path) for box in sandboxes_of(opened(name, mode, students, seed=seed).id)]
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    ]
    assert logs[0] == logs[1]
    assert all(one != other for one, other in zip(logs[0], logs[2], strict=True))


def test_simulated_people_are_not_graded(app, opened, tmp_path):
    (box,) = sandboxes_of(opened("autumn", "individual", 1).id)
    export(box, tmp_path / "log.jsonl")
    log = read_log(tmp_path / "log.jsonl")
    assert [member.member for member in log.header.students] == ["s001"]
    assert {m.role for m in log.header.members} == {"instructor", "student", "simulated"}


# -- late joiners ------------------------------------------------------------------------------------


def test_approval_fills_the_free_sandboxes_and_then_opens_more(app, opened, teacher):
    course = opened("autumn", "individual", 2, seed=5)
    ids = [applicant(course, f"2026000{n}") for n in range(1, 5)]
    result = enrolment.approve(teacher(course), SOURCE, ids, None, "student")
    assert (result.done, result.passed_over) == (4, 0)
    seats = [seat_of(account.id) for account in people_called("Wu Min")]
    assert [(name, row.key) for name, row in seats] == [(f"autumn/s00{n}", f"s00{n}") for n in range(1, 5)]
    assert [box.name for box in sandboxes_of(course.id)] == [f"autumn/s00{n}" for n in range(1, 5)]
    assert all(verify(box) is None for box in sandboxes_of(course.id))


def people_called(name: str) -> list[Account]:
    return list(db.session.scalars(select(Account).filter_by(name=name).order_by(Account.id)))


def test_a_sandbox_opened_late_has_what_it_would_have_had(app, opened, tmp_path):
    whole = opened("whole", "individual", 3, seed=5)
    grown = opened("grown", "individual", 2, seed=5)
    box = db.session.get_one(Sandbox, late.open_further(grown.id))
    assert box.name == "grown/s003"
    assert steps(box, tmp_path) == steps(sandboxes_of(whole.id)[2], tmp_path)


def test_a_late_joiner_of_a_team_fills_the_smallest_before_another_is_opened(app, opened, teacher):
    course = opened("autumn", "team", 3, team_size=2)  # teams of 2 and 1
    for number in range(1, 6):
        account = newcomer(f"2026000{number}", f"Wu {number}")
        enrolment.admit(teacher(course), SOURCE, account, None, "student")
    found = [seat_of(account.id) for n in range(1, 6) for account in people_called(f"Wu {n}")]
    assert [name for name, _row in found] == [f"autumn/team-{n}" for n in (1, 1, 2, 2, 3)]
    assert [row.key for _name, row in found] == [f"s00{n}" for n in range(1, 6)]
    assert all(owned(db.session.get_one(Sandbox, row.sandbox_id), "lead")[row.id] for _n, row in found)
    assert all(verify(box) is None for box in sandboxes_of(course.id))


def test_nobody_is_ever_put_into_the_place_of_company(app, opened, teacher):
    course = opened("autumn", "individual", 1)
    actor = teacher(course)
    colleague = members(sandboxes_of(course.id)[0])["c001"]
    for number in ("20260001", "20260002"):
        place = colleague.positions[0]
        seat = enrolment.admit(teacher(course), SOURCE, newcomer(number), place, "student")
        assert seat.key != colleague.key
        assert seat.key.startswith("s")
    for act in (enrolment.deactivate, enrolment.reactivate):
        with pytest.raises(Invalid, match="simulated"):
            act(actor, SOURCE, colleague.id)
    with pytest.raises(Invalid, match="simulated"):
        enrolment.change_role(actor, SOURCE, colleague.id, "instructor")
    assert members(sandboxes_of(course.id)[0])["c001"] == colleague


def test_who_is_in_the_course_gets_no_second_sandbox(app, opened, teacher):
    course = opened("autumn", "individual", 1)
    account_id = newcomer("20260001").id
    enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "student")
    with pytest.raises(Invalid, match="already"):
        enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "student")
    assert len(sandboxes_of(course.id)) == 1


def test_who_left_comes_back_to_the_old_sandbox(app, opened, teacher):
    course = opened("autumn", "individual", 3)
    account_id = newcomer("20260001").id
    seat = enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "student")
    box = db.session.get_one(Sandbox, seat.sandbox_id)
    enrolment.deactivate(places.acting_in(teacher(course), box), SOURCE, seat.id)
    back = enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "student")
    assert (back.id, back.state) == (seat.id, "active")


@pytest.mark.parametrize(("last", "expected"), [(0, 0), (1, 1), (None, 1)])
def test_who_left_two_sandboxes_comes_back_to_where_they_were_last(app, opened, teacher, last, expected):
    course = opened("autumn", "individual", 3)
    account = newcomer("20260001")
    seats = [members(box)[f"s{n:03}"].id for n, box in enumerate(sandboxes_of(course.id)[:2], 1)]
    seat, person = Membership.__table__, Account.__table__
    with writing():
        left = update(seat).where(seat.c.id.in_(seats)).values(account_id=account.id, state="left")
        db.session.connection().execute(left)
        where = None if last is None else seats[last]
        was = update(person).where(person.c.id == account.id).values(last_membership_id=where)
        db.session.connection().execute(was)
    db.session.expire_all()
    account = db.session.get_one(Account, account.id)
    back = enrolment.admit(teacher(course), SOURCE, account, None, "student")
    assert (back.id, back.state) == (seats[expected], "active")


def test_the_roster_lets_in_by_opening_a_sandbox(app, opened):
    course = opened("autumn", "individual", 1)
    box = sandboxes_of(course.id)[0]
    (place,) = members(box)["s001"].positions
    for number, name in (("20260001", "Wu Min"), ("20260002", "Li Hua")):
        with writing():
            db.session.add(
                RosterEntry(
                    course_id=course.id,
                    sandbox_id=box.id,
                    number=number,
                    name=name,
                    position_id=place,
                    number_key=number_key(number),
                    name_key=name_key(name),
                )
            )
        assert welcome(applicant(course, number, name))
    assert [box.name for box in sandboxes_of(course.id)] == ["autumn/s001", "autumn/s002"]
    name, seat = seat_of(people_called("Li Hua")[0].id)
    assert name == "autumn/s002"
    step = db.session.scalars(
        select(Operation).filter_by(sandbox_id=seat.sandbox_id, verb="approve").order_by(Operation.id.desc())
    ).first()
    assert (step.member, step.origin, step.label) == (None, "automation", "Li Hua")


def test_many_more_than_there_are_places_for_are_refused_with_a_sentence(app, opened, teacher, monkeypatch):
    monkeypatch.setattr(places, "MOST_AT_ONCE", 1)
    course = opened("autumn", "individual", 1)
    ids = [applicant(course, f"2026000{n}") for n in range(1, 4)]
    with pytest.raises(Invalid, match="Open more sandboxes"):
        enrolment.approve(teacher(course), SOURCE, ids, None, "student")
    assert len(sandboxes_of(course.id)) == 1


# -- who teaches ---------------------------------------------------------------------------------------


def test_an_assistant_is_in_every_sandbox_also_in_later_ones_and_leaves_them_all(app, opened, teacher):
    course = opened("autumn", "individual", 2)
    account_id = newcomer("helper", "He Xin").id
    enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "assistant")
    late.open_further(course.id)
    boxes = sandboxes_of(course.id)
    assert len(boxes) == 3
    assert all(in_sandbox(account_id, box).member.role == "assistant" for box in boxes)
    assert len(enterable(account_id)) == 3
    enrolment.change_role(teacher(course), SOURCE, in_sandbox(account_id, boxes[0]).id, "observer")
    assert {in_sandbox(account_id, box).member.role for box in sandboxes_of(course.id)} == {"observer"}
    enrolment.deactivate(teacher(course), SOURCE, in_sandbox(account_id, sandboxes_of(course.id)[0]).id)
    assert {members(box)["a001"].state for box in sandboxes_of(course.id)} == {"left"}
    enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "assistant")
    assert {in_sandbox(account_id, box).member.role for box in sandboxes_of(course.id)} == {"assistant"}
    assert all(verify(box) is None for box in sandboxes_of(course.id))


def test_a_student_with_a_sandbox_does_not_become_staff_of_it(app, opened, teacher):
    course = opened("autumn", "individual", 1)
    seat = enrolment.admit(teacher(course), SOURCE, newcomer("20260001"), None, "student")
    with pytest.raises(Invalid, match="sandboxes of their own"):
        enrolment.change_role(teacher(course), SOURCE, seat.id, "assistant")


# -- beginning anew ------------------------------------------------------------------------------------


def test_a_fresh_sandbox_takes_over_with_its_people(app, opened, teacher, tmp_path):
    course = opened("autumn", "team", 2, team_size=3, seed=8)
    account_id = newcomer("20260001").id
    enrolment.admit(teacher(course), SOURCE, db.session.get_one(Account, account_id), None, "student")
    old_id = sandboxes_of(course.id)[0].id
    before = owned(db.session.get_one(Sandbox, old_id), "lead")
    fresh_id = late.fresh_beside(old_id)
    assert [box.id for box in sandboxes_of(course.id)] == [old_id]
    with writing():
        late.take_over(db.session.get_one(Sandbox, old_id), db.session.get_one(Sandbox, fresh_id))
    (fresh,) = sandboxes_of(course.id)
    assert (fresh.id, fresh.name, fresh.state) == (fresh_id, "autumn/team-1", "open")
    assert sorted(map(sorted, owned(fresh, "lead").values())) == sorted(map(sorted, before.values()))
    assert members(fresh)["s001"].account_id == account_id
    last = db.session.get_one(Account, account_id, populate_existing=True).last_membership_id
    assert last == members(fresh)["s001"].id
    assert verify(fresh) is None


# -- the command line ----------------------------------------------------------------------------------


def test_a_name_is_a_course_or_one_of_its_sandboxes(app, opened):
    opened("autumn", "individual", 2)
    assert [box.name for box in sandboxes_called("autumn")] == ["autumn/s001", "autumn/s002"]
    assert [box.name for box in sandboxes_called("autumn/s002")] == ["autumn/s002"]
    with pytest.raises(click.UsageError, match="autumn/s001 autumn/s002"):
        one_sandbox("autumn")


def test_grades_of_a_course_name_the_sandbox_of_each_member(app, opened):
    opened("autumn", "individual", 2)
    rows = merged("autumn", None)["results"]
    assert [(row["sandbox"], row["member"]) for row in rows] == [
        ("autumn/s001", "s001"),
        ("autumn/s002", "s002"),
    ]
