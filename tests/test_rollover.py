"""The next term, and a fresh start: nothing of the old one is lost, also where the process is killed halfway."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from labapp import jobs
from labapp.access.errors import Invalid, Refused
from labapp.clock import lab_now, now
from labapp.db import db
from labapp.gradebook import bank
from labapp.gradebook.rubrics import put_in_force, versions_of
from labapp.lifecycle import states
from labapp.lifecycle.asking import RESET, ROLLOVER, Asker, ask
from labapp.lifecycle.edited import bring_edited
from labapp.lifecycle.making import fault, name_of_file
from labapp.lifecycle.models import Archive
from labapp.lifecycle.unarchive import Wish, restore
from labapp.lifecycle.verify import verify
from labapp.modules.exams.kinds import SHOWN
from labapp.modules.exams.models import CourseExam
from labapp.modules.leads.models import Lead
from labapp.oplog.append import Act
from labapp.oplog.models import AdminEntry
from labapp.people.directory import sandboxes_of
from labapp.people.models import Account, Course, Membership, Position, Sandbox
from labapp.records.work import Work, writing
from labapp.scenario.demo import take_seat
from labapp.scenario.exams import change_exam, read_exam
from labapp.scenario.library import scenario_folder
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import read_scenario
from labapp.scenario.write import Writer
from tests.semester import Walk, elsewhere, finish, log_of, packed
from tests.small import BANK

BY = Asker(name="ines")
FEWEST = 150


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATA", tmp_path)


@pytest.fixture
def course_id(cast: Any) -> int:
    """A course of sales-basics with three seats; Dee's account sits in the second."""
    opening = Opening("term-1", 5, students=3, instructor_account_id=cast.ines.account_id, title="Sales")
    found = open_course(read_scenario(scenario_folder("sales-basics")), opening).id
    with writing():
        sandbox = sandboxes_of(found)[0]
        writer = Writer(sandbox, sandbox.starts_at, "test")
        take_seat(writer, "s002", db.session.get_one(Account, cast.dee.account_id))
        writer.keep(restamp=True)
    return found


def only(course_id: int) -> Sandbox:
    """The sandbox of a course, as it stands."""
    db.session.rollback()
    (found,) = sandboxes_of(course_id)
    db.session.refresh(found)
    return found


def roll_over(course_id: int, to: str = "term-2", **more: Any) -> int:
    return ask(ROLLOVER, only(course_id), {"to": to, "seed": 9, "title": "Sales 2", **more}, BY).id


def reset(course_id: int) -> int:
    sandbox = only(course_id)
    return ask(RESET, sandbox, {"file": name_of_file(sandbox)}, BY).id


def done(job_id: int) -> jobs.Job:
    finish()
    return db.session.get_one(jobs.Job, job_id, populate_existing=True)


def course_called(name: str) -> Course:
    return db.session.scalars(select(Course).where(Course.name == name)).one()


def companies(sandbox: Sandbox) -> set[str]:
    from tests.semester import EVERYBODY

    query = select(Lead.company).where(Lead.sandbox_id == sandbox.id)
    return set(db.session.scalars(query, execution_options=EVERYBODY))


# -- rolling over ------------------------------------------------------------------------------------------


def test_the_old_course_is_frozen_archived_and_kept(course_id: int) -> None:
    before = log_of(only(course_id).id)
    assert done(roll_over(course_id)).state == jobs.DONE
    old = only(course_id)
    assert old.state == "frozen"
    assert log_of(old.id) == before
    row = db.session.scalars(select(Archive)).one()
    assert (row.sandbox_id, row.steps, fault(row)) == (old.id, old.last_step, "")
    assert course_called("term-1").closed_at is not None


def test_the_new_course_is_the_same_scenario_with_other_data(course_id: int) -> None:
    done(roll_over(course_id))
    old, new = only(course_id), only(course_called("term-2").id)
    assert (new.state, new.seed, old.seed) == ("open", 9, 5)
    assert new.settings == old.first_settings
    assert len(companies(old) & companies(new)) < len(companies(old)) / 4, "the scenario itself names a few"
    tree = select(Position.serial, Position.name_en).order_by(Position.serial)
    trees = [list(db.session.execute(tree.filter_by(sandbox_id=box.id))) for box in (old, new)]
    assert trees[0] == trees[1]
    assert verify(new) is None


@pytest.mark.parametrize("with_members", [True, False])
def test_people_come_along_only_if_that_is_asked_for(course_id: int, cast: Any, with_members: bool) -> None:
    done(roll_over(course_id, with_members=with_members))
    new = only(course_called("term-2").id)
    query = select(Membership).filter_by(sandbox_id=new.id, account_id=cast.dee.account_id)
    seat = db.session.scalars(query).one_or_none()
    assert (seat is not None) == with_members
    if seat is not None:
        assert (seat.key, seat.name) == ("s002", "Dee")
    assert verify(new) is None


