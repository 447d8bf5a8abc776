"""The class wall's knowledge: how everybody stands, without judging twice, and who is stuck."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from labapp import clock
from labapp.db import db
from labapp.gradebook import judging, live, models, state, wall
from labapp.gradebook.rubrics import parsed
from labapp.gradebook.stuck import SESSION, Act, acts_of, stuck_at
from labapp.oplog.models import Operation
from labapp.people.models import Sandbox
from tests.coached import create_lead, enforce, forward, try_lead, word
from tests.listening import heard

RUBRIC = """
rubric: 1
title: {en: First week, zh: 第一周}
tasks:
  - key: make
    title: {en: Make two leads, zh: 新建两条线索}
    points: 10
    checks:
      - did: {what: lead.create, times: 2, distinct: record}
  - key: contact
    title: {en: Contact one, zh: 联系一条}
    points: 5
    after: make
    checks:
      - did: {what: lead.contact}
      - did: {what: lead.create}
  - key: essay
    title: {en: Essay, zh: 短文}
    points: 5
    checks:
      - by_hand: {}
"""
NOW = clock.now()


@pytest.fixture
def rubric(app, cast, monkeypatch):
    monkeypatch.setattr(wall, "BUDGET", 60)  # however slow this machine is
    enforce(RUBRIC)
    return parsed(RUBRIC)


def the_sandbox(cast) -> Sandbox:
    return db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True)


def rows_of(cast, rubric, minutes: int = 5) -> dict[str, wall.Row]:
    db.session.rollback()
    found = wall.wall_of([the_sandbox(cast)], rubric, minutes)
    assert found.whole
    return {row.member.key: row for row in found.rows}


def states(row: wall.Row) -> list[str]:
    return [wall.state_of(cell) for cell in row.cells]


def test_every_student_is_there_with_the_state_of_every_task(rubric, browse, cast):
    ben = browse(cast.ben)
    create_lead(ben)
    rows = rows_of(cast, rubric)
    assert set(rows) == {cast.ada.key, cast.ben.key, cast.cy.key, cast.dee.key}
    assert states(rows[cast.ben.key]) == ["part", "waiting", "open"]
    assert [wall.percent(wall.own_share(cell)) for cell in rows[cast.ben.key].cells] == [50, 50, 0]
    assert states(rows[cast.cy.key]) == ["none", "waiting", "open"]
    create_lead(ben)
    ben = rows_of(cast, rubric)[cast.ben.key]
    assert states(ben) == ["done", "part", "open"]
    assert (ben.line.points, ben.done) == (12.5, 1)


def test_words_of_people_stand_over_the_grader_on_the_wall_too(rubric, browse, cast):
    create_lead(browse(cast.ben))
    rows_of(cast, rubric)
    word(models.EXEMPTION, cast.ben, task="essay", reason="ill")
    word(models.OVERRIDE, cast.ben, task="make", points=9, reason="good")
    ben = rows_of(cast, rubric)[cast.ben.key]
    assert states(ben) == ["part", "waiting", "exempt"]
    assert ben.line.points == 9


def test_what_students_pages_judged_is_not_judged_again(rubric, browse, cast, monkeypatch):
    """The result goes to the database with the look of the page that shows it."""
    ben = browse(cast.ben)
    create_lead(ben)
    ben.get("/leads/")
    rows_of(cast, rubric)
    asked = []
    monkeypatch.setattr(judging.Judge, "now", lambda self: asked.append(self.member.member))
    assert states(rows_of(cast, rubric)[cast.ben.key]) == ["part", "waiting", "open"]
    assert asked == []


def test_a_result_is_kept_with_the_next_look(rubric, browse, cast):
    ben = browse(cast.ben)
    create_lead(ben)
    ben.get("/leads/")
    kept = judging.kept_of(cast.ben.sandbox_id, [cast.ben.key])[cast.ben.key]
    made = select(Operation.id).where(Operation.member == cast.ben.key, Operation.verb == "create")
    assert kept.step >= db.session.scalar(made)


def test_without_time_left_the_last_result_stands_and_the_wall_says_so(rubric, browse, cast, monkeypatch):
    ben = browse(cast.ben)
    create_lead(ben)
    rows_of(cast, rubric)
    create_lead(ben)
    monkeypatch.setattr(wall, "BUDGET", 0)
    found = wall.wall_of([the_sandbox(cast)], rubric, 5)
    assert not found.whole
    assert states(next(row for row in found.rows if row.member.key == cast.ben.key))[0] == "part"
    monkeypatch.setattr(wall, "BUDGET", 10)
    assert states(rows_of(cast, rubric)[cast.ben.key])[0] == "done"


def test_a_wall_needs_no_replay_in_memory(rubric, browse, cast, monkeypatch):
    create_lead(browse(cast.ben))
    live.forget()
    monkeypatch.setattr(live, "caught_up", pytest.fail)
    monkeypatch.setattr(judging, "caught_up", pytest.fail)
    assert states(rows_of(cast, rubric)[cast.ben.key])[0] == "part"


def test_a_student_whose_state_is_not_ready_has_no_line_yet(rubric, browse, cast, monkeypatch):
    def not_yet(*_args, **_more):
        raise state.NotYet

    monkeypatch.setattr(state, "views", not_yet)
    found = wall.wall_of([the_sandbox(cast)], rubric, 5)
    assert not found.whole
    assert [row.line for row in found.rows] == [None] * 4


def test_the_stamp_moves_with_steps_and_words(rubric, browse, cast):
    def stamp() -> list:
        db.session.rollback()
        return wall.stamp([the_sandbox(cast)])

    first = stamp()
    assert stamp() == first
    create_lead(browse(cast.ben))
    second = stamp()
    assert second != first
    word(models.OVERRIDE, cast.ben, task="make", points=9, reason="good")
    assert stamp() != second


# Stuck


def act(number: int, verb: str = "win", outcome: str = "done", minutes: float = 0) -> Act:
    return Act(number, NOW - timedelta(minutes=minutes), "opportunity", verb, outcome)


def test_the_same_refusal_three_times_in_a_row_is_stuck():
    last = act(9)
    refused = [act(number, outcome="refused") for number in (9, 8, 7)]
    assert stuck_at(NOW, last, refused, 0).again == refused[0]
    assert stuck_at(NOW, last, refused[:2], 0) is None
    assert stuck_at(NOW, last, [*refused[:2], act(7)], 0) is None
    assert stuck_at(NOW, last, [*refused[:2], act(7, "lose", "refused")], 0) is None
    assert stuck_at(NOW, last, [act(9, outcome="invalid"), *refused[:2]], 0).again.outcome == "invalid"
    assert stuck_at(NOW, last, [act(9), act(8), act(7)], 0) is None


def test_quiet_for_minutes_while_others_act_is_stuck():
    quiet = act(9, minutes=7)
    assert stuck_at(NOW, quiet, [], 5).minutes == 7
    assert stuck_at(NOW, quiet, [], 10) is None
    assert stuck_at(NOW, quiet, [], 0) is None, "nobody else acts"


def test_who_has_left_or_never_came_is_not_stuck():
    assert stuck_at(NOW, None, [], 5) is None
    assert stuck_at(NOW, Act(9, NOW - timedelta(minutes=7), "session", "sign_out", "done"), [], 5) is None
    long_ago = SESSION.total_seconds() // 60 + 1
    assert stuck_at(NOW, act(9, minutes=long_ago), [], 5) is None


def test_looks_between_refusals_do_not_free_and_a_success_does(rubric, browse, cast):
    """As it happens: three forms that cannot be taken, with looks between them, then one that can."""
    ben = browse(cast.ben)
    for _ in range(3):
        assert try_lead(ben, "") == 422
        ben.get("/leads/")
    again = rows_of(cast, rubric)[cast.ben.key].stuck.again
    assert (again.kind, again.verb, again.outcome) == ("lead", "create", "invalid")
    create_lead(ben)
    assert rows_of(cast, rubric)[cast.ben.key].stuck is None


def test_minutes_without_an_act_count_only_while_somebody_acts(rubric, browse, cast, monkeypatch):
    ben, cy = browse(cast.ben), browse(cast.cy)
    create_lead(ben)
    create_lead(cy)
    forward(monkeypatch, minutes=8)
    assert rows_of(cast, rubric)[cast.ben.key].stuck is None, "the whole class rests"
    create_lead(cy)
    rows = rows_of(cast, rubric)
    assert rows[cast.ben.key].stuck.minutes == 8
    assert rows[cast.cy.key].stuck is None
    assert rows[cast.dee.key].stuck is None, "was never here"
    assert rows_of(cast, rubric, minutes=10)[cast.ben.key].stuck is None
    cy.get("/leads/")
    browse(cast.ben).get("/leads/")
    assert rows_of(cast, rubric)[cast.ben.key].stuck is None, "a look is a sign of life"


def test_who_is_done_is_not_stuck(rubric, browse, cast, monkeypatch):
    ben, cy = browse(cast.ben), browse(cast.cy)
    for _ in range(2):
        create_lead(ben)
    made = select(Operation.record).where(Operation.member == cast.ben.key, Operation.verb == "create")
    lead = db.session.scalars(made).first()
    assert ben.post(f"/leads/{lead}/contact", {"version": "1"}).status_code == 302
    forward(monkeypatch, minutes=8)
    create_lead(cy)
    row = rows_of(cast, rubric)[cast.ben.key]
    assert states(row) == ["done", "done", "open"]
    assert row.stuck is None


def test_last_acts_are_asked_of_everybody_in_two_statements(rubric, browse, cast):
    create_lead(browse(cast.ben))
    with heard() as sent:
        found = acts_of([cast.ben.membership_id, cast.cy.membership_id])
    assert len(sent) == 2
    assert found.last[cast.ben.membership_id].verb == "create"
    assert found.tried(cast.cy.membership_id) == 0
