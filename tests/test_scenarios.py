"""Every shipped scenario can be opened, played perfectly through the real pages, and graded in full."""

from pathlib import Path

import pytest
from sqlalchemy import select

from labapp.db import db
from labapp.grading import grade, read_log, read_rubric
from labapp.grading.grade import MemberResult
from labapp.lifecycle.verify import verify
from labapp.oplog.export import export
from labapp.people.directory import sandboxes_of
from labapp.people.enrol import Person, create_account
from labapp.people.models import Account, Membership, Sandbox
from labapp.records.work import writing
from labapp.scenario.demo import take_seat
from labapp.scenario.fired import TimelineEvent
from labapp.scenario.library import scenario_folder, scenarios
from labapp.scenario.open import Opening, open_course
from labapp.scenario.read import Scenario, read_scenario
from labapp.scenario.seats import units_of
from labapp.scenario.write import Writer
from tests.conftest import Browser
from tests.playing import Player
from tests.world import Person as Somebody


def seated(sandbox_id: int, key: str, number: str = "20260001") -> Membership:
    """The seat of this key with an account in it."""
    with writing():
        sandbox = db.session.get_one(Sandbox, sandbox_id)
        account = create_account(Person("李娜", number))
        writer = Writer(sandbox, sandbox.starts_at, "seated")
        take_seat(writer, key, account)
        writer.keep(restamp=True)
    return db.session.scalars(select(Membership).filter_by(sandbox_id=sandbox_id, key=key)).one()


def graded(scenario: Scenario, sandbox_id: int, folder: Path) -> list[MemberResult]:
    """What the log of a sandbox, as a file, earns by the scenario's rubric."""
    file = folder / f"{sandbox_id}.jsonl"
    export(db.session.get_one(Sandbox, sandbox_id), file)
    log = read_log(file)
    return list(grade(log, read_rubric(scenario.rubric.encode(), "rubric.yaml", log=log)).members)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("key", sorted(scenarios()))
def test_the_walkthrough_earns_every_point(app, tmp_path, key, language):
    scenario = read_scenario(scenario_folder(key))
    students = 3
    mode = scenario.said.modes[0]
    opening = Opening("autumn", seed=11, students=students, language=language, mode=mode)
    course = open_course(scenario, opening)
    sandbox_ids = [sandbox.id for sandbox in sandboxes_of(course.id)]
    unit = units_of(scenario, mode, students, scenario.said.team_size)[0]
    seat = next(seat for seat in unit.seats if seat.position == scenario.plays_as)
    sandbox_id = sandbox_ids[0]
    member = seated(sandbox_id, seat.member)
    member_id, account_id = member.id, member.account_id
    assert db.session.get(Account, account_id) is not None
    person = Somebody("李娜", seat.member, account_id, member_id, sandbox_id)
    Player(app, scenario, sandbox_id, member_id, Browser(app, person), language).play()

    results = [one for sandbox_id in sandbox_ids for one in graded(scenario, sandbox_id, tmp_path)]
    assert len(results) == students
    result = next(one for one in results if one.member.member == seat.member)
    short = {task.task.key: str(task.points) for task in result.tasks if task.points != task.task.points}
    assert not short
    assert all(one.points == 0 for one in results if one is not result)
    assert verify(db.session.get_one(Sandbox, sandbox_id)) is None
    assert not db.session.scalars(select(TimelineEvent.key).where(TimelineEvent.failed)).all()