def test_the_comment_bank_comes_along_once_and_without_what_was_withdrawn(course_id: int, cast: Any) -> None:
    ines, tess = cast.ines.account_id, cast.tess.account_id
    bank.keep(course_id, ines, "win", "Say why it was won.", shared=True)
    bank.keep(course_id, ines, "", "Read the brief again.", shared=False)
    bank.keep(course_id, tess, "", "Well done.", shared=True)
    bank.keep(course_id, tess, "", "Too short.", shared=True)
    bank.retire(next(row.id for row in bank.found(course_id, tess) if row.text == "Too short."))
    before = [(row.task, row.text, row.shared) for row in bank.found(course_id, ines)]
    done(roll_over(course_id))
    new = course_called("term-2").id
    assert [(row.task, row.text, row.shared) for row in bank.found(new, ines)] == before
    assert [row.text for row in bank.found(new, tess)] == ["Well done.", "Say why it was won."]
    with writing():
        assert bank.copy(course_id, new) == 0, "a job that is taken up again brings nothing twice"


def edit_both(course_id: int) -> None:
    """An instructor makes another rubric and another question bank of those of the scenario."""
    course = db.session.get_one(Course, course_id)
    put_in_force(course_id, course.rubric.replace("pass: 60", "pass: 55"), Act("rubric.edit"))
    with writing():
        row = db.session.get_one(CourseExam, course_id)
        text = row.text.replace("minutes: 20", "minutes: 25")
        change_exam(row, text, read_exam(text))


@pytest.mark.parametrize("as_edited", [True, False])
def test_rubric_and_question_bank_come_along_as_they_were_edited(course_id: int, as_edited: bool) -> None:
    shipped = db.session.get_one(Course, course_id).rubric
    edit_both(course_id)
    done(roll_over(course_id, **({} if as_edited else {"as_edited": False})))
    new = course_called("term-2")
    edited = db.session.get_one(Course, course_id).rubric
    assert edited != shipped
    assert new.rubric == (edited if as_edited else shipped)
    assert [row.content for row in versions_of(new.id)] == ([edited, shipped] if as_edited else [shipped])
    exam = db.session.get_one(CourseExam, new.id)
    assert ("minutes: 25" in exam.text) == as_edited
    assert exam.content["papers"][1]["minutes"] == (25 if as_edited else 20)
    assert verify(only(new.id)) is None
    with writing():
        assert (bring_edited(course_id, new.id) == []) == as_edited, "said again, nothing differs"


def test_a_question_bank_of_ones_own_comes_along_with_its_page_in_the_menu(cast: Any) -> None:
    opening = Opening("term-1", 5, students=1, instructor_account_id=cast.ines.account_id, title="Sales")
    course_id = open_course(read_scenario(scenario_folder("service-desk")), opening).id
    with writing():
        db.session.add(
            CourseExam(course_id=course_id, text=BANK, content=read_exam(BANK).model_dump(mode="json"))
        )
    done(roll_over(course_id))
    new = only(course_called("term-2").id)
    assert db.session.get_one(CourseExam, new.course_id).text == BANK
    assert new.settings[SHOWN] is True
    assert verify(new) is None


def test_a_name_that_is_taken_freezes_nothing(course_id: int) -> None:
    job = done(roll_over(course_id, to="autumn-a"))
    assert (job.state, only(course_id).state) == (jobs.FAILED, "open")
    assert "autumn-a" in job.sentence


def test_two_who_roll_over_at_once_open_one_course(course_id: int) -> None:
    assert roll_over(course_id) == roll_over(course_id)
    with pytest.raises(Invalid, match="not over yet"):
        reset(course_id)


def test_killed_at_any_statement_rolling_over_comes_to_its_end(course_id: int, capsys: Any) -> None:
    before, walked, names = log_of(only(course_id).id), 0, [f"next-{number}" for number in range(50)]
    for number, lived, job_id in Walk(lambda: roll_over(course_id, to=names.pop()), 83).lives():
        walked = number
        name = db.session.get_one(jobs.Job, job_id, populate_existing=True).args["to"]
        seen = db.session.scalars(select(Course).where(Course.name == name)).all()
        for course in seen if not lived else ():
            assert {box.state for box in sandboxes_of(course.id)} <= {"open"}, "seen only when whole"
        assert done(job_id).state == jobs.DONE
        new = only(course_called(name).id)
        assert (new.state, verify(new)) == ("open", None)
        assert log_of(only(course_id).id) == before
        states.unfreeze(only(course_id).id, Act("x"))
    with capsys.disabled():
        print(f"\nrolling over: killed up to statement {walked}")
    assert walked > FEWEST


# -- a fresh start -----------------------------------------------------------------------------------------


def test_a_fresh_sandbox_takes_the_place_of_the_old_one(course_id: int, cast: Any) -> None:
    old = only(course_id)
    old_id, name, before = old.id, old.name, log_of(old.id)
    assert done(reset(course_id)).state == jobs.DONE
    fresh, put_aside = only(course_id), db.session.get_one(Sandbox, old_id, populate_existing=True)
    assert (fresh.name, fresh.state) == (name, "open")
    assert (put_aside.state, put_aside.replaced_at is not None) == ("archived", True)
    assert log_of(old_id) == before
    assert (verify(fresh), verify(put_aside)) == (None, None)
    seats = db.session.scalars(
        select(Membership).filter_by(sandbox_id=fresh.id, account_id=cast.dee.account_id)
    )
    assert seats.one().key == "s002"
    people = db.session.scalars(select(Membership.state).filter_by(sandbox_id=fresh.id))
    assert "simulated" not in set(people), "a class has no simulated company"


