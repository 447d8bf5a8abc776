"""What is kept of the log in the database is worth as much as the whole log, whoever put it away and when."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, update

from labapp.db import begin_write, db
from labapp.gradebook import judging, live, shelf, state
from labapp.gradebook.ledger import Fold
from labapp.gradebook.models import GradeState, GradeStateActs, GradeStateRecord, GradeStateValues
from labapp.gradebook.results import plain
from labapp.grading import as_json, grade, grade_member
from labapp.grading.grade import Results
from labapp.grading.kept import Head
from labapp.oplog.append import Step as LogStep
from labapp.oplog.append import append_all
from labapp.oplog.models import Operation
from labapp.people.models import Course, Sandbox
from tests.grading.builder import rubric, rubric_text, task
from tests.grading.test_properties import CHECKS
from tests.test_coach_state import RULES, TASKS, VERBS, WHAT

FINE = "late: {per_day: 15, max: 50}"
DUE = f'due: "+3d 12:00"\n{FINE}'
LATE = rubric(*TASKS, rest=DUE)


@pytest.fixture
def walk(app, cast):
    """walk(40) adds so many random steps to the log of the sandbox."""
    chance = Random(4)
    sandbox_id = cast.ben.sandbox_id
    keys = {"ada": cast.ben, "ben": cast.cy, "ines": cast.ines}

    def written(text: Any) -> Any:
        """The people of the builder are Ben, Cy and Ines here."""
        named = json.dumps(text)
        for name, person in keys.items():
            named = named.replace(f'"{name}"', f'"{person.key}"')
        return json.loads(named)

    def forward(count: int) -> None:
        begin_write()
        start = db.session.get_one(Sandbox, sandbox_id, populate_existing=True).last_lab_at
        rows = [written(example(chance)) for _ in range(count)]
        steps = []
        for row in rows:
            person = next(one for one in keys.values() if one.key == row["member"])
            row["membership_id"] = person.membership_id
            steps.append(LogStep(sandbox_id, **row))
        append_all(steps, [start + timedelta(minutes=37 * number) for number in range(count)])
        db.session.commit()

    return forward


def example(chance: Random) -> dict[str, Any]:
    """A random step, as the log takes it."""
    kind = chance.choice(("lead", "lead", "opportunity", "ticket"))
    verb, serial = chance.choice(VERBS), chance.randint(901, 906)
    fields = {
        "owner": chance.choice(("ada", "ben", None)),
        "assignee": chance.choice((None, None, "ada", "ben")),
        "status": chance.choice((None, "new", "converted")),
        "stage": chance.choice(("won", "lost", "quote")),
        "amount": chance.choice((None, "499.99", "500.00")),
        "resolved_at": chance.choice((None, "2026-09-09T10:00:00")),
    }
    change = {"what": WHAT.get(verb, "changed"), "kind": kind, "id": serial, "before": {}, "after": fields}
    changes = [] if verb in ("open", "list") else [change]
    if verb == "convert":
        kind = change["kind"] = "lead"
        changes.append({**change, "what": "created", "kind": "opportunity", "id": chance.randint(901, 906)})
    if chance.random() < 0.04:
        named = {"answers": {"member": chance.choice(("ada", "ben"))}}
        return {"member": "ines", "kind": "membership", "verb": "reset", "record": 2, **named}
    record = None if verb == "list" else serial
    return {
        "member": chance.choice(("ada", "ada", "ben", "ben", "ines")),
        "kind": kind,
        "verb": verb,
        "record": record,
        "changes": changes,
    }


def the_sandbox(cast) -> Sandbox:
    return db.session.get_one(Sandbox, cast.ben.sandbox_id, populate_existing=True)


def from_the_state(cast, rules: Any) -> dict[str, Any]:
    sandbox = the_sandbox(cast)
    found = [
        grade_member(state.views(sandbox, member.member, rules), rules, member)
        for member in state.header_of(sandbox).students
    ]
    return as_json(Results(rules, None, tuple(found)))


def from_the_log(cast, rules: Any) -> dict[str, Any]:
    live.forget()
    return as_json(grade(live.log_of_sandbox(the_sandbox(cast)), rules))


@pytest.mark.parametrize("rest", ["", DUE], ids=["now", "late"])
def test_the_state_in_the_database_is_worth_the_whole_log(walk, cast, monkeypatch, rest):
    """Put away in small portions while the log goes on, asked again and again; late work is judged as of its due."""
    monkeypatch.setattr(state, "PORTION", 17)
    monkeypatch.setattr(state, "LITTLE", 10)
    monkeypatch.setattr(state, "LONG", 25)
    monkeypatch.setattr(state, "PATIENCE", 60)
    monkeypatch.setattr(shelf, "CHUNK", 7)
    monkeypatch.setattr(shelf, "AT_ONCE", 3)
    rules = rubric(*TASKS, rest=rest)
    enforce(cast, rubric_text(*TASKS, rest=rest))
    for count in (9, 30, 3, 60, 1, 28, 44):
        walk(count)
        assert from_the_state(cast, rules) == from_the_log(cast, rules)
    assert db.session.scalar(select(func.count()).select_from(GradeStateValues)) >= 2
    kept = db.session.scalars(select(GradeState.step).where(GradeState.cutoff == "")).one()
    assert the_sandbox(cast).last_step - kept <= state.LONG


def test_what_a_student_had_when_tasks_were_due_is_judged_once(walk, cast, monkeypatch):
    """As the log says after every step, whatever the due time, the marks and the rubric are meanwhile."""
    judging.forget()
    lenient = rubric(*TASKS, rest=DUE.replace("15", "5"))
    asked, due = [], due_in(cast)
    take = state.part
    monkeypatch.setattr(state, "part", lambda *args: asked.append(args[1].cutoff) or take(*args))
    hours = timedelta(hours=30)
    turns = [
        (LATE, due),
        (LATE, due),
        (LATE, due + hours),
        (LATE, due + hours),
        (lenient, due),
        (lenient, due),
    ]
    for step, (rules, until) in enumerate(turns):
        walk(12 if step else 200)
        sandbox = the_sandbox(cast)
        for member in state.header_of(sandbox).students:
            before = len(asked)
            judge = judging.Judge(sandbox, rules, member, Fold(extended=until), {}, (None, None))
            found = judge.now()
            live.forget()
            with live.caught_up(sandbox) as log:
                assert plain(found) == plain(grade_member(log.views(rules, until), rules, member))
            assert asked[before:] == ([None] if step % 2 else [None, until])


def test_what_a_student_had_rests_on_marks_and_stamp(walk, cast):
    judging.forget()
    walk(200)
    sandbox, due = the_sandbox(cast), due_in(cast)
    member = state.header_of(sandbox).students[0]
    judge = judging.Judge(sandbox, LATE, member, Fold(), {}, (None, None))
    judge.now()
    (known,) = judging._then.values()
    assert known.rests_on(judge, due)
    assert not known.rests_on(judge, due + timedelta(days=1))
    assert not known.rests_on(replace(judge, marks={(member.member, "one", 0): 3}), due)
    assert not known.rests_on(replace(judge, rubric=rubric(*TASKS, rest=DUE)), due)
    sandbox.stamp = "another"
    assert not known.rests_on(judge, due)
    db.session.rollback()


def due_in(cast) -> datetime:
    """When the tasks are due in the sandbox of the walk."""
    return LATE.due.on(the_sandbox(cast).starts_at)


def test_what_is_late_begins_with_a_copy_of_the_state_at_the_due_time(walk, cast, monkeypatch):
    monkeypatch.setattr(state, "PORTION", 20)
    monkeypatch.setattr(state, "LITTLE", 10)
    monkeypatch.setattr(state, "PATIENCE", 60)
    enforce(cast, LATE_TEXT)
    walk(300)
    state.keep_up(the_sandbox(cast))
    kept = {one.cutoff: one for one in db.session.scalars(select(GradeState))}
    assert set(kept) == {"", "2026-09-10T12:00:00"}
    due = datetime.fromisoformat("2026-09-10T12:00:00")
    before = select(func.max(Operation.id)).where(Operation.lab_at <= due)
    assert kept["2026-09-10T12:00:00"].step == db.session.scalar(before)
    assert from_the_state(cast, LATE) == from_the_log(cast, LATE)


def test_a_copy_is_begun_again_where_the_log_was_put_away_further_meanwhile(walk, cast, monkeypatch):
    """The head of one moment and the rows of a later one would be a state that nobody can go on from."""
    enforce(cast, LATE_TEXT)
    walk(300)
    sandbox, due = the_sandbox(cast), datetime.fromisoformat("2026-09-10T12:00:00")
    blank = state.State(sandbox.id, None, Head())
    first = state._put_away(sandbox, blank, list(state._steps(blank, limit=20)))
    apart = state.apart

    @contextmanager
    def quicker() -> Iterator[None]:
        monkeypatch.setattr(state, "apart", apart)
        state._put_away(sandbox, first, list(state._steps(first, limit=20)))
        with apart():
            yield

    monkeypatch.setattr(state, "apart", quicker)
    assert state._forked(sandbox, state.State(sandbox.id, due, Head())).head.step == 40
    assert from_the_state(cast, LATE) == from_the_log(cast, LATE)


def test_another_log_is_kept_anew_and_the_old_state_swept(walk, cast):
    """The database was replaced by one in which that step is another."""
    walk(60)
    state.keep_up(the_sandbox(cast))
    old = db.session.scalars(select(GradeState.id)).one()
    begin_write()
    db.session.execute(update(GradeState).values(hash="another"))
    db.session.commit()
    assert from_the_state(cast, RULES) == from_the_log(cast, RULES)
    assert state.keep_up(the_sandbox(cast)) == 0
    state.sweep()
    for column in (GradeState.id, GradeStateRecord.state_id, GradeStateActs.state_id):
        assert set(db.session.scalars(select(column))) == {old + 1}


def test_a_rubric_that_counts_looks_has_them_kept(walk, cast):
    """The state that left them out is made anew."""
    looks = rubric(task("only", "within: {start: lead.open, finish: lead.edit, limit: 90m}"))
    walk(80)
    state.keep_up(the_sandbox(cast))
    assert from_the_state(cast, looks) == from_the_log(cast, looks)
    walk(80)
    assert from_the_state(cast, looks) == from_the_log(cast, looks)


def test_only_one_of_two_puts_the_same_steps_away(walk, cast):
    """Both read the same head; the second finds it moved and takes what the first left."""
    walk(40)
    sandbox = the_sandbox(cast)
    blank = state.State(sandbox.id, None, Head())
    new = list(state._steps(blank))
    first = state._put_away(sandbox, blank, new)
    second = state._put_away(sandbox, blank, new[:5])
    assert (first.id, first.head.step) == (second.id, second.head.step)
    third = state._put_away(sandbox, state.replace(first, head=Head(step=3)), new[3:9])
    assert third.head.step == first.head.step
    assert from_the_state(cast, RULES) == from_the_log(cast, RULES)


def test_a_log_too_long_for_a_page_is_put_away_page_by_page(walk, cast, monkeypatch):
    monkeypatch.setattr(state, "PORTION", 20)
    monkeypatch.setattr(state, "LITTLE", 5)
    monkeypatch.setattr(state, "LONG", 30)
    monkeypatch.setattr(state, "PATIENCE", 0)
    walk(200)
    with pytest.raises(state.NotYet):
        from_the_state(cast, RULES)
    monkeypatch.setattr(state, "PATIENCE", 60)
    assert from_the_state(cast, RULES) == from_the_log(cast, RULES)


def test_the_chore_of_every_tick_leaves_little_to_read(walk, cast):
    enforce(cast, LATE_TEXT)
    walk(90)
    state.keep_all_up()
    sandbox = the_sandbox(cast)
    assert sandbox.last_step - db.session.scalars(select(GradeState)).one().step <= state.LITTLE


LATE_TEXT = rubric_text(task("one", CHECKS[0]), rest=DUE)


def enforce(cast, text: str) -> None:
    begin_write()
    db.session.get_one(Course, the_sandbox(cast).course_id).rubric = text
    db.session.commit()