def test_a_reset_that_was_killed_comes_to_its_end(course_id: int, capsys: Any) -> None:
    walked = 0
    for number, _lived, job_id in Walk(lambda: reset(course_id), 97).lives():
        walked = number
        assert only(course_id).state in {"open", "frozen"}, "one sandbox stands in the place at any moment"
        assert done(job_id).state == jobs.DONE
        assert (only(course_id).state, verify(only(course_id))) == ("open", None)
    left = {box.state for box in db.session.scalars(select(Sandbox).filter_by(course_id=course_id))}
    assert left == {"open", "archived"}, "nothing half made is left"
    with capsys.disabled():
        print(f"\nreset: killed up to statement {walked}")
    assert walked > FEWEST


# -- freezing ----------------------------------------------------------------------------------------------


def test_frozen_nobody_writes_and_the_clock_stands(cast: Any) -> None:
    states.freeze(1, Act("sandbox.freeze", "ines"))
    sandbox = db.session.get_one(Sandbox, 1, populate_existing=True)
    stood, last = lab_now(sandbox), sandbox.last_step
    for person in (cast.ben, cast.ines):
        with pytest.raises(Refused, match="frozen"), Work(person.actor, "lead.create") as work:
            work.create(Lead, name="N", company="C", status="new")
    db.session.rollback()
    sandbox = db.session.get_one(Sandbox, 1, populate_existing=True)
    assert (lab_now(sandbox), sandbox.last_step) == (stood, last)
    states.unfreeze(1, Act("sandbox.unfreeze", "ines"))
    sandbox = db.session.get_one(Sandbox, 1, populate_existing=True)
    assert (sandbox.state, sandbox.clock_base) == ("open", stood), "it goes on from where it stood"
    assert timedelta(0) <= lab_now(sandbox) - stood <= now() - sandbox.clock_set_at
    with Work(cast.ben.actor, "lead.create") as work:
        work.create(Lead, name="N", company="C", status="new")


def test_who_began_to_write_before_it_froze_is_refused_at_the_end(cast: Any) -> None:
    """The page was served while it was open; the state is asked again by the last act of the change."""
    actor = cast.ben.actor
    states.freeze(1, Act("sandbox.freeze"))
    with pytest.raises(Refused), Work(actor, "lead.create") as work:
        work.create(Lead, name="N", company="C", status="new")
    db.session.rollback()
    assert verify(db.session.get_one(Sandbox, 1, populate_existing=True)) is None


def test_freezing_stands_in_the_administration_log(cast: Any) -> None:
    states.freeze(1, Act("sandbox.freeze", "ines", address="10.0.0.1"))
    entry = db.session.scalars(select(AdminEntry).order_by(AdminEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.account, entry.subject) == ("sandbox.freeze", "ines", "autumn-a")
    with pytest.raises(Invalid, match="not open"):
        states.freeze(1, Act("sandbox.freeze"))


# -- a course of several sandboxes ---------------------------------------------------------------------------


def test_sandboxes_of_one_course_come_back_into_one_course(cast: Any, tmp_path: Path) -> None:
    opening = Opening("solo", 7, students=2, mode="individual", instructor_account_id=cast.ines.account_id)
    course_id = open_course(read_scenario(scenario_folder("sales-basics")), opening).id
    units = [(box.id, box.unit) for box in sandboxes_of(course_id)]
    files = [packed(number, tmp_path / f"{unit}.zip") for number, unit in units]
    logs = [log_of(number) for number, _unit in units]
    with elsewhere(tmp_path / "there"):
        found = [restore(file, Wish()).id for file in files]
        db.session.rollback()
        boxes = [db.session.get_one(Sandbox, number) for number in found]
        (together,) = {box.course_id for box in boxes}
        assert [box.name for box in boxes] == ["solo/s001", "solo/s002"]
        assert [log_of(number) for number in found] == logs
        again = db.session.get_one(Sandbox, restore(files[0], Wish()).id)
        assert again.course_id != together, "the same one again begins another course"


def test_one_student_of_several_begins_anew_and_the_others_go_on(cast: Any) -> None:
    opening = Opening("solo", 7, students=2, mode="individual", instructor_account_id=cast.ines.account_id)
    course_id = open_course(read_scenario(scenario_folder("sales-basics")), opening).id
    first, second = sandboxes_of(course_id)
    before, first_id = log_of(second.id), first.id
    job_id = ask(RESET, db.session.get_one(Sandbox, first_id), {"file": "first.zip"}, BY).id
    assert done(job_id).state == jobs.DONE
    fresh, same = sandboxes_of(course_id)
    assert (fresh.name, fresh.unit, fresh.id != first_id) == ("solo/s001", "s001", True)
    assert log_of(same.id) == before
    assert (verify(fresh), same.state) == (None, "open")
